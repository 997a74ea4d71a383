"""The file formats of other tools."""

from enum import StrEnum


class Format(StrEnum):
    """File formats."""

    AIGER = "aiger"
    BLIF = "blif"
    ONNX = "onnx"
    DOT = "dot"
