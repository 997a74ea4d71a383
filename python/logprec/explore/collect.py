"""Gather what the site shows: the catalogue, the states of proofs, circuits. What took long is kept below ``.lake``."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from logprec import __version__
from logprec.constructor.executable import build_constructor, project_root
from logprec.errors import LogprecError
from logprec.explore.circuits import SHIPPED, cached_circuit, constructor_digest, lengths, model_list, page_json
from logprec.explore.declarations import HEADLINES, NO_STATES, Declaration, States
from logprec.explore.options import Theorems
from logprec.explore.site import Contents
from logprec.explore.statements import Item, load_statements
from logprec.models.tables.folder import load_tables
from logprec.proofs.catalogue import load_catalogue
from logprec.proofs.states import load_states
from logprec.toolchain import find
from logprec.toolchain.core import Wasm

CACHE = Path(".lake", "explore")
"""Where compiled circuits are kept, relative to the project."""

LEAVES = "Axioms used inside theorems of Lean’s own library are not seen by the WebAssembly Lean that wrote this."

Report = Callable[[str], None]
"""Receives short progress messages."""


def modules_to_step(declarations: Sequence[Declaration], items: Iterable[Item], which: Theorems) -> list[str]:
    """Return the modules whose proofs are stepped through.

    Parameters
    ----------
    declarations
        The catalogue.
    items
        The paper's items: `Theorems.HEADLINE` takes the modules of the theorems that they name.
    which
        How many.
    """
    if which is Theorems.NONE:
        return []
    modules = list(dict.fromkeys(d.module for d in declarations if d.kind == "theorem"))
    if which is Theorems.ALL:
        return modules
    named = {ours.name for item in items for ours in item.ours}
    wanted = {d.module for d in declarations if d.name in named and d.kind == "theorem"}
    return [m for m in modules if m == HEADLINES or m in wanted]


def gather_states(project: Path, modules: Sequence[str], report: Report) -> tuple[States, list[str]]:
    """Read the steps of the proofs of some modules.

    Returns
    -------
    states : mapping
        By module and theorem.
    failed : list of str
        A line for each module whose states could not be read: the site shows its theorems without them.
    """
    states: dict[str, dict[str, Any]] = {}
    failed = []
    for k, module in enumerate(modules, 1):
        report(f"proof states: {module} ({k} of {len(modules)})")
        try:
            states[module] = dict(load_states(project, module))
        except LogprecError as error:
            failed.append(f"{module}: {' '.join(str(error).split())}")
    return states, failed


def gather_circuits(project: Path, max_n: int, report: Report) -> dict[str, dict[str, Any]]:
    """Compile the shipped models for every length up to ``max_n``, by ``model-n``."""
    constructor = constructor_digest(project)
    circuits = {}
    for shipped in SHIPPED:
        model = load_tables(project / "examples" / shipped.name)
        for n in lengths(model, max_n):
            name = f"{shipped.name}-{n}"
            report(f"circuit {name}")
            circuit = cached_circuit(model, n, constructor, project / CACHE, report)
            circuits[name] = page_json(model, n, circuit)
    return circuits


def gather(which: Theorems, max_n: int, report: Report) -> tuple[Contents, list[str]]:
    """Gather everything.

    Parameters
    ----------
    which
        Whose proofs to step through.
    max_n
        Longest words of the circuit page.
    report
        Called with progress messages.

    Returns
    -------
    contents : Contents
    failed : list of str
        See `gather_states`.
    """
    started = time.monotonic()
    project = project_root()
    toolchain = find(project)
    build_constructor()
    report("reading every declaration")
    catalogue = load_catalogue(
        project, progress=lambda done, total, name: report(f"reading declarations: {name} ({done} of {total})")
    )
    declarations = list(catalogue.declarations.values())
    items = load_statements()
    states, failed = gather_states(project, modules_to_step(declarations, items, which), report)
    circuits = gather_circuits(project, max_n, report)
    models = {shipped.name: load_tables(project / "examples" / shipped.name) for shipped in SHIPPED}
    day = datetime.now(UTC).date().isoformat()
    report(f"gathered in {time.monotonic() - started:.0f} s")
    return Contents(
        project=project,
        declarations=declarations,
        states=states,
        statements=items,
        models=model_list(models, max_n),
        circuits=circuits,
        reason=NO_STATES,
        axioms_note=LEAVES if isinstance(toolchain, Wasm) else "",
        footer=f"Written by logprec {__version__} on {day}. Nothing on this site is fetched from elsewhere.",
    ), failed
