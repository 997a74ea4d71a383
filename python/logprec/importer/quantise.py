"""Quantise trained decoders.

Scales are taken from sample words: an activation of largest absolute value m becomes ``round(v / s)`` with ``s = m /
(2**(width - 1) - 1)``.  Weights get the scale at which an accumulator divided by a power of two is the next
activation.  Every affine map rounds to nearest (half the divisor is in its bias).  Norms, rotations and means of values
round down: half a unit too small on average, which the bias of the next affine map makes up for after norms and means.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from logprec.errors import LogprecError
from logprec.importer.checkpoint import Decoder, DecoderLayer, Linear, Reals, Scaling
from logprec.importer.exponential import exp_table
from logprec.importer.reference import forward, rotary
from logprec.importer.settings import Settings
from logprec.models.floats import Codes
from logprec.models.quantised import run
from logprec.models.quantised.model import QuantisedModel
from logprec.models.quantised.parts import Affine, Attention, FeedForward, Head, Layer, Norm, Rotation, StateNorm

# What may come up beyond the sample words, as a factor.
_MARGIN = 1.05
_MAX_WEIGHT_SHIFT = 24
_TOLERATED = 1e-9
# The logarithm of the ratio of the weights of neighbouring scores is a fraction with this denominator.
_STEP_UNIT = 1 << 30


@dataclass(frozen=True)
class Loss:
    """How far a quantised model is from the decoder it was made from, on some words.

    Attributes
    ----------
    words
        How many words, each with all its beginnings.
    agreement
        The part of them on which the greatest output is the same.
    mean_error, max_error
        Absolute errors of outputs, as a part of the largest absolute output.
    """

    words: int
    agreement: float
    mean_error: float
    max_error: float


@dataclass
class _Scores:
    """Of a head's scores: the greatest, the least, and the least and greatest logarithm of a sum of exponentials."""

    top: float = -math.inf
    low: float = math.inf
    least_sum: float = math.inf
    greatest_sum: float = -math.inf

    def note(self, scores: Reals) -> None:
        top = scores.max(axis=-1, keepdims=True)
        sums = top[..., 0] + np.log(np.exp(scores - top).sum(axis=-1))
        self.top = max(self.top, float(top.max()))
        self.low = min(self.low, float(scores.min(where=np.isfinite(scores), initial=math.inf)))
        self.least_sum = min(self.least_sum, float(sums.min()))
        self.greatest_sum = max(self.greatest_sum, float(sums.max()))


class _Statistics:
    """What was observed on the sample words."""

    def __init__(self, decoder: Decoder, words: Sequence[Codes]) -> None:
        self.most: dict[str, float] = {}
        self.scores: dict[str, _Scores] = {}
        self.squares: dict[str, tuple[float, float]] = {}
        for batch in words:
            forward(decoder, batch, self._observe)

    def _observe(self, name: str, value: Reals) -> None:
        if name.endswith(".scores"):
            self.scores.setdefault(name, _Scores()).note(value)
            return
        self.most[name] = max(self.most.get(name, 0.0), float(np.abs(value).max(initial=0)), _TOLERATED)
        if name.endswith(".centred"):
            squares = (value**2).sum(axis=-1)
            least, greatest = self.squares.get(name, (math.inf, 0.0))
            self.squares[name] = min(least, float(squares.min())), max(greatest, float(squares.max()))


def quantise(
    decoder: Decoder, words: Sequence[Codes], alphabet: tuple[str, ...], classes: tuple[str, ...], settings: Settings
) -> QuantisedModel:
    """Quantise a decoder.

    Parameters
    ----------
    decoder
        The decoder.
    words
        Sample words: arrays of shape (batch, n); all their beginnings count.
    alphabet, classes
        Names of symbols and outputs.
    settings
        Numbers of bits.

    Raises
    ------
    LogprecError
        If names and decoder do not fit, or the result cannot be a model.
    """
    if len(alphabet) != len(decoder.embedding) or len(classes) != len(decoder.readout.bias):
        raise LogprecError(
            f"the decoder has {len(decoder.embedding)} symbols and {len(decoder.readout.bias)} outputs, but "
            f"{len(alphabet)} and {len(classes)} names are given"
        )
    return _Quantiser(decoder, _Statistics(decoder, words), settings).model(alphabet, classes)


