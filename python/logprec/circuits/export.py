"""Write a circuit in other tools' formats: AIGER, BLIF, ONNX, DOT.

AIGER and BLIF hold the and-inverter netlist of the circuit, threshold gates
expanded to carry-save adders and comparisons.  ONNX holds the circuit as a
neural network whose activations are steps.  DOT holds the circuit itself.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from logprec.circuits.formats import Format
from logprec.circuits.layers import LayerCircuit
from logprec.circuits.netlist import Netlist, bound_on_ands, expand
from logprec.circuits.sums import distinct_sums
from logprec.errors import LogprecError
from logprec.files import write_whole

# Sums beyond these are not exact in single and double precision.
_SINGLE, _DOUBLE = 1 << 24, 1 << 53
# Any runtime of the last years reads these.
_OPSET, _IR = 17, 8


def _symbols(netlist: Netlist, outputs: list[int]) -> list[str]:
    """Return AIGER's symbol table: the names that the BLIF has."""
    return [f"i{k} i{k}" for k in range(netlist.inputs)] + [f"o{k} o{k}" for k in range(len(outputs))]


def aiger_text(netlist: Netlist, outputs: list[int]) -> bytes:
    """Return the netlist in ASCII AIGER 1.9 (``aag``)."""
    count, first = len(netlist.ands), netlist.inputs + 1
    lines = [f"aag {netlist.inputs + count} {netlist.inputs} 0 {len(outputs)} {count}"]
    lines += [str(netlist.input(k)) for k in range(netlist.inputs)]
    lines += map(str, outputs)
    lines += [f"{2 * (first + k)} {a} {b}" for k, (a, b) in enumerate(netlist.ands)]
    lines += _symbols(netlist, outputs)
    return ("\n".join(lines) + "\n").encode()


def aiger_binary(netlist: Netlist, outputs: list[int]) -> bytes:
    """Return the netlist in binary AIGER 1.9 (``aig``)."""
    count, first = len(netlist.ands), netlist.inputs + 1
    lines = [f"aig {netlist.inputs + count} {netlist.inputs} 0 {len(outputs)} {count}", *map(str, outputs)]
    data = bytearray("\n".join(lines).encode() + b"\n")
    for k, (a, b) in enumerate(netlist.ands):
        for delta in (2 * (first + k) - a, a - b):
            rest = delta
            while rest >= 128:
                data.append(rest & 127 | 128)
                rest >>= 7
            data.append(rest)
    data += "".join(f"{line}\n" for line in _symbols(netlist, outputs)).encode()
    return bytes(data)


def blif(netlist: Netlist, outputs: list[int], name: str = "circuit") -> bytes:
    """Return the netlist in Berkeley's logic interchange format; inputs ``i0``..., outputs ``o0``..."""
    first = netlist.inputs + 1

    def signal(literal: int) -> str:
        variable = literal >> 1
        return f"i{variable - 1}" if variable < first else f"n{variable}"

    def on(literal: int) -> str:
        return "0" if literal & 1 else "1"

    lines = [f".model {name}", ".inputs" + "".join(f" i{k}" for k in range(netlist.inputs))]
    lines.append(".outputs" + "".join(f" o{k}" for k in range(len(outputs))))
    for k, (a, b) in enumerate(netlist.ands):
        lines += [f".names {signal(a)} {signal(b)} n{first + k}", f"{on(a)}{on(b)} 1"]
    for k, literal in enumerate(outputs):
        if literal > 1:
            lines += [f".names {signal(literal)} o{k}", f"{on(literal)} 1"]
        else:
            # without a row the output is the constant 0
            lines += [f".names o{k}", *(["1"] if literal else [])]
    return ("\n".join([*lines, ".end"]) + "\n").encode()


def dot(circuit: LayerCircuit) -> bytes:
    """Return the circuit as a graph for Graphviz, wires with their multiplicity when it is not 1."""
    lines = ["digraph circuit {", "  rankdir=LR;", "  node [shape=circle];"]
    lines += [f'  g0_{k} [shape=box, label="x{k}"];' for k in range(circuit.inputs)]
    for depth, layer in enumerate(circuit.layers, 1):
        start = layer.start.tolist()
        source, mult = layer.source.tolist(), layer.mult.tolist()
        for g, (kind, k) in enumerate(zip(layer.at_least.tolist(), layer.threshold.tolist(), strict=True)):
            lines.append(f'  g{depth}_{g} [label="{"≥" if kind else "≤"}{k}"];')
            for w in range(start[g], start[g + 1]):
                label = f' [label="{mult[w]}"]' if mult[w] != 1 else ""
                lines.append(f"  g{depth - 1}_{source[w]} -> g{depth}_{g}{label};")
    return ("\n".join([*lines, "}"]) + "\n").encode()


