"""Properties proved and refuted by the solver, against evaluation on every word."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pysolvers
import pytest
from circuits import random_circuit, random_layer
from conftest import Compiled, example
from hypothesis import given, settings
from hypothesis import strategies as st
from models import Case, build
from pysat.solvers import Solver

from logprec.checking.predicates import Predicate, predicate
from logprec.checking.prove import equals, robust
from logprec.circuits.layers import LayerCircuit, from_bytes, load_layers
from logprec.circuits.netlist import Netlist
from logprec.commands import main as cli
from logprec.errors import LogprecError
from logprec.models.tables.model import TableModel


def alphabet(*symbols: str) -> TableModel:
    """Return a model of which only the alphabet matters; codes beyond it occur when it has three symbols."""
    bits = 1 if len(symbols) == 2 else 2
    return replace(build(Case(2, 1, (1,), 8, bits, "any", 0)), alphabet=symbols)


def circuit(inputs: int, *layers: str) -> LayerCircuit:
    return from_bytes("\n".join(["logprec-circuit 1", str(inputs), *(f"0\n{layer}" for layer in layers), "4"]).encode())


def wires(*sources: int, mult: int = 1) -> str:
    return "".join(f" 3 {source} {mult}" for source in sources)


TWO, THREE, FOUR = alphabet("0", "1"), alphabet("a", "b", "c"), alphabet("a", "b", "c", "d")
MAJORITY = circuit(5, "1 3" + wires(*range(5)))
# every position of 3 holds d = 11
ALL_D = circuit(6, "1 6" + wires(*range(6)))
SPECS = ("majority:b", "more:a:c", "at-least:2:c", "contains:b", "odd:c", "starts:a", "ends:b", "all-equal")


def words(model: TableModel, n: int) -> list[tuple[int, ...]]:
    return list(product(range(len(model.alphabet)), repeat=n))


def answers(netlist: Netlist, literal: int, bits: Sequence[bool]) -> bool:
    values = [False, *bits]
    for a, b in netlist.ands:
        values.append((values[a >> 1] ^ bool(a & 1)) and (values[b >> 1] ^ bool(b & 1)))
    return values[literal >> 1] ^ bool(literal & 1)


@pytest.mark.parametrize(
    ("model", "n", "text"),
    [(THREE, n, text) for n in (1, 3) for text in SPECS]
    + [(TWO, n, text) for n in (1, 2, 4) for text in ("majority", "balanced", "always", "never", "at-least:0:1")]
    + [(TWO, 6, "balanced"), (FOUR, 2, "more:d:a")],
)
def test_predicates_say_the_same_twice(model: TableModel, n: int, text: str) -> None:
    wanted = predicate(text, model)
    width, base = model.symbol_bits, len(model.alphabet)
    netlist = Netlist(n * width)
    bits = [[netlist.input(i * width + b) for b in range(width)] for i in range(n)]
    holds = [[netlist.every(x ^ 1 ^ (c >> b & 1) for b, x in enumerate(row)) for c in range(base)] for row in bits]
    literal = wanted.literal(netlist, holds)
    for word in words(model, n):
        assert answers(netlist, literal, model.to_bits([word])[0].tolist()) == wanted.holds(word), word


def test_true_and_false_equalities() -> None:
    assert equals(MAJORITY, TWO, predicate("majority", TWO)).proved
    assert equals(MAJORITY, TWO, predicate("more:1:0", TWO)).proved
    assert equals(ALL_D, FOUR, predicate("at-least:3:d", FOUR)).proved
    found = equals(MAJORITY, TWO, predicate("odd:1", TWO))
    assert found.word is not None
    word = TWO.encode(found.word)
    assert found.circuit == (sum(word) >= 3) != found.expected == (sum(word) % 2 == 1)
    # on words of a, b and c no position holds 11
    assert equals(ALL_D, THREE, predicate("never", THREE)).proved
    found = equals(ALL_D, FOUR, predicate("never", FOUR))
    assert (found.word, found.circuit, found.expected) == ("ddd", True, False)


def test_a_single_wrong_entry_is_found() -> None:
    """A fault that one word in 2^16 shows."""
    model = replace(TWO, embed=np.zeros((16, 2), dtype=np.int64))
    secret = 0b1011001110001011
    ones = [k for k in range(16) if secret >> k & 1]
    zeros = [k for k in range(16) if not secret >> k & 1]
    first = f"1 9{wires(*range(16))}\n1 {len(ones)}{wires(*ones)}\n2 0{wires(*zeros)}"
    right = circuit(16, first, f"1 1{wires(0)}")
    wrong = circuit(16, first, f"1 1{wires(0)}\n2 1{wires(1, 2)}", f"1 2{wires(0, 1)}")
    assert equals(right, model, predicate("majority", model)).proved
    found = equals(wrong, model, predicate("majority", model))
    assert found.word == "".join("01"[secret >> k & 1] for k in range(16))
    assert (found.circuit, found.expected) == (False, True)


def test_robustness() -> None:
    for word, changes, holds in (("00000", 2, True), ("00000", 3, False), ("11110", 1, True), ("01101", 1, False)):
        answer = robust(MAJORITY, TWO, TWO.encode(word), changes=changes)
        assert answer.proved == holds, (word, changes)
        if answer.word is not None:
            flipped = TWO.encode(answer.word)
            assert sum(a != b for a, b in zip(flipped, TWO.encode(word), strict=True)) <= changes
            assert (sum(flipped) >= 3) == answer.circuit != answer.expected
    # a change to the code 11 is no change to a symbol
    assert robust(ALL_D, THREE, [2, 2, 2], changes=3).proved
    assert robust(ALL_D, FOUR, [3, 3, 2]).word == "ddd"
    # more changes than positions is every word
    assert robust(MAJORITY, TWO, TWO.encode("11111"), changes=9).word is not None


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9), st.sampled_from([TWO, THREE, FOUR]), st.integers(1, 3))
def test_the_solver_agrees_with_every_word(seed: int, model: TableModel, n: int) -> None:
    rng = np.random.default_rng(seed)
    width = n * model.symbol_bits
    some = LayerCircuit(width, (random_layer(rng, width, 12, 6), random_layer(rng, 12, 1, 12)))
    everything = words(model, n)
    accepts = dict(zip(everything, some.evaluate(model.to_bits(everything))[:, 0].tolist(), strict=True))
    text = str(rng.choice(["all-equal", "always", "never", f"contains:{model.alphabet[1]}"]))
    wanted = predicate(text, model)
    assert equals(some, model, wanted).proved == all(accepts[w] == wanted.holds(w) for w in everything)
    word = everything[rng.integers(len(everything))]
    near = [w for w in everything if sum(a != b for a, b in zip(w, word, strict=True)) <= 1]
    assert robust(some, model, word).proved == all(accepts[w] == accepts[word] for w in near)


def test_a_wrong_counterexample_is_not_shown() -> None:
    lie = Predicate("lie", lambda *_: 0, lambda _: True)
    with pytest.raises(LogprecError, match="a defect of this program"):
        equals(circuit(2, "1 0"), TWO, lie)


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LogprecError, match=r"above the limit of 3; raise it with --max-size \d+"):
        equals(MAJORITY, TWO, predicate("majority", TWO), max_size=3)
    with pytest.raises(LogprecError, match="outputs states"):
        equals(circuit(2, "1 0\n1 0\n1 0\n1 0"), TWO, predicate("always", TWO))
    with pytest.raises(LogprecError, match="does not belong"):
        equals(random_circuit(5), THREE, predicate("always", THREE))
    with pytest.raises(LogprecError, match="has 2 symbols, the circuit reads 5"):
        robust(MAJORITY, TWO, [0, 1])
    with pytest.raises(LogprecError, match="at least 1"):
        robust(MAJORITY, TWO, [0] * 5, changes=0)
    for model, text, message in (
        (TWO, "prime", "no predicate 'prime'; there are majority,"),
        (TWO, "contains:x", "'x' is not in the alphabet 0 1"),
        (TWO, "more:1:x", "'x' is not in the alphabet"),
        (TWO, "at-least:x:1", "with a number K"),
        (THREE, "majority", "'' is not in the alphabet"),
        (THREE, "balanced", "two symbols"),
    ):
        with pytest.raises(LogprecError, match=message):
            predicate(text, model)
    monkeypatch.setitem(sys.modules, "pysat.solvers", None)
    with pytest.raises(LogprecError, match="pip install"):
        equals(MAJORITY, TWO, predicate("odd:1", TWO))


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: object) -> tuple[object, str, str]:
    monkeypatch.setattr("sys.argv", ["logprec", "prove", *map(str, args)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return caught.value.code, *capsys.readouterr()


def test_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "five.circuit"
    MAJORITY.save(path)
    folder = Path(__file__).parents[2] / "examples" / "majority"
    base = (path, "--model", folder)
    code, out, _ = run(monkeypatch, capsys, *base, "--equals", "majority")
    assert code == 0
    assert out.startswith(f"proved: {path} accepts exactly the words of 'majority' (")
    code, out, _ = run(monkeypatch, capsys, *base, "--robust", "--word", "01101")
    assert code == 1
    assert "circuit 0  expected 1\nreplay: logprec eval" in out
    assert run(monkeypatch, capsys, *base, "--robust", "--word", "01001", "--changes", "0")[0] == 2
    for args, message in (
        ((), "choose one"),
        (("--robust", "--equals", "never"), "choose one"),
        (("--robust",), "needs --word"),
        (("--equals", "never", "--word", "01101"), "belongs to --robust"),
    ):
        code, out, err = run(monkeypatch, capsys, *base, *args)
        assert (code, out) == (2, "")
        assert message in err


def test_an_interrupted_search_ends_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupted(self: Solver) -> bool:
        raise pysolvers.error("Caught keyboard interrupt")

    monkeypatch.setattr(Solver, "solve", interrupted)
    MAJORITY.save(tmp_path / "x")
    folder = Path(__file__).parents[2] / "examples" / "majority"
    code, out, _ = run(monkeypatch, capsys, tmp_path / "x", "--model", folder, "--equals", "odd:1")
    assert (code, out) == (130, "")


@pytest.mark.lean
@pytest.mark.parametrize(
    ("name", "text"), [("majority", "majority"), ("brackets", "balanced"), ("trained", "more:a:b")]
)
def test_compiled_examples_are_their_languages(compiled: Compiled, name: str, text: str) -> None:
    model, path = compiled(name, 3)
    assert equals(load_layers(path), example(name), predicate(text, model)).proved
