"""The Lean toolchain: a native one where it is installed, Lean as WebAssembly otherwise.

`find()` returns the one to use, `LeanSession` checks files in a warm process.
"""

from logprec.toolchain.check import CheckResult, LeanSession
from logprec.toolchain.core import Toolchain, find
from logprec.toolchain.errors import BuildFailedError, ToolchainError

__all__ = ["BuildFailedError", "CheckResult", "LeanSession", "Toolchain", "ToolchainError", "find"]
