"""Shared fixtures."""

from collections.abc import Callable
from pathlib import Path

import pytest
from explorer import contents, site

from logprec.circuits.layers import LayerCircuit, load_layers
from logprec.constructor.compile import compile_model
from logprec.constructor.executable import project_root
from logprec.models.tables.folder import load_tables
from logprec.models.tables.model import TableModel

__all__ = ["compiled", "contents", "majority", "site"]  # fixtures, also those of the explorer

Compiled = Callable[..., tuple[TableModel, Path]]


def example(name: str) -> TableModel:
    return load_tables(project_root() / "examples" / name)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Compile an example once per test run, with the Lean constructor."""
    folder = tmp_path_factory.mktemp("circuits")

    def get(name: str, n: int, *, states: bool = False) -> tuple[TableModel, Path]:
        model, path = example(name), folder / f"{name}-{n}-{states}.circuit"
        if not path.exists():
            compile_model(model, n, path, states=states)
        return model, path

    return get


@pytest.fixture
def majority(compiled: Compiled) -> tuple[TableModel, LayerCircuit]:
    """Majority at n = 3, acceptance bit."""
    model, path = compiled("majority", 3)
    return model, load_layers(path)
