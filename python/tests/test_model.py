"""The transformer in numpy, and its files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from models import STYLES, Case, build, cases, inputs, naive_run
from safetensors.numpy import load_file, save_file

from logprec.errors import LogprecError
from logprec.models.tables.folder import load_tables, save_tables
from logprec.models.tables.model import TableModel, forward

CASE = Case(4, 1, (2, 1), 3, 2, "any", 7)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_tables(build(CASE), tmp_path / "model")
    return tmp_path / "model"


def change_config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def change_tensors(folder: Path, **changes: Any) -> None:
    path = folder / "model.safetensors"
    tensors = {**load_file(path), **{name.replace("__", "."): table for name, table in changes.items()}}
    save_file({name: table for name, table in tensors.items() if table is not None}, path)


def same(a: TableModel, b: TableModel) -> bool:
    return a.to_text() == b.to_text() and a.alphabet == b.alphabet


@settings(deadline=None, max_examples=40)
@given(cases())
def test_forward_is_the_definition(case: Case) -> None:
    model = build(case)
    batch = inputs(case, model, 6)
    result = forward(model, batch)
    for k, row in enumerate(batch.tolist()):
        assert (bool(result.accept[k]), result.states[k].tolist()) == naive_run(model, row), (case, row)


@pytest.mark.parametrize("style", STYLES)
def test_styles_reach_different_states(style: str) -> None:
    case = Case(4, 1, (1,), 4, 1, style, 3)
    model = build(case)
    assert forward(model, inputs(case, model)).states.shape[1] == 4


def test_chunks_give_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(CASE)
    batch = inputs(CASE, model)
    whole = forward(model, batch, attention=True)
    monkeypatch.setattr("logprec.models.tables.model._CHUNK_ENTRIES", 40)
    cut = forward(model, batch, attention=True)
    assert (whole.states == cut.states).all()
    assert (whole.accept == cut.accept).all()
    assert (whole.attention[0][1].s == cut.attention[0][1].s).all()


def test_round_trip_and_equal_bytes(folder: Path, tmp_path: Path) -> None:
    model = load_tables(folder)
    assert same(model, build(CASE))
    save_tables(model, tmp_path / "again")
    for name in ("config.json", "model.safetensors"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_text_form() -> None:
    model = build(Case(2, 1, (1,), 1, 1, "any", 0))
    numbers = list(map(int, model.to_text().split()))
    assert numbers[:5] == [1, 1, 2, 2, 1]
    # embed, heads, mask, sim, weigh, act, accept
    assert len(numbers) == 5 + 4 + 1 + 1 + 16 + 64 + 16 + 4


def test_symbols() -> None:
    model = build(CASE)
    assert model.encode("abd") == model.encode("a b,d") == (0, 1, 3)
    assert model.decode([0, 1, 3]) == "abd"
    assert model.to_bits([[1, 2]]).tolist() == [[True, False, False, True]]
    with pytest.raises(LogprecError, match="not in the alphabet"):
        model.encode("abx")


def test_integral_floats_are_read(folder: Path) -> None:
    before = load_tables(folder)
    change_tensors(folder, embed=before.embed.astype(np.float32), accept=before.accept.astype(np.bool_))
    assert same(load_tables(folder), before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "other"}, "format must be"),
        ({"extra": 1}, "unknown key 'extra'"),
        ({"precision": 3}, "even"),
        ({"precision": 0}, "even"),
        ({"precision": -2}, "precision must be an integer"),
        ({"precision": "4"}, "precision must be an integer"),
        ({"precision": True}, "precision must be an integer"),
        ({"precision": 10**9}, "precision must be an integer"),
        ({"precision": 26}, "tables above"),
        ({"dim": 0}, "dim must be"),
        ({"dim": 2}, "shape"),
        ({"symbol_bits": 0}, "symbol_bits must be"),
        ({"max_length": 0}, "max_length must be"),
        ({"max_length": 99}, "shape"),
        ({"alphabet": ["a", "a"]}, "twice"),
        ({"alphabet": []}, "alphabet has 0"),
        ({"alphabet": list("abcde")}, "alphabet has 5"),
        ({"alphabet": ["a", " "]}, "printable"),
        ({"alphabet": "ab"}, "alphabet must be a list"),
        ({"layers": {}}, "layers must be a list"),
        ({"layers": [{"heads": []}]}, "at least one head"),
        ({"layers": [{"heads": [{"mask": "diagonal"}]}]}, "mask must be one of"),
        ({"layers": [{"heads": [{"mask": ["none"]}]}]}, "mask must be one of"),
        ({"layers": [{"heads": [{}]}]}, "lacks the key 'mask'"),
        ({"layers": [{"heads": [{"mask": "none", "bias": 0}]}]}, "unknown key 'bias'"),
        ({"layers": [{"heads": [{"mask": "none"}]}]}, "tensor"),
        ({"layers": [{"heads": [{"mask": "none"}] * 9}]}, "act table"),
    ],
)
def test_bad_configuration(folder: Path, changes: dict[str, Any], message: str) -> None:
    change_config(folder, **changes)
    with pytest.raises(LogprecError, match=message) as caught:
        load_tables(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"embed": None}, "embed is missing"),
        ({"surplus": np.zeros(3, np.uint8)}, "unexpected tensor 'surplus'"),
        ({"embed": np.zeros((3, 3), np.uint8)}, "shape"),
        ({"accept": np.full(16, np.nan, np.float32)}, "NaN"),
        ({"accept": np.full(16, -np.inf, np.float64)}, "infinity"),
        ({"accept": np.full(16, 0.5, np.float16)}, "not an integer"),
        ({"accept": np.full(16, 2, np.uint8)}, "allowed are 0 to 1"),
        ({"accept": np.full(16, -1, np.int8)}, "allowed are 0 to 1"),
        ({"accept": np.full(16, 1e30, np.float32)}, "out of range"),
        ({"accept": np.full(16, 2**64 - 1, np.uint64)}, "out of range"),
        ({"accept": np.zeros(16, np.complex64)}, "type"),
        ({"layers__0__heads__1__sim": np.full((16, 16), 16, np.uint8)}, "allowed are 0 to 15"),
        ({"layers__1__heads__0__weigh": np.full((16, 16, 16), 16, np.int64)}, "allowed are 0 to 15"),
    ],
)
def test_bad_tensors(folder: Path, changes: dict[str, Any], message: str) -> None:
    change_tensors(folder, **changes)
    with pytest.raises(LogprecError, match=message) as caught:
        load_tables(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1])
def test_truncated_tensors(folder: Path, keep: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(LogprecError, match="not a complete safetensors file"):
        load_tables(folder)


def test_other_files(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"PK\x03\x04 this is not the file you are looking for")
    with pytest.raises(LogprecError, match="safetensors"):
        load_tables(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(LogprecError, match="not valid JSON"):
        load_tables(folder)
    (folder / "config.json").write_bytes(b"\xff\xfe")
    with pytest.raises(LogprecError, match="not valid JSON"):
        load_tables(folder)
    (folder / "config.json").write_text('{"format": 1, "format": 2}')
    with pytest.raises(LogprecError, match="twice"):
        load_tables(folder)
    (folder / "config.json").write_text("[]")
    with pytest.raises(LogprecError, match="must be an object"):
        load_tables(folder)
    (folder / "config.json").unlink()
    with pytest.raises(LogprecError, match="cannot read"):
        load_tables(folder)


def test_missing_tensor_file(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(LogprecError, match="cannot read"):
        load_tables(folder)


def test_bad_inputs() -> None:
    model = build(CASE)
    with pytest.raises(LogprecError, match="length 0"):
        forward(model, np.zeros((1, 0)))
    with pytest.raises(LogprecError, match="length 4"):
        forward(model, [[0, 0, 0, 0]])
    with pytest.raises(LogprecError, match="symbol codes"):
        forward(model, [[0, 4]])
    with pytest.raises(LogprecError, match="symbol codes"):
        forward(model, [[-1]])
    with pytest.raises(LogprecError, match="2 axes"):
        forward(model, [0, 1])


def test_saving_refuses_a_broken_model(tmp_path: Path) -> None:
    model = build(CASE)
    broken = TableModel(model.alphabet, 2, 1, 4, model.embed, model.layers, model.accept[:3])
    with pytest.raises(LogprecError, match="shape"):
        save_tables(broken, tmp_path / "broken")
    assert not (tmp_path / "broken").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(LogprecError, match="cannot write"):
        save_tables(model, tmp_path / "file" / "model")
