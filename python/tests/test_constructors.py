"""The generator in C and the Lean evaluator write the same bytes.

Set LOGPREC_EXAMPLES for more random models, and LOGPREC_SEED to draw others.
"""

import subprocess
from functools import cache
from pathlib import Path

import pytest
from conftest import Compiled, example
from hypothesis import example as sample
from hypothesis import given
from models import Case, build, cases, few_examples

from logprec.commands import main as cli
from logprec.constructor import compile as compiling
from logprec.constructor.compile import compile_model, generator_source, write_generator
from logprec.constructor.executable import project_root
from logprec.constructor.generator import build_generator, describe_constructor, find_compiler, run_generator
from logprec.errors import LogprecError
from logprec.models.tables.model import TableModel
from logprec.toolchain import find

PROGRAMS = ("squares", "division", "cut-off", "counter", "branches", "powers", "large numeral")
LENGTHS = (0, 1, 2, 7)

needs_compiler = pytest.mark.skipif(find_compiler() is None, reason="no C compiler (cc, gcc, clang)")


def both(model: TableModel, n: int, folder: Path) -> tuple[bytes, bytes]:
    """Return the circuit file of the generator in C, and that of the Lean evaluator."""
    c, lean = folder / f"{n}.c.circuit", folder / f"{n}.lean.circuit"
    compile_model(model, n, c, constructor="c")
    compile_model(model, n, lean, constructor="lean")
    return c.read_bytes(), lean.read_bytes()


@needs_compiler
@pytest.mark.parametrize("name", ["majority", "contains", "brackets", "trained"])
def test_examples(name: str, tmp_path: Path) -> None:
    model = example(name)
    for n in (1, 2, 3):
        c, lean = both(model, n, tmp_path)
        assert c == lean


