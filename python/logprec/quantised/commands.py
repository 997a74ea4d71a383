"""The command that imports trained decoders."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from logprec.errors import LogprecError
from logprec.floats import Codes
from logprec.modelio import CONFIG, check_alphabet, check_names, write_whole
from logprec.quantised.checkpoint import Decoder, load_checkpoint
from logprec.quantised.folder import save_quantised
from logprec.quantised.importer import Loss, Settings, Softmax, compare, quantise
from logprec.quantised.model import QuantisedModel

# Scores of all sample words in one head, at most.
_SAMPLE_SCORES = 1 << 21
_MOST_SAMPLES = 1000

output = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("import")(import_command)


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


def say(text: str) -> None:
    """Print one line as it is: not wrapped, not interpreted."""
    output.print(text, soft_wrap=True, markup=False)


def describe(model: QuantisedModel) -> str:
    """Say what a model is in one line."""
    heads = "-".join(str(len(layer.attention.heads)) for layer in model.layers) or "no"
    return (
        f"{len(model.layers)} layers, {heads} heads, d = {model.dim}, {model.width}-bit activations, "
        f"up to {model.max_length} symbols, {len(model.classes)} outputs of {model.readout_bits} bits"
    )


def write_report(path: Path, settings: Settings, found: dict[str, Loss]) -> None:
    """Write numbers of bits and losses as JSON."""
    record = {
        "bits": dataclasses.asdict(settings),
        **{kind: {k: round(v, 6) for k, v in dataclasses.asdict(loss).items()} for kind, loss in found.items()},
    }
    try:
        write_whole(path, (json.dumps(record, indent=2) + "\n").encode())
    except OSError as error:
        raise LogprecError(f"{path}: cannot write: {error.strerror}") from error


def names(config: dict[str, Any], key: str, count: int, given: str | None) -> tuple[str, ...]:
    """Return names of symbols or outputs: given ones, those of the configuration, or numbers.

    Raises
    ------
    LogprecError
        If they are not names, or not as many as needed.
    """
    found = given.split() if given is not None else config.get(key, [str(k) for k in range(count)])
    check_names(Path(CONFIG), found, key)
    if len(found) != count:
        raise LogprecError(f"{key} has {len(found)} names, the decoder needs {count}")
    if key == "alphabet":
        check_alphabet(Path(CONFIG), found, max(1, (count - 1).bit_length()))
    return tuple(found)


def random_words(decoder: Decoder, rng: np.random.Generator) -> list[Codes]:
    """Return random words of the largest length, as one array; half of them draw symbols with random odds."""
    n, base = decoder.max_length, len(decoder.embedding)
    count = max(2, min(_MOST_SAMPLES, _SAMPLE_SCORES // n**2))
    odds = rng.dirichlet(np.full(base, 0.5), count)
    odds[::2] = 1 / base
    draw = rng.random((count, n, 1)) > np.cumsum(odds, axis=1)[:, None, :]
    return [np.minimum(draw.sum(axis=2), base - 1).astype(np.int64)]


def read_words(path: Path, alphabet: tuple[str, ...], max_length: int) -> list[Codes]:
    """Read words, one a line, as one array for each length.

    Raises
    ------
    LogprecError
        If the file cannot be read, or a line is no word of the alphabet or too long.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise LogprecError(f"{path}: cannot read: {getattr(error, 'strerror', None) or error}") from error
    by_length: dict[int, list[list[int]]] = {}
    codes = {symbol: code for code, symbol in enumerate(alphabet)}
    single = all(len(symbol) == 1 for symbol in alphabet)
    for number, line in enumerate(lines, 1):
        parts = list("".join(line.split())) if single else line.split()
        unknown = next((part for part in parts if part not in codes), None)
        if unknown is not None:
            raise LogprecError(f"{path}, line {number}: symbol {unknown!r} is not in the alphabet {' '.join(alphabet)}")
        if len(parts) > max_length:
            raise LogprecError(f"{path}, line {number}: {len(parts)} symbols, at most {max_length} are read")
        if parts:
            by_length.setdefault(len(parts), []).append([codes[part] for part in parts])
    if not by_length:
        raise LogprecError(f"{path}: holds no words")
    return [np.array(rows, dtype=np.int64) for _, rows in sorted(by_length.items())]
