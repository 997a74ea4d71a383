"""Ask a SAT solver about a circuit: is it robust at an input, does it equal a predicate.

The circuit becomes an and-inverter netlist, the negated property one more
output, and the netlist clauses.  No solution means that the property holds
for every input over the alphabet.  A solution is an input that violates it;
it is evaluated before it is shown.  Unlike the simulation theorem, this rests
on the netlist's construction and the solver, and it is about one circuit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from logprec.blocks import load_flat
from logprec.circuit import Circuit
from logprec.errors import LogprecError
from logprec.model import TableModel
from logprec.models import Model, load_any
from logprec.netlist import FALSE, TRUE, Netlist, bound_on_ands
from logprec.quantised import run
from logprec.quantised.model import QuantisedModel
from logprec.symbols import Symbols
from logprec.verify import circuit_length

SOLVER = "cadical195"
DEFAULT_MAX_SIZE = 5_000_000

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


@dataclass(frozen=True)
class Answer:
    """What the solver found.

    Attributes
    ----------
    ands, clauses
        Size of the question.
    word
        A violating input as text, None when the property is proved.
    circuit, expected
        On that input: whether the circuit answers as is asked (accepts, or keeps its class), and what the property
        demands.
    """

    ands: int
    clauses: int
    word: str | None
    circuit: bool
    expected: bool

    @property
    def proved(self) -> bool:
        """Whether the property holds."""
        return self.word is None


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


PREDICATES = (
    "majority, majority:SYMBOL, more:SYMBOL:SYMBOL, at-least:K:SYMBOL, contains:SYMBOL, odd:SYMBOL, "
    "starts:SYMBOL, ends:SYMBOL, all-equal, balanced, always, never"
)


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


def equals(circuit: Circuit, model: Model, wanted: Predicate, *, max_size: int = DEFAULT_MAX_SIZE) -> Answer:
    """Ask whether a circuit accepts exactly the words of a predicate.

    Parameters
    ----------
    circuit
        A circuit of the model's acceptance bit, or of a quantised model's outputs.
    model
        Has the alphabet. A quantised model accepts the words of its last class.
    wanted
        The predicate.
    max_size
        Refuse when the netlist may have more ANDs.

    Raises
    ------
    LogprecError
        If the circuit does not belong to the model, is too large, or the
        solver is not installed.
    """
    question = _Question(circuit, model, len(model.classes) - 1 if isinstance(model, QuantisedModel) else 1, max_size)
    literal = wanted.literal(question.netlist, question.holds)
    return question.ask(question.netlist.differ(question.output, literal), wanted.holds)


def robust(
    circuit: Circuit, model: Model, word: Sequence[int], *, changes: int = 1, max_size: int = DEFAULT_MAX_SIZE
) -> Answer:
    """Ask whether no change of at most ``changes`` symbols flips the answer, or the class, on a word.

    Parameters
    ----------
    circuit, model, max_size
        As for `equals`.
    word
        Symbol codes, shape (n,).
    changes
        Largest number of positions changed.

    Raises
    ------
    LogprecError
        As for `equals`, or if the word has the wrong length or ``changes`` is below 1.
    """
    if changes < 1:
        raise LogprecError(f"--changes {changes}: must be at least 1")
    n, _ = circuit_length(model, circuit)
    if len(word) != n:
        raise LogprecError(f"the word has {len(word)} symbols, the circuit reads {n}")
    mine = class_of(circuit, model, word)
    several = isinstance(model, QuantisedModel) and len(model.classes) > 1
    question = _Question(circuit, model, mine if several else 1, max_size)
    netlist, before = question.netlist, several or mine == 1
    kept = [row[code] for row, code in zip(question.holds, word, strict=True)]
    near = netlist.reaches(netlist.count(kept, [1] * n), max(0, n - changes))

    def demanded(other: Sequence[int]) -> bool:
        distance = sum(a != b for a, b in zip(word, other, strict=True))
        if distance > changes:
            raise _unconfirmed()
        return before

    return question.ask(netlist.both(near, question.output ^ before), demanded)


def _unconfirmed() -> LogprecError:
    return LogprecError(
        "the solver's counterexample is none when evaluated: a defect of this program, please report it"
    )


def class_of(circuit: Circuit, model: Model, word: Sequence[int]) -> int:
    """Return the class that a circuit answers on a word; of an acceptance bit, the bit."""
    bits = circuit.evaluate(model.to_bits([word]))
    if isinstance(model, TableModel):
        return int(bits[0, 0])
    return int(run.classes(run.from_output_bits(model, bits))[0])


def is_class(netlist: Netlist, model: Model, outputs: Sequence[int], wanted: int) -> int:
    """Return the literal of "the answer is this class", as `class_of` says."""
    if isinstance(model, TableModel) or len(model.classes) == 1:
        return outputs[-1] ^ 1 ^ wanted
    width = model.readout_bits
    numbers = [outputs[k : k + width] for k in range(0, len(outputs), width)]

    def beats(other: int) -> int:
        # a - b = a + (2^width - 1 - b) - (2^width - 1); of equal outputs the first wins
        literals = [*numbers[wanted], *(bit ^ 1 for bit in numbers[other])]
        total = netlist.count(literals, [1 << k for k in range(width)] * 2)
        return netlist.reaches(total, (1 << width) - (other > wanted))

    return netlist.every(beats(other) for other in range(len(numbers)) if other != wanted)


class _Question:
    """Whether a circuit answers a class, as a netlist, with literals for what its input positions hold."""

    def __init__(self, circuit: Circuit, model: Model, wanted: int, max_size: int) -> None:
        n, states = circuit_length(model, circuit)
        if states:
            raise LogprecError("the circuit outputs states; properties are about the acceptance bit")
        size = bound_on_ands(circuit)
        if size > max_size:
            raise LogprecError(
                f"the circuit may have {size} AND gates, above the limit of {max_size}; raise it with --max-size {size}"
            )
        self.circuit, self.model, self.wanted = circuit, model, wanted
        self.netlist = Netlist(circuit.inputs)
        inputs = [self.netlist.input(k) for k in range(circuit.inputs)]
        self.output = is_class(self.netlist, model, self.netlist.circuit(circuit, inputs), wanted)
        width, base = model.symbol_bits, len(model.alphabet)
        positions = [inputs[k : k + width] for k in range(0, n * width, width)]
        self.holds = [
            [self.netlist.every(bit ^ 1 ^ (code >> b & 1) for b, bit in enumerate(bits)) for code in range(base)]
            for bits in positions
        ]
        # codes beyond the alphabet name no symbol
        self.words = self.netlist.every(self.netlist.reaches(bits, base) ^ 1 for bits in positions)

    def ask(self, violated: int, expected: Callable[[Sequence[int]], bool]) -> Answer:
        """Look for a word with a literal true; ``expected`` says what the circuit should answer on it."""
        small, (goal,) = self.netlist.needed([self.netlist.both(violated, self.words)])
        clauses = list(_clauses(small, goal))
        size = len(small.ands), len(clauses)
        bits = None if goal == FALSE else _solve(clauses, small.inputs)
        if bits is None:
            return Answer(*size, None, False, False)
        width = self.model.symbol_bits
        word = [sum(bit << b for b, bit in enumerate(bits[k : k + width])) for k in range(0, len(bits), width)]
        found = class_of(self.circuit, self.model, word) == self.wanted
        wanted = expected(word)
        if found == wanted or max(word) >= len(self.model.alphabet):
            raise _unconfirmed()
        return Answer(*size, self.model.decode(word), found, wanted)


def _clauses(netlist: Netlist, goal: int) -> list[list[int]]:
    """Return the clauses that say: every variable is its AND, and the goal is true."""

    def number(literal: int) -> int:
        return -(literal >> 1) if literal & 1 else literal >> 1

    clauses = [] if goal in (TRUE, FALSE) else [[number(goal)]]
    for k, (left, right) in enumerate(netlist.ands, netlist.inputs + 1):
        a, b = number(left), number(right)
        clauses += [[-k, a], [-k, b], [k, -a, -b]]
    return clauses


def _solve(clauses: list[list[int]], inputs: int) -> list[bool] | None:
    """Return input bits that satisfy clauses, or None if there are none."""
    try:
        import pysolvers  # noqa: PLC0415
        from pysat.solvers import Solver  # noqa: PLC0415
    except ImportError as error:
        raise LogprecError("proofs need the package python-sat: pip install 'logprec[prove]'") from error
    with Solver(name=SOLVER, bootstrap_with=clauses) as solver:
        try:
            if not solver.solve():
                return None
        except pysolvers.error as error:
            # how python-sat passes on an interrupt, the one error a search can end with
            raise KeyboardInterrupt from error
        true = {literal for literal in solver.get_model() if literal > 0}
    return [k in true for k in range(1, inputs + 1)]


def prove_command(
    circuit: Annotated[Path, typer.Argument(help="Circuit file.")],
    *,
    model: Annotated[Path, typer.Option(help="Model folder the circuit was compiled from.")],
    equal: Annotated[str | None, typer.Option("--equals", help=f"Prove that it accepts exactly: {PREDICATES}.")] = None,
    stable: Annotated[
        bool, typer.Option("--robust", help="Prove that no single changed symbol flips the answer on --word.")
    ] = False,
    word: Annotated[str | None, typer.Option(help="The input for --robust.")] = None,
    changes: Annotated[int, typer.Option(help="Let --robust change up to so many symbols.")] = 1,
    max_size: Annotated[int, typer.Option(help="Refuse netlists that may have more AND gates.")] = DEFAULT_MAX_SIZE,
) -> None:
    """Prove a property of a circuit with a SAT solver, for all inputs of its length; exit 1 on a counterexample."""
    if stable == (equal is not None):
        raise LogprecError("choose one of --robust and --equals")
    if stable != (word is not None):
        raise LogprecError("--robust needs --word" if stable else "--word belongs to --robust")
    loaded, layers = load_any(model), load_flat(circuit, max_size)
    with Console(stderr=True).status("asking the solver"):
        if equal is not None:
            claim = f"accepts exactly the words of '{equal}'"
            answer = equals(layers, loaded, predicate(equal, loaded), max_size=max_size)
        else:
            claim = f"answers alike on {word!r} and all words with at most {changes} changed"
            answer = robust(layers, loaded, loaded.encode(word or ""), changes=changes, max_size=max_size)
    if answer.word is None:
        typer.echo(f"proved: {circuit} {claim} ({answer.ands:,} ANDs, {answer.clauses:,} clauses)")
        return
    typer.echo(f"counterexample: {answer.word!r}  circuit {answer.circuit:d}  expected {answer.expected:d}")
    typer.echo(f"replay: logprec eval {circuit} --model {model} {answer.word!r}")
    raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the sub-command to the command line."""
    app.command("prove")(prove_command)
