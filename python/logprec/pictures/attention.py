"""Pictures of attention: what every head computes on one input."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from numpy.typing import ArrayLike, NDArray

from logprec.models.model import Model
from logprec.pictures.figure import INK, new_figure, save_figure


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
    seen = model.attention(row)
    widest = max(seen.panels, key=len)
    sizes = [len(panel.columns) for panel in widest]
    side = max(2.6, 0.42 * len(names) + 0.8)
    figure = new_figure((side + 0.6) * len(widest) + 0.6, side * len(seen.panels) + 0.5)
    grid: Any = figure.subplots(len(seen.panels), len(widest), squeeze=False, width_ratios=sizes)
    for line, panels in zip(grid, seen.panels, strict=True):
        for axes in line[len(panels) :]:
            axes.set_axis_off()
        for axes, panel in zip(line, panels, strict=False):
            _heat(axes, panel.table, names, list(panel.columns), panel.title)
            if len(panel.columns) > len(names):
                axes.axvline(len(names) - 0.5, color=INK, linewidth=1.5)
        line[0].set_ylabel("query", color=INK)
    figure.suptitle(f"{title + ': ' if title else ''}{model.decode(row)} is {seen.verdict}", color=INK, fontsize=12)
    save_figure(figure, path)


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
