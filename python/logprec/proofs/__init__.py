"""Proofs as data and in motion: the states between tactics, verdicts, and LeanDojo (`logprec.proofs.dojo`)."""

from logprec.proofs.check import Checker, Verdict
from logprec.proofs.states import Step, load_states, tactic_states

__all__ = ["Checker", "Step", "Verdict", "load_states", "tactic_states"]
