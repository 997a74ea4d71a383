"""Sub-commands of `logprec` that concern the toolchain and the Lean package."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from logprec.commands.console import lines, messages, say
from logprec.constructor.generator import describe_constructor
from logprec.files import write_whole
from logprec.proofs import frozen
from logprec.proofs.audit import audit as run_audit
from logprec.proofs.audit import show
from logprec.toolchain.build import default_jobs, shown
from logprec.toolchain.check import LeanSession
from logprec.toolchain.core import choose, find
from logprec.toolchain.errors import ToolchainError
from logprec.toolchain.lakefile import find_project
from logprec.toolchain.locking import cache_dir
from logprec.toolchain.native import wanted_version
from logprec.toolchain.node import find_node
from logprec.toolchain.session import connect, socket_path
from logprec.toolchain.wasm_install import install_dir, installed


def doctor(
    install: Annotated[
        bool, typer.Option("--install", help="Install the WebAssembly toolchain if it is missing.")
    ] = False,
) -> None:
    """Say which Lean is used and why; fails when none is usable."""
    try:
        project: Path | None = find_project(Path.cwd())
    except ToolchainError:
        project = None
    rows = [("project", str(project or "none here")), ("wanted", f"Lean {wanted_version(project)}")]
    choice = choose(project)
    usable = True
    if choice.native:
        rows.append(("using", f"Lean {choice.native.version}, native: {choice.native.lake}"))
    else:
        try:
            node = find_node()
            rows.append(("node", f"{node.version}: {node.program}"))
        except ToolchainError as e:
            usable = False
            rows.append(("node", str(e)))
        if usable and install:
            find(project, lines)
        state = (
            str(install_dir()) if installed() else "not installed; `logprec doctor --install` or any build installs it"
        )
        usable = usable and installed()
        rows.append(("using" if usable else "missing", f"Lean as WebAssembly: {state}"))
        rows.append(("jobs", str(default_jobs())))
    rows += [("why", line) for line in choice.why]
    running = connect()
    rows.append(("session", f"running, {socket_path()}" if running else "none running"))
    if running:
        running.close()
    rows.append(("circuits", describe_constructor()))
    rows += [("cache", str(cache_dir())), ("python", sys.version.split()[0])]
    for name, text in rows:
        say(f"{name:>8}  {text}")
    if not usable:
        raise typer.Exit(1)


def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Lean files.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="End the background session.")] = False,
) -> None:
    """Elaborate Lean files in a session that stays warm in the background."""
    if stop:
        if running := connect():
            running.stop()
        return
    if not files:
        raise ToolchainError("name the Lean files to check")
    if missing := [f for f in files if not f.is_file()]:
        raise ToolchainError(f"no such file: {missing[0]}")
    bad = False
    for file in files:
        with (
            LeanSession(find_project(file.resolve().parent), shared=True) as session,
            messages.status(f"checking {file}"),
        ):
            result = session.check(file)
        for message in result.messages:
            print(shown(message))
        bad |= not result.ok
        messages.print(
            f"{file}: {'ok' if result.ok else 'FAILED'} in {result.seconds:.1f} s", markup=False, soft_wrap=True
        )
    if bad:
        raise typer.Exit(1)


def audit(
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Write the headline statements and their definitions to tests/frozen.")
    ] = False,
) -> None:
    """Look at every declaration of the package: axioms, back doors, modules that nobody imports. Fails on a finding."""
    project = find_project(Path.cwd())
    if freeze:
        file = project / frozen.FILE
        text = frozen.render(project, find(project))
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
        print(f"{frozen.FILE}: written")
        return
    with messages.status("auditing") as status:

        def progress(done: int, total: int, name: str) -> None:
            status.update(f"auditing [{done}/{total}] {name}")

        report = run_audit(project, find(project), progress=progress)
    show(report, lines)
    if report.findings:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the sub-commands to the command line."""
    app.command()(doctor)
    app.command()(check)
    app.command()(audit)
