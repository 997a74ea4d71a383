"""Compile a trained decoder for its greatest length, and compare the circuit with numpy on many words.

    .venv/bin/python bench/acceptance.py

The model has two layers of two heads, 16 coordinates, activations of 8 bits, rotary positions and RMS norm; the circuit
for words of length 16 is compared on every word, and on 100,000 random ones beside adversarial ones, the circuits for
lengths up to 4 on every word. Results go to bench/results/acceptance.json; any difference ends in an error.
"""

import json
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from machine import machine

from logprec.checking.verify import verify
from logprec.constructor.compile import compile_model
from logprec.constructor.executable import project_root
from logprec.models.quantised.folder import load_quantised


def main(
    name: Annotated[str, typer.Option("--model", help="A trained decoder.")] = "brackets",
    lengths: Annotated[list[int] | None, typer.Option("--n", help="Positions; may be repeated.")] = None,
    random: Annotated[int, typer.Option(help="Random words for each length of ten or more.", min=0)] = 100_000,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")] = Path("bench/results"),
) -> None:
    """Run the acceptance case."""
    description = machine()
    model = load_quantised(project_root() / "examples/decoders" / name)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for n in lengths or [1, 2, 3, 4, 16]:
            before = time.perf_counter()
            circuit = compile_model(model, n, Path(folder) / "circuit")
            compiled = time.perf_counter()
            verdicts = [verify(model, circuit)]
            if n >= 10:
                verdicts.append(verify(model, circuit, random=random))
            counts = circuit.stats()
            row = {
                "n": n,
                "depth": counts.depth,
                "gates": counts.gates,
                "wires": counts.wires,
                "compile_s": round(compiled - before, 1),
                "compare_s": round(time.perf_counter() - compiled, 1),
                "compared": [{"words": v.kind, "checked": v.checked, "mismatches": v.mismatches} for v in verdicts],
            }
            rows.append(row)
            print(json.dumps(row), flush=True)
            for verdict in verdicts:
                if verdict.first is not None:
                    print(f"the circuit and numpy differ: {asdict(verdict.first)}")
                    raise typer.Exit(1)
    out.mkdir(parents=True, exist_ok=True)
    date = datetime.now(UTC).date().isoformat()
    data = {"model": name, "date": date, "machine": description, "circuits": rows}
    (out / "acceptance.json").write_text(json.dumps(data, indent=1) + "\n")
    print(f"{out}/acceptance.json")


if __name__ == "__main__":
    typer.run(main)
