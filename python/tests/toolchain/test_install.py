import errno
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from logprec.toolchain import native, node, wasm_install, wasm_patches
from logprec.toolchain.errors import ToolchainError
from logprec.toolchain.node import Node

FAKE_NODE = Node(Path("/no/node"), "24.0.0", Path("/no/npm"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(wasm_install, "find_node", lambda: FAKE_NODE)
    return tmp_path / "logprec"


def archive(folder: Path) -> Path:
    """Return a package with the right files and no Lean in it."""

    def add(t: tarfile.TarFile, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))

    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as t:
        for name in ("Init.olean", "Init/Core.olean", "Init/._Core.olean", "Lake/Dsl.olean", "Init/x.txt"):
            add(t, name, b"x")
    out = folder / "pkg.tgz"
    with tarfile.open(out, "w:gz") as t:
        for name, data in {"lean.js": b"js", "lean.wasm": b"wasm", "package.json": b"{}"}.items():
            add(t, f"package/{name}", data)
        add(t, "package/lean-lib.tar.gz", inner.getvalue())
    return out


@pytest.fixture
def good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an archive that the pins are set to."""
    import base64  # noqa: PLC0415

    (tmp_path / "good").mkdir()
    file = archive(tmp_path / "good")
    digest = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
    monkeypatch.setattr(wasm_install, "INTEGRITY", f"sha512-{digest}")
    pins = {"lean.js": hashlib.sha256(b"js").hexdigest(), "lean.wasm": hashlib.sha256(b"wasm").hexdigest()}
    monkeypatch.setattr(wasm_install, "SHA256", pins)
    monkeypatch.setattr(wasm_patches, "patch", lambda text, rawfs: f"patched {text}")
    return file


def packer(files: list[bytes]) -> Callable[[Node, Path], Path]:
    def pack(_: Node, folder: Path) -> Path:
        out = folder / "download.tgz"
        out.write_bytes(files.pop(0))
        return out

    return pack


def quiet() -> Console:
    return Console(file=io.StringIO())


def test_installs_what_is_needed_and_once(cache: Path, good: Path) -> None:
    lean = wasm_install.provide(quiet(), packer([good.read_bytes()]))
    files = sorted(str(p.relative_to(lean.home)) for p in lean.home.rglob("*") if not p.is_dir())
    assert files == ["lean.js", "lean.wasm", "lib/Init.ir", "lib/Init.olean", "lib/Init/Core.ir", "lib/Init/Core.olean"]
    assert (lean.home / "lean.js").read_text() == "patched js"
    assert wasm_install.provide(quiet(), packer([])) == lean  # nothing is downloaded again
    assert not list(cache.glob("installing-*"))


def test_damaged_download_is_fetched_again(cache: Path, good: Path) -> None:
    assert cache
    lean = wasm_install.provide(quiet(), packer([b"damaged", good.read_bytes()]))
    assert (lean.home / "lean.wasm").read_bytes() == b"wasm"


def test_damaged_twice_is_one_clear_error(cache: Path, good: Path) -> None:
    assert good
    with pytest.raises(ToolchainError, match=r"damaged.*twice") as e:
        wasm_install.provide(quiet(), packer([b"damaged", b"damaged too"]))
    assert "\n" not in str(e.value)
    assert not wasm_install.installed()
    assert not list(cache.glob("installing-*"))


def test_wrong_contents(cache: Path, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wasm_install, "SHA256", {"lean.js": "0" * 64})
    with pytest.raises(ToolchainError, match=r"lean\.js of .* has SHA-256"):
        wasm_install.provide(quiet(), packer([good.read_bytes()]))
    assert not list(cache.glob("lean-*"))


def test_interrupted_installation_is_cleaned_up(cache: Path, good: Path) -> None:
    (cache / "installing-old/home").mkdir(parents=True)
    wasm_install.provide(quiet(), packer([good.read_bytes()]))
    assert not list(cache.glob("installing-*"))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("npm error code ENOTFOUND", "registry cannot be reached"),
        ("npm error code E404\nnpm error 404 not found", "npm could not download .*404"),
        ("npm error code EINTEGRITY", "damaged"),
    ],
)
def test_npm_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, part: str) -> None:
    def run(cmd: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(cmd, 1, "", text)

    monkeypatch.setattr(wasm_install.subprocess, "run", run)
    with pytest.raises(ToolchainError, match=part):
        wasm_install.npm_pack(FAKE_NODE, tmp_path)


def test_disk_full(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pack(_: Node, __: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(ToolchainError, match="no space left in"):
        wasm_install.provide(quiet(), pack)
    usage = shutil.disk_usage(cache)
    monkeypatch.setattr(wasm_install.shutil, "disk_usage", lambda _: usage._replace(free=1))
    with pytest.raises(ToolchainError, match="no space left in"):
        wasm_install.provide(quiet(), packer([]))


def test_patches_refuse_another_lean_js() -> None:
    with pytest.raises(ToolchainError, match=r"lean\.js .* is not the expected one"):
        wasm_patches.patch("var nothing;", "")


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_node_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = script(tmp_path / "node", "echo v20.1.0")
    monkeypatch.setattr(node, "_candidates", lambda: [(old, old)])
    node.find_node.cache_clear()
    with pytest.raises(ToolchainError, match=r"Node 24 or newer is needed, found only 20\.1\.0"):
        node.find_node()
    monkeypatch.setattr(node, "_candidates", list)
    with pytest.raises(ToolchainError, match="no Node was found"):
        node.find_node()
    node.find_node.cache_clear()


def test_native_is_preferred_and_our_own_lake_is_not_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "lean-toolchain").write_text("leanprover/lean4:v4.28.0\n")
    shim = tmp_path / "shim/lake"
    shim.parent.mkdir()
    shim.write_text("#!/usr/bin/python3\nfrom logprec.toolchain.lake import main\nmain()\n")
    shim.chmod(0o755)
    old = script(tmp_path / "old/lake", "echo 'Lake version 5.0.0-src (Lean version 4.20.1)'")
    monkeypatch.setenv("PATH", f"{shim.parent}:{old.parent}:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    found, notes = native.find_native(project)
    assert found is None
    assert notes == [f"{old}: Lean 4.20.1, 4.28.0 is wanted"]
    right = script(tmp_path / ".elan/bin/lake", "echo 'Lake version 5.0.0-src+abc (Lean version 4.28.0)'")
    found, _ = native.find_native(project)
    assert found == native.NativeLean(right, "4.28.0")
