"""The worked examples of CONTRIBUTING.md are true: the Lean compiles in tests/LogprecTests, and the command runs."""

import itertools
import re
import textwrap

import typer
from typer.testing import CliRunner

from logprec.commands import circuits
from logprec.constructor.executable import project_root

ROOT = project_root()
TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def pieces(language: str) -> list[str]:
    return [textwrap.dedent(code) for code in re.findall(rf"^ *```{language}\n(.*?)^ *```$", TEXT, re.M | re.S)]


def test_the_lean_is_compiled() -> None:
    compiled = (ROOT / "tests/LogprecTests/Contributing.lean").read_text()
    assert len(pieces("lean")) == 8
    assert [code for code in pieces("lean") if code.strip() not in compiled] == []


def test_the_command_runs() -> None:
    source = next(code for code in pieces("python") if "def accepted_command" in code)
    scope = {**vars(circuits), "itertools": itertools}
    exec(source, scope)
    app = typer.Typer()
    app.command("accepted")(scope["accepted_command"])
    done = CliRunner().invoke(app, [str(ROOT / "examples/majority"), "--n", "2"])
    assert (done.exit_code, done.output) == (0, "11\n")
