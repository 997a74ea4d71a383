"""`lake serve` on WebAssembly Lean: the language server protocol in front of one Lean process that holds the documents.

Lean's own server starts a process for each file, which this build cannot do. Here one process elaborates all open
documents, one command at a time (wasm/LogprecDocs.lean), and between two commands this server looks at what the editor
sent: an edit drops the commands that it may have changed, a question about a place is answered as soon as elaboration
has passed it. A command that is still running long after an edit made it obsolete is ended with its process, and a
process that died is replaced; the documents are then elaborated again.
"""

import json
import os
import queue
import signal
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Protocol

from logprec.errors import LogprecError
from logprec.toolchain.build import Builder
from logprec.toolchain.core import Wasm
from logprec.toolchain.modules import HeaderError, is_toolchain
from logprec.toolchain.wasm_install import LEAN_VERSION
from logprec.toolchain.worker import CrashError, Worker

PATIENCE_S = 15.0  # how long a command may go on that an edit made obsolete
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED, CANCELLED, CONTENT_MODIFIED = -32002, -32800, -32801
QUESTIONS = {
    "$/lean/plainGoal": "goal",
    "$/lean/plainTermGoal": "termGoal",
    "textDocument/hover": "hover",
    "textDocument/definition": "definition",
    "textDocument/declaration": "definition",
    "textDocument/documentSymbol": "symbols",
}
CAPABILITIES = {
    "textDocumentSync": {"openClose": True, "change": 2},
    "hoverProvider": True,
    "definitionProvider": True,
    "declarationProvider": True,
    "documentSymbolProvider": True,
    # clients expect a legend; colours come from the editor's grammar
    "semanticTokensProvider": {"legend": {"tokenTypes": [], "tokenModifiers": []}, "full": True},
}
Json = dict[str, Any]


class ProtocolError(Exception):
    """A message that is no JSON-RPC."""


def read_message(stream: BinaryIO) -> Json | None:
    """Read one message; None at the end of the input.

    Raises
    ------
    ProtocolError
        A malformed message; the next call starts after it.
    """
    length = None
    while True:
        line = stream.readline()
        if not line:
            return None
        line = line.strip()
        if not line:
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value) if value.strip().isdigit() else None
    if length is None:
        raise ProtocolError("a message without Content-Length")
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        message = json.loads(body)
    except ValueError as e:
        raise ProtocolError(f"not JSON: {e}") from None
    if not isinstance(message, dict):
        raise ProtocolError("not a JSON object")
    return message


def write_message(stream: BinaryIO, message: Mapping[str, object]) -> None:
    """Write one message."""
    body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
    stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    stream.flush()


def offset(text: str, position: Mapping[str, int]) -> int:
    """Return the index of a position: lines from 0, columns in UTF-16 units; past the end means the end."""
    lines = text.split("\n")
    number = position["line"]
    if number >= len(lines):
        return len(text)
    start = sum(len(line) + 1 for line in lines[:number])
    units = lines[number].encode("utf-16-le")[: 2 * position["character"]]
    return start + len(units.decode("utf-16-le", errors="ignore"))


def changed(text: str, change: Mapping[str, Any]) -> str:
    """Apply one change of a document."""
    if (place := change.get("range")) is None:
        return str(change["text"])
    return f"{text[: offset(text, place['start'])]}{change['text']}{text[offset(text, place['end']) :]}"


def path_of(uri: str) -> Path:
    """Return the file that a URI names."""
    return Path(urllib.parse.unquote(urllib.parse.urlparse(uri).path))


class Engine(Protocol):
    """What answers about documents: a Worker."""

    def ask(self, data: Mapping[str, object]) -> Json:
        """Send one request and wait for the answer."""

    def kill(self) -> None:
        """End the process from another thread."""

    def close(self) -> None:
        """End the process."""


@dataclass
class Document:
    """An open document. `line` is how far it is elaborated; `done` with `failure` means that no more will come."""

    uri: str
    text: str
    version: int
    held: bool = False  # the process has it
    current: bool = False  # the process has this text
    done: bool = False
    line: int = 0
    crashes: int = 0
    diagnostics: list[Json] = field(default_factory=list)
    imports: Json = field(default_factory=dict)

    def reset(self) -> None:
        """Forget what the process knew."""
        self.held = self.current = self.done = False
        self.line = 0


