"""Circuits checked against models: input by input, or for all inputs by a SAT solver."""
