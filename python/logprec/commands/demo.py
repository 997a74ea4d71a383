"""The demonstration: compile the shipped examples, check every input, draw."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.status import Status
from rich.table import Table

from logprec.checking.verify import verify
from logprec.constructor.executable import build_constructor, project_root
from logprec.constructor.kept import compile_kept
from logprec.errors import LogprecError
from logprec.models.load import load_model
from logprec.pictures.attention import draw_attention
from logprec.pictures.circuit import draw_circuit


@dataclass(frozen=True)
class Example:
    """A shipped model, the lengths to compile it for, and an input to draw."""

    name: str
    lengths: Sequence[int]
    sample: str


# Four symbols make 4^n inputs: contains stops earlier. The circuit of a decoder takes half a minute at any length.
EXAMPLES = (
    Example("majority", range(1, 9), "01101"),
    Example("contains", range(1, 7), "abdc"),
    Example("brackets", range(1, 9), "())(()"),
    Example("trained", range(1, 9), "abcaa"),
    Example("decoders/majority", (8,), "0110111"),
)
PICTURED = ("majority", 2)


def run_demo(out: Path, output: Console, messages: Console) -> bool:
    """Run the demonstration.

    Parameters
    ----------
    out
        Folder for circuits and pictures, made if missing.
    output, messages
        Where the tables and the progress go.

    Circuits that are in ``out`` already are kept, where nothing that they depend on has changed.

    Returns
    -------
    bool
        Whether every circuit agreed with numpy on every input.
    """
    models = {example.name: load_model(project_root() / "examples" / example.name) for example in EXAMPLES}
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogprecError(f"{out}: cannot make the folder: {error.strerror}") from error
    build_constructor()
    agreed = True
    with messages.status("starting") as status:
        for example in EXAMPLES:
            model = models[example.name]
            file = example.name.replace("/", "-")
            table = Table(title=f"{example.name}: circuit against numpy, on every input of length n", box=SIMPLE_HEAD)
            for name in ("n", "depth", "gates", "wires", "inputs", "accepted", "differ", "seconds"):
                table.add_column(name, justify="right")
            for n in example.lengths:
                heading = f"{example.name}, n = {n}"
                started = time.monotonic()
                path = out / f"{file}-{n}.circuit"
                circuit, kept = compile_kept(model, n, path, report=partial(_show, status, heading))
                status.update(f"{heading}: checking every input")
                verdict = verify(model, circuit)
                seconds = time.monotonic() - started
                counts = circuit.stats()
                agreed = agreed and verdict.mismatches == 0
                numbers = (counts.depth, counts.gates, counts.wires, verdict.checked, verdict.accepted)
                table.add_row(
                    str(n),
                    *(f"{x:,}" for x in numbers),
                    f"[{'red' if verdict.mismatches else 'green'}]{verdict.mismatches}[/]",
                    f"{seconds:.1f}{' (kept)' if kept else ''}",
                )
                if (example.name, n) == PICTURED:
                    draw_circuit(circuit, out / "circuit.png", title=heading, bits=model.to_bits([[1] * n])[0])
            status.update(f"{example.name}: drawing")
            draw_circuit(circuit, out / f"{file}-layers.png", title=heading)
            draw_attention(model, model.encode(example.sample), out / f"{file}-attention.png", title=example.name)
            output.print(table)
    output.print(f"circuits and pictures: {out}")
    return agreed


def _show(status: Status, heading: str, message: str) -> None:
    status.update(f"{heading}: {message}")
