"""Commands on models and circuits: compile, evaluate, verify, count and draw, export, prove."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from logprec.checking.options import DEFAULT_MAX_SIZE as MAX_ANDS
from logprec.checking.options import PREDICATES
from logprec.circuits.formats import Format
from logprec.commands.console import output, progress, say
from logprec.constructor.options import DEFAULT_MAX_BLOCKS, DEFAULT_MAX_SIZE, Constructor
from logprec.errors import LogprecError

if TYPE_CHECKING:
    from logprec.checking.verify import Verdict
    from logprec.circuits.gates import Stats
    from logprec.models.model import Model

ModelFolder = Annotated[Path, typer.Argument(help="Model folder (config.json and model.safetensors).")]
CircuitFile = Annotated[Path, typer.Argument(help="Circuit file.")]


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
        bool | None,
        typer.Option(help="Quantised models (the default): fold constants, share equal gates, leave out dead ones."),
    ] = None,
) -> None:
    """Compile a model to a threshold circuit for inputs of one length."""
    from logprec.constructor.compile import compile_model, write_generator
    from logprec.constructor.executable import offer_for
    from logprec.models.load import load_model

    loaded = load_model(model)
    offer_for(
        loaded,
        {
            "--states": states,
            "--constructor": constructor != "auto",
            "--emit-c": emit_c is not None,
            "--optimise" if optimise else "--no-optimise": optimise is not None,
        },
    )
    if emit_c is not None:
        with progress(f"printing the generator of {model}"):
            write_generator(loaded, emit_c)
        say(f"{emit_c}: build it with a C compiler, run it with the input length")
        if n is None and out is None:
            return
    if n is None or out is None:
        raise LogprecError("say --n and -o: the input length and the circuit file to write")
    with progress(f"compiling {model} for n = {n}") as report:
        circuit = compile_model(
            loaded,
            n,
            out,
            states=states,
            optimise=optimise,
            max_size=max_size,
            constructor=constructor,
            report=report,
        )
    say(f"{out}: {describe(circuit.stats())}")


def eval_command(
    circuit: CircuitFile,
    inputs: Annotated[list[str], typer.Argument(help="Inputs: bits, or symbols with --model.")],
    model: Annotated[Path | None, typer.Option(help="Read inputs as symbols of this model.")] = None,
) -> None:
    """Evaluate a circuit; prints one line of output bits per input."""
    import numpy as np

    from logprec.checking.verify import bit_text, parse_bits
    from logprec.circuits.circuit import load_circuit
    from logprec.models.load import load_model

    loaded = load_circuit(circuit)
    if model is not None:
        reader = load_model(model)
        n = reader.length_of(loaded)
        rows = [reader.encode(text) for text in inputs]
        for text, row in zip(inputs, rows, strict=True):
            if len(row) != n:
                raise LogprecError(f"input {text!r} has {len(row)} symbols, the circuit reads {n}")
        bits = reader.to_bits(rows)
    else:
        bits = np.array([parse_bits(text, loaded.inputs) for text in inputs], dtype=np.bool_)
    for row_bits in loaded.evaluate(bits):
        say(bit_text(row_bits))


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
    from logprec.checking.verify import verify
    from logprec.circuits.circuit import load_circuit
    from logprec.models.load import load_model

    reader, loaded = load_model(model), load_circuit(circuit)
    with progress(f"verifying {circuit}") as report:
        verdict = verify(reader, loaded, random=random, seed=seed, device=device, report=report)
    show_verdict(verdict, reader, model, circuit)
    if verdict.mismatches:
        raise typer.Exit(1)


def show_verdict(verdict: "Verdict", loaded: "Model", model: Path, circuit: Path) -> None:
    """Print the counts and how to replay the first counterexample."""
    say(
        f"n = {verdict.n}, {verdict.kind}: {verdict.checked} checked, {verdict.accepted} {loaded.accepted_name} by the "
        f"transformer, {verdict.mismatches} mismatches"
    )
    if verdict.first is not None:
        case = verdict.first
        say(f"first: {case.text!r}  transformer {case.expected}  circuit {case.found}")
        say(f"replay: logprec eval {circuit} --model {model} {case.text!r}")


def stats_command(
    circuit: CircuitFile,
    draw: Annotated[Path | None, typer.Option(help="Write a picture (.png, .svg or .pdf).")] = None,
    lit: Annotated[str | None, typer.Option("--input", help="Input bits whose firing gates the picture shows.")] = None,
) -> None:
    """Count a circuit's depth, gates and wires, and draw it."""
    if lit is not None and draw is None:
        raise LogprecError("--input needs --draw")
    from logprec.circuits.circuit import load_circuit

    loaded = load_circuit(circuit)
    counts = loaded.stats()
    if draw is not None:
        from logprec.checking.verify import parse_bits
        from logprec.pictures.circuit import draw_circuit

        bits = None if lit is None else parse_bits(lit, loaded.inputs)
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


