"""Log-precision transformers and the threshold circuits that simulate them."""

__version__ = "0.1.0"
