"""Lean transformer = numpy transformer = compiled circuit = Lean circuit evaluator, on random models.

Every case starts Lean three times, so few are run; set LOGPREC_EXAMPLES for
more and LOGPREC_SEED to draw others.  A failure prints the `Case`, from which
`models.build` and `models.inputs` make the same model and inputs again.
"""

from pathlib import Path

import numpy as np
import pytest
import quantised
from hypothesis import example, given
from models import Case, build, cases, few_examples, inputs

from logprec.circuits.layers import load_layers
from logprec.constructor.compile import compile_model, estimate
from logprec.constructor.run import lean_eval, lean_run
from logprec.models.tables.model import forward


@pytest.mark.lean
@few_examples(4)
@example(case=Case(4, 1, (2, 1), 4, 1, "saturation", 11))
@example(case=Case(4, 1, (1, 1), 5, 1, "zero sums", 12))
@example(case=Case(2, 2, (2,), 2, 2, "sign flips", 13))
@example(case=Case(4, 1, (1,), 1, 2, "ties", 14))
@given(case=cases())
def test_four_ways_to_compute_the_states(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    model = build(case)
    batch = inputs(case, model)
    path = tmp_path_factory.mktemp("case") / "states.circuit"
    circuit = compile_model(model, case.n, path, states=True)
    lean = lean_run(model, batch)
    bits = model.to_bits(batch)
    by_circuit = circuit.evaluate(bits)
    by_lean_circuit = lean_eval(path, bits)
    expected = model.expected(batch, states=True).bits
    for name, same in (
        ("Lean transformer", (lean == model.numbers(batch)).all(axis=1)),
        ("circuit", (by_circuit == expected).all(axis=1)),
        ("Lean circuit evaluator", (by_lean_circuit == by_circuit).all(axis=1)),
    ):
        wrong = np.flatnonzero(~same)
        assert not wrong.size, f"{name} differs from numpy on {batch[wrong[0]].tolist()} of {case}"


@pytest.mark.lean
def test_the_estimate_bounds_the_circuit(tmp_path: Path) -> None:
    case = Case(4, 1, (2,), 2, 1, "any", 21)
    model = build(case)
    bound = estimate(model, case.n)
    counts = compile_model(model, case.n, tmp_path / "out").stats()
    assert (bound.inputs, bound.depth) == (counts.inputs, counts.depth)
    assert counts.size <= bound.size


@pytest.mark.lean
def test_accept_circuit_of_a_random_model(tmp_path: Path) -> None:
    case = Case(4, 1, (1, 2), 3, 1, "any", 22)
    model = build(case)
    circuit = compile_model(model, case.n, tmp_path / "out")
    batch = inputs(case, model)
    assert (circuit.evaluate(model.to_bits(batch))[:, 0] == forward(model, batch).accept).all()
    assert load_layers(tmp_path / "out").to_bytes() == circuit.to_bytes()


@pytest.mark.lean
@few_examples(4)
@example(case=quantised.Case("plain", 2, 2, 5, 31))
@example(case=quantised.Case("saturated", 2, 2, 4, 32))
@example(case=quantised.Case("masked", 1, 2, 5, 33))
@example(case=quantised.Case("zero sums", 1, 2, 4, 34))
@example(case=quantised.Case("empty tables", 2, 1, 3, 35))
@example(case=quantised.Case("narrow", 2, 1, 4, 36))
@given(case=quantised.cases().filter(lambda case: case.n > 0))
def test_quantised_transformers_in_lean_and_numpy(case: quantised.Case) -> None:
    model = quantised.build(case)
    batch = quantised.words(case, model, 60)
    found = lean_run(model, batch)
    wrong = np.flatnonzero((found != model.numbers(batch)).any(axis=1))
    assert not wrong.size, f"Lean differs from numpy on {batch[wrong[0]].tolist()} of {case}"
