"""Pictures of circuits."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from logprec.circuits.circuit import Circuit
from logprec.circuits.gates import Bits, Stats
from logprec.circuits.layers import LayerCircuit
from logprec.pictures.figure import FAINT, INK, new_figure, save_figure

AT_LEAST = "#2a6f97"
AT_MOST = "#b5533c"
LIT = "#f2b134"
# Above these, single gates cannot be told apart and the profile says more.
_MAX_NODES = 3000
_MAX_WIDTH = 400
_MAX_LINKS = 30_000
_LABELLED_WIDTH = 28


def draw_circuit(circuit: Circuit, path: Path, *, title: str = "", bits: ArrayLike | None = None) -> None:
    """Draw a circuit: gates and wires when small, a profile of its layers when large.

    Parameters
    ----------
    circuit
        The circuit; one in blocks may be of any size.
    path
        Picture file: .png, .svg or .pdf.
    title
        Written above the picture.
    bits
        Input bits, shape (inputs,); gates that fire are lit (small circuits).

    Raises
    ------
    LogprecError
        If the format is unknown, the input has the wrong length, or the file
        cannot be written.
    """
    stats = circuit.stats()
    widest = max([stats.inputs, *(layer.gates for layer in stats.layers)])
    small = stats.gates + stats.inputs <= _MAX_NODES and widest <= _MAX_WIDTH and stats.wires <= _MAX_LINKS
    summary = f"depth {stats.depth}, {stats.gates:,} gates, {stats.wires:,} wires"
    heading = f"{title}: {summary}" if title else summary
    figure = _gates(circuit.flatten(), heading, widest, bits) if small else _profile(stats, heading)
    save_figure(figure, path)


def _spread(count: int) -> NDArray[np.float64]:
    """Heights of ``count`` nodes, the first on top, centred at 0."""
    return (count - 1) / 2 - np.arange(count, dtype=np.float64)


def _gates(circuit: LayerCircuit, heading: str, widest: int, bits: ArrayLike | None) -> Figure:
    values = circuit.trace(bits) if bits is not None else None
    widths = [circuit.inputs, *map(len, circuit.layers)]
    # layers of few gates are spread out, so that wires fan instead of bundling
    heights = [_spread(w) * (widest / w) ** 0.6 if w else _spread(w) for w in widths]
    labelled = widest <= _LABELLED_WIDTH
    height = float(np.clip(0.42 * widest if labelled else 0.13 * widest, 4.5, 12.0))
    figure = new_figure(max(7.0, (1.15 if labelled else 0.62) * len(widths)), height)
    axes = figure.subplots()
    size = 330.0 if labelled else float(np.clip(1500.0 * height / 8 / widest, 5.0, 120.0))
    for k, layer in enumerate(circuit.layers):
        gate = np.repeat(np.arange(len(layer)), np.diff(layer.start))
        ends = np.empty((len(gate), 2, 2))
        ends[:, 0, 0], ends[:, 1, 0] = k, k + 1
        ends[:, 0, 1], ends[:, 1, 1] = heights[k][layer.source], heights[k + 1][gate]
        segments: Any = ends
        lit = values[k][layer.source] if values is not None else np.zeros(len(gate), dtype=np.bool_)
        thick = 0.5 + 0.35 * np.log2(np.maximum(layer.mult, 1))
        alpha = float(np.clip(60.0 / max(len(gate), 1), 0.12, 0.8))
        axes.add_collection(LineCollection(segments[~lit], colors=INK, linewidths=thick[~lit], alpha=alpha, zorder=1))
        axes.add_collection(
            LineCollection(segments[lit], colors=LIT, linewidths=thick[lit] + 0.3, alpha=max(alpha, 0.55), zorder=2)
        )
    for k, width in enumerate(widths):
        on: Bits = values[k] if values is not None else np.zeros(width, dtype=np.bool_)
        kind = circuit.layers[k - 1].at_least if k else np.ones(width, dtype=np.bool_)
        edge = [INK if k == 0 else AT_LEAST if least else AT_MOST for least in kind]
        axes.scatter(
            np.full(width, k),
            heights[k],
            s=size,
            c=[LIT if x else "white" for x in on],
            edgecolors=edge,
            linewidths=1.6 if labelled else 0.8,
            marker="s" if k == 0 else "o",
            zorder=3,
        )
        if labelled:
            for g in range(width):
                text = f"x{g}" if k == 0 else ("≥" if kind[g] else "≤") + str(circuit.layers[k - 1].threshold[g])
                axes.text(k, heights[k][g], text, ha="center", va="center", fontsize=7, color=INK, zorder=4)
    axes.set_xticks(range(len(widths)), ["inputs", *map(str, range(1, len(widths)))])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=INK)
    axes.set_xlabel("layer", color=INK)
    axes.margins(x=0.03, y=0.04)
    axes.set_title(heading, color=INK, fontsize=11, loc="left")
    marks = [_mark(AT_LEAST, "white", "at least k"), _mark(AT_MOST, "white", "at most k")]
    if values is not None:
        marks.append(_mark(INK, LIT, "carries a one"))
    axes.legend(handles=marks, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=3, frameon=False, fontsize=9)
    return figure


def _mark(edge: str, face: str, label: str) -> Line2D:
    return Line2D([], [], marker="o", linestyle="", markersize=8, markeredgecolor=edge, color=face, label=label)


def _profile(stats: Stats, heading: str) -> Figure:
    depth = np.arange(1, stats.depth + 1)
    figure = new_figure(float(np.clip(0.3 * stats.depth + 2, 7.0, 15.0)), 6.2)
    top, middle, bottom = figure.subplots(3, 1, sharex=True, height_ratios=[2, 2, 1.2])
    least = np.array([layer.at_least for layer in stats.layers])
    gates = np.array([layer.gates for layer in stats.layers])
    top.bar(depth, least, color=AT_LEAST, label="at least k")
    top.bar(depth, gates - least, bottom=least, color=AT_MOST, label="at most k")
    top.set_ylabel("gates")
    top.legend(frameon=False, fontsize=9)
    middle.bar(depth, [layer.wires for layer in stats.layers], color=INK)
    middle.set_ylabel("wires")
    bottom.bar(depth, [layer.max_fan_in for layer in stats.layers], color=FAINT)
    bottom.set_yscale("log", base=2)
    bottom.set_ylabel("largest\nfan-in")
    bottom.set_xlabel("layer")
    for axes in (top, middle, bottom):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
        axes.yaxis.label.set_color(INK)
    for axes in (top, middle):
        axes.yaxis.set_major_formatter("{x:,.0f}")
    if stats.depth <= 40:
        bottom.set_xticks(depth)
    bottom.xaxis.label.set_color(INK)
    figure.align_ylabels()
    top.set_title(heading, color=INK, fontsize=11, loc="left")
    return figure
