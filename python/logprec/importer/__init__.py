"""Trained decoders: read from checkpoints, run in floating point, quantised."""
