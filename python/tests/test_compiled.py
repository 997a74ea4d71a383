"""Groups of modules, and processes that die: a crash is never a verdict."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from logprec.proofs.metaprograms import Examiner, LeanCrashError, group
from logprec.toolchain.lakefile import load
from logprec.toolchain.modules import Graph

# answers for each module of the job, unless told to die before one: always, or the first time only
PROGRAM = """
import json, os, pathlib, sys
job = json.loads(sys.stdin.readline())
marks = pathlib.Path(job["marks"])
with open(marks / "starts", "a") as f:
    f.write(" ".join(job["modules"]) + "\\n")
for module in job["modules"]:
    if module in job["deadly"] or (module in job["unlucky"] and not (marks / module).exists()):
        (marks / module).touch()
        print('{"module": "' + module, end="", flush=True)
        print("RuntimeError: memory access out of bounds", file=sys.stderr, flush=True)
        os._exit(1)
    print("noise")
    print(json.dumps({"module": module, "findings": []}), flush=True)
"""


def examiner(marks: Path, deadly: Sequence[str] = (), unlucky: Sequence[str] = ()) -> Examiner:
    shared = {"marks": str(marks), "deadly": list(deadly), "unlucky": list(unlucky)}
    return Examiner([sys.executable, "-c", PROGRAM], dict(os.environ), shared)


def test_every_module_is_answered_in_order(tmp_path: Path) -> None:
    answers = examiner(tmp_path).run([["A", "B"], ["C"]], jobs=2)
    assert [a["module"] for a in answers] == ["A", "B", "C"]


def test_progress_counts_modules(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    one = examiner(tmp_path)
    Examiner(one.command, one.environment, one.shared, lambda *x: seen.append(x)).run([["A", "B"]], jobs=1)
    assert seen == [(1, 2, "A"), (2, 2, "B")]


def test_a_crash_is_tried_again_in_halves(tmp_path: Path) -> None:
    answers = examiner(tmp_path, unlucky=["B"]).run([["A", "B", "C", "D"]], jobs=1)
    assert [a["module"] for a in answers] == ["A", "B", "C", "D"]
    assert (tmp_path / "starts").read_text().splitlines() == ["A B C D", "B", "C D"]


def test_a_module_that_always_crashes_is_named_and_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(LeanCrashError, match=r"^C: .*crashed, twice.*no verdict.*memory access out of bounds"):
        examiner(tmp_path, deadly=["C"]).run([["A", "B", "C", "D"]], jobs=1)


def test_a_silent_process_is_a_crash(tmp_path: Path) -> None:
    quiet = Examiner([sys.executable, "-c", "input()"], dict(os.environ), {})
    with pytest.raises(LeanCrashError, match="no message"):
        quiet.run([["A"]], jobs=1)


def project(folder: Path) -> Graph:
    (folder / "P").mkdir()
    files = {
        "P": "import P.Top",
        "P/Top": "import P.Left\nimport P.Right\nimport P.Meta",
        "P/Left": "import P.Base",
        "P/Right": "import P.Base",
        "P/Base": "",
        "P/Meta": "import Lean",
        "P/Tool": "def main : IO Unit := pure ()",
    }
    for name, text in files.items():
        (folder / f"{name}.lean").write_text(text)
    (folder / "lakefile.lean").write_text(
        "import Lake\nopen Lake DSL\n\npackage p\n\n@[default_target]\nlean_lib P\n\n"
        "lean_exe tool where\n  root := `P.Tool\n"
    )
    return Graph(load(folder))


def test_a_group_imports_nothing_from_a_later_one(tmp_path: Path) -> None:
    graph = project(tmp_path)
    names = ["P", "P.Top", "P.Left", "P.Right", "P.Base", "P.Meta", "P.Tool"]
    for limit in (1, 2, 3, 100):
        groups = group(graph, names, lambda _: 1, limit)
        flat = [m for g in groups for m in g]
        assert sorted(flat) == sorted(names)
        place = {m: i for i, m in enumerate(flat)}
        assert all(place[i] < place[m] for m in flat for i in graph.module(m).own_imports)
        assert ["P.Tool"] in groups
        assert all(len(g) <= limit for g in groups)


def test_modules_that_need_lean_itself_are_kept_apart(tmp_path: Path) -> None:
    groups = group(project(tmp_path), ["P.Base", "P.Meta", "P.Left"], lambda _: 1, 100)
    assert groups == [["P.Base", "P.Left"], ["P.Meta"]]


def test_a_large_module_is_a_group_of_its_own(tmp_path: Path) -> None:
    size = {"P.Base": 1, "P.Left": 50, "P.Right": 1}
    assert group(project(tmp_path), list(size), lambda m: size[m], 10) == [["P.Base"], ["P.Left"], ["P.Right"]]
