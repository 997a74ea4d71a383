"""Circuit generators in C: print, compile and run them.

The Lean executable prints a register program as C; it is compiled once for a
model, kept in the cache under a hash of its text, and then writes the circuit
for any length.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from logprec.errors import LogprecError
from logprec.toolchain.locking import cache_dir

FLAGS = ("-std=c99", "-O2")


def find_compiler() -> list[str] | None:
    """Return the command of the C compiler: ``$CC``, else ``cc``, ``gcc`` or ``clang``; None where there is none."""
    wanted = os.environ.get("CC", "").strip()
    if wanted:
        words = shlex.split(wanted)
        return words if shutil.which(words[0]) else None
    return next(([name] for name in ("cc", "gcc", "clang") if shutil.which(name)), None)


def describe_constructor() -> str:
    """Say in one line which constructor ``logprec compile`` uses, and why."""
    compiler = find_compiler()
    if compiler:
        return f"generators in C, compiled with {shutil.which(compiler[0])}"
    wanted = os.environ.get("CC", "").strip()
    return f"the Lean evaluator: {f'$CC is {wanted}, not found' if wanted else 'no C compiler (cc, gcc, clang)'}"


def build_generator(source: str) -> Path:
    """Compile a generator, or find it in the cache.

    Parameters
    ----------
    source
        The C program.

    Returns
    -------
    Path
        The executable: ``generate N`` writes to the standard output.

    Raises
    ------
    LogprecError
        If there is no C compiler or it fails.
    """
    compiler = find_compiler()
    if compiler is None:
        raise LogprecError("no C compiler: install cc, gcc or clang, set $CC, or use --constructor lean")
    command = [*compiler, *FLAGS]
    key = hashlib.sha256("\0".join([*command, source]).encode()).hexdigest()[:32]
    folder = cache_dir() / "generators"
    program = folder / key
    if program.exists():
        return program
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{key}.", dir=folder) as work:
            text, built = Path(work) / "generate.c", Path(work) / "generate"
            text.write_text(source)
            done = subprocess.run([*command, "-o", built, text], capture_output=True, text=True, check=False)
            if done.returncode:
                lines = done.stderr.strip().splitlines()
                raise LogprecError(f"{compiler[0]} cannot compile the generator: {lines[0] if lines else 'no message'}")
            built.replace(program)
    except OSError as error:
        raise LogprecError(f"{folder}: cannot compile the generator: {error.strerror}") from error
    return program


def run_generator(program: Path, n: int, stdout: IO[bytes]) -> None:
    """Let a generator write what it generates for ``n``.

    Raises
    ------
    LogprecError
        If it fails, for example because a number does not fit into 64 bits.
    """
    try:
        done = subprocess.run([program, str(n)], stdout=stdout, stderr=subprocess.PIPE, check=False)
    except OSError as error:
        raise LogprecError(f"{program}: cannot run the generator: {error.strerror}") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise LogprecError(f"the generator failed (exit {done.returncode}): {lines[-1] if lines else 'no message'}")
