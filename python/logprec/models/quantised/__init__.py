"""Quantised transformers: integer weights, activations of a few bits, every rounding written down."""
