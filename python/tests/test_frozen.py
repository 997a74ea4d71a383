"""Frozen texts, and what differs between two of them."""

from pathlib import Path
from typing import Any

import pytest

from logprec.proofs.audit import compare
from logprec.proofs.frozen import FILE, changed, text


def entry(module: str, name: str, kind: str, type_: str, *, body: str = "", code: str = "") -> dict[str, Any]:
    return {"module": module, "name": name, "kind": kind, "type": type_, "body": body, "code": code or type_ + body}


BASE = [
    entry("B", "two", "def", "Nat", body="2"),
    entry("A", "four", "theorem", "two + two = 4"),
    entry("B", "two.match_1", "def", "", code="code"),
    entry("B", "two.match_2", "def", "", code="other code"),
]


def test_text_is_sorted_and_complete() -> None:
    lines = text(BASE).splitlines()
    assert lines.index("==== A ====") < lines.index("==== B ====")
    assert "  two + two = 4" in lines
    assert text(BASE) == text([*reversed(BASE), BASE[0]])


def test_nothing_changed() -> None:
    assert changed(text(BASE), text(BASE)) == {}


@pytest.mark.parametrize(
    ("other", "differences"),
    [
        ([BASE[0] | {"body": "3"}, *BASE[1:]], {"two": "changed"}),
        ([BASE[0] | {"code": "the same for a reader, with another implicit argument"}, *BASE[1:]], {"two": "changed"}),
        ([BASE[0], BASE[1] | {"type": "two + two = 5"}, *BASE[2:]], {"four": "changed"}),
        ([*BASE[:3], BASE[3] | {"code": "other"}], {"two.match_2": "changed"}),
        (BASE[:3], {"two.match_2": "gone"}),
        ([*BASE, entry("C", "new", "def", "Nat", body="1")], {"new": "new"}),
        ([BASE[0] | {"kind": "opaque"}, *BASE[1:]], {"two": "changed"}),
        ([BASE[0], *BASE[2:]], {"four": "gone"}),
    ],
)
def test_every_change_is_named(other: list[dict[str, Any]], differences: dict[str, str]) -> None:
    assert changed(text(BASE), text(other)) == differences


def test_the_audit_compares(tmp_path: Path) -> None:
    (missing,) = compare(tmp_path, text(BASE))
    assert missing.kind == "frozen" and missing.detail.startswith("no such file")
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(text(BASE))
    assert compare(tmp_path, text(BASE)) == []
    (found,) = compare(tmp_path, text([BASE[0] | {"body": "3"}, *BASE[1:]]))
    assert (found.declaration, found.kind) == ("two", "frozen")


def test_an_empty_or_edited_file_is_seen(tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text("")
    assert {f.declaration for f in compare(tmp_path, text(BASE))} == {e["name"] for e in BASE}
    (tmp_path / FILE).write_text(text(BASE).replace("two + two = 4", "two + two = 5"))
    assert [f.declaration for f in compare(tmp_path, text(BASE))] == ["four"]
