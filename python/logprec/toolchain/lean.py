"""`lean` of the virtual environment: becomes the native one where there is one, else WebAssembly Lean."""

import os
import sys

from logprec.errors import LogprecError
from logprec.toolchain.core import Wasm, find


def main() -> None:
    """Entry point."""
    try:
        toolchain = find()
        if sys.argv[1:] == ["--print-prefix"] and isinstance(toolchain, Wasm):
            # what lies there natively (sources, headers, programs) the WebAssembly build has not
            prefix = toolchain.wasm.home / "prefix"
            prefix.mkdir(exist_ok=True)
            print(prefix)
            return
        cmd = toolchain.lean(sys.argv[1:])
        os.execve(cmd[0], cmd, toolchain.environment(None))
    except LogprecError as e:
        print(f"error: {e}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
