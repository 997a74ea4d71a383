"""The command line.

Errors are one line on stderr and exit status 2; a failed check exits 1.
"""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from logprec import __version__
from logprec.commands import circuits, dojo, explore, importing, machine, theorems, toolchain
from logprec.commands.console import messages, output, say
from logprec.errors import LogprecError

app = typer.Typer(
    help="Log-precision transformers as proved and checked threshold circuits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
toolchain.register(app)
circuits.register(app)
machine.register(app)
explore.register(app)
theorems.register(app)
importing.register(app)
app.add_typer(dojo.app, name="dojo")


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Log-precision transformers as proved and checked threshold circuits."""
    if show:
        say(__version__)
        raise typer.Exit


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for circuits and pictures.")] = Path("demo-output"),
) -> None:
    """Compile the shipped examples, check every input against numpy, and draw."""
    from logprec.commands.demo import run_demo

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
