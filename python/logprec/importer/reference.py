"""Run decoders in floating point: what quantised models are compared with, and what their scales are taken from."""

from collections.abc import Callable

import numpy as np

from logprec.importer.checkpoint import Decoder, DecoderHead, Linear, Reals, Scaling
from logprec.models.floats import Codes

Observe = Callable[[str, Reals], None]
"""Receives intermediate results by name."""


def rotary(theta: float, n: int, width: int) -> tuple[Reals, Reals]:
    """Return cosines and sines of the rotary angles, each of shape (n, width / 2)."""
    angle = np.arange(n)[:, None] * theta ** (-np.arange(0, width, 2) / width)
    return np.cos(angle), np.sin(angle)


def forward(decoder: Decoder, words: Codes, observe: Observe = lambda name, value: None) -> Reals:
    """Return the outputs at every position, shape (batch, n, classes).

    Parameters
    ----------
    decoder
        The decoder.
    words
        Symbol codes, shape (batch, n).
    observe
        Called with intermediate results; in layer k they are called ``k.name``, in its head h ``k.h.name``.
    """
    n = words.shape[1]
    x = decoder.embedding[words]
    if decoder.positions is not None:
        x = x + decoder.positions[:n]
    observe("state", x)
    for k, layer in enumerate(decoder.layers):
        u = normed(layer.norm, x, observe, f"{k}.norm")
        means = [attend(decoder, head, u, observe, f"{k}.{h}") for h, head in enumerate(layer.heads)]
        x = x + apply(layer.out, np.concatenate(means, axis=-1))
        observe("state", x)
        u = normed(layer.feed_norm, x, observe, f"{k}.feed_norm")
        hidden = np.maximum(apply(layer.up, u), 0)
        observe(f"{k}.hidden", hidden)
        x = x + apply(layer.down, hidden)
        observe("state", x)
    outputs = apply(decoder.readout, normed(decoder.norm, x, observe, "norm"))
    observe("outputs", outputs)
    return outputs


def apply(linear: Linear, v: Reals) -> Reals:
    """Apply an affine map."""
    return np.asarray(v @ linear.weight.T + linear.bias, dtype=np.float64)


def normed(norm: Scaling, x: Reals, observe: Observe, name: str) -> Reals:
    """Apply a norm; what is observed is before gain and bias."""
    centred = x if norm.rms else x - x.mean(axis=-1, keepdims=True)
    observe(f"{name}.centred", centred)
    unit = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + norm.epsilon)
    observe(f"{name}.unit", unit)
    return np.asarray(unit * norm.gain + norm.bias, dtype=np.float64)


def attend(decoder: Decoder, head: DecoderHead, u: Reals, observe: Observe, name: str) -> Reals:
    """Return what a head computes at every position."""
    n = u.shape[1]
    query, key, value = (apply(part, u) for part in (head.query, head.key, head.value))
    for part, found in (("query", query), ("key", key), ("value", value)):
        observe(f"{name}.{part}", found)
    if decoder.theta is not None:
        cos, sin = rotary(decoder.theta, n, query.shape[-1])
        query, key = (_rotated(v, cos, sin) for v in (query, key))
        observe(f"{name}.query", query)
        observe(f"{name}.key", key)
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
    scores = np.where(np.tri(n, dtype=np.bool_), scores, -np.inf)
    observe(f"{name}.scores", scores)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mean = np.asarray(weights / weights.sum(axis=-1, keepdims=True) @ value, dtype=np.float64)
    observe(f"{name}.mean", mean)
    return mean


def _rotated(v: Reals, cos: Reals, sin: Reals) -> Reals:
    even, odd = v[..., 0::2], v[..., 1::2]
    return np.stack([cos * even - sin * odd, cos * odd + sin * even], axis=-1).reshape(v.shape)