def onnx(circuit: LayerCircuit) -> bytes:
    """Return the circuit as an ONNX network from ``inputs`` to ``outputs``.

    Both are floats 0 or 1, shape (batch, width).  A layer is a product with
    the matrix of its distinct sums, a gather that gives every gate its sum, a
    comparison with the gates' bounds, and an exclusive or for atMost gates.
    The matrices are sparse in the file.

    Raises
    ------
    LogprecError
        If onnx is not installed, a layer is empty, or a gate can count beyond 2^53.
    """
    try:
        from onnx import TensorProto, checker, helper, numpy_helper  # noqa: PLC0415
    except ImportError as error:
        raise LogprecError("ONNX files need the package onnx: pip install 'logprec[export]'") from error
    if 0 in (circuit.inputs, *map(len, circuit.layers)):
        raise LogprecError("ONNX networks have no layers of width 0, and this circuit has one")
    largest = max((int(layer.fan_in.max(initial=0)) for layer in circuit.layers), default=0)
    if largest >= _DOUBLE:
        raise LogprecError(f"a gate counts up to {largest}, beyond the 2^53 that ONNX networks add exactly")
    single = largest < _SINGLE
    kind, dtype = (TensorProto.FLOAT, np.float32) if single else (TensorProto.DOUBLE, np.float64)
    nodes, dense, sparse = [], [], []
    width, value = circuit.inputs, "inputs"
    for depth, layer in enumerate(circuit.layers, 1):
        sums = distinct_sums(layer, width)
        rows = len(sums.total)
        place = sums.source * rows + np.repeat(np.arange(rows), np.diff(sums.start))
        order = np.argsort(place)
        matrix = f"matrix{depth}"
        sparse.append(
            helper.make_sparse_tensor(
                numpy_helper.from_array(sums.mult[order].astype(dtype), matrix),
                numpy_helper.from_array(place[order], f"{matrix}_indices"),
                [width, rows],
            )
        )
        dense += [
            numpy_helper.from_array(sums.row, f"row{depth}"),
            numpy_helper.from_array(sums.bound.astype(dtype), f"bound{depth}"),
            numpy_helper.from_array(sums.inverted, f"inverted{depth}"),
        ]
        nodes += [
            helper.make_node("MatMul", [value, matrix], [f"sum{depth}"]),
            helper.make_node("Gather", [f"sum{depth}", f"row{depth}"], [f"count{depth}"], axis=1),
            helper.make_node("GreaterOrEqual", [f"count{depth}", f"bound{depth}"], [f"reached{depth}"]),
            helper.make_node("Xor", [f"reached{depth}", f"inverted{depth}"], [f"fires{depth}"]),
            helper.make_node("Cast", [f"fires{depth}"], [f"layer{depth}"], to=kind),
        ]
        width, value = len(layer), f"layer{depth}"
    nodes.append(helper.make_node("Identity", [value], ["outputs"]))
    graph = helper.make_graph(
        nodes,
        "circuit",
        [helper.make_tensor_value_info("inputs", kind, ["batch", circuit.inputs])],
        [helper.make_tensor_value_info("outputs", kind, ["batch", circuit.outputs])],
        dense,
        sparse_initializer=sparse,
    )
    model = helper.make_model(
        graph, producer_name="logprec", opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
    )
    checker.check_model(model)
    return bytes(model.SerializeToString())


def _entries(circuit: LayerCircuit) -> int:
    """Return the entries of the matrices of the ONNX network, which runtimes hold dense."""
    widths = [circuit.inputs, *map(len, circuit.layers)]
    return sum(
        width * len(distinct_sums(layer, width).total) for width, layer in zip(widths, circuit.layers, strict=False)
    )


def _links(circuit: LayerCircuit) -> int:
    return circuit.inputs + sum(len(layer) + len(layer.source) for layer in circuit.layers)


# What is counted before anything is built, what it is called, and the most that is built unasked.
_SIZES: dict[Format, tuple[Callable[[LayerCircuit], int], str, int]] = {
    Format.AIGER: (bound_on_ands, "AND gates", 5_000_000),
    Format.BLIF: (bound_on_ands, "AND gates", 5_000_000),
    Format.ONNX: (_entries, "matrix entries", 250_000_000),
    Format.DOT: (_links, "nodes and edges", 50_000),
}


def export(circuit: LayerCircuit, path: Path, form: Format, *, max_size: int | None = None) -> None:
    """Write a circuit in another format, completely or not at all.

    Parameters
    ----------
    circuit
        The circuit.
    path
        The file.  AIGER is written as ASCII if it ends in ``.aag``, else binary.
    form
        The format.
    max_size
        Refuse when the file may hold more AND gates (AIGER, BLIF), matrix
        entries (ONNX), or nodes and edges (DOT); None for the format's limit.

    Raises
    ------
    LogprecError
        If it is too large, cannot be said in the format, or cannot be written.
    """
    measure, unit, limit = _SIZES[form]
    limit = limit if max_size is None else max_size
    size = measure(circuit)
    if size > limit:
        raise LogprecError(
            f"as {form}, the circuit may have {size} {unit}, above the limit of {limit}; "
            f"raise it with --max-size {size}"
        )
    if form is Format.ONNX:
        data = onnx(circuit)
    elif form is Format.DOT:
        data = dot(circuit)
    else:
        netlist, outputs = expand(circuit)
        write = blif if form is Format.BLIF else aiger_text if path.suffix == ".aag" else aiger_binary
        data = write(netlist, outputs)
    write_whole(path, data)
