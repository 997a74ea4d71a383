"""The language server: the protocol with a pretended Lean, and one session with a real one."""

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from leanclient import DocumentContentChange, LeanLSPClient

from logprec.toolchain import find, serve
from logprec.toolchain.core import Wasm
from logprec.toolchain.serve import Server, changed, offset, read_message
from logprec.toolchain.worker import CrashError

LIMIT_S = 20


class Pretended:
    """A Lean that takes one step for each line, and answers questions with the position."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}
        self.at: dict[str, int] = {}
        self.asked: list[str] = []
        self.crashes = 0
        self.stuck = threading.Event()
        self.killed = threading.Event()

    def ask(self, data: Mapping[str, Any]) -> dict[str, Any]:
        op, name = data["op"], data["file"]
        self.asked.append(op)
        if op in ("open", "edit"):
            self.lines[name], self.at[name] = data["text"].split("\n"), 0
        elif op == "step":
            line = self.lines[name][self.at[name]]
            if "crash" in line and self.crashes:
                self.crashes -= 1
                raise CrashError("(killed)")
            if "loop" in line:
                self.stuck.set()
                assert self.killed.wait(LIMIT_S)
                self.killed.clear()
                raise CrashError("(killed)")
            self.at[name] += 1
        elif op == "ask":
            return {"result": data["position"]}
        else:
            return {"result": None}
        done = self.at[name] == len(self.lines[name])
        bad = [{"message": x} for x in self.lines[name][: self.at[name]] if "bad" in x]
        return {"ok": True, "done": done, "line": self.at[name], "diagnostics": bad}

    def kill(self) -> None:
        self.killed.set()

    def close(self) -> None:
        pass


class Client:
    """Both ends of the pipes of a server."""

    def __init__(self, engine: Pretended) -> None:
        (here, self.to), (self.source, there) = os.pipe(), os.pipe()
        self.stream = os.fdopen(self.source, "rb")
        self.code: int | None = None
        server = Server(os.fdopen(here, "rb"), os.fdopen(there, "wb"), engine, lambda *_: {}, lambda _: None)
        self.thread = threading.Thread(target=lambda: setattr(self, "code", server.run()), daemon=True)
        self.thread.start()
        self.number = 0

    def raw(self, data: bytes) -> None:
        os.write(self.to, data)

    def send(self, method: str, params: object = None, **more: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def receive(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while (message := read_message(self.stream)) is not None:
            if wanted(message):
                return message
        raise AssertionError("the server ended")

    def request(self, method: str, params: object = None) -> dict[str, Any]:
        self.number += 1
        number = self.number
        self.send(method, params, id=number)
        return self.receive(lambda m: m.get("id") == number and "method" not in m)

    def open(self, text: str, uri: str = "file:///x.lean") -> None:
        self.send("textDocument/didOpen", {"textDocument": {"uri": uri, "text": text, "version": 1}})

    def edit(self, text: str, version: int) -> None:
        item = {"uri": "file:///x.lean", "version": version}
        self.send("textDocument/didChange", {"textDocument": item, "contentChanges": [{"text": text}]})

    def wait(self, version: int) -> dict[str, Any]:
        return self.request("textDocument/waitForDiagnostics", {"uri": "file:///x.lean", "version": version})

    def published(self, version: int) -> list[dict[str, Any]]:
        """Wait for the end of a version and return its last diagnostics."""
        last: list[dict[str, Any]] = []
        while True:
            message = self.receive(lambda m: "method" in m)
            params = message["params"]
            if message["method"] == "textDocument/publishDiagnostics" and params["version"] == version:
                last = params["diagnostics"]
            elif message["method"] == "$/lean/fileProgress" and not params["processing"]:
                return last


@pytest.fixture
def engine() -> Pretended:
    return Pretended()


@pytest.fixture
def client(engine: Pretended) -> Iterator[Client]:
    client = Client(engine)
    assert client.request("textDocument/hover", {})["error"]["code"] == serve.NOT_INITIALIZED
    assert "hoverProvider" in client.request("initialize", {})["result"]["capabilities"]
    yield client
    engine.kill()
    os.close(client.to)
    client.thread.join(LIMIT_S)
    assert not client.thread.is_alive()
    assert client.code is not None
    client.stream.close()


def test_malformed_messages_are_answered_and_survived(client: Client) -> None:
    for bad in (b"Content-Length: 5\r\n\r\n{oops", b"Content-Length: x\r\n\r\n", b"Content-Length: 2\r\n\r\n[]"):
        client.raw(bad)
        assert client.receive(lambda m: "error" in m)["error"]["code"] == serve.PARSE_ERROR
    assert client.request("no/such")["error"]["code"] == serve.METHOD_NOT_FOUND
    assert client.request("$/lean/rpc/connect", {"uri": "file:///x.lean"})["error"]["code"] == serve.METHOD_NOT_FOUND
    client.open("a")
    client.send("textDocument/didChange", {"textDocument": 3})
    assert client.request("textDocument/hover", {"textDocument": 3})["error"]["code"] == serve.INVALID_PARAMS
    assert client.request("textDocument/hover", {"textDocument": {"uri": "file:///y"}})["error"]
    assert client.wait(1)["result"] == {}


def test_an_edit_while_elaborating_ends_what_it_made_obsolete(
    client: Client, engine: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "PATIENCE_S", 0.0)
    client.open("a\nloop\nbad")
    assert engine.stuck.wait(LIMIT_S)
    client.edit("a\nbad 2", 2)
    assert client.published(2) == [{"message": "bad 2"}]
    assert engine.asked.count("open") == 2  # the document is told to the new process


def test_a_dead_process_is_replaced_and_a_second_death_reported(client: Client, engine: Pretended) -> None:
    engine.crashes = 1
    client.open("a\ncrash\nbad")
    assert client.published(1) == [{"message": "bad"}]
    engine.crashes = 2
    client.edit("crash", 2)
    (crash,) = client.published(2)
    assert "no verdict" in crash["message"]
    place = {"textDocument": {"uri": "file:///x.lean"}, "position": {"line": 0, "character": 0}}
    assert client.request("$/lean/plainGoal", place)["result"] is None
    client.edit("bad", 3)
    assert client.published(3) == [{"message": "bad"}]


def test_shutdown(engine: Pretended) -> None:
    client = Client(engine)
    client.request("initialize", {})
    assert client.request("shutdown")["result"] is None
    client.send("exit")
    client.thread.join(LIMIT_S)
    assert client.code == 0


def test_changes_count_utf16_units() -> None:
    text = "∧𝔸b\nsecond"
    assert offset(text, {"line": 0, "character": 3}) == 2
    assert offset(text, {"line": 7, "character": 0}) == len(text)
    place = {"start": {"line": 0, "character": 3}, "end": {"line": 1, "character": 3}}
    assert changed(text, {"range": place, "text": "-"}) == "∧𝔸-ond"
    assert changed(text, {"text": "all"}) == "all"
    assert read_message(io.BytesIO(b"Content-Length: 9\r\n\r\n{}")) is None  # cut off


FILES = {
    "lakefile.lean": "import Lake\nopen Lake DSL\npackage p\n@[default_target]\nlean_lib P\n",
    "lean-toolchain": "leanprover/lean4:v4.28.0\n",
    "P/Base.lean": "/-- The third number. -/\ndef three : Nat := 3\n",
    "P.lean": "import P.Base\n\ntheorem t (p : Prop) (h : p) : p ∧ three = 3 := by\n  constructor\n  · exact h\n"
    "  · rfl\n\ntheorem u : three = 4 := by\n  rfl\n",
}


@pytest.mark.lean
def test_a_session_with_leanclient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not isinstance(find(), Wasm):
        pytest.skip("a native Lean has its own server")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    client = LeanLSPClient(str(tmp_path), prevent_cache_get=True)
    try:
        # errors, goals, hover, definition
        (error,) = client.get_diagnostics("P.lean").diagnostics
        assert (error["severity"], error["range"]["start"]["line"]) == (1, 8)
        goal = client.get_goal("P.lean", 4, 4)
        assert goal is not None
        assert goal["goals"] == ["case left\np : Prop\nh : p\n⊢ p"]
        after = client.get_goal("P.lean", 5, 7)
        assert after is not None
        assert after["goals"] == []
        hover = client.get_hover("P.lean", 7, 13)
        assert hover is not None
        assert "three : Nat" in hover["contents"]["value"]
        assert "The third number." in hover["contents"]["value"]
        (link,) = client.get_definitions("P.lean", 7, 13)
        assert link["targetUri"] == (tmp_path / "P/Base.lean").as_uri()
        assert link["targetSelectionRange"]["start"] == {"line": 1, "character": 4}
        assert [s["name"] for s in client.get_document_symbols("P.lean")] == ["t", "u"]
        # an edit, then the death of Lean
        client.update_file("P.lean", [DocumentContentChange("3", (7, 20), (7, 21))])
        assert client.get_diagnostics("P.lean").success
        children = psutil.Process(client.process.pid).children(recursive=True)
        for child in children:
            child.kill()
        client.update_file("P.lean", [DocumentContentChange("4", (7, 20), (7, 21))])
        (error,) = client.get_diagnostics("P.lean").diagnostics
        assert error["range"]["start"]["line"] == 8
        # five hundred commands, each with its message
        commands = "\n".join(f"#eval {k}" for k in range(500))
        client.update_file_content("P.lean", commands)
        messages = [d["message"] for d in client.get_diagnostics("P.lean").diagnostics]
        assert messages == [str(k) for k in range(500)]
        client.close_files(["P.lean"])
    finally:
        children = psutil.Process(client.process.pid).children(recursive=True)
        client.close()
    deadline = time.monotonic() + LIMIT_S
    while any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children)
