"""A long-lived Lean process that checks and compiles files (see wasm/LogprecWorker.lean).

A file then costs its elaboration: starting the WebAssembly build takes 7 s and 1 GB, importing core into a running
process 0.1 s.
"""

import hashlib
import json
import os
import re
import selectors
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from logprec.toolchain.errors import ToolchainError
from logprec.toolchain.lakefile import Option
from logprec.toolchain.locking import locked
from logprec.toolchain.wasm_install import WasmLean, resource

PROGRAM = ("LogprecInfo", "LogprecDocs", "LogprecWorker")  # the worker's Lean modules, imports first
MARK = b"@@logprec "
MEMORY_LIMIT = 2600 * 2**20  # bytes of resident memory after which a process is replaced; it starts with 1,500 MB
START_LIMIT = 600  # seconds; a loaded machine takes 30
STACK_KIB = 131072  # stack of a Lean thread: nothing checks it in this build, so it has to be ample
_TRACE = re.compile(rb"^\s*at .*(?:wasm://|lean\.js|node:)", re.M)


@dataclass(frozen=True)
class Message:
    """What Lean says about a file. `text` is complete, with file and position, as `lean` prints it."""

    severity: str
    text: str


@dataclass(frozen=True)
class Request:
    """One file to check.

    `digests` maps each imported module of the project to something that changes when it is rebuilt; `base` is what file
    and imports import from the toolchain; with `olean` the compiled module is written there when there are no errors.
    """

    file: str
    name: str
    module: str
    olean: str | None = None
    path: tuple[str, ...] = ()
    base: tuple[str, ...] = ("Init",)
    digests: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)

    def line(self, op: str = "check") -> bytes:
        """Return the request as the Lean program reads it."""
        data = asdict(self) | {"op": op, "own": list(self.digests)}
        del data["digests"]
        return json.dumps(data, ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True)
class RunRequest:
    """Run `main` of a compiled module with `args`."""

    module: str
    args: tuple[str, ...]
    path: tuple[str, ...]
    base: tuple[str, ...]
    digests: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What came of a request. `crash` is set when Lean itself failed, twice: that says nothing about the file."""

    ok: bool
    messages: tuple[Message, ...] = ()
    elaboration_s: float = 0.0
    crash: str | None = None


class Checker(Protocol):
    """Anything that answers requests."""

    def request(self, request: Request) -> Answer:
        """Check one file."""

    def close(self) -> None:
        """Release the process."""


class CrashError(Exception):
    """The Lean process died."""


def lean_command(lean: WasmLean, args: Sequence[str | Path]) -> list[str]:
    """Return the command line that runs WebAssembly Lean with `args`, with the stack it needs."""
    shell = 'ulimit -s 1000000 2>/dev/null || ulimit -s "$(ulimit -H -s)"; exec "$@"'
    node = [str(lean.node.program), "--stack-size=900000", str(resource("driver.js")), f"--tstack={STACK_KIB}"]
    return ["/bin/sh", "-c", shell, "lean", *node, *map(str, args)]


def lean_environment(lean: WasmLean, path: Sequence[Path | str] = ()) -> dict[str, str]:
    """Return the environment for `lean_command`; `path` goes before LEAN_PATH."""
    env = dict(os.environ)
    parts = [*map(str, path), *filter(None, [env.get("LEAN_PATH")])]
    return env | {"LOGPREC_LEAN_HOME": str(lean.home)} | ({"LEAN_PATH": os.pathsep.join(parts)} if parts else {})


def resident(pid: int) -> int:
    """Return the resident memory of a process in bytes, 0 if it cannot be told."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        out = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
        return int(out) * 1024 if out.strip().isdigit() else 0


def program_key() -> str:
    """Return a hash of the worker's Lean program."""
    return hashlib.sha256(b"".join(resource(f"{m}.lean").read_bytes() for m in PROGRAM)).hexdigest()[:12]


