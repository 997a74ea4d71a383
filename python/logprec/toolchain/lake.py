"""`lake` of the virtual environment: a native Lake where there is one, else the same commands on WebAssembly Lean."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from logprec.errors import LogprecError
from logprec.toolchain.core import Toolchain, Wasm, find
from logprec.toolchain.errors import BuildFailedError, ToolchainError
from logprec.toolchain.lakefile import find_project
from logprec.toolchain.native import find_native
from logprec.toolchain.serve import serve
from logprec.toolchain.wasm_install import LEAN_VERSION

HELP = """Lake for WebAssembly Lean (used because no native Lake of the wanted version was found)

usage: lake [-d DIR] COMMAND

  build [TARGET...] [--wfail]   build libraries, executables or modules; warnings fail with --wfail
  exe NAME [ARG...]             build an executable and run it
  env [CMD [ARG...]]            run a command in the environment of the project, or print it
  lean FILE [-- ARG...]         build what a file imports, then elaborate it
  serve                         speak the language server protocol on stdin and stdout
  clean                         remove what was built
  --version                     print the version

LOGPREC_JOBS sets how many modules are built at a time (two by default)."""


def run(args: list[str]) -> int:
    """Run `lake` with `args` and return its exit code."""
    folder = Path.cwd()
    if args and args[0] in ("-d", "--dir") and len(args) > 1:
        folder, args = Path(args[1]), args[2:]
    elif args and args[0].startswith(("--dir=", "-d=")):
        folder, args = Path(args[0].partition("=")[2]), args[1:]
    if not args or args[0] in ("--help", "-h", "help"):
        print(HELP)
        return 0 if args else 1
    if args[0] in ("--version", "version"):
        print(f"Lake for WebAssembly Lean (Lean version {LEAN_VERSION})")
        return 0
    commands = {
        "build": _build,
        "exe": _exe,
        "exec": _exe,
        "env": _env,
        "lean": _lean,
        "serve": _serve,
        "clean": _clean,
    }
    if args[0] not in commands:
        print(
            f"error: unknown command '{args[0]}'; lake --help lists those that work without a native Lake",
            file=sys.stderr,
        )
        return 1
    return commands[args[0]](find_project(folder), args[1:])


def _toolchain(project: Path) -> Wasm:
    toolchain = find(project)
    assert isinstance(toolchain, Wasm)  # main() has handed over to a native one
    return toolchain


def _build(project: Path, args: list[str]) -> int:
    flags = [a for a in args if a.startswith("-")]
    if unknown := [f for f in flags if f not in ("--wfail", "-q", "--quiet", "-v", "--verbose")]:
        raise ToolchainError(f"lake build: {unknown[0]} needs a native Lake")
    toolchain = _toolchain(project)
    builder = toolchain.builder(project)
    builder.build(
        builder.modules_of([a for a in args if not a.startswith("-")]),
        wfail="--wfail" in flags,
        quiet=bool({"-q", "--quiet"} & set(flags)),
    )
    return 0


def _exe(project: Path, args: list[str]) -> int:
    if not args:
        raise ToolchainError("lake exe: say which executable of lakefile.lean to run")
    toolchain = _toolchain(project)
    rest = args[2:] if args[1:2] == ["--"] else args[1:]
    builder, module, _ = toolchain.build_exe(project, args[0])
    # a program of one line: the compiled module holds `main`
    runner = builder.olean(module).with_suffix(".run.lean")
    text = f"import {module}\n"
    if not runner.exists() or runner.read_text() != text:
        runner.write_text(text)
    return _replace(toolchain.lean(["--run", runner, *rest]), toolchain.environment(builder.project))


def _env(project: Path, args: list[str]) -> int:
    env = environment(find(project), project)
    if not args:
        for key in ("LEAN_PATH", "PATH"):
            print(f"{key}={env.get(key, '')}")
        return 0
    return _replace(args, env)


def environment(toolchain: Toolchain, project: Path) -> dict[str, str]:
    """Return the environment for commands in a project: `lean` on PATH is the one in use."""
    env = toolchain.environment(project)
    shims = str(Path(sys.executable).parent)
    return env | {"PATH": os.pathsep.join([shims, env.get("PATH", os.defpath)])}


def _lean(project: Path, args: list[str]) -> int:
    if not args:
        raise ToolchainError("lake lean: say which file to elaborate")
    toolchain = _toolchain(project)
    builder = toolchain.builder(project)
    builder.build(builder.imports_of_file(Path(args[0])), quiet=True)
    rest = args[2:] if args[1:2] == ["--"] else args[1:]
    return _replace(toolchain.lean([args[0], *rest]), toolchain.environment(builder.project))


def _serve(project: Path, args: list[str]) -> int:
    # what follows `--` are settings of Lean's own server
    if args and args[0] != "--":
        raise ToolchainError(f"lake serve: unexpected {shlex.join(args)}")
    serve(project, _toolchain(project))


def _clean(project: Path, args: list[str]) -> int:
    if args:
        raise ToolchainError(f"lake clean: unexpected {shlex.join(args)}")
    shutil.rmtree(project / ".lake/build", ignore_errors=True)
    return 0


def _replace(cmd: Sequence[str], env: dict[str, str]) -> NoReturn:
    """Become another program."""
    sys.stdout.flush()
    sys.stderr.flush()
    program = shutil.which(cmd[0], path=env.get("PATH"))
    if program is None:
        print(f"error: no such command: {cmd[0]}", file=sys.stderr)
        sys.exit(127)
    os.execve(program, list(cmd), env)


def main() -> None:
    """Entry point."""
    args = sys.argv[1:]
    try:
        project = find_project(Path.cwd())
    except ToolchainError:
        project = None
    try:
        native, _ = find_native(project)
        if native is not None:
            os.execv(native.lake, [str(native.lake), *args])
        code = run(args)
    except BuildFailedError as e:
        print(f"error: {e}", file=sys.stderr)
        code = 1
    except LogprecError as e:
        print(f"error: {e}", file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
