"""The cells that a machine visits, as a picture."""

from pathlib import Path

from matplotlib.figure import Figure

from logprec.pictures.figure import FAINT, INK, new_figure, save_figure


def plot_cells(title: str, points: list[tuple[int, int, int]], path: Path) -> None:
    """Draw the cells that a machine visits against n, on a logarithmic axis, beside the proved bound.

    Parameters
    ----------
    title
        Title.
    points
        For each n, the cells visited and the bound.
    path
        A picture: .png, .svg or .pdf.

    Raises
    ------
    LogprecError
        If the file cannot be written.
    """
    figure: Figure = new_figure(7, 4.2)
    axes = figure.subplots()
    lengths = [n + 2 for n, _, _ in points]
    axes.plot(lengths, [bound for _, _, bound in points], "o-", color=FAINT, label="proved bound")
    axes.plot(lengths, [cells for _, cells, _ in points], "o-", color=INK, label="cells visited")
    axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("n + 2")
    axes.set_ylabel("cells of the work tapes")
    axes.set_title(title, color=INK)
    axes.legend(frameon=False)
    save_figure(figure, path)
