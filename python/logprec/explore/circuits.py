"""The circuit page's data: a circuit that a browser can evaluate, and the transformer beside it.

The circuit is the constructor's, gate for gate.  What the transformer computes
on every word is computed here, by numpy, so that the page compares the two.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logprec.circuits.gates import Gates
from logprec.circuits.layers import LayerCircuit, load_layers
from logprec.constructor.compile import compile_model
from logprec.constructor.options import Report
from logprec.errors import LogprecError
from logprec.models.floats import Codes, values_table
from logprec.models.tables.model import TableModel, forward
from logprec.toolchain.lakefile import load
from logprec.toolchain.modules import Graph

Json = dict[str, Any]

# The program whose sources decide whether a cached circuit is still the constructor's.
CONSTRUCTOR = "Logprec.Extract.Main"
# More words than this are not tabulated: the page's data would outgrow the circuit's.
MAX_WORDS = 4096


@dataclass(frozen=True)
class Shipped:
    """A model that comes with the repository."""

    name: str
    about: str
    sample: str


SHIPPED = (
    Shipped("majority", "accepts a word with strictly more 1 than 0", "1011"),
    Shipped("brackets", "accepts balanced brackets", "(())"),
    Shipped("contains", "accepts a word that has a d", "abdc"),
    Shipped("trained", "trained to accept more a than b; c abstains", "abca"),
)


@dataclass(frozen=True)
class Stage:
    """Consecutive layers of a circuit that have one purpose.

    Attributes
    ----------
    title
        What the layers compute, with the paper's letters.
    block
        The transformer layer they belong to, from 1; 0 for embedding and acceptance.
    kind
        ``embed``, ``scores``, ``total``, ``weigh``, ``sum``, ``act`` or ``accept``.
    parts
        Names of runs of layers, in order, and how many layers each has.
    """

    title: str
    block: int
    kind: str
    parts: tuple[tuple[str, int], ...]

    @property
    def depth(self) -> int:
        """How many layers it has."""
        return sum(depth for _, depth in self.parts)


def stages(layers: int, depth: int) -> tuple[Stage, ...]:
    """Name the layers of a decision circuit, as `Logprec.Simulation.Defs` stacks them.

    Parameters
    ----------
    layers
        Number of layers of the transformer.
    depth
        Depth of the circuit, ``3 + (9 + 2 d) * layers + 3``.

    Raises
    ------
    LogprecError
        If no depth d of a sum gives this depth.
    """
    look = (("look-up", 3),)
    # the four stages of Logprec.Float.Circuit, depth 3 + 4 + 2 + 2
    total = (("floats to integers", 3), ("iterated addition", 4), ("comparisons", 2), ("back to a float", 2))
    found = [Stage("embedding φ", 0, "embed", look)]
    for k in range(1, layers + 1):
        found += [
            Stage("scores s", k, "scores", look),
            Stage("normaliser Z = ⊕ s", k, "total", total),
            Stage("weighting s/Z · h", k, "weigh", look),
            Stage("attention ⊕ s/Z · h", k, "sum", total),
            Stage("activation f", k, "act", look),
        ]
    found.append(Stage("acceptance κ", 0, "accept", look))
    named = sum(stage.depth for stage in found)
    if named != depth:
        raise LogprecError(
            f"the circuit has {depth} layers, the stages of its {layers} transformer layers have {named}"
        )
    return tuple(found)


def circuit_json(circuit: LayerCircuit) -> Json:
    """Write a circuit for the page.

    Gates without wires are runs ``[first, last, kind, k]``; of the others the
    columns are listed: position, kind (1 at least, 0 at most), k, number of
    distinct sources, and the sources with their multiplicities.
    """
    return {"inputs": circuit.inputs, "layers": [_layer_json(layer) for layer in circuit.layers]}


def _layer_json(layer: Gates) -> Json:
    wired = np.flatnonzero(np.diff(layer.start))
    return {
        "width": len(layer),
        "bare": list(_bare(layer)),
        "at": wired.tolist(),
        "least": layer.at_least[wired].astype(int).tolist(),
        "k": layer.threshold[wired].tolist(),
        "fan": np.diff(layer.start)[wired].tolist(),
        "src": layer.source.tolist(),
        "mult": layer.mult.tolist(),
    }


def _bare(layer: Gates) -> Iterator[list[int]]:
    bare = np.flatnonzero(np.diff(layer.start) == 0)
    if not bare.size:
        return
    kind, k = layer.at_least[bare], layer.threshold[bare]
    new = (np.diff(bare) != 1) | (kind[1:] != kind[:-1]) | (k[1:] != k[:-1])
    first = np.concatenate([[0], np.flatnonzero(new) + 1])
    last = np.concatenate([first[1:] - 1, [bare.size - 1]])
    for a, b in zip(first.tolist(), last.tolist(), strict=True):
        yield [int(bare[a]), int(bare[b]), int(kind[a]), int(k[a])]


def words(model: TableModel, n: int) -> NDArray[np.int64]:
    """Return every word of length ``n`` over the alphabet; the first symbol counts most.

    Returns
    -------
    ndarray of int64, shape (len(alphabet) ** n, n)
    """
    return np.array(list(product(range(len(model.alphabet)), repeat=n)), dtype=np.int64).reshape(-1, n)


def transformer_json(model: TableModel, n: int) -> Json:
    """Write what the transformer computes on every word of length ``n``.

    Numbers are codes: of floats in ``s`` and ``z``, of states elsewhere; -1 is
    a masked entry.  Arrays are flat, word by word.
    """
    batch = words(model, n)
    result = forward(model, batch, attention=True)
    state: Codes = model.embed[np.arange(n), batch]
    states = [state]
    for layer, heads in zip(model.layers, result.attention, strict=True):
        state = layer.act[(*(head.a for head in heads), state)]
        states.append(state)
    if not np.array_equal(state, result.states):
        raise LogprecError("the states recomputed from the attention are not the transformer's")
    return {
        "dim": model.dim,
        "precision": model.precision,
        "values": values_table(model.precision).tolist(),
        "accept": result.accept.astype(int).tolist(),
        "states": [table.ravel().tolist() for table in states],
        "heads": [
            [
                {
                    "mask": head.mask,
                    "s": seen.s.ravel().tolist(),
                    "z": seen.z.ravel().tolist(),
                    "weighted": seen.weighted.ravel().tolist(),
                    "a": seen.a.ravel().tolist(),
                }
                for head, seen in zip(layer.heads, heads, strict=True)
            ]
            for layer, heads in zip(model.layers, result.attention, strict=True)
        ],
    }


def page_json(model: TableModel, n: int, circuit: LayerCircuit) -> Json:
    """Put the circuit, the names of its layers, and the transformer together."""
    named = stages(len(model.layers), len(circuit.layers))
    counts = circuit.stats()
    return {
        "n": n,
        "symbolBits": model.symbol_bits,
        "alphabet": list(model.alphabet),
        "gates": counts.gates,
        "wires": counts.wires,
        "stages": [
            {"title": s.title, "block": s.block, "kind": s.kind, "parts": [list(part) for part in s.parts]}
            for s in named
        ],
        "circuit": circuit_json(circuit),
        "transformer": transformer_json(model, n),
    }


def lengths(model: TableModel, max_n: int) -> range:
    """Return the lengths up to ``max_n`` whose words are few enough to tabulate."""
    top = 0
    while top < min(max_n, model.max_length) and len(model.alphabet) ** (top + 1) <= MAX_WORDS:
        top += 1
    return range(1, top + 1)


def constructor_digest(project: Path) -> str:
    """Return a digest of every Lean source that the constructor is made of."""
    digest = hashlib.sha256((project / "lean-toolchain").read_bytes())
    for module in Graph(load(project)).order([CONSTRUCTOR]):
        digest.update(f"{module.name} {module.digest}\n".encode())
    return digest.hexdigest()


def cached_circuit(model: TableModel, n: int, constructor: str, cache: Path, report: Report) -> LayerCircuit:
    """Compile a model, or read the circuit that the same constructor made of the same tables before.

    Parameters
    ----------
    model
        The tables.
    n
        Input length.
    constructor
        `constructor_digest`.
    cache
        Folder of circuits, made if missing.
    report
        Called with progress messages.
    """
    key = hashlib.sha256(f"{constructor} {n}\n{model.to_text()}".encode()).hexdigest()
    path = cache / f"{key}.circuit"
    if path.is_file():
        return load_layers(path)
    cache.mkdir(parents=True, exist_ok=True)
    compile_model(model, n, path, report=report)
    return load_layers(path)


def model_list(models: Mapping[str, TableModel], max_n: int) -> list[Json]:
    """List the shipped models for the page's menu."""
    return [
        {
            "name": shipped.name,
            "about": shipped.about,
            "sample": shipped.sample,
            "alphabet": list(models[shipped.name].alphabet),
            "layers": len(models[shipped.name].layers),
            "lengths": list(lengths(models[shipped.name], max_n)),
        }
        for shipped in SHIPPED
    ]