@needs_compiler
@few_examples(2)
@given(case=cases().filter(lambda case: case.n <= 2))
@sample(case=Case(4, 1, (1, 1), 2, 2, "sign flips", 3))
def test_random_models(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    model = build(case)
    folder = tmp_path_factory.mktemp("case")
    compile_model(model, case.n, folder / "lean", constructor="lean")
    with (folder / "c").open("wb") as stream:
        run_generator(build_generator(generator_source(model)), case.n, stream)
    assert (folder / "c").read_bytes() == (folder / "lean").read_bytes()


@needs_compiler
def test_the_generator_on_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], compiled: Compiled, tmp_path: Path
) -> None:
    out = tmp_path / "generate.c"
    majority = project_root() / "examples/majority"
    monkeypatch.setattr("sys.argv", ["logprec", "compile", str(majority), "--emit-c", str(out)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert "run it with the input length" in capsys.readouterr().out
    assert [p.name for p in tmp_path.iterdir()] == ["generate.c"]
    # as its user would
    compiler = find_compiler()
    assert compiler is not None
    subprocess.run([*compiler, "-std=c99", "-Wall", "-Werror", "-o", tmp_path / "generate", out], check=True)
    for n in (2, 3):
        printed = subprocess.run([tmp_path / "generate", str(n)], capture_output=True, check=True).stdout
        assert printed == compiled("majority", n)[1].read_bytes()


def test_a_generator_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = example("majority")
    with pytest.raises(LogprecError, match="no such folder"):
        write_generator(model, tmp_path / "none" / "generate.c")
    monkeypatch.setattr(compiling, "generator_source", lambda model: "int main(void) { return 0; }")
    (tmp_path / "generate.c").mkdir()
    with pytest.raises(LogprecError, match="cannot write"):
        write_generator(model, tmp_path / "generate.c")
    assert [p.name for p in tmp_path.iterdir()] == ["generate.c"]


@needs_compiler
def test_a_planted_fault_is_noticed(tmp_path: Path) -> None:
    model = build(Case(2, 1, (1,), 2, 1, "any", 1))
    compile_model(model, 2, tmp_path / "lean", constructor="lean")
    source = generator_source(model)
    head, mark, body = source.partition("static void part0")
    assert "add(" in body
    parts = body.split("add(")
    faulty = "add(".join(parts[:-1]) + "mul(" + parts[-1]  # the last sum becomes a product
    for text, same in ((source, True), (head + mark + faulty, False)):
        with (tmp_path / "c").open("wb") as stream:
            run_generator(build_generator(text), 2, stream)
        assert ((tmp_path / "c").read_bytes() == (tmp_path / "lean").read_bytes()) is same


@cache
def lean_prints() -> dict[str, str]:
    """Run all that the tests below ask of Lean in one process: programs in C by name, and what they print by name:n."""
    root = project_root()
    asked = [*PROGRAMS, *(f"{name}:{n}" for name in PROGRAMS for n in LENGTHS), "powers:63", "powers:64"]
    command, environment = find(root).program(root, "LogprecTests.Programs")
    done = subprocess.run([*command, *asked], env=environment, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = [""]
    for line in done.stdout.splitlines(keepends=True):
        if line == "=\n":
            answers.append("")
        else:
            answers[-1] += line
    assert answers.pop() == ""
    assert len(answers) == len(asked)
    return dict(zip(asked, answers, strict=True))


def printed(name: str) -> str:
    """Return a register program in C, one number a line."""
    return lean_prints()[name]


def evaluated(name: str, n: int) -> bytes:
    """Return what its definition in Lean prints."""
    return lean_prints()[f"{name}:{n}"].encode()


@needs_compiler
@pytest.mark.parametrize("name", ["squares", "division", "cut-off", "counter", "branches", "powers"])
def test_register_programs(name: str, tmp_path: Path) -> None:
    program = build_generator(printed(name))
    for n in LENGTHS:
        with (tmp_path / "out").open("wb") as stream:
            run_generator(program, n, stream)
        assert (tmp_path / "out").read_bytes() == evaluated(name, n)


@needs_compiler
def test_more_than_64_bits(tmp_path: Path) -> None:
    program = build_generator(printed("powers"))
    with (tmp_path / "out").open("wb") as stream:
        run_generator(program, 63, stream)
    assert (tmp_path / "out").read_bytes() == evaluated("powers", 63)
    with (
        (tmp_path / "out").open("wb") as stream,
        pytest.raises(LogprecError, match="a number does not fit into 64 bits"),
    ):
        run_generator(program, 64, stream)
    assert evaluated("powers", 64).split()[-1] == str(2**64).encode()


@needs_compiler
def test_numerals_of_more_than_64_bits(tmp_path: Path) -> None:
    program = build_generator(printed("large numeral"))
    with (tmp_path / "out").open("wb") as stream:
        run_generator(program, 0, stream)
        with pytest.raises(LogprecError, match="a number does not fit into 64 bits"):
            run_generator(program, 1, stream)
    assert (tmp_path / "out").read_bytes() == evaluated("large numeral", 0)


@needs_compiler
def test_a_failed_generator_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = build_generator(printed("powers"))
    monkeypatch.setattr(compiling, "build_generator", lambda source: program)
    monkeypatch.setattr(compiling, "run_generator", lambda program, n, stream: run_generator(program, 64, stream))
    with pytest.raises(LogprecError, match="64 bits"):
        compile_model(build(Case(2, 1, (1,), 2, 1, "any", 1)), 1, tmp_path / "out", constructor="c")
    assert not list(tmp_path.iterdir())


@needs_compiler
def test_usage_of_a_generator() -> None:
    program = build_generator(printed("squares"))
    for args in ([], ["x"], ["-1"], ["1", "2"], ["99999999999999999999"]):
        done = subprocess.run([program, *args], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "usage: generate N\n")


def test_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    assert find_compiler() is None
    assert describe_constructor() == "the Lean evaluator: $CC is no-such-compiler, not found"
    with pytest.raises(LogprecError, match="no C compiler"):
        build_generator("int main(void) { return 0; }")
    monkeypatch.setenv("CC", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert describe_constructor() == "the Lean evaluator: no C compiler (cc, gcc, clang)"


@needs_compiler
def test_a_compiler_that_fails() -> None:
    with pytest.raises(LogprecError, match="cannot compile the generator"):
        build_generator("this is not C")


def test_states_need_lean(tmp_path: Path) -> None:
    with pytest.raises(LogprecError, match="--constructor lean"):
        compile_model(example("majority"), 1, tmp_path / "out", states=True, constructor="c")
