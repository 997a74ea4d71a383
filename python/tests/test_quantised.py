"""Quantised transformers: numpy agrees with the definitions, and the model directory is read strictly."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from quantised import Case, build, cases, naive_outputs, words
from safetensors.numpy import load_file, save_file

from logprec.errors import LogprecError
from logprec.models.floats import Codes
from logprec.models.load import load_model
from logprec.models.quantised import run
from logprec.models.quantised.folder import load_quantised, save_quantised
from logprec.models.quantised.model import QuantisedModel
from logprec.models.quantised.parts import Affine, zigzag


@settings(deadline=None, max_examples=150)
@given(cases())
def test_numpy_is_the_definition(case: Case) -> None:
    model = build(case)
    batch = words(case, model)
    expected = [naive_outputs(model, word) for word in batch.tolist()]
    assert run.outputs(model, batch).tolist() == expected


def test_all_styles_differ_in_what_they_reach() -> None:
    """The random models do what their style says, else the test above would be empty."""
    found = [run.outputs(build(c), words(c, build(c))) for c in (Case("plain", 2, 2, 5, s) for s in range(30))]
    assert sum(len(np.unique(x, axis=0)) > 2 for x in found) > 10
    zero = [run.attention(build(c), words(c, build(c))) for c in (Case("zero sums", 1, 2, 4, s) for s in range(20))]
    assert any((head.sum(axis=-1) == 0).any() for (layer,) in zero for head in layer)


def test_one_changed_weight_is_seen() -> None:
    changed = 0
    for seed in range(20):
        case = Case("plain", 1, 2, 4, seed)
        model = build(case)
        readout = model.readout
        other = Affine(readout.weight + 1, readout.bias, readout.shift)
        batch = words(case, model)
        found = run.outputs(dataclasses.replace(model, readout=other), batch)
        changed += int((found != [naive_outputs(model, word) for word in batch.tolist()]).any())
    assert changed > 5


def test_wide_sums_are_exact_beyond_double_precision() -> None:
    case = Case("plain", 0, 0, 1, 3)
    model = build(case)
    weight = np.full((1, model.dim), (1 << 48) - 1)
    embedding = np.full((1 << model.symbol_bits, model.dim), 3)
    model = dataclasses.replace(
        model,
        classes=("p",),
        width=8,
        pre=(),
        embedding=embedding,
        positions=np.zeros((0, model.dim), dtype=np.int64),
        readout=Affine(weight, np.array([(1 << 48) - 5]), 10),
        readout_bits=48,
    )
    assert run.outputs(model, [[0]]).tolist() == [naive_outputs(model, [0])]


def test_batches_are_cut_without_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("plain", 2, 2, 5, 8)
    model = build(case)
    batch = words(case, model)
    whole = run.forward(model, batch, weights=True)
    monkeypatch.setattr(run, "_CHUNK_ENTRIES", 60)
    cut = run.forward(model, batch, weights=True)
    assert (whole.outputs == cut.outputs).all()
    assert (whole.states == cut.states).all()
    for a, b in zip(whole.weights, cut.weights, strict=True):
        assert all((x == y).all() for x, y in zip(a, b, strict=True))
    assert run.outputs(model, np.zeros((0, 3), dtype=np.int64)).shape == (0, len(model.classes))


def test_causal_weights_do_not_look_ahead() -> None:
    case = Case("masked", 2, 2, 5, 4)
    for layer in run.attention(build(case), words(case, build(case))):
        for head in layer:
            assert not np.triu(head, 1).any()


def test_predict_and_bits() -> None:
    case = Case("plain", 1, 1, 3, 5)
    model = build(case)
    batch = words(case, model)
    found = run.outputs(model, batch)
    bits = run.output_bits(model, found)
    codes = bits.reshape(len(batch), -1, model.readout_bits) @ (1 << np.arange(model.readout_bits))
    assert (codes - (1 << (model.readout_bits - 1)) == found).all()
    predicted = run.predict(model, batch)
    assert (predicted == (found.argmax(axis=1) if found.shape[1] > 1 else found[:, 0] >= 0)).all()


@settings(deadline=None, max_examples=40)
@given(cases())
def test_saved_models_are_read_back(tmp_path_factory: pytest.TempPathFactory, case: Case) -> None:
    model = build(case)
    folder = tmp_path_factory.mktemp("model")
    save_quantised(model, folder)
    again = load_model(folder)
    assert isinstance(again, QuantisedModel)
    assert again.to_text() == model.to_text()
    assert (again.alphabet, again.classes, again.max_length) == (model.alphabet, model.classes, model.max_length)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    save_quantised(again, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_number_text_of_a_small_model() -> None:
    two = np.array([[1, -2]])
    model = QuantisedModel(
        ("a", "b"), ("p",), 1, 4, 2, 8, two, np.zeros((0, 2), dtype=np.int64), (), (), Affine(two, np.array([-3]), 5), 6
    )
    assert list(map(int, model.to_text().split())) == [1, 2, 8, 1, 2, 2, 3, 0, 0, 0, 1, 5, 2, 2, 3, 5, 6]
    assert [zigzag(z) for z in (0, -1, 1, -2, 2)] == [0, 1, 2, 3, 4]


CASE = Case("plain", 2, 2, 4, 7)
Config = dict[str, Any]
Tensors = dict[str, Codes]


def _attention(config: Config) -> Config:
    attention: Config = config["layers"][0]["attention"]
    return attention


BAD_CONFIGS: list[tuple[Callable[[Config], object], str]] = [
    (lambda c: c.update(extra=1), "unknown key 'extra' in the configuration"),
    (lambda c: c.pop("dim"), "the configuration lacks the key 'dim'"),
    (lambda c: c.update(width=True), "width must be an integer"),
    (lambda c: c.update(width=2.0), "width must be an integer"),
    (lambda c: c.update(width=0), "width: must be an integer from 1 to 32, not 0"),
    (lambda c: c.update(alphabet=["a", "a"]), "alphabet lists a symbol twice"),
    (lambda c: c.update(alphabet=[f"s{k}" for k in range(99)]), "alphabet"),
    (lambda c: c.update(classes=7), "classes must be a list"),
    (lambda c: c.update(layers={}), "layers must be a list"),
    (lambda c: c.update(layers=[3]), "layers.0 must be an object"),
    (lambda c: c["layers"][0].update(locals=[{"kind": "gate"}]), "layers.0.locals.0: kind must be one of"),
    (lambda c: _attention(c).update(causal=1), "layers.0.attention.causal must be true or false"),
    (lambda c: _attention(c).update(exp_bits=-1), "layers.0.attention.exp_bits: must be an integer"),
    (lambda c: _attention(c).update(recip_bits=48, weighted_bits=48), "63 bits of exact arithmetic"),
    (lambda c: _attention(c).update(mean_shift=63), "mean_shift: must be an integer from 0 to 62"),
    (lambda c: _attention(c)["heads"][0].pop("query"), "layers.0.attention.heads.0 lacks the key 'query'"),
    (lambda c: c.update(format="logprec-quantised-2"), "format must be"),
]
BAD_TENSORS: list[tuple[Callable[[Tensors], object], str]] = [
    (lambda t: t.pop("embedding"), "tensor embedding is missing"),
    (lambda t: t.update(other=np.zeros(2)), "unexpected tensor 'other'"),
    (lambda t: t.update(embedding=t["embedding"][:, :-1]), "embedding: has shape"),
    (lambda t: t.update(embedding=t["embedding"] + 0.5), "not an integer"),
    (lambda t: t.update(embedding=t["embedding"] * np.nan), "NaN or infinity"),
    (lambda t: t.update(embedding=np.full(t["embedding"].shape, 1 << 50)), "embedding: holds"),
    (lambda t: t.update({"readout.bias": np.zeros(9, dtype=np.int64)}), "readout.bias: has shape"),
    (lambda t: t.update({"layers.0.attention.exp": np.zeros(1 << 9, dtype=np.int64)}), "layers.0.attention.exp: has"),
    (lambda t: t.update({"layers.0.attention.exp": np.array([-1])}), "layers.0.attention.exp: holds -1"),
    (lambda t: t.update({"layers.0.attention.exp": np.zeros((1 << 24) + 1, dtype=np.int8)}), "more than 16777216"),
]


@pytest.mark.parametrize(("change", "message"), BAD_CONFIGS)
def test_bad_configurations_are_one_clear_line(
    tmp_path: Path, change: Callable[[Config], object], message: str
) -> None:
    save_quantised(build(CASE), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    change(config)
    (tmp_path / "config.json").write_text(json.dumps(config))
    _refused(tmp_path, message)


@pytest.mark.parametrize(("change", "message"), BAD_TENSORS)
def test_bad_tensors_are_one_clear_line(tmp_path: Path, change: Callable[[Tensors], object], message: str) -> None:
    save_quantised(build(CASE), tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    change(tensors)
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, tmp_path / "model.safetensors")
    _refused(tmp_path, message)


def _refused(folder: Path, message: str) -> None:
    with pytest.raises(LogprecError) as caught:
        load_model(folder)
    text = str(caught.value)
    assert message in text
    assert str(folder) in text
    assert "\n" not in text


@pytest.mark.parametrize("text", ["[]", "3", "{", '{"format": "logprec-quantised-1", "dim": 1, "dim": 2}'])
def test_configurations_that_are_no_objects(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(LogprecError):
        load_model(tmp_path)
    with pytest.raises(LogprecError):
        load_quantised(tmp_path)


@pytest.mark.parametrize(
    ("batch", "message"),
    [([0, 1], "2 axes"), ([[0] * 9], "length 9"), ([[99]], "symbol codes"), ([[-1]], "symbol codes")],
)
def test_bad_words(batch: list[Any], message: str) -> None:
    with pytest.raises(LogprecError, match=message):
        run.outputs(build(CASE), batch)
