"""Proofs as data and in motion: states between tactics, verdicts, the language server, LeanDojo (`proofs.dojo`)."""

from logprec.proofs.check import Checker, Verdict
from logprec.proofs.session import Diagnostic, Diagnostics, OpenFile, ProofSession
from logprec.proofs.states import Step, load_states, tactic_states

__all__ = [
    "Checker",
    "Diagnostic",
    "Diagnostics",
    "OpenFile",
    "ProofSession",
    "Step",
    "Verdict",
    "load_states",
    "tactic_states",
]
