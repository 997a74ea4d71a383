"""How circuits are asked for."""

from collections.abc import Callable
from typing import Literal

DEFAULT_MAX_SIZE = 20_000_000
# in a file of blocks equal parts stand once, so that much larger circuits are small files
DEFAULT_MAX_BLOCKS = 500_000_000

Constructor = Literal["auto", "c", "lean"]
"""What builds circuits: the generator in C, the Lean evaluator, or C where there is a C compiler."""

Report = Callable[[str], None]
"""Receives short progress messages."""

# The depth of the circuit of the first layer of a model of tables, in which it looks up its symbols.
EMBEDDING = 3
