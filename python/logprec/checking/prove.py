"""Ask a SAT solver about a circuit: is it robust at an input, does it equal a predicate.

The circuit becomes an and-inverter netlist, the negated property one more
output, and the netlist clauses.  No solution means that the property holds
for every input over the alphabet.  A solution is an input that violates it;
it is evaluated before it is shown.  Unlike the simulation theorem, this rests
on the netlist's construction and the solver, and it is about one circuit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from logprec.checking.options import DEFAULT_MAX_SIZE
from logprec.checking.predicates import Predicate
from logprec.circuits.layers import LayerCircuit
from logprec.circuits.netlist import FALSE, TRUE, Netlist, bound_on_ands
from logprec.errors import LogprecError
from logprec.models.model import Model

SOLVER = "cadical195"


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


def equals(circuit: LayerCircuit, model: Model, wanted: Predicate, *, max_size: int = DEFAULT_MAX_SIZE) -> Answer:
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
    question = _Question(circuit, model, model.accepting, max_size)
    literal = wanted.literal(question.netlist, question.holds)
    return question.ask(question.netlist.differ(question.output, literal), wanted.holds)


def robust(
    circuit: LayerCircuit, model: Model, word: Sequence[int], *, changes: int = 1, max_size: int = DEFAULT_MAX_SIZE
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
    n = model.length_of(circuit)
    if len(word) != n:
        raise LogprecError(f"the word has {len(word)} symbols, the circuit reads {n}")
    mine = class_of(circuit, model, word)
    several = model.answer_shape[0] > 1
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


def class_of(circuit: LayerCircuit, model: Model, word: Sequence[int]) -> int:
    """Return the class that a circuit answers on a word; of an acceptance bit, the bit."""
    return int(model.classes_of(circuit.evaluate(model.to_bits([word])))[0])


def is_class(netlist: Netlist, model: Model, outputs: Sequence[int], wanted: int) -> int:
    """Return the literal of "the answer is this class", as `class_of` says."""
    count, width = model.answer_shape
    if count == 1:
        return outputs[-1] ^ 1 ^ wanted
    numbers = [outputs[k : k + width] for k in range(0, len(outputs), width)]

    def beats(other: int) -> int:
        # a - b = a + (2^width - 1 - b) - (2^width - 1); of equal outputs the first wins
        literals = [*numbers[wanted], *(bit ^ 1 for bit in numbers[other])]
        total = netlist.count(literals, [1 << k for k in range(width)] * 2)
        return netlist.reaches(total, (1 << width) - (other > wanted))

    return netlist.every(beats(other) for other in range(len(numbers)) if other != wanted)


class _Question:
    """Whether a circuit answers a class, as a netlist, with literals for what its input positions hold."""

    def __init__(self, circuit: LayerCircuit, model: Model, wanted: int, max_size: int) -> None:
        n = model.length_of(circuit)
        if model.gives_states(circuit):
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
