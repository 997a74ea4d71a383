"""Run quantised transformers in numpy, many words at once, bit for bit as the Lean definitions say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.errors import LogprecError
from logprec.models.floats import Codes
from logprec.models.quantised.parts import Affine, Attention, FeedForward, Head, Local, Network, Norm, Rotation

# Below this, sums are exact in double precision too, which numpy multiplies much faster.
_EXACT_DOUBLE = 1 << 52
# Entries of one temporary: batches are cut so that memory stays near 100 MB.
_CHUNK_ENTRIES = 1_000_000


@dataclass(frozen=True)
class Result:
    """What a model computes on a batch.

    Attributes
    ----------
    outputs
        Shape (batch, classes).
    states
        The last states, shape (batch, n, dim).
    weights
        ``weights[layer][head]``, shape (batch, n, n): attention weights, query first; empty unless asked for.
    """

    outputs: Codes
    states: Codes
    weights: tuple[tuple[Codes, ...], ...]


def outputs(model: Network, words: ArrayLike) -> Codes:
    """Return the outputs on words of one length.

    Parameters
    ----------
    model
        The model.
    words
        Symbol codes, shape (batch, n).

    Returns
    -------
    ndarray of int64, shape (batch, classes)
    """
    return forward(model, words).outputs


def predict(model: Network, words: ArrayLike) -> Codes:
    """Return the class of each word, shape (batch,)."""
    return classes(outputs(model, words))


def classes(found: Codes) -> Codes:
    """Return the class that outputs stand for: the first greatest, or 1 if a single output is not negative, else 0."""
    return found.argmax(axis=1) if found.shape[1] > 1 else (found[:, 0] >= 0).astype(np.int64)


def attention(model: Network, words: ArrayLike) -> tuple[tuple[Codes, ...], ...]:
    """Return the attention weights, ``[layer][head]``, shape (batch, n, n): query first, not normalised."""
    return forward(model, words, weights=True).weights


def output_bits(model: Network, found: Codes) -> NDArray[np.bool_]:
    """Return outputs as the circuit writes them: ``z + 2**(readout_bits - 1)``, low bit first.

    Parameters
    ----------
    model
        The model.
    found
        Outputs, shape (batch, classes).

    Returns
    -------
    ndarray of bool, shape (batch, classes * readout_bits)
    """
    codes = found + (1 << (model.readout_bits - 1))
    bits = codes[..., None] >> np.arange(model.readout_bits) & 1
    return bits.reshape(len(found), -1).astype(np.bool_)


def from_output_bits(model: Network, bits: NDArray[np.bool_]) -> Codes:
    """Return the outputs that a circuit writes; the inverse of `output_bits`."""
    weights = np.int64(1) << np.arange(model.readout_bits, dtype=np.int64)
    codes = bits.reshape(len(bits), -1, model.readout_bits) @ weights
    return np.asarray(codes - (1 << (model.readout_bits - 1)), dtype=np.int64)


def forward(model: Network, words: ArrayLike, *, weights: bool = False) -> Result:
    """Run a model on words of one length.

    Parameters
    ----------
    model
        The model.
    words
        Symbol codes below ``2**symbol_bits``, shape (batch, n); for n = 0 the outputs are those of the zero state.
    weights
        Also return the attention weights.

    Raises
    ------
    LogprecError
        If the words are too long or a symbol is out of range.
    """
    batch = np.asarray(words, dtype=np.int64)
    if batch.ndim != 2:
        raise LogprecError(f"a batch of words needs 2 axes (word, position), not {batch.ndim}")
    n = batch.shape[1]
    if n:
        model.check_length(n)
    if batch.size and (batch.min() < 0 or batch.max() >= 1 << model.symbol_bits):
        raise LogprecError(f"symbol codes must be 0 to {(1 << model.symbol_bits) - 1}")
    step = max(1, _CHUNK_ENTRIES // max(1, n * n, n * model.dim))
    parts = [_forward(model, batch[k : k + step], weights) for k in range(0, max(len(batch), 1), step)]
    if len(parts) == 1:
        return parts[0]
    return Result(
        np.concatenate([part.outputs for part in parts]),
        np.concatenate([part.states for part in parts]),
        tuple(
            tuple(np.concatenate(head) for head in zip(*layer, strict=True))
            for layer in zip(*(part.weights for part in parts), strict=True)
        ),
    )


def _forward(model: Network, batch: Codes, keep: bool) -> Result:
    n, w = batch.shape[1], model.width
    symbols = _padded(model.embedding, 1 << model.symbol_bits)
    positions = _padded(model.positions, max(n, len(model.positions)))
    x = _saturate(w, symbols[batch] + positions[:n])
    for part in model.pre:
        x = _local(w, part, x)
    seen = []
    for layer in model.layers:
        x, heads = _attend(w, layer.attention, x)
        for part in layer.locals:
            x = _local(w, part, x)
        if keep:
            seen.append(heads)
    last = x[:, -1] if n else np.zeros((len(batch), model.dim), dtype=np.int64)
    return Result(_affine(model.readout_bits, model.readout, last, 1 << (w - 1)), x, tuple(seen))


def _padded(table: Codes, rows: int) -> Codes:
    return np.pad(table, ((0, rows - len(table)), (0, 0)))


def _saturate(bits: int, z: Codes) -> Codes:
    return np.clip(z, -1 << (bits - 1), (1 << (bits - 1)) - 1)


def _clamp(bits: int, z: Codes) -> Codes:
    return np.clip(z, 0, (1 << bits) - 1)


def _look_up(entries: Codes, index: Codes, bits: int) -> Codes:
    """Select from a table, 0 past its end, and cut to ``bits`` bits."""
    if not len(entries):
        return np.zeros_like(index)
    cut = np.append(entries & ((1 << bits) - 1), 0)
    return cut[np.minimum(index, len(entries))]


def _multiply(a: Codes, b: Codes, most: int) -> Codes:
    """Return the matrix product, whose entries and their partial sums are at most ``most`` in absolute value."""
    if most >= _EXACT_DOUBLE:
        return np.asarray(np.matmul(a, b), dtype=np.int64)
    return np.asarray(np.matmul(a.astype(np.float64), b.astype(np.float64)), dtype=np.int64)


def _accumulate(affine: Affine, v: Codes, most: int) -> Codes:
    return _multiply(v, affine.weight.T, affine.reach(most)) + affine.bias


def _affine(bits: int, affine: Affine, v: Codes, most: int) -> Codes:
    """Apply an affine map to vectors whose entries are at most ``most`` in absolute value."""
    return _saturate(bits, _accumulate(affine, v, most) >> np.int64(affine.shift))


def _residual(w: int, affine: Affine, x: Codes, v: Codes, most: int) -> Codes:
    # (2^s x + z) / 2^s, rounded down, is x + z / 2^s, rounded down
    return _saturate(w, x + (_accumulate(affine, v, most) >> affine.shift))


def _norm(w: int, norm: Norm | None, v: Codes) -> Codes:
    if norm is None:
        return v
    if norm.centre is not None:
        v = _saturate(w, (v.shape[-1] * v - v.sum(axis=-1, keepdims=True)) >> norm.centre)
    square = _clamp(norm.square_bits, (v * v).sum(axis=-1, keepdims=True) >> norm.square_shift)
    return _saturate(w, v * _look_up(norm.rsqrt, square, norm.rsqrt_bits) >> norm.shift)


def _rotate(w: int, rotation: Rotation | None, v: Codes) -> Codes:
    if rotation is None:
        return v
    n, width = v.shape[-2:]
    pairs = -(-width // 2)
    table = np.zeros((n, pairs, 2), dtype=np.int64)
    known = rotation.table[:n, :pairs]
    table[: known.shape[0], : known.shape[1]] = known
    cos, sin = table[..., 0], table[..., 1]
    even, odd = v[..., 0::2], np.zeros((*v.shape[:-1], pairs), dtype=np.int64)
    odd[..., : width // 2] = v[..., 1::2]
    turned = np.stack([cos * even - sin * odd, cos * odd + sin * even], axis=-1)
    return _saturate(w, turned.reshape(*v.shape[:-1], 2 * pairs)[..., :width] >> rotation.shift)


def _local(w: int, part: Local, x: Codes) -> Codes:
    if not isinstance(part, FeedForward):
        return _norm(w, part.norm, x)
    u = _norm(w, part.norm, x)
    hidden = _clamp(w, _accumulate(part.up, u, 1 << (w - 1)) >> part.up.shift)
    return _residual(w, part.down, x, hidden, (1 << w) - 1)


def _attend(w: int, part: Attention, x: Codes) -> tuple[Codes, tuple[Codes, ...]]:
    u = _norm(w, part.norm, x)
    means, weights = [np.zeros((*x.shape[:2], 0), dtype=np.int64)], []
    for head in part.heads:
        mean, weight = _head(w, part, head, u)
        means.append(mean)
        weights.append(weight)
    return _residual(w, part.out, x, np.concatenate(means, axis=-1), 1 << (w - 1)), tuple(weights)


def _head(w: int, part: Attention, head: Head, u: Codes) -> tuple[Codes, Codes]:
    n, most = u.shape[1], 1 << (w - 1)
    q, k = (_rotate(w, head.rotation, _affine(w, affine, u, most)) for affine in (head.query, head.key))
    value = _affine(w, head.value, u, most)
    apart = np.abs(np.arange(n)[:, None] - np.arange(n))
    distance = np.append(head.distance, 0)[np.minimum(apart, len(head.distance))]
    score = (_multiply(q, k.transpose(0, 2, 1), q.shape[-1] * most**2) + distance) >> part.score_shift
    index = _clamp(part.score_bits, score + (1 << (part.score_bits - 1)))
    mask = np.tri(n, dtype=np.int64) if part.causal else np.ones((n, n), dtype=np.int64)
    if part.shifted:
        index = index + ((1 << part.score_bits) - 1 - (index * mask).max(axis=-1, keepdims=True, initial=0))
    weight = _look_up(part.exp, index, part.exp_bits) * mask
    r = _look_up(part.recip, _clamp(part.sum_bits, weight.sum(axis=-1, keepdims=True)), part.recip_bits)
    weighted = _saturate(part.weighted_bits, _multiply(weight, value, n * most << part.exp_bits))
    return _saturate(w, weighted * r >> part.mean_shift), weight
