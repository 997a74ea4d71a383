"""A Lean session that outlives the command: a warm process in the background for `logprec check` and `lake build`.

It listens on a socket in the cache folder, answers one request at a time, and ends after half an hour of silence.
"""

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from logprec.toolchain.locking import cache_dir, locked
from logprec.toolchain.wasm_install import WasmLean, install_dir, provide
from logprec.toolchain.worker import Answer, Checker, Message, Request, Worker, program_key

IDLE_S = 1800.0
_START_S = 30.0  # to open the socket; Lean itself starts with the first request


def socket_path() -> Path:
    """Return where the session of this user listens: its name follows the Lean program it runs, and the Python.

    A session runs the Node of the environment that started it, so one that outlives its environment must not be found
    from another.
    """
    program = f"{program_key()} {sys.prefix}"
    key = hashlib.sha256(program.encode()).hexdigest()[:8]
    return cache_dir() / f"session-{install_dir().name[-12:]}-{key}.sock"


def serve(path: Path, checker: Checker, idle_s: float = IDLE_S) -> None:
    """Answer requests on the socket `path` until told to stop or idle for `idle_s` seconds."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o600)
        server.listen(8)
        server.settimeout(idle_s)
        try:
            while True:
                connection, _ = server.accept()
                with connection:
                    if not _converse(connection, checker):
                        return
        except TimeoutError:
            return
        finally:
            path.unlink(missing_ok=True)
            checker.close()


def _converse(connection: socket.socket, checker: Checker) -> bool:
    """Serve one client; return False when it asked to stop."""
    connection.settimeout(None)
    with connection.makefile("rwb") as f:
        for line in f:
            data = json.loads(line)
            if data.get("stop"):
                return False
            fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
            request = Request(**fields)
            try:
                f.write(json.dumps(asdict(checker.request(request))).encode() + b"\n")
                f.flush()
            except OSError:  # the client is gone: its answer is not wanted
                return True
    return True


class Remote:
    """A checker in the background process; `close` ends the conversation, not the process."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._file = connection.makefile("rwb")

    def request(self, request: Request) -> Answer:
        """Check one file."""
        try:
            self._file.write(json.dumps(asdict(request)).encode() + b"\n")
            self._file.flush()
            line = self._file.readline()
        except (OSError, ValueError):
            line = b""
        if not line:
            return Answer(False, crash=f"{request.name}: the Lean session ended; run the command again")
        data = json.loads(line)
        messages = tuple(Message(**m) for m in data["messages"])
        return Answer(data["ok"], messages, data["elaboration_s"], data["crash"])

    def stop(self) -> None:
        """Ask the process to end."""
        with contextlib.suppress(OSError, ValueError):
            self._file.write(b'{"stop": true}\n')
            self._file.flush()
            self._file.readline()
        self.close()

    def close(self) -> None:
        """End the conversation."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


def connect(path: Path | None = None) -> Remote | None:
    """Return the running session, None if there is none."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(path or socket_path()))
    except OSError:
        connection.close()
        return None
    return Remote(connection)


def connect_or_start() -> Remote | None:
    """Return the session, started first if there is none; None if it cannot be started."""
    path = socket_path()
    if (remote := connect(path)) is not None:
        return remote
    with locked(path.with_suffix(".lock")):
        if (remote := connect(path)) is not None:
            return remote
        subprocess.Popen(
            [sys.executable, "-c", "from logprec.toolchain.session import main; main()"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if (remote := connect(path)) is not None:
                return remote
            time.sleep(0.05)
    return None


def shared_checkers(lean: WasmLean) -> Callable[[], Checker]:
    """Return a maker of checkers: the first is the running session, if there is one; the others are new processes."""
    lock = threading.Lock()
    first = True

    def make() -> Checker:
        nonlocal first
        with lock:
            take, first = first, False
        # a session answers one client at a time: a build inside a session must not wait for itself
        remote = connect() if take and "LOGPREC_NO_SESSION" not in os.environ else None
        return remote or Worker(lean)

    return make


def main() -> None:
    """Run the session: the entry point of the background process."""
    serve(socket_path(), Worker(provide()))
