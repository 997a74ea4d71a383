"""The Lean executable that constructs circuits: how it is built, called, and what it offers for each kind of model."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from logprec.constructor.options import DEFAULT_MAX_BLOCKS, DEFAULT_MAX_SIZE
from logprec.errors import LogprecError
from logprec.models.model import Model
from logprec.models.quantised.model import QuantisedModel
from logprec.models.tables.model import TableModel
from logprec.toolchain import find

EXECUTABLE = "logprec-compile"


@dataclass(frozen=True)
class Offer:
    """What the executable offers for a kind of model.

    Attributes
    ----------
    size, circuit, run
        The words by which it is asked for the size of a circuit, for a circuit, and to run a model.
    options
        What applies to this kind and not to every other, as the user asks for it.
    max_size
        Larger circuits are refused unless the user says otherwise.
    """

    size: tuple[str, ...]
    circuit: tuple[str, ...]
    run: tuple[str, ...]
    options: frozenset[str]
    max_size: int


OFFERS = {
    TableModel.kind: Offer(
        ("size",),
        ("circuit",),
        ("run",),
        frozenset({"--states", "--constructor", "--emit-c", "logprec machine"}),
        DEFAULT_MAX_SIZE,
    ),
    QuantisedModel.kind: Offer(
        ("qnetwork", "size"),
        ("qnetwork", "blocks"),
        ("qrun",),
        frozenset({"--optimise", "--no-optimise"}),
        DEFAULT_MAX_BLOCKS,
    ),
}


def offer_for(model: Model, wanted: Mapping[str, bool] | None = None) -> Offer:
    """Return what is offered for a model.

    Parameters
    ----------
    model
        The model.
    wanted
        Options, and whether the user asks for them.

    Raises
    ------
    LogprecError
        If an option does not apply to models of this kind.
    """
    offer = OFFERS[model.kind]
    for option, asked in (wanted or {}).items():
        if asked and option not in offer.options:
            kinds = " and ".join(kind for kind, other in OFFERS.items() if option in other.options)
            raise LogprecError(f"{option} is for {kinds} only, not for {model.kind}")
    return offer


def project_root() -> Path:
    """Return the folder of the Lean package this Python package belongs to.

    Raises
    ------
    LogprecError
        If the Python package was installed without its repository.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "lakefile.lean").is_file():
        raise LogprecError(f"no lakefile.lean in {root}: install with 'pip install -e python' from the repository")
    return root


def build_constructor() -> None:
    """Build the Lean executable if it is stale, showing the build's own progress.

    Raises
    ------
    LogprecError
        If there is no usable Lean or the build fails.
    """
    root = project_root()
    find(root).build(root, [EXECUTABLE])


def call_constructor(args: Sequence[str], *, stdin: bytes | None = None, stdout: IO[bytes] | None = None) -> bytes:
    """Run the Lean executable and return what it prints.

    Raises
    ------
    LogprecError
        If it fails.
    """
    root = project_root()
    done = find(root).exe(root, EXECUTABLE, args, stdin=stdin, stdout=stdout)
    if done.returncode != 0:
        lines = (done.stderr or b"").decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else "no message"
        raise LogprecError(f"{EXECUTABLE} {args[0]} failed (exit {done.returncode}): {reason}")
    return done.stdout or b""


@contextmanager
def text_file(text: str) -> Iterator[str]:
    """Write a text to a temporary file."""
    with tempfile.TemporaryDirectory(prefix="logprec-") as folder:
        path = Path(folder) / "model.txt"
        path.write_text(text)
        yield str(path)


def model_file(model: Model) -> AbstractContextManager[str]:
    """Write the model's text form to a temporary file."""
    return text_file(model.to_text())
