"""Measure the constructor in C: wires per second, and resident memory, as the circuit grows to gigabytes.

    .venv/bin/python bench/constructor.py

The circuits are those of an example model whose table of embeddings is repeated for more positions. Each is generated
once into a pipe, where gates and wires are counted and the generator's peak memory is read, and then, to be timed,
into /dev/null. Results go to bench/results/constructor.json and constructor.png.
"""

import json
import os
import subprocess
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import matplotlib.pyplot as plt
import numpy as np
import typer
from machine import machine

from logprec.constructor.compile import generator_source
from logprec.constructor.executable import project_root
from logprec.constructor.generator import FLAGS, build_generator, find_compiler
from logprec.models.tables.folder import load_tables
from logprec.models.tables.model import TableModel

CHUNK = 1 << 20


@dataclass(frozen=True)
class Counted:
    """What a circuit file consists of, and the most memory that its generator held while writing it.

    `wires` are the pairs of a source and a multiplicity that the file has; `peak_kib` is None where the system does not
    tell.
    """

    bytes: int
    gates: int
    wires: int
    peak_kib: int | None


def counted(program: Path, n: int) -> Counted:
    """Generate into a pipe, and count."""
    size = spaces = lines = layers = 0
    peak = None
    tail = b"\n"
    with subprocess.Popen([program, str(n)], stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        while chunk := process.stdout.read(CHUNK):
            size += len(chunk)
            spaces += chunk.count(b" ")
            lines += chunk.count(b"\n")
            layers += (tail + chunk).count(b"\n0\n")
            tail = chunk[-2:] if len(chunk) > 1 else (tail + chunk)[-2:]
            peak = peak_kib(process.pid) or peak
    if process.returncode:
        raise SystemExit(f"the generator failed for n = {n}")
    gates = lines - layers - 3  # the header, the number of inputs, the end
    # "1 k 3 src mult 3 src mult", after a header with one space
    return Counted(size, gates, (spaces - 1 - gates) // 3, peak)


def peak_kib(pid: int) -> int | None:
    """Return the most memory that a running process has held so far, in KiB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return next((int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM:")), None)


def timed(program: Path, n: int) -> tuple[float, float]:
    """Generate into /dev/null; return the seconds on the clock, and the seconds on the processor."""
    with Path(os.devnull).open("wb") as sink:
        before = time.perf_counter()
        process = subprocess.Popen([program, str(n)], stdout=sink)
        _, code, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise SystemExit(f"the generator failed for n = {n}")
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime


def longer(model: TableModel, length: int) -> TableModel:
    """Repeat the embeddings for more positions."""
    return replace(model, embed=np.resize(model.embed, (length, model.embed.shape[1])))


def compiler() -> dict[str, Any]:
    """Describe the C compiler."""
    found = find_compiler() or ["none"]
    version = subprocess.run([*found, "--version"], capture_output=True, text=True, check=False).stdout
    return {"compiler": version.splitlines()[0] if version else found[0], "flags": " ".join(FLAGS)}


def draw(rows: list[dict[str, Any]], title: str, file: Path) -> None:
    """Draw speed, and memory beside the size of the output, against the number of positions."""
    n = [r["n"] for r in rows]
    figure, (speed, memory) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    speed.plot(n, [r["wires"] / r["processor_s"] / 1e6 for r in rows], "o-")
    speed.set(xscale="log", ylim=(0, None), xlabel="positions n", ylabel="million wires per second of one core")
    seen = [r for r in rows if r["peak_kib"]]
    memory.plot(n, [r["bytes"] / 2**20 for r in rows], "o-", color="tab:orange", label="circuit file")
    memory.plot([r["n"] for r in seen], [r["peak_kib"] / 1024 for r in seen], "s-", label="generator, peak resident")
    memory.set(xscale="log", yscale="log", xlabel="positions n", ylabel="MiB")
    memory.legend(frameon=False)
    for axes in (speed, memory):
        axes.set_xticks(n, [str(k) for k in n], minor=False, rotation=60, fontsize=8)
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    figure.suptitle(title, fontsize=11)
    figure.savefig(file, dpi=150)


def main(
    name: Annotated[str, typer.Option("--model", help="An example model.")] = "majority",
    gigabytes: Annotated[float, typer.Option(help="Stop after a circuit file of this size.")] = 4.0,
    runs: Annotated[int, typer.Option(min=1, help="How often each is timed; the fastest counts.")] = 3,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")] = Path("bench/results"),
) -> None:
    """Measure the constructor in C."""
    lengths = [k * 2**e for e in range(1, 9) for k in (2, 3)]
    model = longer(load_tables(project_root() / "examples" / name), lengths[-1])
    description = {**machine(), **compiler()}
    program = build_generator(generator_source(model))
    rows: list[dict[str, Any]] = []
    for n in lengths:
        count = counted(program, n)
        elapsed, processor = min((timed(program, n) for _ in range(runs)), key=lambda t: t[1])
        rows.append({"n": n, **asdict(count), "elapsed_s": round(elapsed, 4), "processor_s": round(processor, 4)})
        print(f"n = {n:5}  {count.bytes / 1e6:10.1f} MB  {count.wires / 1e6:9.1f} M wires  {processor:7.2f} s  "
              f"{count.wires / processor / 1e6:6.1f} M wires/s  {count.peak_kib} KiB", flush=True)  # fmt: skip
        if count.bytes >= gigabytes * 1e9:
            break
    out.mkdir(parents=True, exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    data = {"model": name, "date": day, "runs": runs, "machine": description, "results": rows}
    (out / "constructor.json").write_text(json.dumps(data, indent=1) + "\n")
    draw(rows, f"The generator in C for `{name}`, on one core of {description['processor']}", out / "constructor.png")
    print(f"{out}/constructor.json, {out}/constructor.png")


if __name__ == "__main__":
    typer.run(main)
