"""The generator in C and the Lean evaluator write the same bytes."""

import subprocess
from pathlib import Path

import pytest
from conftest import example
from models import Case, build

from logprec import compile as compiling
from logprec.compile import compile_model, generator_source, project_root
from logprec.errors import LogprecError
from logprec.generator import build_generator, describe_constructor, find_compiler, run_generator
from logprec.model import TableModel
from logprec.toolchain import find

PROGRAMS = "LogprecTests.Programs"

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
@pytest.mark.parametrize(
    "case",
    [
        Case(2, 1, (1,), 3, 1, "any", 1),
        Case(2, 2, (2,), 2, 1, "saturation", 2),
        Case(4, 1, (1, 1), 2, 2, "sign flips", 3),
    ],
)
def test_random_models(case: Case, tmp_path: Path) -> None:
    model = build(case)
    for n in (1, case.n):
        c, lean = both(model, n, tmp_path)
        assert c == lean


@needs_compiler
def test_a_planted_fault_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = build(Case(2, 1, (1,), 2, 1, "any", 1))
    source = generator_source(model)
    head, body = source.split("static void generate", 1)
    operator = next(f for f in ("add(", "mul(", "sub(") if f in body)
    faulty = head + "static void generate" + body.replace(operator, "eq(")
    program = build_generator(faulty)
    monkeypatch.setattr(compiling, "build_generator", lambda source: program)
    try:
        c, lean = both(model, 2, tmp_path)
    except LogprecError:
        return  # the file is not even a circuit of the right shape
    assert c != lean


def printed(name: str) -> str:
    """Return a program of the Lean tests in C, one number a line."""
    done = find(project_root()).program(project_root(), PROGRAMS, [name])
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def evaluated(name: str, n: int) -> bytes:
    """Return what Lean says that it prints."""
    done = find(project_root()).program(project_root(), PROGRAMS, [name, str(n)])
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_compiler
@pytest.mark.parametrize("name", ["squares", "division", "cut-off", "counter", "branches"])
def test_register_programs(name: str, tmp_path: Path) -> None:
    program = build_generator(printed(name))
    for n in (0, 1, 2, 7):
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