def provide_program(lean: WasmLean) -> Path:
    """Compile the worker's Lean program once and return the file to run."""
    folder = lean.home / f"worker-{program_key()}"
    main = folder / "Main.lean"
    if main.is_file():
        return main
    with locked(lean.home / "worker.lock"):
        if main.is_file():
            return main
        folder.mkdir(exist_ok=True)
        for module in PROGRAM:
            _compile(lean, resource(f"{module}.lean"), folder)
        tmp = folder / "Main.tmp"
        tmp.write_text(f"import {PROGRAM[-1]}\nunsafe def main : IO Unit := LogprecWorker.run\n")
        tmp.replace(main)
    return main


def _compile(lean: WasmLean, source: Path, folder: Path) -> None:
    cmd = lean_command(lean, ["-o", folder / f"{source.stem}.olean", source])
    env = lean_environment(lean) | {"LEAN_PATH": str(folder)}
    for last in (False, True):  # a crash is not a verdict: once more
        out = subprocess.run(cmd, cwd=source.parent, env=env, capture_output=True, text=True, check=False)
        if out.returncode == 0:
            return
        if last:
            raise ToolchainError(f"Lean cannot compile its worker: {(out.stdout + out.stderr).strip()[-300:]}")


class Worker:
    """A Lean process, started when first needed and replaced when it crashed, has grown or cannot forget a module."""

    def __init__(self, lean: WasmLean, memory_limit: int = MEMORY_LIMIT) -> None:
        self._lean = lean
        self._limit = memory_limit
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the worker)
        self._initialised: dict[str, str] = {}
        self._run_key: str | None = None

    @property
    def pid(self) -> int | None:
        """Process number of the running Lean, if any."""
        return self._process.pid if self._process else None

    def request(self, request: Request) -> Answer:
        """Check one file; a crash is tried once more in a fresh process."""
        return self._elaborate(request, request.line())[0]

    def states(self, request: Request) -> tuple[Answer, list[dict[str, Any]]]:
        """Check one file and return its proofs too: name and steps, as wasm/LogprecInfo.lean writes them."""
        answer, data = self._elaborate(request, request.line("states"))
        return answer, data.get("proofs", [])

    def ask(self, data: Mapping[str, object]) -> dict[str, Any]:
        """Send one request as it is and return the answer.

        Raises
        ------
        CrashError
            The process died; the next request starts another one, which knows nothing of this one's documents.
        """
        try:
            answer = self._ask(json.dumps(data, ensure_ascii=False).encode() + b"\n")
        except CrashError:
            self.close()
            raise
        self._new_stderr()
        return answer

    def kill(self) -> None:
        """End the process from another thread: a request under way raises CrashError."""
        process = self._process
        if process is not None:
            process.kill()

    def _elaborate(self, request: Request, line: bytes) -> tuple[Answer, dict[str, Any]]:
        if any(request.digests.get(m, d) != d for m, d in self._initialised.items()):
            self.close()  # a module whose `initialize` ran in the process was rebuilt
        crash = ""
        for _ in range(2):
            try:
                data = self._ask(line)
                if data.get("restart"):
                    self.close()
                    data = self._ask(line)
            except CrashError as e:
                crash = str(e)
                self.close()
                continue
            if "error" in data:
                return Answer(False, (Message("error", f"{request.name}:1:0: error: {data['error']}\n"),)), {}
            self._initialised |= {m: request.digests.get(m, "") for m in data["inits"]}
            messages = [Message(m["severity"], m["text"]) for m in data["messages"]]
            if stray := self._new_stderr():
                messages.append(Message("information", stray))
            if self._process and resident(self._process.pid) > self._limit:
                self.close()
            return Answer(data["ok"], tuple(messages), data["elab_ms"] / 1000), data
        text = f"{request.name}: Lean itself crashed, twice; this is no verdict on the file. {crash}"
        return Answer(False, crash=text), {}

    def run(self, request: RunRequest, stdin: bytes) -> tuple[int, bytes, bytes]:
        """Run a program in the process and return its exit code, its output and what it wrote to stderr.

        Raises
        ------
        ToolchainError
            Lean itself crashed, twice.
        """
        with tempfile.TemporaryDirectory(prefix="logprec-run-") as name:
            streams = {k: Path(name, k) for k in ("stdin", "stdout")}
            streams["stdin"].write_bytes(stdin)
            key = json.dumps([request.module, *request.path, *request.digests.items()])
            data = {"op": "run", "module": request.module, "args": request.args, "path": request.path}
            data |= {"base": request.base, "key": key} | {k: str(v) for k, v in streams.items()}
            line = json.dumps(data, ensure_ascii=False).encode() + b"\n"
            if self._run_key not in (None, key):
                self.close()  # the process keeps one program; another one gets a fresh process
            crash = ""
            for _ in range(2):
                try:
                    answer = self._ask(line)
                except CrashError as e:
                    code = self._process.wait() if self._process else 1
                    ended = not _TRACE.search(self._peek_stderr()) and code not in (134, 137, 139)
                    crash = str(e)
                    err = self._new_stderr().encode()
                    self.close()
                    if ended and streams["stdout"].exists():  # the program called IO.Process.exit
                        return code, streams["stdout"].read_bytes(), err
                    continue
                if "error" in answer:
                    raise ToolchainError(f"cannot run {request.module}: {answer['error']}")
                self._run_key = key
                output = streams["stdout"].read_bytes(), self._new_stderr().encode()
                if self._process and resident(self._process.pid) > self._limit:
                    self.close()
                return (answer["code"], *output)
        raise ToolchainError(f"Lean itself crashed, twice, while running {request.module}: {crash}")

    def close(self) -> None:
        """Stop the process, if one runs."""
        self._run_key = None
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process = None
        self._buffer = b""
        self._initialised.clear()
        self._stderr.seek(0)
        self._stderr.truncate()

    def start(self) -> None:
        """Start the process if none runs, and wait until it is ready."""
        if self._process is not None:
            return
        main = provide_program(self._lean)
        self._process = subprocess.Popen(
            lean_command(self._lean, ["--run", main]),
            env=lean_environment(self._lean) | {"LEAN_PATH": str(main.parent)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            bufsize=0,
            start_new_session=True,  # Ctrl-C reaches us, and we stop it
        )
        self._read(deadline=time.monotonic() + START_LIMIT)

    def _ask(self, line: bytes) -> dict[str, Any]:
        self.start()
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError:
            raise CrashError(self._last_words()) from None
        return self._read()

    def _read(self, deadline: float | None = None) -> dict[str, Any]:
        """Read lines until an answer; other output of the process is dropped."""
        assert self._process is not None and self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while True:
                line, newline, rest = self._buffer.partition(b"\n")
                if newline:
                    self._buffer = rest
                    if line.startswith(MARK):
                        data: dict[str, Any] = json.loads(line.removeprefix(MARK))
                        return data
                    continue
                if not selector.select(timeout=10):
                    # a thread that threw can leave the main thread waiting for ever
                    if _TRACE.search(self._peek_stderr()) or (deadline and time.monotonic() > deadline):
                        raise CrashError(self._last_words())
                    continue
                chunk = os.read(self._process.stdout.fileno(), 1 << 16)
                if not chunk:
                    raise CrashError(self._last_words())
                self._buffer += chunk

    def _peek_stderr(self) -> bytes:
        # pread, since the process writes through the same open file and its position must stay
        return os.pread(self._stderr.fileno(), 1 << 20, 0)

    def _new_stderr(self) -> str:
        text = self._peek_stderr()
        if text:
            self._stderr.seek(0)
            self._stderr.truncate()
        return text.decode(errors="replace")

    def _last_words(self) -> str:
        lines = [x.strip() for x in self._peek_stderr().decode(errors="replace").splitlines() if x.strip()]
        errors = [x for x in lines if re.match(r"\w*(?:Error|error|aborted)\b", x) or "PANIC" in x]
        code = self._process.poll() if self._process else None
        return f"(exit code {code}; {(errors or lines or ['no message'])[-1][:200]})"
