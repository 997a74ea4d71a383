"""A natively installed Lean."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROBE_LIMIT = 300  # seconds: elan may be downloading the toolchain that lean-toolchain names


@dataclass(frozen=True)
class NativeLean:
    """A `lake` of the wanted version."""

    lake: Path
    version: str


def wanted_version(project: Path | None) -> str:
    """Return the version that `lean-toolchain` of a project names, without the v; 4.28.0 outside a project."""
    file = project / "lean-toolchain" if project else None
    if file is None or not file.is_file():
        return "4.28.0"
    text = file.read_text(encoding="utf-8").strip()
    return text.rpartition(":")[2].removeprefix("v")


def is_shim(program: Path) -> bool:
    """Tell whether a `lake` is the one of this package: a Python script that calls it."""
    try:
        with program.open("rb") as f:
            head = f.read(2048)
    except OSError:
        return False
    return head.startswith(b"#!") and b"logprec.toolchain" in head


def candidates() -> Iterator[Path]:
    """Yield every other `lake` on PATH and elan's."""
    folders = [Path(p) for p in os.environ.get("PATH", "").split(os.pathsep) if p]
    seen: set[Path] = set()
    for folder in [*folders, Path.home() / ".elan/bin"]:
        found = shutil.which("lake", path=str(folder))
        program = Path(found) if found else None
        if program and program.resolve() not in seen and not is_shim(program):
            seen.add(program.resolve())
            yield program


def probe(lake: Path, project: Path | None) -> tuple[str | None, str]:
    """Return the Lean version that a `lake` works with, and what it said."""
    try:
        out = subprocess.run(
            [lake, "--version"], cwd=project, capture_output=True, text=True, timeout=_PROBE_LIMIT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        return None, f"does not run ({type(e).__name__})"
    text = (out.stdout + out.stderr).strip()
    match = re.search(r"Lean version v?(\d+\.\d+\.\d+\S*?)\)?(?:\s|,|$)", text)
    if out.returncode or match is None:
        return None, f"does not run ({(text.splitlines() or ['no output'])[-1][:100]})"
    return match.group(1), match.group(1)


def find_native(project: Path | None) -> tuple[NativeLean | None, list[str]]:
    """Return a native Lean of the wanted version, if any, and one line for each `lake` that was passed over."""
    want = wanted_version(project)
    notes: list[str] = []
    for lake in candidates():
        version, text = probe(lake, project)
        if version == want:
            return NativeLean(lake, version), notes
        notes.append(f"{lake}: Lean {text}, {want} is wanted" if version else f"{lake}: {text}")
    return None, notes
