"""Measure the evaluator: wires per second on one core and on all, beside the memory bandwidth of the machine.

    .venv/bin/python bench/evaluator.py

The circuit is that of a trained decoder (examples/decoders), in blocks: compiled first, or given as a file, for a
machine without Lean. The inputs are random words. Wires are counted
as often as their multiplicity says, since that is what a gate adds up. Results go to bench/results/evaluator.json.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from machine import machine

from logprec.circuits.circuit import Circuit, load_circuit
from logprec.constructor.compile import compile_model
from logprec.constructor.executable import project_root
from logprec.models.quantised.folder import load_quantised

COPIED = 1 << 28
RUNS = 3


def seconds(work: Callable[[], object]) -> float:
    """Return the least time that some work took in a few runs."""
    found = []
    for _ in range(RUNS):
        before = time.perf_counter()
        work()
        found.append(time.perf_counter() - before)
    return min(found)


def bandwidth(size: int = COPIED) -> float:
    """Return the bytes per second that one core reads and writes when it copies."""
    source, target = np.ones(size, dtype=np.uint8), np.zeros(size, dtype=np.uint8)
    return 2 * size / seconds(lambda: np.copyto(target, source))


def rate(circuit: Circuit, batch: int, cores: int, device: str | None = None) -> float:
    """Return the wires per second of evaluations of a batch of random inputs on so many cores, or on a device."""
    inputs = np.random.default_rng(0).integers(0, 2, (batch, circuit.inputs)).astype(np.bool_)
    circuit.evaluate(inputs[:64], device=device)  # plans are made once
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:cores])
    try:
        fastest = seconds(lambda: circuit.evaluate(inputs, device=device))
    finally:
        os.sched_setaffinity(0, allowed)
    return circuit.stats().wires * batch / fastest


def main(
    *,
    name: Annotated[str, typer.Option("--model", help="A trained decoder.")] = "majority",
    n: Annotated[int, typer.Option("--n", help="Positions.", min=1)] = 8,
    batch: Annotated[int, typer.Option(help="Inputs.", min=1)] = 1 << 15,
    compiled: Annotated[Path | None, typer.Option("--circuit", help="The circuit, compiled before.")] = None,
    device: Annotated[str | None, typer.Option(help="Also measure a device of PyTorch's, such as cuda.")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")] = Path("bench/results"),
) -> None:
    """Measure the evaluator."""
    description = machine()
    model = load_quantised(project_root() / "examples/decoders" / name)
    if compiled is not None:
        circuit = load_circuit(compiled)
        n = model.length_of(circuit)
    else:
        with tempfile.TemporaryDirectory() as folder:
            circuit = compile_model(model, n, Path(folder) / "c")
    counts = circuit.stats()
    print(f"{name}, n = {n}: {counts.gates:,} gates, {counts.wires:,} wires, {batch} inputs", flush=True)
    copying = bandwidth()
    print(f"memory: {copying / 1e9:.1f} GB/s read and written by one core", flush=True)
    rates: dict[int | str, float] = {}
    for cores in sorted({1, len(os.sched_getaffinity(0))}):
        rates[cores] = rate(circuit, batch, cores)
        print(f"{cores} cores: {rates[cores] / 1e9:.2f} billion wires/s", flush=True)
    if device is not None:
        rates[device] = rate(circuit, batch, 1, device)
        print(f"{device}: {rates[device] / 1e9:.2f} billion wires/s", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    data = {
        "model": name,
        "n": n,
        "batch": batch,
        "gates": counts.gates,
        "wires": counts.wires,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": description,
        "runs": RUNS,
        "memory_bytes_per_s": round(copying),
        "wires_per_s": {str(cores): round(found) for cores, found in rates.items()},
    }
    (out / "evaluator.json").write_text(json.dumps(data, indent=1) + "\n")
    print(f"{out}/evaluator.json")


if __name__ == "__main__":
    typer.run(main)
