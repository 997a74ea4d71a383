"""Properties of words, said twice: as a netlist, and on a word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from logprec.checking.options import PREDICATES
from logprec.circuits.netlist import FALSE, TRUE, Netlist
from logprec.errors import LogprecError
from logprec.models.symbols import Symbols

Holds = Sequence[Sequence[int]]
"""``holds[i][c]``: the literal of "position i holds symbol c"."""


@dataclass(frozen=True)
class Predicate:
    """A property of words, said twice: as a netlist, and on a word.

    Attributes
    ----------
    name
        As the user wrote it.
    literal
        Builds it; the arguments are the netlist and what positions hold.
    holds
        Decides it for symbol codes, shape (n,); counterexamples are checked with it.
    """

    name: str
    literal: Callable[[Netlist, Holds], int]
    holds: Callable[[Sequence[int]], bool]


def at_least(code: int, bound: Callable[[int], int], name: str) -> Predicate:
    """Return "at least ``bound(n)`` of the n positions hold symbol ``code``"."""

    def literal(netlist: Netlist, holds: Holds) -> int:
        count = netlist.count([row[code] for row in holds], [1] * len(holds))
        return netlist.reaches(count, bound(len(holds)))

    return Predicate(name, literal, lambda word: list(word).count(code) >= bound(len(word)))


def all_equal(name: str) -> Predicate:
    """Return "every position holds the same symbol"."""

    def literal(netlist: Netlist, holds: Holds) -> int:
        return netlist.some(netlist.every(row[c] for row in holds) for c in range(len(holds[0])))

    return Predicate(name, literal, lambda word: len(set(word)) == 1)


def odd(code: int, name: str) -> Predicate:
    """Return "an odd number of positions holds symbol ``code``"."""

    def literal(netlist: Netlist, holds: Holds) -> int:
        result = FALSE
        for row in holds:
            result = netlist.differ(result, row[code])
        return result

    return Predicate(name, literal, lambda word: list(word).count(code) % 2 == 1)


def more(code: int, other: int, name: str) -> Predicate:
    """Return "more positions hold symbol ``code`` than ``other``"."""

    def literal(netlist: Netlist, holds: Holds) -> int:
        n = len(holds)
        # ones of the first kind and not of the second: the difference of the counts, plus n
        wires = [row[code] for row in holds] + [row[other] ^ 1 for row in holds]
        return netlist.reaches(netlist.count(wires, [1] * (2 * n)), n + 1)

    return Predicate(name, literal, lambda word: list(word).count(code) > list(word).count(other))


def at_position(code: int, position: int, name: str) -> Predicate:
    """Return "the first (0) or last (-1) position holds symbol ``code``"."""
    return Predicate(name, lambda _, holds: holds[position][code], lambda word: word[position] == code)


def balanced(name: str) -> Predicate:
    """Return "well bracketed", the first symbol opening and the second closing."""

    def literal(netlist: Netlist, holds: Holds) -> int:
        n = len(holds)
        opened = [row[0] for row in holds]
        prefixes = [netlist.reaches(netlist.count(opened[:k], [1] * k), (k + 1) // 2) for k in range(1, n + 1)]
        closed = netlist.reaches(netlist.count([row[1] for row in holds], [1] * n), (n + 1) // 2)
        return netlist.every([*prefixes, closed])

    def holds(word: Sequence[int]) -> bool:
        depth = 0
        for code in word:
            depth += 1 if code == 0 else -1
            if depth < 0:
                return False
        return depth == 0

    return Predicate(name, literal, holds)


def predicate(text: str, model: Symbols) -> Predicate:
    """Read a predicate's name.

    Parameters
    ----------
    text
        One of `PREDICATES`.  ``majority`` (strictly more than half) is about
        the second of two symbols when no symbol is named.
    model
        Has the alphabet.

    Raises
    ------
    LogprecError
        If there is no such predicate or symbol.
    """
    name, _, rest = text.partition(":")
    two = len(model.alphabet) == 2
    if text in ("always", "never"):
        return Predicate(text, lambda *_: TRUE if text == "always" else FALSE, lambda _: text == "always")
    if text == "all-equal":
        return all_equal(text)
    if text == "balanced":
        if not two:
            raise LogprecError(f"balanced needs an alphabet of two symbols, not {' '.join(model.alphabet)}")
        return balanced(text)
    if text == "majority" and two:
        rest = model.alphabet[1]
    bound = 0
    if name == "at-least":
        number, _, rest = rest.partition(":")
        if not number.isdecimal():
            raise LogprecError(f"predicate {text!r}: write at-least:K:SYMBOL with a number K")
        bound = int(number)
    second = ""
    if name == "more":
        rest, _, second = rest.partition(":")
    if name not in ("majority", "more", "at-least", "contains", "odd", "starts", "ends"):
        raise LogprecError(f"no predicate {text!r}; there are {PREDICATES}")
    for symbol in (rest, second) if name == "more" else (rest,):
        if symbol not in model.alphabet:
            raise LogprecError(f"predicate {text!r}: {symbol!r} is not in the alphabet {' '.join(model.alphabet)}")
    code = model.alphabet.index(rest)
    table: dict[str, Callable[[], Predicate]] = {
        "majority": lambda: at_least(code, lambda n: n // 2 + 1, text),
        "more": lambda: more(code, model.alphabet.index(second), text),
        "at-least": lambda: at_least(code, lambda _: bound, text),
        "contains": lambda: at_least(code, lambda _: 1, text),
        "odd": lambda: odd(code, text),
        "starts": lambda: at_position(code, 0, text),
        "ends": lambda: at_position(code, -1, text),
    }
    return table[name]()
