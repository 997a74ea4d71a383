"""Proofs as data: the states between their tactics."""

from logprec.proofs.states import Step, load_states, tactic_states

__all__ = ["Step", "load_states", "tactic_states"]
