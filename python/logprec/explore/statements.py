"""The paper's statements beside ours, from ``statements.toml``."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from logprec.errors import LogprecError

FILE = "statements.toml"


@dataclass(frozen=True)
class Ours:
    """A Lean declaration that says what the paper says, and which part of it."""

    name: str
    what: str


@dataclass(frozen=True)
class Item:
    """A numbered item of the paper.

    Attributes
    ----------
    group
        Heading it stands under.
    item
        Its number, as the paper has it.
    title
        What it is about.
    says
        Our paraphrase, by paragraphs.
    ours
        Lean declarations; none where the item has no counterpart.
    differs
        Where we diverge; may be empty.
    """

    group: str
    item: str
    title: str
    says: tuple[str, ...]
    ours: tuple[Ours, ...]
    differs: str


def load_statements() -> tuple[Item, ...]:
    """Read the table that comes with the package, in its order.

    Raises
    ------
    LogprecError
        If an entry lacks a field or has one that is not known.
    """
    table = tomllib.loads(files("logprec.explore").joinpath(FILE).read_text(encoding="utf-8"))
    return tuple(_item(entry) for entry in table["statement"])


def _item(entry: dict[str, object]) -> Item:
    fields = {"group", "item", "title", "says", "ours", "differs"}
    if set(entry) - fields or not {"group", "item", "title", "says"} <= set(entry):
        raise LogprecError(
            f"{FILE}: entry {entry.get('item', '?')!r} needs group, item, title and says, and knows {fields}"
        )
    ours = entry.get("ours", [])
    assert isinstance(ours, list)
    return Item(
        str(entry["group"]),
        str(entry["item"]),
        str(entry["title"]),
        tuple(part.replace("\n", " ").strip() for part in str(entry["says"]).strip().split("\n\n")),
        tuple(Ours(str(one["name"]), str(one.get("what", ""))) for one in ours),
        str(entry.get("differs", "")).replace("\n", " ").strip(),
    )