def compare(decoder: Decoder, model: QuantisedModel, words: Sequence[Codes]) -> Loss:
    """Compare a quantised model with the decoder it was made from, on words and all their beginnings."""
    found, expected = [], []
    for batch in words:
        parts = [run.outputs(model, batch[:, : k + 1]) for k in range(batch.shape[1])]
        found.append(np.stack(parts, axis=1).reshape(-1, len(model.classes)).astype(np.float64))
        expected.append(forward(decoder, batch).reshape(-1, len(model.classes)))
    ours, real = np.concatenate(found), np.concatenate(expected)
    # outputs have one scale: the one that fits best
    scale = float((ours * real).sum() / max((ours**2).sum(), 1.0))
    error = np.abs(ours * scale - real) / max(float(np.abs(real).max()), _TOLERATED)
    agreement = (ours.argmax(axis=-1) == real.argmax(axis=-1)).mean()
    return Loss(sum(map(len, words)), float(agreement), float(error.mean()), float(error.max()))


class _Quantiser:
    def __init__(self, decoder: Decoder, seen: _Statistics, settings: Settings) -> None:
        self.decoder, self.seen, self.settings = decoder, seen, settings
        self.state_scale = self.scale("state")
        self.dim = decoder.embedding.shape[1]

    def scale(self, name: str, bits: int | None = None) -> float:
        """Return the value of one unit of an activation."""
        return self.seen.most[name] / ((1 << ((bits or self.settings.width) - 1)) - 1)

    def model(self, alphabet: tuple[str, ...], classes: tuple[str, ...]) -> QuantisedModel:
        decoder, settings = self.decoder, self.settings
        layers = [self.layer(k, layer) for k, layer in enumerate(decoder.layers)]
        last, unit = self.norm(decoder.norm, "norm")
        final = StateNorm(last)
        pre = () if layers else (final,)
        if layers:
            layers[-1] = Layer(layers[-1].attention, (*layers[-1].locals, final))
        positions = decoder.positions if decoder.positions is not None else np.zeros((0, self.dim))
        readout = _fold(decoder.readout, decoder.norm)
        return QuantisedModel(
            alphabet,
            classes,
            max(1, (len(alphabet) - 1).bit_length()),
            decoder.max_length,
            self.dim,
            settings.width,
            _round(decoder.embedding / self.state_scale),
            _round(positions / self.state_scale),
            pre,
            tuple(layers),
            self.affine(readout, unit, self.scale("outputs", settings.readout_bits)),
            settings.readout_bits,
        )

    def affine(self, linear: Linear, source: float | Reals, target: float, *, low: float = 0.5) -> Affine:
        """Quantise an affine map.

        Parameters
        ----------
        linear
            The map.
        source, target
            The values of one unit of its inputs and of its outputs.
        low
            By how many units the inputs are too small on average.
        """
        real = linear.weight * source / target
        most = (1 << (self.settings.weight_bits - 1)) - 1
        largest = float(np.abs(real).max(initial=0))
        shift = _MAX_WEIGHT_SHIFT if largest == 0 else math.floor(math.log2(most / largest))
        # a map to nowhere near its unit needs no finer weights
        shift = min(max(shift, 0), _MAX_WEIGHT_SHIFT)
        weight = np.clip(_round(real * 2**shift), -most, most)
        half = 1 << (shift - 1) if shift else 0
        bias = _round(linear.bias / target * 2**shift + low * weight.sum(axis=1)) + half
        return Affine(weight, bias, shift)

    def norm(self, norm: Scaling, name: str) -> tuple[Norm, float]:
        """Return a norm and the value of one unit of what it computes."""
        settings, most = self.settings, (1 << (self.settings.width - 1)) - 1
        scale, centre = self.state_scale, None
        if not norm.rms:
            needed = self.seen.most[f"{name}.centred"] * self.dim / (scale * most)
            centre = max(0, math.ceil(math.log2(needed)))
            scale = scale * 2**centre / self.dim
        unit = self.scale(f"{name}.unit")
        least, greatest = (square / scale**2 for square in self.seen.squares[f"{name}.centred"])
        square_shift = max(0, math.ceil(math.log2(_MARGIN * max(greatest, 1) / (1 << settings.square_bits))))
        squares = (np.arange(1 << settings.square_bits) + (0.5 if square_shift else 0)) * 2**square_shift
        epsilon = self.dim * norm.epsilon / scale**2
        factor = np.sqrt(self.dim / (np.maximum(squares, 0.25) + epsilon)) / unit
        largest = math.sqrt(self.dim / (max(least / _MARGIN, 0.25) + epsilon)) / unit
        shift = max(0, math.floor(math.log2(((1 << settings.rsqrt_bits) - 1) / largest)))
        rsqrt = np.minimum(_round(factor * 2**shift), (1 << settings.rsqrt_bits) - 1)
        used = min(len(rsqrt), math.ceil(_MARGIN * greatest / 2**square_shift) + 1)
        # beyond the sums that come up the last entry holds, which saturation does not reach
        rsqrt[used:] = rsqrt[used - 1]
        return Norm(centre, square_shift, settings.square_bits, rsqrt, settings.rsqrt_bits, shift), unit

    def layer(self, k: int, layer: DecoderLayer) -> Layer:
        attention = self.attention(k, layer)
        norm, unit = self.norm(layer.feed_norm, f"{k}.feed_norm")
        hidden = self.seen.most[f"{k}.hidden"] / ((1 << self.settings.width) - 1)
        up = self.affine(_fold(layer.up, layer.feed_norm), unit, hidden)
        down = self.affine(layer.down, hidden, self.state_scale, low=0)
        return Layer(attention, (FeedForward(norm, up, down),))

    def attention(self, k: int, layer: DecoderLayer) -> Attention:
        settings, seen = self.settings, self.seen
        most = (1 << (settings.width - 1)) - 1
        norm, unit = self.norm(layer.norm, f"{k}.norm")
        names = [f"{k}.{h}" for h in range(len(layer.heads))]
        width = len(layer.heads[0].query.bias)
        # all heads share the unit of scores: smaller queries get a larger unit than they need
        product = max(self.scale(f"{name}.query") * self.scale(f"{name}.key") for name in names) / math.sqrt(width)
        scores = [seen.scores[f"{name}.scores"] for name in names]
        tops = [found.top for found in scores]
        spans = [found.top - found.low for found in scores]
        span = min(max(spans), (settings.exp_bits + 1) * math.log(2))
        levels = (1 << settings.score_bits) - 4
        score_shift = max(0, math.ceil(math.log2(max(span, _TOLERATED) / levels / product)))
        score = product * 2**score_shift
        # the greatest score seen is brought near the greatest number, and has nearly the greatest weight
        half = 1 << (settings.score_bits - 1)
        top = half - 3
        greatest = (1 << settings.exp_bits) - 1
        peak = top + half if settings.attention == "softmax" else 2 * half - 1
        step = (max(1, round(score * _STEP_UNIT)), _STEP_UNIT)
        exp = exp_table(settings.score_bits, settings.exp_bits, peak, step)
        if settings.attention == "hard":
            exp = greatest * (np.arange(len(exp)) == peak)
        heads = []
        for name, head, head_top in zip(names, layer.heads, tops, strict=True):
            offset = round((top - head_top / score) * 2**score_shift) + (1 << score_shift) // 2
            key = self.scale(f"{name}.key")
            query = product * math.sqrt(width) / key
            heads.append(
                Head(
                    self.affine(_fold(head.query, layer.norm), unit, query),
                    self.affine(_fold(head.key, layer.norm), unit, key),
                    self.affine(_fold(head.value, layer.norm), unit, self.scale(f"{name}.value")),
                    self.rotation(width),
                    np.full(self.decoder.max_length, offset, dtype=np.int64),
                )
            )
        least = greatest * min(math.exp(found.least_sum - found.top) for found in scores)
        largest = greatest * max(math.exp(found.greatest_sum - found.top) for found in scores)
        if settings.attention != "softmax":
            least, largest = greatest, math.inf
        largest = min(_MARGIN * largest, self.decoder.max_length * greatest)
        sum_bits = max(1, math.ceil(math.log2(largest + 1)))
        gain = min(seen.most[f"{name}.value"] / seen.most[f"{name}.mean"] for name in names)
        most_recip = (1 << settings.recip_bits) - 1
        mean_shift = max(0, math.floor(math.log2(most_recip * max(least / _MARGIN, 1) / gain)))
        all_sums = np.maximum(np.arange(1 << sum_bits), 1)
        recip = np.minimum(_round(gain * 2**mean_shift / all_sums), most_recip)
        recip[0] = 0
        weighted_bits = 1 + math.ceil(math.log2(largest * most / gain + 1))
        return Attention(
            norm,
            tuple(heads),
            True,
            score_shift,
            settings.score_bits,
            settings.attention != "softmax",
            exp,
            settings.exp_bits,
            sum_bits,
            recip,
            settings.recip_bits,
            weighted_bits,
            mean_shift,
            self.affine(
                layer.out,
                np.concatenate(
                    [
                        np.full(len(h.value.bias), self.scale(f"{n}.value") / gain)
                        for n, h in zip(names, layer.heads, strict=True)
                    ]
                ),
                self.state_scale,
            ),
        )

    def rotation(self, width: int) -> Rotation | None:
        if self.decoder.theta is None:
            return None
        cos, sin = rotary(self.decoder.theta, self.decoder.max_length, width)
        table = _round(np.stack([cos, sin], axis=-1) * 2**self.settings.angle_bits)
        return Rotation(table, self.settings.angle_bits)


def _round(real: Reals) -> Codes:
    return np.rint(real).astype(np.int64)


def _fold(linear: Linear, norm: Scaling) -> Linear:
    """Return a map after a norm as a map after that norm without its gain and bias."""
    return Linear(linear.weight * norm.gain, linear.bias + linear.weight @ norm.bias)
