"""Figures without a window: colours, and how they are written."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from logprec.errors import LogprecError
from logprec.files import new_file

INK = "#22313f"
FAINT = "#b9c4cc"
FORMATS = (".png", ".svg", ".pdf")


def save_figure(figure: Figure, path: Path) -> None:
    """Write a picture, completely or not at all.

    Raises
    ------
    LogprecError
        If the format is unknown or the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise LogprecError(f"{path}: pictures are written as {', '.join(FORMATS)}")
    with new_file(path) as temporary:
        figure.savefig(temporary, dpi=120, bbox_inches="tight", facecolor="white")


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
