"""`logprec graph`: what a theorem rests on, as an SVG picture with the deepest foundations at the bottom."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

import networkx as nx

from logprec.proofs.catalogue import Catalogue

_CHARACTER, _LINE, _GAP, _ROW = 6.6, 16, 14, 74  # sizes in pixels
_WIDEST = 14  # boxes side by side; a layer with more is broken


def colours(folders: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return for each folder the colour of its boxes, on which dark text is readable, and of the edges from them."""
    n = len(folders)
    step = 7 if n % 7 else 5  # neighbours in the list are far apart on the wheel

    def both(i: int) -> tuple[str, str]:
        hue = round(360 * (i * step % n) / n)
        return f"hsl({hue}, 62%, {(84, 74)[i % 2]}%)", f"hsl({hue}, 55%, 45%)"

    return {f: both(i) for i, f in enumerate(folders)}


def module_graph(catalogue: Catalogue, names: Iterable[str]) -> Any:
    """Return the graph of the modules that the named declarations rest on.

    An edge goes from a module to one that its declarations, as far as they are needed, use directly. Nodes carry the
    number of needed declarations (`count`) and the folder; the graph has all `folders` of the catalogue.
    """
    graph = nx.DiGraph(folders=_folders(catalogue))
    needed = catalogue.closure(names)
    for name in needed:
        d = catalogue.declarations[name]
        if d.module not in graph:
            graph.add_node(d.module, count=0, folder=d.folder, label=d.module.removeprefix("Logprec."))
        graph.nodes[d.module]["count"] += 1
    for name in needed:
        d = catalogue.declarations[name]
        for used in d.uses:
            other = catalogue.declarations[used].module
            if other != d.module:
                graph.add_edge(d.module, other)
    return graph


def declaration_graph(catalogue: Catalogue, names: Iterable[str]) -> Any:
    """Return the graph of the declarations that the named ones rest on."""
    graph = nx.DiGraph(catalogue.graph.subgraph(catalogue.closure(names)), folders=_folders(catalogue))
    graph.remove_edges_from([(n, n) for n in list(graph)])
    for name in graph:
        d = catalogue.declarations[name]
        graph.nodes[name].update(count=1, folder=d.folder, label=name.removeprefix("Logprec."))
    return graph


def folder_graph(links: Mapping[str, Iterable[str]]) -> Any:
    """Return the graph of folders: an edge goes from one to each that it imports."""
    graph = nx.DiGraph(folders=sorted(links))
    for folder in links:
        graph.add_node(folder, count=1, folder=folder, label=folder)
    graph.add_edges_from((folder, used) for folder, imported in links.items() for used in imported)
    return graph


def _folders(catalogue: Catalogue) -> list[str]:
    return sorted({d.folder for d in catalogue.declarations.values()})


def layers(graph: Any) -> list[list[str]]:
    """Return the nodes by depth: what rests on nothing comes last, and every edge goes to a later layer.

    Within a layer the order follows the neighbours above and below, so that few edges cross.

    Parameters
    ----------
    graph
        Without cycles.
    """
    depth: dict[str, int] = {}
    for node in reversed(list(nx.topological_sort(graph))):
        depth[node] = 1 + max((depth[s] for s in graph.successors(node)), default=-1)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in sorted(graph):
        rows[len(rows) - 1 - depth[node]].append(node)
    place = {n: i / len(r) for r in rows for i, n in enumerate(r)}
    for sweep in range(8):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            near = graph.predecessors if sweep % 2 == 0 else graph.successors
            middle = {n: sum(ps) / len(ps) if (ps := [place[m] for m in near(n)]) else place[n] for n in row}
            row.sort(key=lambda n: (middle[n], n))
            place.update({n: (i + 0.5) / len(row) for i, n in enumerate(row)})
    return rows


def draw(graph: Any, title: str) -> str:
    """Return the picture of a graph of declarations or modules, as SVG.

    Edges that follow from others are left out. Boxes have the colour of their folder, the same in every picture of a
    catalogue; hovering tells the full name.
    """
    for cycle in list(nx.strongly_connected_components(graph)):
        if len(cycle) > 1:  # declared together: the first by name stands above the others
            order = sorted(cycle)
            graph.remove_edges_from([(a, b) for a in cycle for b in cycle if graph.has_edge(a, b)])
            graph.add_edges_from(pairwise(order))
    reduced = nx.transitive_reduction(graph)
    rows = [row[i : i + _WIDEST] for row in layers(graph) for i in range(0, len(row), _WIDEST)]
    folders = sorted({d["folder"] for _, d in graph.nodes(data=True)})
    colour = colours(graph.graph["folders"])

    def lines(node: str) -> tuple[str, str]:
        label = graph.nodes[node]["label"]
        head, dot, tail = label.rpartition(".")
        return (head + dot, tail)

    width = {n: _CHARACTER * max(map(len, lines(n))) + 16 for n in graph}
    total = max((sum(width[n] + _GAP for n in row) for row in rows), default=0) + _GAP
    total = max(total, 120 * len(folders) + _GAP, _CHARACTER * len(title) * 1.4 + 2 * _GAP)
    top: dict[str, tuple[float, float]] = {}
    for k, row in enumerate(rows):
        used = sum(width[n] for n in row)
        space = (total - used) / (len(row) + 1)
        x = space
        for n in row:
            top[n] = (x + width[n] / 2, 80 + k * _ROW)
            x += width[n] + space
    height = 80 + len(rows) * _ROW
    box = 2 * _LINE + 6
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total:.0f} {height}" width="{total:.0f}" '
        f'height="{height}" font-family="DejaVu Sans Mono, Menlo, monospace" font-size="11">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{total:.0f}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_GAP}" y="24" font-size="15" fill="#222222">{escape(title)}</text>',
    ]
    for i, f in enumerate(folders):
        x = _GAP + 120 * i
        out.append(f'<rect x="{x}" y="38" width="14" height="14" rx="3" fill="{colour[f][0]}" stroke="#555555"/>')
        out.append(f'<text x="{x + 20}" y="49" fill="#222222">{escape(f)}</text>')
    for a, b in sorted(reduced.edges):
        (x, y), (u, v) = top[a], top[b]
        y += box
        bend = max(24.0, (v - y) / 2)
        out.append(
            f'<path d="M{x:.1f},{y} C{x:.1f},{y + bend:.1f} {u:.1f},{v - bend:.1f} {u:.1f},{v}" fill="none" '
            f'stroke="{colour[graph.nodes[a]["folder"]][1]}" stroke-width="1.2" opacity="0.6"/>'
        )
    for n, (x, y) in top.items():
        data = graph.nodes[n]
        head, tail = lines(n)
        many = f" ({data['count']} declarations)" if data["count"] > 1 else ""
        out.append(
            f"<g><title>{escape(n + many)}</title>"
            f'<rect x="{x - width[n] / 2:.1f}" y="{y}" width="{width[n]:.1f}" height="{box}" rx="5" '
            f'fill="{colour[data["folder"]][0]}" stroke="#555555"/>'
            f'<text x="{x:.1f}" y="{y + 15}" text-anchor="middle" fill="#555555">{escape(head)}</text>'
            f'<text x="{x:.1f}" y="{y + 31}" text-anchor="middle" fill="#111111">{escape(tail)}</text></g>'
        )
    out.append("</svg>")
    return "\n".join(out) + "\n"