@dataclass
class Job:
    """Something under way in the Lean process; `finish` is called with its result in the main thread."""

    run: Callable[[], Json]
    finish: Callable[[Json], None]
    document: Document
    version: int
    started: float = field(default_factory=time.monotonic)


class Server:
    """The protocol. Everything here runs in one thread, but for reading the input and waiting for Lean.

    Parameters
    ----------
    source, sink
        Where messages come from and go to.
    engine
        The Lean process.
    prepare
        Build what a document imports and return the request that opens it.
    locate
        The source file of a module, if there is one.
    """

    def __init__(
        self,
        source: BinaryIO,
        sink: BinaryIO,
        engine: Engine,
        prepare: Callable[[Path, str], Json],
        locate: Callable[[str], Path | None],
    ) -> None:
        self._source, self._sink, self._engine = source, sink, engine
        self._prepare, self._locate = prepare, locate
        self._events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._documents: dict[str, Document] = {}
        self._pending: list[Json] = []
        self._closing: list[str] = []
        self._job: Job | None = None
        self._initialized = self._shutdown = False

    def run(self) -> int:
        """Serve until the client says exit or goes away; return the exit code."""
        threading.Thread(target=self._reading, daemon=True).start()
        threading.Thread(target=self._working, daemon=True).start()
        try:
            while True:
                self._next_job()
                try:
                    kind, data = self._events.get(timeout=0.5)
                except queue.Empty:
                    self._lose_patience()
                    continue
                if kind == "end":
                    return 0 if self._shutdown else 1
                if kind == "bad":
                    self._send({"id": None, "error": {"code": PARSE_ERROR, "message": data}})
                elif kind == "message":
                    if data.get("method") == "exit":
                        return 0 if self._shutdown else 1
                    self._receive(data)
                elif kind == "done":
                    self._finish(data)
        finally:
            self._jobs.put(None)
            self._engine.kill()

    def _reading(self) -> None:
        while True:
            try:
                message = read_message(self._source)
            except ProtocolError as e:
                self._events.put(("bad", str(e)))
                continue
            except (OSError, ValueError):
                message = None
            self._events.put(("message", message) if message is not None else ("end", None))
            if message is None:
                return

    def _working(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                result = job.run()
            except CrashError as e:
                result = {"crash": str(e)}
            except LogprecError as e:
                result = {"failure": str(e)}
            except Exception as e:  # the editor is told, and the server goes on
                result = {"failure": f"{type(e).__name__}: {e}"}
            self._events.put(("done", result))

    def _send(self, message: Mapping[str, object]) -> None:
        try:
            write_message(self._sink, message)
        except (OSError, ValueError):
            self._events.put(("end", None))

    def _refuse(self, message: Json, code: int, text: str) -> None:
        self._send({"id": message["id"], "error": {"code": code, "message": text}})

    def _receive(self, message: Json) -> None:
        method, params = message.get("method"), message.get("params") or {}
        is_request = "id" in message
        if method is None:
            if is_request and "result" not in message and "error" not in message:
                self._refuse(message, INVALID_REQUEST, "a request without a method")
            return
        try:
            if method == "initialize":
                self._initialized = True
                info = {"name": "logprec lake serve", "version": LEAN_VERSION}
                self._send({"id": message.get("id"), "result": {"capabilities": CAPABILITIES, "serverInfo": info}})
            elif not self._initialized:
                if is_request:
                    self._refuse(message, NOT_INITIALIZED, "initialize comes first")
            elif method == "shutdown":
                self._shutdown = True
                self._send({"id": message.get("id"), "result": None})
            elif is_request:
                self._request(message, method, params)
            else:
                self._notification(method, params)
        except (KeyError, TypeError, AttributeError, ValueError) as e:
            if is_request:
                self._refuse(message, INVALID_PARAMS, f"{method}: bad parameters ({type(e).__name__}: {e})")

    def _request(self, message: Json, method: str, params: Json) -> None:
        if method == "textDocument/semanticTokens/full":
            self._send({"id": message["id"], "result": {"data": []}})
            return
        if method not in QUESTIONS and method != "textDocument/waitForDiagnostics":
            self._refuse(message, METHOD_NOT_FOUND, f"{method} is not supported with the WebAssembly Lean")
            return
        uri = params["uri"] if method == "textDocument/waitForDiagnostics" else params["textDocument"]["uri"]
        if uri not in self._documents:
            self._refuse(message, CONTENT_MODIFIED, f"{uri} is not open")
            return
        position = params.get("position", {"line": 0, "character": 0})
        int(position["line"]), int(position["character"])
        self._pending.append(message | {"uri": uri, "position": position, "version": params.get("version", 0)})

    def _notification(self, method: str, params: Json) -> None:
        if method == "textDocument/didOpen":
            item = params["textDocument"]
            document = Document(item["uri"], str(item["text"]), int(item.get("version") or 0))
            self._documents[document.uri] = document
            self._progress(document)
        elif method == "textDocument/didChange":
            document = self._documents[params["textDocument"]["uri"]]
            text = document.text
            for change in params["contentChanges"]:
                text = changed(text, change)
            document.text = text
            document.version = int(params["textDocument"].get("version") or document.version + 1)
            document.current = document.done = False
            document.line = document.crashes = 0
            self._progress(document)
        elif method == "textDocument/didClose":
            closed = self._documents.pop(params["textDocument"]["uri"])
            self._publish(closed, [])
            for message in [m for m in self._pending if m["uri"] == closed.uri]:
                self._pending.remove(message)
                self._refuse(message, CONTENT_MODIFIED, f"{closed.uri} was closed")
            if closed.held:
                self._closing.append(str(path_of(closed.uri)))
        elif method == "$/cancelRequest":
            for message in [m for m in self._pending if m["id"] == params["id"]]:
                self._pending.remove(message)
                self._refuse(message, CANCELLED, "cancelled")

    def _publish(self, document: Document, diagnostics: list[Json]) -> None:
        params = {"uri": document.uri, "version": document.version, "diagnostics": diagnostics}
        self._send({"method": "textDocument/publishDiagnostics", "params": params})

    def _progress(self, document: Document) -> None:
        processing = []
        if not document.done:
            end = document.text.count("\n") + 1
            place = {"start": {"line": document.line, "character": 0}, "end": {"line": end, "character": 0}}
            processing.append({"range": place, "kind": 1})
        item = {"uri": document.uri, "version": document.version}
        self._send({"method": "$/lean/fileProgress", "params": {"textDocument": item, "processing": processing}})

    def _lose_patience(self) -> None:
        job = self._job
        if job is None or time.monotonic() - job.started < PATIENCE_S:
            return
        current = self._documents.get(job.document.uri)
        if current is not job.document or current.version != job.version:
            self._engine.kill()

    def _next_job(self) -> None:
        while self._job is None and (job := self._choose()) is not None:
            self._job = job
            self._jobs.put(job)

    def _choose(self) -> Job | None:
        if self._closing:
            name = self._closing.pop()
            nobody = Document(name, "", -1)
            return Job(lambda: self._engine.ask({"op": "close", "file": name}), lambda _: None, nobody, -1)
        for message in list(self._pending):
            document = self._documents[message["uri"]]
            everything = message["method"] in ("textDocument/waitForDiagnostics", "textDocument/documentSymbol")
            if not document.current or not (document.done or (document.line > message["position"]["line"] + 1)):
                continue
            if everything and not (document.done and document.version >= message["version"]):
                continue
            self._pending.remove(message)
            if message["method"] == "textDocument/waitForDiagnostics":
                self._send({"id": message["id"], "result": {}})
            elif not document.held:
                self._send({"id": message["id"], "result": None})
            else:
                return self._question(document, message)
        for document in reversed(self._documents.values()):
            if not document.done:
                return self._elaboration(document)
        return None

    def _question(self, document: Document, message: Json) -> Job:
        name = str(path_of(document.uri))
        data = {"op": "ask", "file": name, "question": QUESTIONS[message["method"]], "position": message["position"]}

        def finish(answer: Json) -> None:
            if "crash" in answer and not message.get("again"):
                self._pending.insert(0, message | {"again": True})
            elif "crash" in answer:
                self._refuse(message, INTERNAL_ERROR, f"Lean itself crashed, twice {answer['crash']}")
            elif text := answer.get("error") or answer.get("failure"):
                self._refuse(message, INVALID_PARAMS, str(text))
            else:
                result = answer["result"]
                if data["question"] == "definition":
                    result = self._link(document, result)
                self._send({"id": message["id"], "result": result})

        return Job(lambda: self._engine.ask(data), finish, document, document.version)

    def _link(self, document: Document, found: Json | None) -> list[Json]:
        if found is None:
            return []
        file = path_of(document.uri) if found["module"] is None else self._locate(found["module"])
        if file is None:
            return []  # this toolchain comes without Lean's own sources
        uri = document.uri if found["module"] is None else file.resolve().as_uri()
        return [{"targetUri": uri, "targetRange": found["range"], "targetSelectionRange": found["selectionRange"]}]

    def _elaboration(self, document: Document) -> Job:
        name, text, version = str(path_of(document.uri)), document.text, document.version

        def opening() -> Json:
            request = self._prepare(Path(name), text) | {"op": "open", "file": name, "text": text}
            answer = self._engine.ask(request)
            if answer.get("restart"):
                self._engine.close()
                return {"crash": "", "expected": True}
            return answer

        def run() -> Json:
            if not document.held:
                return opening()
            if not document.current:
                answer = self._engine.ask({"op": "edit", "file": name, "text": text})
                return opening() if answer.get("reopen") or "error" in answer else answer
            return self._engine.ask({"op": "step", "file": name})

        return Job(run, lambda answer: self._advanced(document, version, answer), document, version)

    def _advanced(self, document: Document, version: int, answer: Json) -> None:
        if self._documents.get(document.uri) is not document:
            return
        if "crash" in answer:
            if version == document.version and not answer.get("expected"):
                document.crashes += 1
            if document.crashes < 2:
                return
            answer = {"failure": f"Lean itself crashed, twice; this is no verdict on the file. {answer['crash']}"}
        if failure := self._failure(answer):
            if version != document.version:
                return
            place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
            document.diagnostics = [{"range": place, "severity": 1, "source": "Lean 4", "message": failure}]
            document.held, document.current, document.done = False, True, True
        else:
            document.held = True
            if version != document.version:
                return
            document.current = True
            document.done, document.line = answer["done"], answer["line"]
            if document.diagnostics == answer["diagnostics"] and not document.done:
                self._progress(document)
                return
            document.diagnostics = answer["diagnostics"]
        self._publish(document, document.diagnostics)
        self._progress(document)

    @staticmethod
    def _failure(answer: Json) -> str:
        if text := answer.get("failure") or answer.get("error"):
            return str(text)
        if answer.get("ok") is False:
            return "\n".join(m["text"] for m in answer["messages"]) or "Lean could not read the header"
        return ""

    def _finish(self, answer: Json) -> None:
        job, self._job = self._job, None
        assert job is not None
        if "crash" in answer:
            for document in self._documents.values():
                failed = document.done and not document.held
                if not failed:
                    document.reset()
        job.finish(answer)


class _Kept:
    """A checker that a build may use but not end."""

    def __init__(self, worker: Worker) -> None:
        self.request = worker.request

    def close(self) -> None:
        """Leave the process alone."""


def serve(project: Path, toolchain: Wasm) -> NoReturn:
    """Speak the protocol on stdin and stdout, and end this process."""
    worker = Worker(toolchain.wasm, memory_limit=sys.maxsize)  # it holds documents, which a fresh one would not

    def builder() -> Builder:
        made = toolchain.builder(project)
        return Builder(made.project, made.toolchain, lambda: _Kept(worker), jobs=1, console=made.console)

    def prepare(file: Path, text: str) -> Json:
        made = builder()
        request = made.request_for_file(file, text)
        made.build((m for m in request.digests if not is_toolchain(m)), quiet=True)
        data: Json = json.loads(made.request_for_file(file, text).line())
        return data

    def locate(module: str) -> Path | None:
        try:
            return builder().graph.module(module).file
        except HeaderError:
            return None

    def stop(*_: object) -> None:
        worker.kill()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    code = Server(sys.stdin.buffer, sys.stdout.buffer, worker, prepare, locate).run()
    os._exit(code)  # an orderly exit of Python would wait for the thread that waits for input
