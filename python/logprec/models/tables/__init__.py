"""Transformers whose local maps are tables."""
