"""Quantised models compile to circuits that compute their outputs: numpy = circuit on every input."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from test_cli import run as run_cli
from test_export import run_aiger, run_blif, run_onnx

from logprec.checking.predicates import predicate
from logprec.checking.prove import equals, is_class, robust
from logprec.checking.verify import verify
from logprec.circuits.blocks import blocks_from_bytes
from logprec.circuits.circuit import load_flat
from logprec.circuits.export import export
from logprec.circuits.formats import Format
from logprec.circuits.netlist import FALSE, TRUE, Netlist
from logprec.constructor.compile import compile_model, estimate
from logprec.constructor.executable import EXECUTABLE, project_root
from logprec.errors import LogprecError
from logprec.importer.checkpoint import Decoder, DecoderHead, DecoderLayer, Linear, Reals, Scaling
from logprec.importer.quantise import quantise
from logprec.importer.settings import Settings, Softmax
from logprec.models.quantised import run
from logprec.models.quantised.folder import save_quantised
from logprec.models.quantised.model import QuantisedModel
from logprec.models.quantised.parts import Affine
from logprec.toolchain import find

DIM, WIDTH, HIDDEN, LENGTH = 3, 2, 3, 3


def tiny(seed: int, *, rms: bool, attention: Softmax = "softmax") -> QuantisedModel:
    """Quantise a random decoder of one layer and two heads to four bits."""
    rng = np.random.default_rng(seed)

    def real(*shape: int) -> Reals:
        return rng.normal(0, 1, shape)

    def linear(outputs: int, inputs: int) -> Linear:
        return Linear(real(outputs, inputs), 0.3 * real(outputs))

    def norm() -> Scaling:
        return Scaling(rms, 1 + 0.2 * real(DIM), np.zeros(DIM) if rms else 0.2 * real(DIM), 1e-5)

    heads = tuple(DecoderHead(linear(WIDTH, DIM), linear(WIDTH, DIM), linear(WIDTH, DIM)) for _ in range(2))
    layer = DecoderLayer(norm(), heads, linear(DIM, 2 * WIDTH), norm(), linear(HIDDEN, DIM), linear(DIM, HIDDEN))
    positions = None if rms else real(LENGTH, DIM)
    theta = 10.0 if rms else None
    decoder = Decoder(real(2, DIM), positions, theta, LENGTH, (layer,), norm(), linear(2, DIM))
    settings = Settings(4, 4, 4, 4, 6, 5, 5, 3, 4, attention)
    words = np.arange(8)[:, None] >> np.arange(LENGTH) & 1
    return quantise(decoder, [words], ("a", "b"), ("no", "yes"), settings)


@pytest.mark.lean
@pytest.mark.parametrize(
    ("rms", "attention"),
    [(True, "softmax"), (False, "softmax"), (True, "shifted"), (False, "hard")],
    ids=["rotary and RMS norm", "learned positions and layer norm", "scores shifted", "average-hard"],
)
def test_every_input(tmp_path: Path, *, rms: bool, attention: Softmax) -> None:
    model, n, path = tiny(5, rms=rms, attention=attention), LENGTH - 1, tmp_path / "tiny.blocks"
    plain = compile_model(model, n, tmp_path / "plain.blocks", optimise=False)
    circuit = compile_model(model, n, path)
    counts, bound = plain.stats(), estimate(model, n)
    assert (bound.inputs, bound.depth, bound.size) == (counts.inputs, counts.depth, counts.size)
    optimised = circuit.stats()
    assert (optimised.inputs, optimised.depth) == (counts.inputs, counts.depth)
    assert optimised.size < counts.size
    for compiled in (plain, circuit):
        verdict = verify(model, compiled)
        assert (verdict.checked, verdict.mismatches) == (2**n, 0)
    words = np.arange(2**n)[:, None] >> np.arange(n) & 1
    assert len(np.unique(run.outputs(model, words), axis=0)) > 2
    _plant(model, path)


def _plant(model: QuantisedModel, path: Path) -> None:
    """Let the last block be the one before it: the comparison must see it."""
    lines = path.read_text().splitlines()
    before, last = [k for k, line in enumerate(lines) if line.startswith("7 ")][-2:]
    lines[last] = lines[before]
    assert verify(model, blocks_from_bytes("\n".join(lines).encode())).mismatches > 0


@pytest.mark.lean
def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    save_quantised(tiny(6, rms=True), tmp_path / "model")
    out = tmp_path / "one.blocks"
    code, text, _ = run_cli(monkeypatch, capsys, "compile", tmp_path / "model", "--n", 1, "-o", out)
    assert code == 0
    assert "1 inputs, 8 outputs, depth" in text
    code, text, _ = run_cli(monkeypatch, capsys, "verify", tmp_path / "model", out, "--exhaustive")
    assert code == 0
    assert "2 checked" in text
    with pytest.raises(LogprecError, match=r"above the limit of 1000; raise it with --max-size \d+"):
        compile_model(tiny(6, rms=True), 1, tmp_path / "refused", max_size=1000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "one.blocks"]


# in the format of Logprec/Extract/Network.lean: three inputs of 3, 2 and 2 bits; then two equal forms, a product of
# negative coefficient, a table and a copy; then a form of all five
NETWORK = """3 3 2 2  2
5  1 4 2 6 0 3 1 0 1 3  1 4 2 6 0 3 2 0 1 3  1 9 0 1 5 0 1 0 4  2 1 2 4 1 0 3 2  0 0
1  1 2 5 2 0 2 1 1 2 4 3 2 4 0 2 5
"""


@pytest.mark.lean
@pytest.mark.parametrize("flags", [[], ["--optimise"]], ids=["plain", "optimised"])
def test_flattening_is_what_lean_prints_flat(tmp_path: Path, flags: list[str]) -> None:
    path = tmp_path / "network"
    path.write_text(NETWORK)
    root = project_root()
    blocks, flat = (
        find(root).exe(root, EXECUTABLE, ["network", command, str(path), *flags]).stdout
        for command in ("blocks", "circuit")
    )
    circuit = blocks_from_bytes(blocks)
    assert blocks.count(b"\n7 ") > blocks.count(b"\n6 ")  # equal nodes share their circuit
    assert circuit.flatten().to_bytes() == flat
    lines = blocks.split(b"\n")
    first, second = [k for k, line in enumerate(lines) if line.startswith(b"7 ")][:2]
    assert lines[first].split()[1] == lines[second].split()[1]
    lines[second] = lines[first]
    assert blocks_from_bytes(b"\n".join(lines)).flatten().to_bytes() != flat


@pytest.fixture(scope="module")
def two_symbols(tmp_path_factory: pytest.TempPathFactory) -> tuple[QuantisedModel, Path]:
    """Return a tiny model and its circuit for two symbols."""
    model, path = tiny(5, rms=True), tmp_path_factory.mktemp("two") / "two.blocks"
    compile_model(model, 2, path)
    return model, path


WORDS = np.array([[a, b] for a in range(2) for b in range(2)])


@pytest.mark.lean
def test_exports_compute_the_outputs(two_symbols: tuple[QuantisedModel, Path], tmp_path: Path) -> None:
    model, path = two_symbols
    batch, wanted = model.to_bits(WORDS), run.output_bits(model, run.outputs(model, WORDS))
    flat = load_flat(path)
    for form, evaluate in ((Format.AIGER, run_aiger), (Format.BLIF, run_blif), (Format.ONNX, run_onnx)):
        export(flat, tmp_path / form, form)
        assert np.array_equal(evaluate((tmp_path / form).read_bytes(), batch), wanted)
    assert np.array_equal(run.from_output_bits(model, wanted), run.outputs(model, WORDS))


@pytest.mark.lean
def test_proofs_about_a_quantised_model(two_symbols: tuple[QuantisedModel, Path]) -> None:
    model, path = two_symbols
    circuit, classes = load_flat(path), run.predict(model, WORDS)
    for text in ("always", "never", "contains:b", "odd:a", "ends:b"):
        wanted = predicate(text, model)
        held = np.array([wanted.holds(word) for word in WORDS.tolist()])
        answer = equals(circuit, model, wanted)
        assert answer.proved == np.array_equal(held, classes == 1)
        if answer.word is not None:
            code = model.encode(answer.word)
            assert wanted.holds(code) == answer.expected != answer.circuit == (run.predict(model, [code])[0] == 1)
    for word, mine in zip(WORDS.tolist(), classes.tolist(), strict=True):
        near = [k for k, other in enumerate(WORDS) if sum(other != word) <= 1]
        assert robust(circuit, model, word).proved == all(classes[k] == mine for k in near)


@pytest.mark.lean
def test_prove_and_export_take_blocks(
    two_symbols: tuple[QuantisedModel, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model, path = two_symbols
    save_quantised(model, tmp_path / "model")
    answers = run.predict(model, WORDS)
    text = "always" if answers.all() else "never"
    code, out, _ = run_cli(monkeypatch, capsys, "prove", path, "--model", tmp_path / "model", "--equals", text)
    expected = 0 if len(set(answers.tolist())) == 1 else 1
    assert code == expected
    assert out.startswith("counterexample: " if expected else "proved: ")
    code, out, _ = run_cli(monkeypatch, capsys, "export", path, "--format", "blif", "-o", tmp_path / "two.blif")
    assert code == 0
    assert "two.blif: blif, " in out
    monkeypatch.setattr("logprec.circuits.blocks.MAX_FLAT", 1000)
    code, _, err = run_cli(monkeypatch, capsys, "export", path, "--format", "blif", "-o", tmp_path / "large.blif")
    assert code == 2
    assert "above the limit of 1000" in err
    assert not (tmp_path / "large.blif").exists()
    flag = err.strip().rpartition("raise it with ")[2].split()
    code, _, _ = run_cli(
        monkeypatch,
        capsys,
        "export",
        path,
        "--format",
        "blif",
        "-o",
        tmp_path / "large.blif",
        flag[0],
        int(flag[1]) * 9,
    )
    assert code == 0


def test_the_class_of_outputs_in_a_netlist() -> None:
    model = dataclasses.replace(tiny(5, rms=True), classes=("x", "y", "z"), readout=_three_rows(tiny(5, rms=True)))
    width = model.readout_bits
    found = np.array([[0, 0, 0], [1, 1, 0], [-3, 1, 1], [-2, -3, -1], [5, 7, 7], [-8, -8, -7]])
    for bits, answer in zip(run.output_bits(model, found).tolist(), run.classes(found).tolist(), strict=True):
        literals = [TRUE if bit else FALSE for bit in bits]
        assert len(literals) == 3 * width
        assert [is_class(Netlist(0), model, literals, c) == TRUE for c in range(3)] == [c == answer for c in range(3)]


def _three_rows(model: QuantisedModel) -> Affine:
    affine = model.readout
    return dataclasses.replace(
        affine, bias=np.append(affine.bias, 0), weight=np.vstack([affine.weight, affine.weight[:1]])
    )
