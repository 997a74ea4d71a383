from pathlib import Path

import pytest

from logprec.toolchain.errors import ToolchainError
from logprec.toolchain.lakefile import Glob, find_project, load, parse, strip_comments
from logprec.toolchain.modules import Graph, HeaderError, imports_of

ROOT = Path(__file__).resolve().parents[3]
BOOK = """import Lake
open Lake DSL

/- lean_lib Commented -/
package «my-pkg» where
  version := v!"0.1.0"   -- lean_lib AlsoCommented
  leanOptions := #[⟨`autoImplicit, false⟩, ⟨`weak.linter.x, true⟩]

@[default_target]
lean_lib Main where
  srcDir := "src"
  leanOptions := #[⟨`maxRecDepth, 1000⟩]

lean_lib Tests where
  srcDir := "tests"
  globs := #[.submodules `Tests, .andSubmodules `More, `One]

@[default_target] lean_exe «my-tool» where
  root := `Main.Tool
"""


def test_by_the_book() -> None:
    lakefile = parse(BOOK, Path("/p"))
    main, tests, tool = lakefile.targets
    assert lakefile.package == "my-pkg"
    assert [t.name for t in lakefile.targets] == ["Main", "Tests", "my-tool"]
    assert (main.source, main.roots, main.default) == (Path("/p/src"), ("Main",), True)
    assert main.options == {"autoImplicit": False, "linter.x": True, "maxRecDepth": 1000}
    assert tests.globs == (Glob("Tests", itself=False, below=True), Glob("More", below=True), Glob("One"))
    assert not tests.default
    assert tool.executable
    assert tool.roots == ("Main.Tool",)
    assert tool.options == {"autoImplicit": False, "linter.x": True}
    owner = lakefile.owner("Main.Tool.Part")
    assert owner is not None
    assert owner.file("Main.Tool.Part") == Path("/p/src/Main/Tool/Part.lean")
    assert lakefile.owner("Mainly") is None


def test_the_lakefile_of_this_project() -> None:
    lakefile = load(ROOT)
    assert lakefile.package == "logprec"
    assert {t.name for t in lakefile.libraries if t.default} == {"Logprec", "LogprecTests"}
    compiler = lakefile.target("logprec-compile")
    assert compiler is not None
    assert compiler.roots == ("Logprec.Extract.Main",)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('require std from git "x"', "require"),
        ("lean_lib A where\n  needs := #[x]", "needs"),
        ("extern_lib x", "extern_lib"),
        (
            "package p where\n  leanOptions := #[autoImplicit]\nlean_lib A where\n  leanOptions := #[⟨`a, f x⟩]",
            "leanOptions",
        ),
    ],
)
def test_what_it_cannot_read_is_refused(text: str, part: str) -> None:
    with pytest.raises(ToolchainError, match=part):
        parse(text, Path("/p"))


def test_comments_nest_and_strings_stay() -> None:
    assert strip_comments('a /- b /- c -/ d -/ e "-- f" -- g\nh').split() == ["a", "e", '"--', 'f"', "h"]


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match=r"no lakefile\.lean"):
        find_project(tmp_path)


@pytest.mark.parametrize(
    ("text", "imports"),
    [
        ("", ("Init",)),
        ("import A.B\nimport C\ntheorem t : True := trivial\nimport D", ("Init", "A.B", "C")),
        ("/- import X -/ import A -- import Y\n\nimport «B-c».D", ("Init", "A", "B-c.D")),
        ("/-! doc\nimport X -/\nimport A", ("Init",)),
        ("prelude\nimport A import B", ("A", "B")),
        ("import A\nimport A", ("Init", "A")),
        ("public meta import all A", ("Init", "A")),
        ("importA", ("Init",)),
    ],
)
def test_headers(text: str, imports: tuple[str, ...]) -> None:
    assert imports_of(text) == imports


def test_module_files_are_refused() -> None:
    with pytest.raises(HeaderError, match="native"):
        imports_of("/- c -/ module\nimport A")


def project(folder: Path, files: dict[str, str]) -> Graph:
    (folder / "lakefile.lean").write_text("import Lake\nopen Lake DSL\npackage p\n@[default_target]\nlean_lib P\n")
    for name, text in files.items():
        file = folder.joinpath(*name.split(".")).with_suffix(".lean")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return Graph(load(folder))


def test_order_has_imports_first(tmp_path: Path) -> None:
    graph = project(tmp_path, {"P": "import P.B\nimport P.A", "P.A": "import Lean", "P.B": "import P.A"})
    assert [m.name for m in graph.order(["P"])] == ["P.A", "P.B", "P"]
    assert graph.closure(["Init", "P.B"]) == (("P.A", "P.B"), ("Init", "Lean"))


@pytest.mark.parametrize(
    ("files", "part"),
    [
        ({"P": "import P.A", "P.A": "import P"}, "import cycle: P -> P.A -> P"),
        ({"P": "import P.Gone"}, r"P: bad import 'P.Gone': no such file P/Gone\.lean"),
        ({"P": "import Mathlib"}, "bad import 'Mathlib'"),
    ],
)
def test_broken_imports(tmp_path: Path, files: dict[str, str], part: str) -> None:
    with pytest.raises(HeaderError, match=part):
        project(tmp_path, files).order(["P"])
