"""The sub-command `logprec explore`."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from logprec.commands.console import messages, say
from logprec.errors import LogprecError
from logprec.explore.options import Theorems

DEFAULT_OUT = Path("out/explorer")


def explore(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the site.")] = DEFAULT_OUT,
    theorems: Annotated[
        Theorems, typer.Option(help="Whose proofs to step through: elaborating all modules takes long the first time.")
    ] = Theorems.HEADLINE,
    max_n: Annotated[int, typer.Option("--max-n", min=1, max=6, help="Longest words of the circuit page.")] = 4,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the site on this machine when it is written.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on; 0 takes a free one.")] = 0,
) -> None:
    """Write a site that shows the statements, the proofs step by step, and circuits at work."""
    from logprec.explore.collect import gather
    from logprec.explore.site import check_target, write_site

    check_target(out)
    with messages.status("starting") as status:
        contents, failed = gather(theorems, max_n, lambda text: status.update(escape(text)))
        status.update("writing pages")
        write_site(contents, out)
    for line in failed:
        messages.print(f"no proof states of {line}", soft_wrap=True, markup=False)
    say(f"site: {out / 'index.html'}")
    if serve:
        run_server(out, port)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the pages ask for many files."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder, for this machine only.

    Raises
    ------
    LogprecError
        If the port is taken.
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        raise LogprecError(f"cannot serve on port {port}: {error.strerror}") from error


def run_server(folder: Path, port: int) -> None:
    """Serve a folder until it is interrupted."""
    with server(folder, port) as running:
        print(f"http://127.0.0.1:{running.server_address[1]}/  (Ctrl-C ends)", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print()


def register(app: typer.Typer) -> None:
    """Add the sub-command to the command line."""
    app.command()(explore)
