"""Pictures of circuits and of attention."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from logprec.blocks import BlockCircuit
from logprec.circuit import Bits, Circuit, Stats
from logprec.errors import LogprecError
from logprec.floats import Codes, values_table
from logprec.model import TableModel, forward
from logprec.models import Model
from logprec.quantised import run
from logprec.quantised.model import QuantisedModel

INK = "#22313f"
FAINT = "#b9c4cc"
AT_LEAST = "#2a6f97"
AT_MOST = "#b5533c"
LIT = "#f2b134"

# Above these, single gates cannot be told apart and the profile says more.
_MAX_NODES = 3000
_MAX_WIDTH = 400
_MAX_LINKS = 30_000
_LABELLED_WIDTH = 28

FORMATS = (".png", ".svg", ".pdf")


def draw_circuit(
    circuit: Circuit | BlockCircuit, path: Path, *, title: str = "", bits: ArrayLike | None = None
) -> None:
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
    flat = circuit.flatten() if small and isinstance(circuit, BlockCircuit) else circuit
    summary = f"depth {stats.depth}, {stats.gates:,} gates, {stats.wires:,} wires"
    heading = f"{title}: {summary}" if title else summary
    figure = _gates(flat, heading, widest, bits) if small and isinstance(flat, Circuit) else _profile(stats, heading)
    save_figure(figure, path)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a picture, completely or not at all.

    Raises
    ------
    LogprecError
        If the format is unknown or the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise LogprecError(f"{path}: pictures are written as {', '.join(FORMATS)}")
    try:
        descriptor, name = tempfile.mkstemp(suffix=path.suffix, dir=path.parent)
        os.close(descriptor)
        try:
            figure.savefig(name, dpi=120, bbox_inches="tight", facecolor="white")
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise LogprecError(f"{path}: cannot write: {error.strerror}") from error


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _spread(count: int) -> NDArray[np.float64]:
    """Heights of ``count`` nodes, the first on top, centred at 0."""
    return (count - 1) / 2 - np.arange(count, dtype=np.float64)


def _gates(circuit: Circuit, heading: str, widest: int, bits: ArrayLike | None) -> Figure:
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


def draw_attention(model: Model, symbols: ArrayLike, path: Path, *, title: str = "") -> None:
    """Draw what every head computes on one input.

    A model of tables: left, the similarity of each query (row) to each key (column); right, the summands of
    coordinate 0, and their iterated sum in the last column.  A quantised model: for each layer (row) and head (column)
    the attention weights of each query (row), as shares of their sum.

    Parameters
    ----------
    model
        The model; at least one layer.
    symbols
        Symbol codes, shape (n,).
    path
        Picture file.
    title
        Written above the picture.

    Raises
    ------
    LogprecError
        If the model has no layers, the input is out of range, or the file
        cannot be written.
    """
    row = np.asarray(symbols, dtype=np.int64)
    names = [model.decode([x]) for x in row.tolist()]
    if isinstance(model, QuantisedModel):
        figure, verdict = _weights(model, row, names)
    else:
        figure, verdict = _similarities(model, row, names)
    text = model.decode(row)
    figure.suptitle(f"{title + ': ' if title else ''}{text} is {verdict}", color=INK, fontsize=12)
    save_figure(figure, path)


def _weights(model: QuantisedModel, row: Codes, names: list[str]) -> tuple[Figure, str]:
    """Draw attention weights; also return the name of the class."""
    result = run.forward(model, row[None, :], weights=True)
    most = max((len(layer) for layer in result.weights), default=0)
    if not most:
        raise LogprecError("the model has no attention to draw")
    side = max(2.6, 0.42 * len(names) + 0.8)
    figure = new_figure(side * most + 0.6, side * len(result.weights) + 0.5)
    grid: Any = figure.subplots(len(result.weights), most, squeeze=False)
    for k, layer in enumerate(result.weights):
        for h, axes in enumerate(grid[k]):
            if h >= len(layer):
                axes.set_axis_off()
                continue
            weights = layer[h][0].astype(np.float64)
            shares = np.round(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1), 2)
            _heat(axes, shares, names, names, f"layer {k + 1}, head {h + 1}: weights")
        grid[k][0].set_ylabel("query", color=INK)
    if len(model.classes) == 1:
        return figure, str(result.outputs[0, 0])
    return figure, model.classes[int(run.classes(result.outputs)[0])]


def _similarities(model: TableModel, row: Codes, names: list[str]) -> tuple[Figure, str]:
    """Draw similarities and sums; also return the verdict."""
    result = forward(model, row[None, :], attention=True)
    heads = [
        (f"layer {k + 1}, head {h + 1}", head)
        for k, layer in enumerate(result.attention)
        for h, head in enumerate(layer)
    ]
    if not heads:
        raise LogprecError("the model has no attention to draw")
    n = len(names)
    side = max(2.6, 0.42 * n + 0.8)
    figure = new_figure(2 * side + 2.4, side * len(heads) + 0.5)
    grid: Any = figure.subplots(len(heads), 2, squeeze=False, width_ratios=[n, n + 1])
    mask = (1 << model.precision) - 1
    for (left, right), (name, head) in zip(grid, heads, strict=True):
        similarity = _values(head.s[0], model.precision)
        summands = _values(np.where(head.weighted[0] < 0, -1, head.weighted[0] & mask), model.precision)
        sums = _values(head.a[0] & mask, model.precision)
        _heat(left, similarity, names, names, f"{name}: similarity s")
        _heat(
            right,
            np.column_stack([summands, sums]),
            names,
            [*names, "⊕"],
            f"{name}: summands and their sum",
        )
        right.axvline(n - 0.5, color=INK, linewidth=1.5)
        left.set_ylabel("query", color=INK)
    return figure, "accepted" if result.accept[0] else "rejected"


def _values(codes: Codes, p: int) -> NDArray[np.float64]:
    return np.where(codes < 0, np.nan, values_table(p)[codes])


def _heat(axes: Any, table: NDArray[np.float64], rows: list[str], columns: list[str], title: str) -> None:
    limit = float(np.nanmax(np.abs(table), initial=0)) or 1.0
    axes.set_facecolor("#eef1f3")
    if np.nanmin(table, initial=0) < 0:
        image = axes.imshow(table, cmap="RdBu_r", norm=TwoSlopeNorm(0, -1.3 * limit, 1.3 * limit), aspect="equal")
    else:
        image = axes.imshow(table, cmap="Reds", vmin=0, vmax=1.3 * limit, aspect="equal")
    axes.set_xticks(range(len(columns)), columns, fontsize=9)
    axes.set_yticks(range(len(rows)), rows, fontsize=9)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, colors=INK)
    axes.spines[:].set_visible(False)
    if len(columns) <= 17:
        for (i, j), x in np.ndenumerate(table):
            if np.isfinite(x):
                shade = "white" if abs(x) > 0.8 * limit else INK
                axes.text(j, i, f"{x:g}", ha="center", va="center", fontsize=7, color=shade)
    axes.set_xlabel(title, color=INK, fontsize=10)
    axes.figure.colorbar(image, ax=axes, shrink=0.8).ax.tick_params(labelsize=8, colors=INK)
