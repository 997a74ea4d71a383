"""What the headline theorems say, and every definition that this rests on, frozen in a file that reviewers see change.

The text is printed from the terms that the kernel has (see Logprec/Audit/Render.lean). Behind each name stands a hash
of the whole term, with the implicit arguments that the text leaves out.
"""

import hashlib
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from logprec.proofs.metaprograms import examine
from logprec.toolchain.core import Toolchain

HEADLINE = "Logprec.Statement"
FILE = Path("tests/frozen/statements.txt")
_HEAD = """\
The headline theorems and all definitions that their statements rest on, as the kernel has them.
`logprec audit` compares this file with the compiled package, and `logprec audit --freeze` writes it. In brackets: a
hash of the whole term, implicit arguments included. What Lean made by itself has the hash alone. Within terms, names
that begin with Logprec are written without it.
"""
_ENTRY = re.compile(r"^(?:theorem|def|field|opaque|axiom|inductive|constructor) (\S+) \[", re.M)


def render(project: Path, toolchain: Toolchain, modules: Sequence[str] = (HEADLINE,), home: Path | None = None) -> str:
    """Build the project and return the frozen text of the theorems of `modules`.

    Raises
    ------
    BuildFailedError
        A module does not compile.
    LeanCrashError
        Lean itself failed.
    """
    answers = examine(project, toolchain, "freeze", modules, home=home)
    return text([entry for answer in answers for entry in answer["frozen"]])


def text(entries: Sequence[dict[str, Any]]) -> str:
    """Return the text for the answers of the metaprogram, sorted by module and name."""
    once = {(e["module"], e["name"], e["code"]): e for e in entries}  # two modules may rest on the same
    parts = [_HEAD]
    for module, found in groupby((e for _, e in sorted(once.items())), key=lambda e: e["module"]):
        part = list(found)
        parts.append(f"\n==== {module} ====\n")
        parts += [_entry(e) + "\n" for e in part if e["type"]]
        if hashes := [_entry(e) for e in part if not e["type"]]:
            parts.append("\n".join(hashes) + "\n")
    return "\n".join(parts)


def _entry(e: dict[str, Any]) -> str:
    digest = hashlib.sha256(e["code"].encode()).hexdigest()[:32]
    out = f"{e['kind']} {e['name']} [{digest}]"
    if e["type"]:
        out += f" :\n  {e['type']}"
    if e["body"]:
        out += f"\n:=\n  {e['body']}"
    return "\n".join(line.rstrip() for line in out.split("\n"))


def changed(old: str, new: str) -> dict[str, str]:
    """Return the names whose entries differ between two frozen texts, or are in one only, with what became of each."""
    before, after = _entries(old), _entries(new)
    found = {}
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            found[name] = "new"
        elif name not in after:
            found[name] = "gone"
        elif before[name] != after[name]:
            found[name] = "changed"
    return found


def _entries(frozen: str) -> dict[str, str]:
    starts = [*_ENTRY.finditer(frozen)]
    found: dict[str, str] = {}
    for m, end in zip(starts, [*(m.start() for m in starts[1:]), len(frozen)], strict=False):
        body = frozen[m.start() : end].partition("\n====")[0].strip()
        found[m[1]] = found.get(m[1], "") + body
    return found
