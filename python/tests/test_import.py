"""Checkpoints with the names of GPT-2 and Llama: read as their authors run them, and quantised with little loss."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from safetensors.numpy import save_file
from test_cli import run as run_cli

from logprec.errors import LogprecError
from logprec.importer import reference
from logprec.importer.checkpoint import Reals, load_checkpoint
from logprec.importer.quantise import compare, quantise
from logprec.importer.settings import Settings, Softmax
from logprec.importer.words import read_words
from logprec.models.load import load_model
from logprec.models.quantised import run
from logprec.models.quantised.model import QuantisedModel

Tensors = dict[str, Reals]
SYMBOLS, DIM, HEADS, HIDDEN, LAYERS, LENGTH = 5, 16, 4, 24, 2, 12
WIDTH = DIM // HEADS


def _random(rng: np.random.Generator, shapes: dict[str, tuple[int, ...]]) -> Tensors:
    result = {}
    for name, shape in shapes.items():
        tensor = rng.normal(0, 0.25, shape)
        result[name] = 1 + 0.3 * tensor if "norm" in name or "ln_" in name else tensor
        if name.endswith("ln_f.bias") or (".ln_" in name and name.endswith("bias")):
            result[name] = 0.2 * tensor
    return result


def gpt2() -> tuple[dict[str, Any], Tensors]:
    shapes: dict[str, tuple[int, ...]] = {"wte.weight": (SYMBOLS, DIM), "wpe.weight": (LENGTH, DIM)}
    for k in range(LAYERS):
        for name, shape in {
            "ln_1": (DIM,),
            "attn.c_attn": (DIM, 3 * DIM),
            "attn.c_proj": (DIM, DIM),
            "ln_2": (DIM,),
            "mlp.c_fc": (DIM, HIDDEN),
            "mlp.c_proj": (HIDDEN, DIM),
        }.items():
            shapes[f"h.{k}.{name}.weight"], shapes[f"h.{k}.{name}.bias"] = shape, shape[-1:]
        shapes[f"h.{k}.attn.bias"] = (1, 1, LENGTH, LENGTH)  # the mask, a buffer
    shapes |= {"ln_f.weight": (DIM,), "ln_f.bias": (DIM,)}
    tensors = _random(np.random.default_rng(1), shapes)
    config = {"model_type": "gpt2", "n_head": HEADS, "activation_function": "relu", "layer_norm_epsilon": 1e-5}
    return config, {f"transformer.{name}": tensor for name, tensor in tensors.items()}


def llama(groups: int = HEADS) -> tuple[dict[str, Any], Tensors]:
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (SYMBOLS, DIM), "model.norm.weight": (DIM,)}
    for k in range(LAYERS):
        at = f"model.layers.{k}"
        shapes |= {
            f"{at}.self_attn.q_proj.weight": (DIM, DIM),
            f"{at}.self_attn.k_proj.weight": (groups * WIDTH, DIM),
            f"{at}.self_attn.v_proj.weight": (groups * WIDTH, DIM),
            f"{at}.self_attn.o_proj.weight": (DIM, DIM),
            f"{at}.mlp.up_proj.weight": (HIDDEN, DIM),
            f"{at}.mlp.down_proj.weight": (DIM, HIDDEN),
            f"{at}.input_layernorm.weight": (DIM,),
            f"{at}.post_attention_layernorm.weight": (DIM,),
        }
    shapes["lm_head.weight"] = (SYMBOLS, DIM)
    tensors = _random(np.random.default_rng(2), shapes)
    config = {
        "model_type": "llama",
        "num_attention_heads": HEADS,
        "num_key_value_heads": groups,
        "rms_norm_eps": 1e-5,
        "rope_theta": 100.0,
        "hidden_act": "relu",
        "max_position_embeddings": LENGTH,
    }
    return config, tensors


def write(folder: Path, config: dict[str, Any], tensors: Tensors) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    save_file(
        {name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in tensors.items()},
        folder / "model.safetensors",
    )
    return folder


def _attention(q: Reals, k: Reals, v: Reals) -> Reals:
    """Causal softmax attention of one word, axes (head, position, coordinate)."""
    n = q.shape[1]
    scores = np.einsum("hic,hjc->hij", q, k) / np.sqrt(q.shape[-1])
    weights = np.where(np.tri(n, dtype=bool), np.exp(scores), 0)
    mean = np.einsum("hij,hjc->hic", weights / weights.sum(axis=-1, keepdims=True), v)
    return np.asarray(mean.transpose(1, 0, 2).reshape(n, -1))


def _heads(x: Reals, width: int = WIDTH) -> Reals:
    return x.reshape(len(x), -1, width).transpose(1, 0, 2)


def run_gpt2(t: Tensors, word: Reals) -> Reals:
    """Run GPT-2 as the transformers library does: fused c_attn, weights on the right."""

    def norm(x: Reals, name: str) -> Reals:
        unit = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return np.asarray(unit * t[f"transformer.{name}.weight"] + t[f"transformer.{name}.bias"])

    def linear(x: Reals, name: str) -> Reals:
        return np.asarray(x @ t[f"transformer.{name}.weight"] + t[f"transformer.{name}.bias"])

    x = t["transformer.wte.weight"][word] + t["transformer.wpe.weight"][: len(word)]
    for k in range(LAYERS):
        q, key, v = np.split(linear(norm(x, f"h.{k}.ln_1"), f"h.{k}.attn.c_attn"), 3, axis=1)
        x = x + linear(_attention(_heads(q), _heads(key), _heads(v)), f"h.{k}.attn.c_proj")
        x = x + linear(np.maximum(linear(norm(x, f"h.{k}.ln_2"), f"h.{k}.mlp.c_fc"), 0), f"h.{k}.mlp.c_proj")
    return np.asarray(norm(x, "ln_f") @ t["transformer.wte.weight"].T)


def run_llama(t: Tensors, word: Reals, groups: int) -> Reals:
    """Run Llama as the transformers library does: rotate_half, repeated keys and values."""
    n = len(word)
    angle = np.arange(n)[:, None] * 100.0 ** (-np.arange(0, WIDTH, 2) / WIDTH)
    cos, sin = (np.concatenate([f(angle), f(angle)], axis=1) for f in (np.cos, np.sin))

    def norm(x: Reals, name: str) -> Reals:
        return np.asarray(x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * t[f"model.{name}.weight"])

    def rotated(x: Reals) -> Reals:
        half = np.concatenate([-x[..., WIDTH // 2 :], x[..., : WIDTH // 2]], axis=-1)
        return np.asarray(x * cos + half * sin)

    x = t["model.embed_tokens.weight"][word]
    for k in range(LAYERS):
        at = f"layers.{k}"
        u = norm(x, f"{at}.input_layernorm")
        q, key, v = (_heads(u @ t[f"model.{at}.self_attn.{p}_proj.weight"].T) for p in "qkv")
        key, v = (np.repeat(part, HEADS // groups, axis=0) for part in (key, v))
        x = x + _attention(rotated(q), rotated(key), v) @ t[f"model.{at}.self_attn.o_proj.weight"].T
        u = norm(x, f"{at}.post_attention_layernorm")
        hidden = np.maximum(u @ t[f"model.{at}.mlp.up_proj.weight"].T, 0)
        x = x + hidden @ t[f"model.{at}.mlp.down_proj.weight"].T
    return np.asarray(norm(x, "norm") @ t["lm_head.weight"].T)


def _words(count: int = 200) -> Any:
    return np.random.default_rng(7).integers(SYMBOLS, size=(count, LENGTH))


@pytest.mark.parametrize("kind", ["gpt2", "llama", "llama with shared keys"])
def test_the_float_reference_is_the_original(tmp_path: Path, kind: str) -> None:
    groups = 2 if "shared" in kind else HEADS
    config, tensors = gpt2() if kind == "gpt2" else llama(groups)
    decoder, _ = load_checkpoint(write(tmp_path, config, tensors))
    single = {name: tensor.astype(np.float32).astype(np.float64) for name, tensor in tensors.items()}
    found = reference.forward(decoder, _words(20))
    for word, row in zip(_words(20), found, strict=True):
        expected = run_gpt2(single, word) if kind == "gpt2" else run_llama(single, word, groups)
        assert np.abs(row - expected).max() < 1e-9


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_more_bits_lose_less(tmp_path: Path, kind: str) -> None:
    config, tensors = gpt2() if kind == "gpt2" else llama()
    decoder, _ = load_checkpoint(write(tmp_path, config, tensors))
    names = tuple("abcde")
    losses = []
    for width, weights, other in ((5, 4, 5), (8, 8, 10), (13, 12, 14)):
        settings = Settings(width, weights, 12, other, other + 5, 14, 14, 10, 14)
        model = quantise(decoder, [_words()], names, names, settings)
        losses.append(compare(decoder, model, [_words()]))
    assert losses[0].mean_error > losses[1].mean_error > losses[2].mean_error
    assert losses[2].agreement > 0.98
    assert losses[2].max_error < 0.1
    assert losses[1].agreement > 0.85


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_shifted_and_hard_attention(tmp_path: Path, kind: str) -> None:
    config, tensors = gpt2() if kind == "gpt2" else llama()
    decoder, _ = load_checkpoint(write(tmp_path, config, tensors))
    names = tuple("abcde")
    losses = {}
    for attention in get_args(Softmax):
        settings = Settings(13, 12, 12, 14, 19, 14, 14, 10, 14, attention)
        model = quantise(decoder, [_words()], names, names, settings)
        losses[attention] = compare(decoder, model, [_words()])
        greatest = np.int64((1 << 14) - 1)
        for head in itertools.chain(*run.attention(model, _words())):
            if attention == "hard":
                assert np.isin(head, (0, greatest)).all()
            if attention != "softmax":
                assert (head.max(axis=-1) == greatest).all()
    # shifting changes nothing but rounding; hard attention is another function
    assert losses["shifted"].agreement > 0.98
    assert losses["shifted"].mean_error < 2 * losses["softmax"].mean_error
    assert losses["hard"].mean_error > 5 * losses["shifted"].mean_error


def test_a_wrong_rotation_is_seen(tmp_path: Path) -> None:
    """The comparison that the tests rely on tells Llama's pairs from adjacent ones."""
    config, tensors = llama()
    swapped = dict(tensors)
    adjacent = np.stack([np.arange(WIDTH // 2), WIDTH // 2 + np.arange(WIDTH // 2)], axis=1).reshape(-1)
    rows = np.concatenate([h * WIDTH + adjacent for h in range(HEADS)])
    for k in range(LAYERS):
        for part in "qk":
            name = f"model.layers.{k}.self_attn.{part}_proj.weight"
            swapped[name] = tensors[name][rows]
    decoder, _ = load_checkpoint(write(tmp_path, config, swapped))
    expected = [run_llama(tensors, word, HEADS) for word in _words(5)]
    assert np.abs(reference.forward(decoder, _words(5)) - np.stack(expected)).max() > 0.05


def test_import_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config, tensors = llama()
    folder = write(tmp_path / "checkpoint", {**config, "alphabet": list("abcde")}, tensors)
    words = tmp_path / "words"
    words.write_text("abcde\nedcba\n\naaaaaaaaaaaa\n")
    report = tmp_path / "report.json"
    code, out, _ = run_cli(
        monkeypatch, capsys, "import", folder, "-o", tmp_path / "m", "--words", words, "--report", report
    )
    assert code == 0
    assert "2 layers, 4-4 heads, d = 16, 8-bit activations, up to 12 symbols, 5 outputs of 8 bits" in out
    assert "sample words (3, with their beginnings): the same answer on" in out
    model = load_model(tmp_path / "m")
    assert isinstance(model, QuantisedModel)
    assert model.alphabet == tuple("abcde")
    assert not any(layer.attention.shifted for layer in model.layers)
    assert json.loads(report.read_text())["random"]["words"] == 1000
    code, _, _ = run_cli(monkeypatch, capsys, "import", folder, "-o", tmp_path / "hard", "--attention", "hard")
    assert code == 0
    hard = load_model(tmp_path / "hard")
    assert isinstance(hard, QuantisedModel)
    assert all(layer.attention.shifted and np.count_nonzero(layer.attention.exp) == 1 for layer in hard.layers)


def test_pickled_checkpoints(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    config, tensors = gpt2()
    write(tmp_path / "a", config, tensors)
    (tmp_path / "a" / "model.safetensors").unlink()
    torch.save(
        {name: torch.tensor(tensor, dtype=torch.bfloat16) for name, tensor in tensors.items()},
        tmp_path / "a" / "pytorch_model.bin",
    )
    decoder, _ = load_checkpoint(tmp_path / "a")
    assert np.abs(decoder.embedding - tensors["transformer.wte.weight"]).max() < 0.02
    (tmp_path / "a" / "pytorch_model.bin").write_bytes(b"junk")
    with pytest.raises(LogprecError, match="not a PyTorch state_dict"):
        load_checkpoint(tmp_path / "a")


Change = Callable[[dict[str, Any], Tensors], object]
BAD: list[tuple[bool, Change, str]] = [
    (False, lambda c, t: c.update(activation_function="gelu_new"), "activation is 'gelu_new'"),
    (False, lambda c, t: c.pop("activation_function"), "activation is 'gelu_new'"),
    (False, lambda c, t: c.update(n_head=3), "3 heads do not divide 16"),
    (False, lambda c, t: c.pop("n_head"), "lacks the key 'n_head'"),
    (False, lambda c, t: c.update(n_head="4"), "n_head must be a natural number"),
    (False, lambda c, t: t.pop("transformer.h.1.ln_2.weight"), "tensor h.1.ln_2.weight is missing"),
    (False, lambda c, t: t.pop("transformer.wte.weight"), "neither wte.weight (GPT-2) nor embed_tokens.weight"),
    (False, lambda c, t: t.update(other=np.zeros(2)), "unexpected tensor 'other'"),
    (False, lambda c, t: t["transformer.wpe.weight"].fill(np.nan), "wpe.weight holds NaN"),
    (False, lambda c, t: t.update({"transformer.ln_f.weight": np.ones(3)}), "ln_f.weight has shape [3]"),
    (True, lambda c, t: c.update(hidden_act="silu"), "activation is 'silu'"),
    (True, lambda c, t: t.update({"model.layers.1.mlp.gate_proj.weight": np.zeros((2, 2))}), "gated"),
    (True, lambda c, t: c.update(rope_scaling={"factor": 2}), "rope_scaling is not supported"),
    (True, lambda c, t: c.update(num_key_value_heads=3), "need a divisor"),
    (True, lambda c, t: c.update(rope_theta="big"), "rope_theta must be a number"),
    (True, lambda c, t: c.update(alphabet=["a"]), "alphabet has 1 names, the decoder needs 5"),
    (True, lambda c, t: c.update(alphabet=["a", "a", "b", "c", "d"]), "alphabet lists a symbol twice"),
]


@pytest.mark.parametrize(("rotary", "change", "message"), BAD)
def test_what_cannot_be_imported_is_one_clear_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    rotary: bool,
    change: Change,
    message: str,
) -> None:
    config, tensors = llama() if rotary else gpt2()
    change(config, tensors)
    folder = write(tmp_path / "checkpoint", config, tensors)
    code, out, err = run_cli(monkeypatch, capsys, "import", folder, "-o", tmp_path / "m")
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("text", "message"), [("ab\nax\n", "line 2: symbol 'x'"), ("aaaaa\n", "5 symbols, at most 4"), ("\n", "no words")]
)
def test_bad_sample_words(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "words"
    path.write_text(text)
    with pytest.raises(LogprecError, match=message):
        read_words(path, ("a", "b"), 4)
    with pytest.raises(LogprecError, match="cannot read"):
        read_words(tmp_path / "none", ("a", "b"), 4)
