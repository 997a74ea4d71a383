"""Read trained decoders: PyTorch checkpoints with the names of GPT-2 or of Llama in the transformers library.

A checkpoint is a folder with ``config.json`` and ``model.safetensors`` (or ``pytorch_model.bin``), or a file of weights
beside a ``config.json``.  Safetensors files need no PyTorch.  What is read is brought to one form: weights act from the
left, heads are separate, and rotary pairs are adjacent coordinates (Llama's are c and c + d_h / 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from logprec.errors import LogprecError
from logprec.models.folder import CONFIG, TENSORS, read_config, short

Reals = NDArray[np.float64]

_PICKLED = "pytorch_model.bin"
# Buffers that checkpoints carry and that follow from the configuration.
_BUFFERS = (".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq")


@dataclass(frozen=True)
class Linear:
    """An affine map: weight of shape (outputs, inputs), bias of shape (outputs,)."""

    weight: Reals
    bias: Reals


@dataclass(frozen=True)
class Scaling:
    """A norm: layer norm, or RMS norm, which does not subtract the mean; gain and bias of shape (dim,)."""

    rms: bool
    gain: Reals
    bias: Reals
    epsilon: float


@dataclass(frozen=True)
class DecoderHead:
    """Query, key and value of a head."""

    query: Linear
    key: Linear
    value: Linear


@dataclass(frozen=True)
class DecoderLayer:
    """A layer with its norms before attention and before the feed-forward network."""

    norm: Scaling
    heads: tuple[DecoderHead, ...]
    out: Linear
    feed_norm: Scaling
    up: Linear
    down: Linear


@dataclass(frozen=True)
class Decoder:
    """A causal decoder in floating point.

    Attributes
    ----------
    embedding
        Shape (symbols, dim).
    positions
        Learned positions, shape (max_length, dim), or None.
    theta
        The base of the rotary angles, or None without rotary positions.
    max_length
        The largest length.
    layers, norm, readout
        The layers, the last norm, and the map from there to the outputs.
    """

    embedding: Reals
    positions: Reals | None
    theta: float | None
    max_length: int
    layers: tuple[DecoderLayer, ...]
    norm: Scaling
    readout: Linear


def load_checkpoint(path: Path, *, max_length: int | None = None) -> tuple[Decoder, dict[str, Any]]:
    """Read a checkpoint.

    Parameters
    ----------
    path
        The folder, or the file of weights.
    max_length
        The largest length; by default what the configuration says.

    Returns
    -------
    decoder : Decoder
    config : dict
        The configuration.

    Raises
    ------
    LogprecError
        If it cannot be read, or is not a decoder that the quantised arithmetic has.
    """
    weights = path
    if path.is_dir():
        weights = next((path / name for name in (TENSORS, _PICKLED) if (path / name).is_file()), path / TENSORS)
    where = weights.parent / CONFIG
    config = read_config(where)
    if not isinstance(config, dict):
        raise LogprecError(f"{where}: the configuration must be an object")
    reader = _Reader(weights, _read(weights), config)
    if reader.has("wte.weight"):
        decoder = _gpt2(reader, max_length)
    elif reader.has("embed_tokens.weight"):
        decoder = _llama(reader, max_length)
    else:
        raise LogprecError(
            f"{weights}: neither wte.weight (GPT-2) nor embed_tokens.weight (Llama) is there; known are the names of "
            "these two"
        )
    reader.finish()
    return decoder, config


def _read(path: Path) -> dict[str, NDArray[Any]]:
    if path.suffix == ".safetensors":
        try:
            with safe_open(path, framework="numpy") as file:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
        except SafetensorError as error:
            raise LogprecError(f"{path}: not a complete safetensors file: {str(error).splitlines()[0]}") from error
        except OSError as error:
            raise LogprecError(f"{path}: cannot read: {error.strerror or str(error).splitlines()[0]}") from error
        except (TypeError, AttributeError, KeyError) as error:
            raise LogprecError(f"{path}: holds a tensor type that numpy cannot read; save it as float32") from error
    try:
        import torch  # noqa: PLC0415 (an optional extra)
    except ImportError as error:
        raise LogprecError(
            f"{path}: reading this needs PyTorch (pip install 'logprec[train]'); .safetensors files do not"
        ) from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise LogprecError(f"{path}: not a PyTorch state_dict: {str(error).splitlines()[0]}") from error
    state = state.get("state_dict", state) if isinstance(state, dict) else state
    if not isinstance(state, dict) or not all(isinstance(tensor, torch.Tensor) for tensor in state.values()):
        raise LogprecError(f"{path}: not a PyTorch state_dict")
    return {str(name): tensor.detach().to(torch.float64).numpy() for name, tensor in state.items()}


class _Reader:
    """The tensors of a checkpoint, each asked for once."""

    def __init__(self, path: Path, tensors: Mapping[str, NDArray[Any]], config: dict[str, Any]) -> None:
        self.path, self.config = path, config
        self._left = {_plain(name): tensor for name, tensor in tensors.items() if not name.endswith(_BUFFERS)}

    def has(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str, *shape: int | None) -> Reals:
        """Return a tensor and forget it."""
        if name not in self._left:
            raise LogprecError(f"{self.path}: tensor {name} is missing")
        tensor = self._left.pop(name)
        fits = tensor.ndim == len(shape) and all(b in (None, a) for a, b in zip(tensor.shape, shape, strict=True))
        if not fits:
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            raise LogprecError(f"{self.path}: tensor {name} has shape {list(tensor.shape)}, expected [{wanted}]")
        result = np.asarray(tensor, dtype=np.float64)
        if not np.isfinite(result).all():
            raise LogprecError(f"{self.path}: tensor {name} holds NaN or infinity")
        return result

    def optional(self, name: str, size: int) -> Reals:
        """Return a vector, 0 if it is not there."""
        return self.take(name, size) if self.has(name) else np.zeros(size)

    def linear(self, name: str, outputs: int | None, inputs: int, *, transposed: bool = False) -> Linear:
        """Return an affine map, with bias 0 if it has none."""
        shape = (inputs, outputs) if transposed else (outputs, inputs)
        weight = self.take(f"{name}.weight", *shape)
        weight = weight.T if transposed else weight
        return Linear(weight, self.optional(f"{name}.bias", len(weight)))

    def readout(self, embedding: Reals) -> Linear:
        """Return the map to the outputs; without one, it is the embedding (tied weights)."""
        dim = embedding.shape[1]
        for name in ("score", "lm_head"):
            if self.has(f"{name}.weight"):
                return self.linear(name, None, dim)
        return Linear(embedding, np.zeros(len(embedding)))

    def count(self, prefix: str) -> int:
        """Return the number of layers."""
        numbers = {name.removeprefix(prefix).split(".")[0] for name in self._left if name.startswith(prefix)}
        return 1 + max((int(number) for number in numbers if number.isdigit()), default=-1)

    def setting(self, *keys: str, default: Any = None) -> Any:
        """Return the first of some keys that the configuration has."""
        for key in keys:
            if self.config.get(key) is not None:
                return self.config[key]
        if default is None:
            raise LogprecError(f"{self.path.parent / CONFIG}: lacks the key {keys[0]!r}")
        return default

    def natural(self, *keys: str, default: int | None = None) -> int:
        number = self.setting(*keys, default=default)
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise LogprecError(f"{self.path.parent / CONFIG}: {keys[0]} must be a natural number, not {short(number)}")
        return number

    def real(self, *keys: str, default: float) -> float:
        number = self.setting(*keys, default=default)
        if not isinstance(number, int | float) or isinstance(number, bool) or not 0 <= number < float("inf"):
            raise LogprecError(f"{self.path.parent / CONFIG}: {keys[0]} must be a number, not {short(number)}")
        return float(number)

    def need_relu(self, found: str) -> None:
        if found != "relu":
            raise LogprecError(
                f"{self.path.parent / CONFIG}: the feed-forward activation is {found!r}: the quantised arithmetic has "
                "ReLU only"
            )

    def finish(self) -> None:
        """Raise if some tensor was not asked for."""
        for name in sorted(self._left):
            raise LogprecError(f"{self.path}: unexpected tensor {name!r}: this is no decoder that can be imported")


def _plain(name: str) -> str:
    for prefix in ("transformer.", "model."):
        name = name.removeprefix(prefix)
    return name


def _divide(reader: _Reader, dim: int, heads: int) -> int:
    if dim % heads:
        raise LogprecError(f"{reader.path.parent / CONFIG}: {heads} heads do not divide {dim} coordinates")
    return dim // heads


def _rows(linear: Linear, rows: Any) -> Linear:
    return Linear(linear.weight[rows], linear.bias[rows])


def _gpt2(reader: _Reader, max_length: int | None) -> Decoder:
    reader.need_relu(str(reader.setting("activation_function", default="gelu_new")))
    epsilon = reader.real("layer_norm_epsilon", default=1e-5)
    embedding = reader.take("wte.weight", None, None)
    dim = embedding.shape[1]
    positions = reader.take("wpe.weight", None, dim)
    heads = reader.natural("n_head", "num_attention_heads")
    width = _divide(reader, dim, heads)

    def norm(name: str) -> Scaling:
        return Scaling(False, reader.take(f"{name}.weight", dim), reader.optional(f"{name}.bias", dim), epsilon)

    layers = []
    for k in range(reader.count("h.")):
        at = f"h.{k}"
        # one map for queries, keys and values of all heads, stored transposed
        fused = reader.linear(f"{at}.attn.c_attn", 3 * dim, dim, transposed=True)
        parts = [
            DecoderHead(*(_rows(fused, slice(p * dim + h * width, p * dim + (h + 1) * width)) for p in range(3)))
            for h in range(heads)
        ]
        up = reader.linear(f"{at}.mlp.c_fc", None, dim, transposed=True)
        layers.append(
            DecoderLayer(
                norm(f"{at}.ln_1"),
                tuple(parts),
                reader.linear(f"{at}.attn.c_proj", dim, dim, transposed=True),
                norm(f"{at}.ln_2"),
                up,
                reader.linear(f"{at}.mlp.c_proj", dim, len(up.bias), transposed=True),
            )
        )
    limit = min(len(positions), max_length or len(positions))
    readout = reader.readout(embedding)
    return Decoder(embedding, positions[:limit], None, limit, tuple(layers), norm("ln_f"), readout)


def _llama(reader: _Reader, max_length: int | None) -> Decoder:
    if any(reader.has(f"layers.{k}.mlp.gate_proj.weight") for k in range(reader.count("layers."))):
        raise LogprecError(
            f"{reader.path}: the feed-forward networks are gated (mlp.gate_proj): the quantised arithmetic has ReLU "
            "without a gate only"
        )
    reader.need_relu(str(reader.setting("hidden_act", default="silu")))
    if reader.config.get("rope_scaling") is not None:
        raise LogprecError(f"{reader.path.parent / CONFIG}: rope_scaling is not supported")
    epsilon = reader.real("rms_norm_eps", default=1e-6)
    embedding = reader.take("embed_tokens.weight", None, None)
    dim = embedding.shape[1]
    heads = reader.natural("num_attention_heads")
    groups = reader.natural("num_key_value_heads", default=heads)
    width = reader.natural("head_dim", default=_divide(reader, dim, heads))
    if heads % groups or width % 2:
        raise LogprecError(
            f"{reader.path.parent / CONFIG}: {heads} heads need a divisor of key-value heads, and an even width"
        )
    # Llama rotates coordinate c with c + width / 2
    adjacent = np.stack([np.arange(width // 2), width // 2 + np.arange(width // 2)], axis=1).reshape(-1)

    def norm(name: str) -> Scaling:
        return Scaling(True, reader.take(f"{name}.weight", dim), np.zeros(dim), epsilon)

    layers = []
    for k in range(reader.count("layers.")):
        at = f"layers.{k}"
        query = reader.linear(f"{at}.self_attn.q_proj", heads * width, dim)
        key, value = (reader.linear(f"{at}.self_attn.{p}_proj", groups * width, dim) for p in "kv")
        parts = []
        for h in range(heads):
            group = h * groups // heads * width
            parts.append(
                DecoderHead(
                    _rows(query, h * width + adjacent),
                    _rows(key, group + adjacent),
                    _rows(value, slice(group, group + width)),
                )
            )
        up = reader.linear(f"{at}.mlp.up_proj", None, dim)
        layers.append(
            DecoderLayer(
                norm(f"{at}.input_layernorm"),
                tuple(parts),
                reader.linear(f"{at}.self_attn.o_proj", dim, heads * width),
                norm(f"{at}.post_attention_layernorm"),
                up,
                reader.linear(f"{at}.mlp.down_proj", dim, len(up.bias)),
            )
        )
    limit = max_length or reader.natural("max_position_embeddings")
    theta = reader.real("rope_theta", default=10000.0)
    readout = reader.readout(embedding)
    return Decoder(embedding, None, theta, limit, tuple(layers), norm("norm"), readout)
