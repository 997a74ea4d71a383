"""What the explorer is asked for."""

from enum import StrEnum


class Theorems(StrEnum):
    """Whose proofs the site steps through."""

    NONE = "none"
    HEADLINE = "headline"
    ALL = "all"
