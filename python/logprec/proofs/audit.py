"""`logprec audit`: look at every declaration of the compiled package (see Logprec/Audit/Check.lean)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from logprec.proofs import folders, frozen
from logprec.proofs.metaprograms import Progress, examine, modules_on_disk, programs
from logprec.toolchain.core import Toolchain
from logprec.toolchain.lakefile import load
from logprec.toolchain.modules import Graph


@dataclass(frozen=True)
class Finding:
    """Something that should not be there."""

    module: str
    declaration: str
    kind: str
    detail: str


@dataclass(frozen=True)
class AuditReport:
    """What the audit saw.

    `exact` tells whether axioms were followed into the toolchain, `compared` whether there are headline statements,
    which were compared with their frozen rendering.
    """

    modules: int
    declarations: int
    axioms: tuple[str, ...]
    exact: bool
    findings: tuple[Finding, ...]
    compared: bool = False


def not_imported(graph: Graph, modules: Sequence[str]) -> list[str]:
    """Return the modules that no target reaches: what they say is checked by nobody's build."""
    roots = [m for t in graph.lakefile.targets for m in graph.of_target(t)]
    reached = {m.name for m in graph.order(roots)}
    exempt = programs(graph.lakefile)
    return [m for m in modules if m not in reached and not any(m == p or m.startswith(p + ".") for p in exempt)]


def circles(imports: folders.Imports) -> list[Finding]:
    """Return a finding if folders of the package import each other in a circle."""
    found = folders.links(imports)
    around, problem = folders.circle(found), folders.describe_circle(found)
    return [Finding(found[around[-1]][around[0]][0], around[-1], "folders", problem)] if around and problem else []


def compare(project: Path, now: str) -> list[Finding]:
    """Compare the rendering of the headline statements, and of what they rest on, with the frozen file."""
    file = project / frozen.FILE
    if not file.is_file():
        hint = "no such file; `logprec audit --freeze` writes it"
        return [Finding(frozen.HEADLINE, str(frozen.FILE), "frozen", hint)]
    differences = frozen.changed(file.read_text(encoding="utf-8"), now)
    hint = "compared with the frozen file; `logprec audit --freeze` rewrites it, for review"
    return [Finding(frozen.HEADLINE, name, "frozen", f"{what}, {hint}") for name, what in differences.items()]


def audit(
    project: Path,
    toolchain: Toolchain,
    home: Path | None = None,
    progress: Progress = lambda done, total, name: None,
) -> AuditReport:
    """Build and audit a project.

    Parameters
    ----------
    project
        The project to audit.
    toolchain
        The Lean to use.
    home
        The project that has the audit program; `project` itself by default.
    progress
        Called after each module with how many are done, of how many, and its name.

    Raises
    ------
    BuildFailedError
        A module does not compile.
    LeanCrashError
        Lean itself failed, which says nothing about the project.
    """
    graph = Graph(load(project))
    modules = modules_on_disk(graph)
    answers = examine(project, toolchain, "audit", modules, home=home, progress=progress)
    findings = [Finding(m, m, "not imported", "no library root reaches it") for m in not_imported(graph, modules)]
    findings += circles(folders.package_imports(project))
    findings += [Finding(**f) for a in answers for f in a["findings"]]
    if frozen.HEADLINE in modules:
        findings += compare(project, frozen.render(project, toolchain, home=home))
    return AuditReport(
        modules=len(answers),
        declarations=sum(a["declarations"] for a in answers),
        axioms=tuple(sorted({x for a in answers for x in a["axioms"]})),
        exact=all(a["exact"] for a in answers),
        findings=tuple(findings),
        compared=frozen.HEADLINE in modules,
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
    console.print(f"standard axioms used: {axioms}; every declaration checked by the kernel again")
    if report.compared:
        console.print(f"headline statements compared with {frozen.FILE}")
    if not report.findings:
        console.print("no findings")
        return
    table = Table("kind", "declaration", "module", "detail", title=f"{len(report.findings)} findings")
    for f in report.findings:
        table.add_row(f.kind, f.declaration, f.module, f.detail)
    console.print(table)
