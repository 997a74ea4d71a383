"""`logprec audit`: look at every declaration of the compiled package (see Logprec/Audit/Check.lean)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from logprec.toolchain.build import library_dir
from logprec.toolchain.core import Toolchain
from logprec.toolchain.errors import ToolchainError
from logprec.toolchain.lakefile import Glob, Lakefile, load
from logprec.toolchain.modules import Graph

PROGRAM = "Logprec.Audit.Main"
META = ("Logprec.Audit",)  # metaprograms: nothing is proved about them


@dataclass(frozen=True)
class Finding:
    """Something that should not be there."""

    module: str
    declaration: str
    kind: str
    detail: str


@dataclass(frozen=True)
class AuditReport:
    """What the audit saw. `exact` tells whether axioms were followed into the toolchain."""

    modules: int
    declarations: int
    axioms: tuple[str, ...]
    exact: bool
    findings: tuple[Finding, ...]


def modules_on_disk(graph: Graph) -> list[str]:
    """Return every module that lies under the roots of the project's libraries, imported or not."""
    found: list[str] = []
    for library in graph.lakefile.libraries:
        for root in library.roots:
            modules = graph.of_glob(library, Glob(root, below=True))
            found += [m for m in modules if library.file(m).is_file()]
    return list(dict.fromkeys(found))


def programs(lakefile: Lakefile) -> list[str]:
    """Return the modules, or prefixes of modules, that are programs or metaprograms."""
    return [*META, *(r for t in lakefile.targets if t.executable for r in t.roots)]


def not_imported(graph: Graph, modules: Sequence[str]) -> list[str]:
    """Return the modules that no target reaches: what they say is checked by nobody's build."""
    roots = [m for t in graph.lakefile.targets for m in graph.of_target(t)]
    reached = {m.name for m in graph.order(roots)}
    exempt = programs(graph.lakefile)
    return [m for m in modules if m not in reached and not any(m == p or m.startswith(p + ".") for p in exempt)]


def audit(project: Path, toolchain: Toolchain, home: Path | None = None) -> AuditReport:
    """Build and audit a project.

    Parameters
    ----------
    project
        The project to audit.
    toolchain
        The Lean to use.
    home
        The project that has the audit program; `project` itself by default.

    Raises
    ------
    BuildFailedError
        A module does not compile.
    ToolchainError
        The audit program itself failed.
    """
    lakefile = load(project)
    graph = Graph(lakefile)
    modules = modules_on_disk(graph)
    toolchain.build(project, [f"+{m}" for m in modules])
    # each program has a `main`, so no two of them can be loaded together
    alone = {PROGRAM, *(r for t in lakefile.targets if t.executable for r in t.roots)} & set(modules)
    groups = [[m for m in modules if m not in alone], *([m] for m in sorted(alone))]
    shared = {"path": [str(library_dir(lakefile.project))], "programs": programs(lakefile)}
    jobs = "".join(json.dumps({"modules": group, **shared}) + "\n" for group in groups)
    out = toolchain.program(home or project, PROGRAM, stdin=jobs.encode())
    if out.returncode:
        raise ToolchainError(f"the audit program failed: {out.stderr.decode(errors='replace').strip()[-300:]}")
    reports: list[dict[str, Any]] = [json.loads(line) for line in out.stdout.splitlines()]
    findings = [Finding(m, m, "not imported", "no library root reaches it") for m in not_imported(graph, modules)]
    findings += [Finding(**f) for r in reports for f in r["findings"]]
    return AuditReport(
        modules=sum(r["modules"] for r in reports),
        declarations=sum(r["declarations"] for r in reports),
        axioms=tuple(sorted({a for r in reports for a in r["axioms"]})),
        exact=all(r["exact"] for r in reports),
        findings=tuple(findings),
    )


def show(report: AuditReport, console: Console) -> None:
    """Print a report."""
    mode = (
        "axioms followed into the toolchain's proofs (native Lean)"
        if report.exact
        else "toolchain constants as leaves (WebAssembly Lean has no proofs of core theorems)"
    )
    console.print(f"audited {report.declarations} declarations of {report.modules} modules; {mode}")
    axioms = ", ".join(report.axioms) or "none"
    console.print(f"standard axioms used: {axioms}; all definitions and proofs checked by the kernel again")
    if not report.findings:
        console.print("no findings")
        return
    table = Table("kind", "declaration", "module", "detail", title=f"{len(report.findings)} findings")
    for f in report.findings:
        table.add_row(f.kind, f.declaration, f.module, f.detail)
    console.print(table)
