"""What is chosen when a decoder is quantised."""

from dataclasses import dataclass
from typing import Literal

Softmax = Literal["softmax", "shifted", "hard"]


@dataclass(frozen=True)
class Settings:
    """Numbers of bits, and the kind of attention.

    Attributes
    ----------
    width
        An activation.
    weight_bits
        A weight, signed.
    score_bits, exp_bits, recip_bits
        A score, a weight of attention, and the reciprocal of a sum of those.
    square_bits, rsqrt_bits
        The sum of squares in a norm, and its reciprocal square root.
    angle_bits
        Bits after the point of cosines and sines.
    readout_bits
        An output.
    attention
        ``softmax``, where scores above the greatest one of the sample are clipped, to equal weight; ``shifted``, where
        the greatest score of each position is subtracted first; or ``hard``, average-hard attention, which is another
        function than what was trained.
    """

    width: int = 8
    weight_bits: int = 6
    score_bits: int = 8
    exp_bits: int = 8
    recip_bits: int = 12
    square_bits: int = 10
    rsqrt_bits: int = 10
    angle_bits: int = 6
    readout_bits: int = 8
    attention: Softmax = "softmax"
