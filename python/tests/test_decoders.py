"""The trained example decoders are what their reports say."""

import importlib.util
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logprec.constructor.executable import project_root
from logprec.importer import reference
from logprec.importer.checkpoint import load_checkpoint
from logprec.importer.quantise import quantise
from logprec.models.floats import Codes
from logprec.models.quantised import run
from logprec.models.quantised.folder import load_quantised

DECODERS = project_root() / "examples" / "decoders"
NAMES = ("majority", "brackets", "copy")


def answer(name: str, word: tuple[int, ...]) -> int | None:
    """Return the right class of a word, None where there is none."""
    if name == "majority":
        return int(sum(word) > len(word) - sum(word))
    if name == "brackets":
        depths = list(itertools.accumulate(1 - 2 * symbol for symbol in word))
        return int(min(depths) >= 0 and max(depths) <= 3 and depths[-1] == 0)
    before = [i for i, symbol in enumerate(word[:-1]) if symbol == word[-1]]
    return word[before[-1] + 1] if before else None


def every_word(base: int, longest: int) -> list[Codes]:
    return [np.array(list(itertools.product(range(base), repeat=n))) for n in range(1, longest + 1)]


@pytest.mark.parametrize("name", NAMES)
def test_the_report_says_what_is_measured(name: str) -> None:
    model = load_quantised(DECODERS / name)
    decoder, _ = load_checkpoint(DECODERS / name / "checkpoint")
    report = json.loads((DECODERS / name / "report.json").read_text())
    title, stated = next(iter(report["measured"].items()))
    found = dict.fromkeys(stated, 0)
    for words in every_word(len(model.alphabet), int(title.split()[-1])):
        labels = [answer(name, tuple(word)) for word in words.tolist()]
        kept = np.array([label is not None for label in labels])
        right = np.array([label for label in labels if label is not None], dtype=np.int64)
        ours = run.predict(model, words[kept])
        real = reference.forward(decoder, words[kept])[:, -1].argmax(axis=-1)
        found["words"] += len(right)
        found["quantised_correct"] += int((ours == right).sum())
        found["float_correct"] += int((real == right).sum())
        found["agree"] += int((ours == real).sum())
    assert found == stated
    assert found["quantised_correct"] > 0.995 * found["words"] > 10_000


@pytest.mark.parametrize("name", ["brackets", "copy"])
def test_rotary_decoders_of_two_layers_and_two_heads(name: str) -> None:
    model = load_quantised(DECODERS / name)
    assert (model.dim, model.width, model.max_length, len(model.layers)) == (16, 8, 16, 2)
    for layer in model.layers:
        assert layer.attention.causal
        assert len(layer.attention.heads) == 2
        assert all(head.rotation is not None and len(head.rotation.table) == 16 for head in layer.attention.heads)


@pytest.mark.parametrize("name", NAMES)
def test_quantising_again_gives_the_same_model(name: str) -> None:
    pytest.importorskip("torch")
    train = script(DECODERS / "train.py")
    task = train.TASKS[name]
    decoder, _ = load_checkpoint(DECODERS / name / "checkpoint")
    report = json.loads((DECODERS / name / "report.json").read_text())
    sample = task.sample(np.random.default_rng(report["seed"] + 1), 2000, train.MAX_LENGTH)
    model = quantise(decoder, [sample], task.alphabet, task.classes, task.settings)
    assert model.to_text() == load_quantised(DECODERS / name).to_text()


def script(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
