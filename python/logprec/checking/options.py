"""What can be asked, and how much is answered unasked."""

# AND gates of a netlist
DEFAULT_MAX_SIZE = 5_000_000

PREDICATES = (
    "majority, majority:SYMBOL, more:SYMBOL:SYMBOL, at-least:K:SYMBOL, contains:SYMBOL, odd:SYMBOL, "
    "starts:SYMBOL, ends:SYMBOL, all-equal, balanced, always, never"
)
