"""The command line.

Errors are one line on stderr and exit status 2; a failed check exits 1.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from logprec import __version__, export, machine, prove
from logprec.blocks import load_any_circuit
from logprec.circuit import Stats
from logprec.compile import (
    DEFAULT_MAX_BLOCKS,
    DEFAULT_MAX_SIZE,
    Constructor,
    Report,
    compile_model,
    compile_quantised,
    write_generator,
)
from logprec.demo import run_demo
from logprec.draw import draw_circuit
from logprec.errors import LogprecError
from logprec.explore import commands as explore_commands
from logprec.models import Model, load_any
from logprec.proofs import browse
from logprec.proofs.commands import app as dojo_app
from logprec.quantised import commands as quantised_commands
from logprec.quantised.model import QuantisedModel
from logprec.toolchain import commands
from logprec.verify import Verdict, bit_text, circuit_length
from logprec.verify import verify as compare

app = typer.Typer(
    help="Log-precision transformers as proved and checked threshold circuits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
commands.register(app)
export.register(app)
prove.register(app)
machine.register(app)
explore_commands.register(app)
app.add_typer(dojo_app, name="dojo")
browse.register(app)
quantised_commands.register(app)
output = Console(highlight=False)
messages = Console(stderr=True, highlight=False)

ModelFolder = Annotated[Path, typer.Argument(help="Model folder (config.json and model.safetensors).")]
CircuitFile = Annotated[Path, typer.Argument(help="Circuit file.")]


def say(text: str) -> None:
    """Print one line as it is: not wrapped, not interpreted."""
    output.print(text, soft_wrap=True, markup=False)


@contextmanager
def progress(text: str) -> Iterator[Report]:
    """Show a spinner on stderr with a message that can be changed."""
    with messages.status(escape(text)) as status:
        yield lambda message: status.update(f"{escape(text)}: {escape(message)}")


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Log-precision transformers as proved and checked threshold circuits."""
    if show:
        output.print(__version__)
        raise typer.Exit


@app.command("compile")
def compile_command(
    model: ModelFolder,
    *,
    n: Annotated[int | None, typer.Option("--n", help="Input length.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Circuit file to write.")] = None,
    states: Annotated[
        bool, typer.Option("--states", help="Output all final state bits, not the acceptance bit.")
    ] = False,
    max_size: Annotated[
        int | None,
        typer.Option(
            help=f"Refuse circuits that may have more gates and wires (by default {DEFAULT_MAX_SIZE}, and "
            f"{DEFAULT_MAX_BLOCKS} for quantised models, whose circuits are written in blocks)."
        ),
    ] = None,
    constructor: Annotated[
        Constructor, typer.Option(help="The generator in C, the Lean evaluator, or C where there is a compiler.")
    ] = "auto",
    emit_c: Annotated[Path | None, typer.Option("--emit-c", help="Write the generator as C, for all lengths.")] = None,
    optimise: Annotated[
        bool, typer.Option(help="Quantised models: fold constants, share equal gates, leave out dead ones.")
    ] = True,
) -> None:
    """Compile a model to a threshold circuit for inputs of one length."""
    loaded = load_any(model)
    if isinstance(loaded, QuantisedModel):
        if states or emit_c is not None or constructor != "auto":
            raise LogprecError("--states, --constructor and --emit-c are for models of tables; this one is quantised")
        if n is None or out is None:
            raise LogprecError("say --n and -o: the input length and the circuit file to write")
        limit = DEFAULT_MAX_BLOCKS if max_size is None else max_size
        with progress(f"compiling {model} for n = {n}") as report:
            blocks = compile_quantised(loaded, n, out, optimise=optimise, max_size=limit, report=report)
        say(f"{out}: {describe(blocks.stats())}")
        return
    if emit_c is not None:
        with progress(f"printing the generator of {model}"):
            write_generator(loaded, emit_c)
        say(f"{emit_c}: build it with a C compiler, run it with the input length")
    if n is None or out is None:
        if emit_c is not None and n is None and out is None:
            return
        raise LogprecError("say --n and -o: the input length and the circuit file to write")
    with progress(f"compiling {model} for n = {n}") as report:
        limit = DEFAULT_MAX_SIZE if max_size is None else max_size
        circuit = compile_model(loaded, n, out, states=states, max_size=limit, constructor=constructor, report=report)
    say(f"{out}: {describe(circuit.stats())}")


