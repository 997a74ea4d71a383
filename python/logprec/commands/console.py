"""Where commands print: results to the output, progress and errors to stderr."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from logprec.constructor.options import Report

output = Console(highlight=False)
lines = Console(highlight=False, soft_wrap=True)
messages = Console(stderr=True, highlight=False)


def say(text: str = "", style: str | None = None, end: str = "\n") -> None:
    """Print text as it is: not wrapped, not interpreted."""
    lines.print(text, style=style, end=end, markup=False)


@contextmanager
def progress(text: str) -> Iterator[Report]:
    """Show a spinner on stderr with a message that can be changed."""
    with messages.status(escape(text)) as status:
        yield lambda message: status.update(f"{escape(text)}: {escape(message)}")