def describe(counts: "Stats") -> str:
    """Say a circuit's size in one line."""
    return (
        f"{counts.inputs} inputs, {counts.outputs} outputs, depth {counts.depth}, "
        f"{counts.gates:,} gates, {counts.wires:,} wires"
    )


def export_command(
    circuit: Annotated[Path, typer.Argument(help="Circuit file.")],
    form: Annotated[Format, typer.Option("--format", help="Format of the file.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write; AIGER is ASCII if it ends in .aag.")],
    max_size: Annotated[
        int | None,
        typer.Option(help="Refuse more AND gates (aiger, blif), matrix entries (onnx), nodes and edges (dot)."),
    ] = None,
) -> None:
    """Write a circuit for other tools: AIGER or BLIF netlist, ONNX network, DOT graph."""
    from logprec.circuits.circuit import load_flat
    from logprec.circuits.export import export

    export(load_flat(circuit, max_size), out, form, max_size=max_size)
    say(f"{out}: {form}, {out.stat().st_size:,} bytes")


def prove_command(
    circuit: Annotated[Path, typer.Argument(help="Circuit file.")],
    *,
    model: Annotated[Path, typer.Option(help="Model folder the circuit was compiled from.")],
    equal: Annotated[str | None, typer.Option("--equals", help=f"Prove that it accepts exactly: {PREDICATES}.")] = None,
    stable: Annotated[
        bool, typer.Option("--robust", help="Prove that no single changed symbol flips the answer on --word.")
    ] = False,
    word: Annotated[str | None, typer.Option(help="The input for --robust.")] = None,
    changes: Annotated[int, typer.Option(help="Let --robust change up to so many symbols.")] = 1,
    max_size: Annotated[int, typer.Option(help="Refuse netlists that may have more AND gates.")] = MAX_ANDS,
) -> None:
    """Prove a property of a circuit with a SAT solver, for all inputs of its length; exit 1 on a counterexample."""
    if stable == (equal is not None):
        raise LogprecError("choose one of --robust and --equals")
    if stable != (word is not None):
        raise LogprecError("--robust needs --word" if stable else "--word belongs to --robust")
    from logprec.checking.predicates import predicate
    from logprec.checking.prove import equals, robust
    from logprec.circuits.circuit import load_flat
    from logprec.models.load import load_model

    loaded, layers = load_model(model), load_flat(circuit, max_size)
    with progress("asking the solver"):
        if equal is not None:
            claim = f"accepts exactly the words of '{equal}'"
            answer = equals(layers, loaded, predicate(equal, loaded), max_size=max_size)
        else:
            claim = f"answers alike on {word!r} and all words with at most {changes} changed"
            answer = robust(layers, loaded, loaded.encode(word or ""), changes=changes, max_size=max_size)
    if answer.word is None:
        say(f"proved: {circuit} {claim} ({answer.ands:,} ANDs, {answer.clauses:,} clauses)")
        return
    say(f"counterexample: {answer.word!r}  circuit {answer.circuit:d}  expected {answer.expected:d}")
    say(f"replay: logprec eval {circuit} --model {model} {answer.word!r}")
    raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("compile")(compile_command)
    app.command("eval")(eval_command)
    app.command("verify")(verify_command)
    app.command("stats")(stats_command)
    app.command("export")(export_command)
    app.command("prove")(prove_command)