@app.command("eval")
def eval_command(
    circuit: CircuitFile,
    inputs: Annotated[list[str], typer.Argument(help="Inputs: bits, or symbols with --model.")],
    model: Annotated[Path | None, typer.Option(help="Read inputs as symbols of this model.")] = None,
) -> None:
    """Evaluate a circuit; prints one line of output bits per input."""
    loaded = load_any_circuit(circuit)
    if model is not None:
        tables = load_any(model)
        n, _ = circuit_length(tables, loaded)
        rows = [tables.encode(text) for text in inputs]
        for text, row in zip(inputs, rows, strict=True):
            if len(row) != n:
                raise LogprecError(f"input {text!r} has {len(row)} symbols, the circuit reads {n}")
        bits = tables.to_bits(rows)
    else:
        for text in inputs:
            if len(text) != loaded.inputs or set(text) - {"0", "1"}:
                raise LogprecError(f"input {text!r} is not {loaded.inputs} characters 0 or 1")
        bits = np.array([[c == "1" for c in text] for text in inputs], dtype=np.bool_)
    for row_bits in loaded.evaluate(bits):
        say(bit_text(row_bits))


@app.command("verify")
def verify_command(
    model: ModelFolder,
    circuit: CircuitFile,
    *,
    exhaustive: Annotated[bool, typer.Option("--exhaustive", help="Check every input (the default).")] = False,
    random: Annotated[int | None, typer.Option(help="Check adversarial inputs and this many random ones.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random inputs.")] = 0,
    device: Annotated[
        str | None, typer.Option(help="Evaluate by PyTorch on this device, such as cuda; by numpy otherwise.")
    ] = None,
) -> None:
    """Compare a circuit with the numpy transformer; exit 1 when they differ."""
    if exhaustive and random is not None:
        raise LogprecError("choose one of --exhaustive and --random")
    if random is not None and random < 0:
        raise LogprecError(f"--random {random}: must not be negative")
    tables, loaded = load_any(model), load_any_circuit(circuit)
    with progress(f"verifying {circuit}") as report:
        verdict = compare(tables, loaded, random=random, seed=seed, device=device, report=report)
    show_verdict(verdict, tables, model, circuit)
    if verdict.mismatches:
        raise typer.Exit(1)


def show_verdict(verdict: Verdict, loaded: Model, model: Path, circuit: Path) -> None:
    """Print the counts and how to replay the first counterexample."""
    accepted = f"answered {loaded.classes[-1]!r}" if isinstance(loaded, QuantisedModel) else "accepted"
    say(
        f"n = {verdict.n}, {verdict.kind}: {verdict.checked} checked, {verdict.accepted} {accepted} by the "
        f"transformer, {verdict.mismatches} mismatches"
    )
    if verdict.first is not None:
        case = verdict.first
        say(f"first: {case.text!r}  transformer {case.expected}  circuit {case.found}")
        say(f"replay: logprec eval {circuit} --model {model} {case.text!r}")


@app.command()
def stats(
    circuit: CircuitFile,
    draw: Annotated[Path | None, typer.Option(help="Write a picture (.png, .svg or .pdf).")] = None,
    lit: Annotated[str | None, typer.Option("--input", help="Input bits whose firing gates the picture shows.")] = None,
) -> None:
    """Count a circuit's depth, gates and wires, and draw it."""
    if lit is not None and draw is None:
        raise LogprecError("--input needs --draw")
    loaded = load_any_circuit(circuit)
    counts = loaded.stats()
    if draw is not None:
        if lit is not None and (len(lit) != loaded.inputs or set(lit) - {"0", "1"}):
            raise LogprecError(f"input {lit!r} is not {loaded.inputs} characters 0 or 1")
        bits = None if lit is None else np.array([c == "1" for c in lit], dtype=np.bool_)
        draw_circuit(loaded, draw, title=circuit.stem, bits=bits)
    table = Table("layer", "gates", "wires", "largest fan-in")
    for column in table.columns:
        column.justify = "right"
    for k, layer in enumerate(counts.layers, 1):
        table.add_row(str(k), f"{layer.gates:,}", f"{layer.wires:,}", f"{layer.max_fan_in:,}")
    output.print(table)
    say(f"{circuit}: {describe(counts)}")
    if draw is not None:
        say(f"picture: {draw}")


def describe(counts: Stats) -> str:
    """Say a circuit's size in one line."""
    return (
        f"{counts.inputs} inputs, {counts.outputs} outputs, depth {counts.depth}, "
        f"{counts.gates:,} gates, {counts.wires:,} wires"
    )


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for circuits and pictures.")] = Path("demo-output"),
) -> None:
    """Compile the shipped examples, check every input against numpy, and draw."""
    if not run_demo(out, output, messages):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; the console entry point."""
    try:
        status = app(standalone_mode=False)
    except LogprecError as error:
        fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        messages.print("interrupted")
        sys.exit(130)
    except Exception as error:
        # Usage errors come from click, which some typer versions carry inside: known by their method.
        describe_error = getattr(error, "format_message", None)
        if describe_error is None:
            raise
        fail(f"{describe_error()} (see --help)")
    sys.exit(status or 0)


def fail(message: str) -> NoReturn:
    """Print one line to stderr and exit with status 2."""
    messages.print(f"error: {escape(' '.join(message.split()))}", soft_wrap=True)
    sys.exit(2)
