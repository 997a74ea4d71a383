"""Measure circuits of quantised models: depth and size against the length, the width, the dimension and the layers.

    .venv/bin/python bench/sizes.py

The models are random decoders with rotary positions. One number varies at a time; a power law is fitted by least
squares on logarithms. Beside each size stand the bits that the paper's look-up of two states would read, which needs a
row for each of their values, and the time of the numpy transformer. Results go to bench/results/sizes.json
and sizes.png.
"""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import matplotlib.pyplot as plt
import numpy as np
import typer
from machine import machine

from logprec.constructor.compile import estimate
from logprec.importer.checkpoint import Decoder, DecoderHead, DecoderLayer, Linear, Scaling
from logprec.importer.quantise import quantise
from logprec.importer.settings import Settings
from logprec.models.quantised import run
from logprec.models.quantised.model import QuantisedModel

BATCH = 1024


@dataclass(frozen=True)
class Case:
    """What a model is like: positions, bits of an activation, coordinates of a state, layers."""

    n: int = 4
    width: int = 6
    dim: int = 4
    layers: int = 1


SWEEPS: dict[str, list[int]] = {"n": [1, 2, 4, 8, 16], "width": [4, 6, 8, 10], "dim": [4, 8, 16], "layers": [1, 2, 4]}


def model(case: Case, seed: int = 0) -> QuantisedModel:
    """Quantise a random decoder of two heads with RMS norm and rotary positions."""
    rng = np.random.default_rng(seed)
    d, h, e = case.dim, case.dim // 2, 2 * case.dim

    def linear(outputs: int, inputs: int) -> Linear:
        return Linear(rng.normal(0, 1, (outputs, inputs)), rng.normal(0, 0.3, outputs))

    def norm() -> Scaling:
        return Scaling(True, 1 + rng.normal(0, 0.2, d), np.zeros(d), 1e-5)

    def layer() -> DecoderLayer:
        heads = tuple(DecoderHead(linear(h, d), linear(h, d), linear(h, d)) for _ in range(2))
        return DecoderLayer(norm(), heads, linear(d, 2 * h), norm(), linear(e, d), linear(d, e))

    layers = tuple(layer() for _ in range(case.layers))
    decoder = Decoder(rng.normal(0, 1, (2, d)), None, 10.0, case.n, layers, norm(), linear(2, d))
    words = rng.integers(0, 2, (16, case.n))
    w = case.width
    settings = Settings(w, w, w, w, w + 4, w + 2, w + 2, w, w)
    return quantise(decoder, [words], ("a", "b"), ("no", "yes"), settings)


def measure(case: Case) -> dict[str, Any]:
    """Ask for the size of a circuit, and time numpy on a batch."""
    made = model(case)
    size = estimate(made, case.n)
    words = np.random.default_rng(1).integers(0, 2, (BATCH, case.n))
    before = time.perf_counter()
    run.outputs(made, words)
    seconds = time.perf_counter() - before
    return {
        **asdict(case),
        "depth": size.depth,
        "size": size.size,
        "lookup_bits": 2 * case.dim * case.width,
        "numpy_s": round(seconds, 4),
    }


def exponent(x: list[float], y: list[float]) -> float:
    """Return the exponent of the power law that fits best on logarithms."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def draw(results: dict[str, list[dict[str, Any]]], exponents: dict[str, float], file: Path) -> None:
    """Draw the size against each number."""
    size = (3.2 * len(results), 3.4)
    figure, drawn = plt.subplots(1, len(results), figsize=size, sharey=True, layout="constrained")
    for axes, (name, rows) in zip(np.atleast_1d(drawn), results.items(), strict=True):
        axes.plot([r[name] for r in rows], [r["size"] for r in rows], "o-")
        axes.set(xscale="log", yscale="log", xlabel=name, title=f"exponent {exponents[name]:.2f}")
        axes.set_xticks([r[name] for r in rows], [str(r[name]) for r in rows])
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    np.atleast_1d(drawn)[0].set_ylabel("gates and wires")
    figure.savefig(file, dpi=150)
    plt.close(figure)


def sweep(sweeps: dict[str, list[int]], out: Path) -> None:
    """Measure, fit, and write JSON and a plot."""
    description = machine()
    results: dict[str, list[dict[str, Any]]] = {}
    for name, values in sweeps.items():
        results[name] = []
        for value in values:
            row = measure(Case(**{name: value}))
            results[name].append(row)
            print(f"{name} = {value:3}  depth {row['depth']:4}  size {row['size']:11,}  a look-up would read "
                  f"{row['lookup_bits']} bits  numpy {row['numpy_s']} s for {BATCH}", flush=True)  # fmt: skip
    exponents = {name: exponent([r[name] for r in rows], [r["size"] for r in rows]) for name, rows in results.items()}
    print("exponents of the size: " + ", ".join(f"{name} {e:.2f}" for name, e in exponents.items()))
    out.mkdir(parents=True, exist_ok=True)
    data = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": description,
        "base": asdict(Case()),
        "exponents": {name: round(e, 3) for name, e in exponents.items()},
        "results": results,
    }
    (out / "sizes.json").write_text(json.dumps(data, indent=1) + "\n")
    draw(results, exponents, out / "sizes.png")
    print(f"{out}/sizes.json, {out}/sizes.png")


def main(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")] = Path("bench/results"),
) -> None:
    """Measure the size of circuits of quantised models."""
    sweep(SWEEPS, out)


if __name__ == "__main__":
    typer.run(main)
