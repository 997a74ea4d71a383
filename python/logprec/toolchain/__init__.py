"""The Lean toolchain: a native one where it is installed, Lean as WebAssembly otherwise."""
