"""The command that imports trained decoders."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logprec.commands.console import say
from logprec.files import write_whole
from logprec.importer.settings import Settings, Softmax

if TYPE_CHECKING:
    from logprec.importer.quantise import Loss
    from logprec.models.quantised.model import QuantisedModel


def import_command(
    checkpoint: Annotated[
        Path,
        typer.Argument(help="Folder with config.json and weights, or a file of weights beside its config.json."),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="Model folder to write.")],
    *,
    words: Annotated[
        Path | None, typer.Option(help="Sample words, one a line, to take scales from; random ones otherwise.")
    ] = None,
    alphabet: Annotated[
        str | None,
        typer.Option(help="Names of the symbols, separated by spaces; else those of config.json, or numbers."),
    ] = None,
    max_length: Annotated[int | None, typer.Option(help="The largest input length.", min=1, max=1 << 16)] = None,
    width: Annotated[int, typer.Option(help="Bits of an activation.", min=2, max=16)] = Settings.width,
    weight_bits: Annotated[int, typer.Option(help="Bits of a weight.", min=2, max=16)] = Settings.weight_bits,
    exp_bits: Annotated[int, typer.Option(help="Bits of an attention weight.", min=1, max=16)] = Settings.exp_bits,
    recip_bits: Annotated[
        int, typer.Option(help="Bits of the reciprocal of a sum of attention weights.", min=2, max=20)
    ] = Settings.recip_bits,
    square_bits: Annotated[
        int, typer.Option(help="Bits of the sum of squares in a norm.", min=1, max=16)
    ] = Settings.square_bits,
    readout_bits: Annotated[int, typer.Option(help="Bits of an output.", min=2, max=20)] = Settings.readout_bits,
    attention: Annotated[
        Softmax,
        typer.Option(help="As trained; with the greatest score subtracted first; or average-hard, another function."),
    ] = Settings.attention,
    seed: Annotated[int, typer.Option(help="Seed of the random words.")] = 0,
    report: Annotated[Path | None, typer.Option(help="Write what was lost as JSON.")] = None,
) -> None:
    """Quantise a trained decoder: a PyTorch checkpoint with the names of GPT-2 or Llama.

    Feed-forward networks must be ReLU, without a gate.  What is lost is measured and printed: on the sample words,
    which the scales are taken from, and on fresh random words.
    """
    import numpy as np

    from logprec.importer.checkpoint import load_checkpoint
    from logprec.importer.quantise import compare, quantise
    from logprec.importer.words import names, random_words, read_words
    from logprec.models.quantised.folder import save_quantised

    decoder, config = load_checkpoint(checkpoint, max_length=max_length)
    symbols = names(config, "alphabet", len(decoder.embedding), alphabet)
    classes = names(config, "classes", len(decoder.readout.bias), None)
    rng = np.random.default_rng(seed)
    sample = random_words(decoder, rng) if words is None else read_words(words, symbols, decoder.max_length)
    settings = Settings(
        width=width,
        weight_bits=weight_bits,
        exp_bits=exp_bits,
        recip_bits=recip_bits,
        square_bits=square_bits,
        readout_bits=readout_bits,
        attention=attention,
    )
    model = quantise(decoder, sample, symbols, classes, settings)
    found = {"sample": compare(decoder, model, sample), "random": compare(decoder, model, random_words(decoder, rng))}
    save_quantised(model, out)
    if report is not None:
        write_report(report, settings, found)
    say(f"{out}: {describe(model)}")
    for kind, loss in found.items():
        say(
            f"{kind} words ({loss.words}, with their beginnings): the same answer on {loss.agreement:.2%}; outputs "
            f"differ by {loss.mean_error:.2%} of the largest on average, {loss.max_error:.2%} at most"
        )


def describe(model: "QuantisedModel") -> str:
    """Say what a model is in one line."""
    heads = "-".join(str(len(layer.attention.heads)) for layer in model.layers) or "no"
    return (
        f"{len(model.layers)} layers, {heads} heads, d = {model.dim}, {model.width}-bit activations, "
        f"up to {model.max_length} symbols, {len(model.classes)} outputs of {model.readout_bits} bits"
    )


def write_report(path: Path, settings: Settings, found: "dict[str, Loss]") -> None:
    """Write numbers of bits and losses as JSON."""
    record = {
        "bits": dataclasses.asdict(settings),
        **{kind: {k: round(v, 6) for k, v in dataclasses.asdict(loss).items()} for kind, loss in found.items()},
    }
    write_whole(path, json.dumps(record, indent=2) + "\n")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("import")(import_command)
