"""Quantised transformers: integer weights, activations of a few bits, every rounding written down.

`model` says what such a model is and checks it, `run` runs it in numpy, and `folder` reads and writes it.
"""
