"""Circuits that are kept: compiled anew only when something that they depend on has changed, as a build does it."""

import hashlib
from pathlib import Path

from logprec.circuits.circuit import Circuit, load_circuit
from logprec.constructor.compile import compile_model
from logprec.constructor.executable import EXECUTABLE, project_root
from logprec.constructor.options import Report
from logprec.errors import LogprecError
from logprec.files import write_whole
from logprec.models.model import Model
from logprec.toolchain.lakefile import load
from logprec.toolchain.modules import Graph


def compile_kept(model: Model, n: int, out: Path, *, report: Report = lambda message: None) -> tuple[Circuit, bool]:
    """Compile a model for inputs of length ``n``, or take the circuit of an earlier call from its file.

    Beside the circuit, in ``out`` with the suffix ``.key``, is a hash of the Lean modules of the constructor, the
    model, the length and the circuit file. Where it differs, or one of both files is missing, the circuit is compiled.

    Returns
    -------
    tuple[Circuit, bool]
        The circuit, and whether it was kept.

    Raises
    ------
    LogprecError
        As for `compile_model`.
    """
    key = out.with_suffix(".key")
    try:
        if key.read_text() == _hash(model, n, out):
            return load_circuit(out), True
    except (OSError, LogprecError):  # not there, or damaged: compile it
        pass
    key.unlink(missing_ok=True)
    circuit = compile_model(model, n, out, constructor="auto", report=report)
    write_whole(key, _hash(model, n, out))
    return circuit, False


def _hash(model: Model, n: int, circuit: Path) -> str:
    lakefile = load(project_root())
    target = lakefile.target(EXECUTABLE)
    modules = Graph(lakefile).order(target.roots if target else ())
    digest = hashlib.sha256()
    for part in (*(m.digest for m in modules), model.to_text(), str(n)):
        digest.update(hashlib.sha256(part.encode()).digest())
    digest.update(hashlib.sha256(circuit.read_bytes()).digest())
    return digest.hexdigest()
