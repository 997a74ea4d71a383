"""The shipped examples: rebuilt from their scripts, and right about their languages."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import Compiled, example

from logprec.checking.verify import exhaustive_inputs, verify
from logprec.circuits.layers import load_layers
from logprec.constructor.executable import project_root
from logprec.models.tables.folder import save_tables
from logprec.models.tables.model import forward

EXAMPLES = project_root() / "examples"
FILES = ("config.json", "model.safetensors")


def balanced(text: str) -> bool:
    depth = 0
    for symbol in text:
        depth += 1 if symbol == "(" else -1
        if depth < 0:
            return False
    return depth == 0


LANGUAGES: dict[str, Callable[[str], bool]] = {
    "majority": lambda text: text.count("1") > text.count("0"),
    "contains": lambda text: "d" in text,
    "brackets": balanced,
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_languages_on_all_short_inputs(name: str) -> None:
    model = example(name)
    for n in range(1, 7 if name == "contains" else 11):
        for batch in exhaustive_inputs(model, n):
            assert forward(model, batch).accept.tolist() == [LANGUAGES[name](model.decode(row)) for row in batch]


@pytest.mark.parametrize("name", LANGUAGES)
def test_hand_made_models_are_what_the_script_writes(name: str, tmp_path: Path) -> None:
    script = runpy.run_path(str(EXAMPLES / "handmade.py"))
    save_tables(script["MODELS"][name](), tmp_path)
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (EXAMPLES / name / file).read_bytes()


def test_trained_model_is_its_weights_and_as_accurate_as_recorded(tmp_path: Path) -> None:
    script = runpy.run_path(str(EXAMPLES / "train.py"))
    record = json.loads((EXAMPLES / "trained" / "training.json").read_text())
    theta = np.concatenate([record["weights"][name] for name in script["SIZES"]])
    whole = script["tables"](theta)[0]
    pruned = script["prune"](whole)
    save_tables(pruned, tmp_path)
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (EXAMPLES / "trained" / file).read_bytes()
    assert script["accuracy"](pruned) == record["measured"]
    for n in range(1, 9):
        for batch in exhaustive_inputs(pruned, n):
            assert (forward(pruned, batch).states == forward(whole, batch).states).all()


def test_training_lowers_the_loss() -> None:
    script = runpy.run_path(str(EXAMPLES / "train.py"))
    start, trained = (script["train"](1, steps, pairs=4)[1] for steps in (0, 5))
    assert trained < start


@pytest.mark.lean
@pytest.mark.parametrize(("name", "n"), [("contains", 2), ("brackets", 4), ("trained", 3)])
def test_circuits_of_the_examples(compiled: Compiled, name: str, n: int) -> None:
    model, path = compiled(name, n)
    verdict = verify(model, load_layers(path))
    assert (verdict.checked, verdict.mismatches) == (len(model.alphabet) ** n, 0)
