"""Exports: read back by other programs, they compute what the circuit computes."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from circuits import lookup, random_circuit
from conftest import Compiled
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from logprec.circuits.export import aiger_binary, aiger_text, blif, dot, export, onnx
from logprec.circuits.formats import Format
from logprec.circuits.gates import Bits
from logprec.circuits.layers import LayerCircuit, from_bytes, load_layers
from logprec.circuits.netlist import Netlist, bound_on_ands, expand
from logprec.commands import main as cli
from logprec.errors import LogprecError

XOR = from_bytes(b"logprec-circuit 1\n2\n0\n1 1 3 0 1 3 1 1\n2 1 3 0 1 3 1 1\n0\n1 2 3 0 1 3 1 1\n4\n")
CONSTANTS = from_bytes(b"logprec-circuit 1\n1\n0\n1 0\n2 0\n1 1\n1 1 3 0 0\n2 0 3 0 1\n4\n")
ABC = shutil.which("berkeley-abc") or shutil.which("abc")
AIGSIM = shutil.which("aigsim")


def every_input(circuit: LayerCircuit) -> Bits:
    return (np.arange(1 << circuit.inputs)[:, None] >> np.arange(circuit.inputs) & 1).astype(bool)


def run_aiger(data: bytes, batch: Bits) -> Bits:
    """Evaluate an AIGER file, read as its specification says."""
    header, _, rest = data.partition(b"\n")
    kind, (top, inputs, _, outputs, ands) = header.split()[0], map(int, header.split()[1:])
    assert top == inputs + ands
    values = {0: np.zeros(len(batch), bool)} | {2 * k + 2: batch[:, k] for k in range(inputs)}
    if kind == b"aag":
        lines = rest.splitlines()
        symbols = lines[len(lines) - inputs - outputs :]
        rows = [[int(x) for x in line.split()] for line in lines[: len(lines) - inputs - outputs]]
        assert rows[:inputs] == [[2 * k + 2] for k in range(inputs)]
        outs, triples = rows[inputs : inputs + outputs], rows[inputs + outputs :]
        assert len(triples) == ands
    else:
        *lines, rest = rest.split(b"\n", outputs)
        outs, triples, stream = [[int(line)] for line in lines], [], iter(rest)

        def number() -> int:
            byte = next(stream)
            return byte if byte < 128 else (byte & 127) + 128 * number()

        for k in range(ands):
            left = 2 * (inputs + 1 + k)
            a = left - number()
            triples.append([left, a, a - number()])
        symbols = bytes(stream).splitlines()
    assert symbols == [f"{c}{k} {c}{k}".encode() for c, m in (("i", inputs), ("o", outputs)) for k in range(m)]
    for left, a, b in triples:
        assert left > a >= b
        values[left] = (values[a & ~1] ^ bool(a & 1)) & (values[b & ~1] ^ bool(b & 1))
    columns = [values[x & ~1] ^ bool(x & 1) for (x,) in outs]
    return np.array(columns, dtype=bool).reshape(outputs, len(batch)).T


def run_blif(data: bytes, batch: Bits) -> Bits:
    """Evaluate a BLIF file whose tables have at most one row."""
    header, inputs, outputs, *lines, end = data.decode().splitlines()
    assert (header, end) == (".model circuit", ".end")
    assert (inputs.split()[0], outputs.split()[0]) == (".inputs", ".outputs")
    values = dict(zip(inputs.split()[1:], batch.T, strict=True))
    for number, line in enumerate(lines):
        if not line.startswith(".names"):
            continue
        *sources, target = line.split()[1:]
        row = lines[number + 1].split() if lines[number + 1 :] and lines[number + 1][0] != "." else []
        assert row[-1:] in ([], ["1"])
        matched = np.full(len(batch), bool(row))
        for source, wanted in zip(sources, row[0] if sources else "", strict=True):
            matched &= values[source] == (wanted == "1")
        values[target] = matched
    return np.array([values[name] for name in outputs.split()[1:]], dtype=bool).reshape(-1, len(batch)).T


def run_onnx(data: bytes, batch: Bits) -> Bits:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    (put,) = session.get_inputs()
    (found,) = session.run(None, {put.name: batch.astype(np.float64 if "double" in put.type else np.float32)})
    assert set(np.unique(found)) <= {0.0, 1.0}
    return found == 1


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9))
def test_aiger_and_blif(seed: int) -> None:
    circuit = random_circuit(seed)
    batch = np.random.default_rng(seed).random((50, circuit.inputs)) < 0.5
    expected = circuit.evaluate(batch)
    netlist, outputs = expand(circuit)
    for data in (aiger_text(netlist, outputs), aiger_binary(netlist, outputs)):
        assert (run_aiger(data, batch) == expected).all()
    assert (run_blif(blif(netlist, outputs), batch) == expected).all()
    whole = Netlist(circuit.inputs)
    whole.circuit(circuit, [whole.input(k) for k in range(circuit.inputs)])
    assert len(netlist.ands) <= len(whole.ands) <= bound_on_ands(circuit)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**9))
def test_onnx(seed: int) -> None:
    circuit = random_circuit(seed)
    assume(circuit.inputs and all(map(len, circuit.layers)))
    batch = np.random.default_rng(seed).random((20, circuit.inputs)) < 0.5
    assert (run_onnx(onnx(circuit), batch) == circuit.evaluate(batch)).all()


@pytest.mark.parametrize("circuit", [XOR, CONSTANTS, lookup(6, 5, 2)], ids=["xor", "constants", "lookup"])
def test_known_circuits(circuit: LayerCircuit) -> None:
    batch = every_input(circuit)
    expected = circuit.evaluate(batch)
    netlist, outputs = expand(circuit)
    assert (run_aiger(aiger_text(netlist, outputs), batch) == expected).all()
    assert (run_aiger(aiger_binary(netlist, outputs), batch) == expected).all()
    assert (run_onnx(onnx(circuit), batch) == expected).all()


def test_xor_is_three_gates() -> None:
    netlist, outputs = expand(XOR)
    assert len(netlist.ands) == 3
    assert aiger_text(netlist, outputs).splitlines()[:4] == [b"aag 5 2 0 1 3", b"2", b"4", b"10"]


def truth_table(circuit: LayerCircuit) -> bytes:
    """Write the circuit as BLIF tables, by evaluating it on every input."""
    batch = every_input(circuit)
    names = " ".join(f"i{k}" for k in range(circuit.inputs))
    lines = [".model table", f".inputs {names}", ".outputs " + " ".join(f"o{k}" for k in range(circuit.outputs))]
    for k, column in enumerate(circuit.evaluate(batch).T):
        # a table without rows is read as 0 only if it has no inputs
        lines.append(f".names {names if column.any() else ''} o{k}")
        lines += ["".join("01"[int(x)] for x in row) + " 1" for row in batch[column]]
    return ("\n".join([*lines, ".end"]) + "\n").encode()


def equivalent(folder: Path, one: str, other: str) -> bool:
    assert ABC is not None
    done = subprocess.run(
        [ABC, "-q", f"cec {one} {other}"], cwd=folder, capture_output=True, text=True, check=True, timeout=120
    )
    verdicts = re.findall(r"Networks are (NOT EQUIVALENT|equivalent)", done.stdout)
    assert len(verdicts) == 1, done.stdout + done.stderr
    return bool(verdicts[0] == "equivalent")


@pytest.mark.skipif(ABC is None, reason="ABC is not installed (Debian package berkeley-abc)")
@pytest.mark.parametrize("circuit", [XOR, CONSTANTS, lookup(6, 5, 2), random_circuit(5)])
def test_abc_agrees(circuit: LayerCircuit, tmp_path: Path) -> None:
    (tmp_path / "table.blif").write_bytes(truth_table(circuit))
    export(circuit, tmp_path / "x.blif", Format.BLIF)
    export(circuit, tmp_path / "x.aig", Format.AIGER)
    assert equivalent(tmp_path, "table.blif", "x.blif")
    assert equivalent(tmp_path, "table.blif", "x.aig")
    # a planted fault is noticed
    netlist, outputs = expand(circuit)
    (tmp_path / "wrong.blif").write_bytes(blif(netlist, [outputs[0] ^ 1, *outputs[1:]]))
    assert not equivalent(tmp_path, "table.blif", "wrong.blif")


@pytest.mark.skipif(AIGSIM is None, reason="aigsim is not installed")
@pytest.mark.parametrize("name", ["x.aag", "x.aig"])
def test_aigsim_agrees(name: str, tmp_path: Path) -> None:
    assert AIGSIM is not None
    circuit = lookup(6, 5, 2)
    export(circuit, tmp_path / name, Format.AIGER)
    batch = every_input(circuit)
    text = "".join("".join("01"[int(x)] for x in row) + "\n" for row in batch) + ".\n"
    done = subprocess.run(
        [AIGSIM, str(tmp_path / name)], input=text, capture_output=True, text=True, check=True, timeout=60
    )
    found = [line.split()[1] for line in done.stdout.splitlines() if re.fullmatch(r"[01]+ [01]+", line.strip())]
    assert found == ["".join("01"[int(x)] for x in row) for row in circuit.evaluate(batch)]


def test_dot() -> None:
    text = dot(XOR).decode()
    assert text.count("->") == 6
    assert 'g1_1 [label="≤1"]' in text
    assert "g0_1 -> g1_1;" in text
    twice = from_bytes(b"logprec-circuit 1\n1\n0\n1 2 3 0 2\n4\n")
    assert 'g0_0 -> g1_0 [label="2"];' in dot(twice).decode()


@pytest.mark.parametrize("form", Format)
def test_limits_and_whole_files(form: Format, tmp_path: Path) -> None:
    circuit = lookup(5, 4, 0)
    with pytest.raises(LogprecError, match=r"above the limit of 7; raise it with --max-size \d+") as caught:
        export(circuit, tmp_path / "x", form, max_size=7)
    assert not list(tmp_path.iterdir())
    needed = int(str(caught.value).split()[-1])
    export(circuit, tmp_path / "x", form, max_size=needed)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    with pytest.raises(LogprecError, match="cannot write"):
        export(circuit, tmp_path / "none" / "x", form)


def test_onnx_needs_exact_sums_and_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    double = from_bytes(b"logprec-circuit 1\n2\n0\n1 16777217 3 0 16777216 3 1 1\n4\n")
    assert (run_onnx(onnx(double), every_input(double)) == double.evaluate(every_input(double))).all()
    beyond = from_bytes(f"logprec-circuit 1\n2\n0\n1 1 3 0 {1 << 53} 3 1 1\n4\n".encode())
    with pytest.raises(LogprecError, match="exactly"):
        onnx(beyond)
    with pytest.raises(LogprecError, match="width 0"):
        onnx(from_bytes(b"logprec-circuit 1\n0\n0\n1 0\n4\n"))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(LogprecError, match="pip install"):
        onnx(XOR)


def test_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    XOR.save(tmp_path / "xor.circuit")
    monkeypatch.chdir(tmp_path)
    for form in Format:
        monkeypatch.setattr("sys.argv", ["logprec", "export", "xor.circuit", "--format", form, "-o", f"x.{form}"])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith(f"x.{form}: {form}, ")
    assert (tmp_path / "x.aiger").read_bytes().startswith(b"aig 5 2 0 1 3\n")


@pytest.mark.lean
def test_compiled_circuit(compiled: Compiled, tmp_path: Path) -> None:
    circuit = load_layers(compiled("majority", 3)[1])
    batch = every_input(circuit)
    netlist, outputs = expand(circuit)
    assert (run_aiger(aiger_binary(netlist, outputs), batch) == circuit.evaluate(batch)).all()
    assert (run_onnx(onnx(circuit), batch) == circuit.evaluate(batch)).all()
