"""The error of this package."""

from logprec.errors import LogprecError


class ToolchainError(LogprecError):
    """No usable Lean, or Lean could not do its work for a reason that is not in the file it was given."""


class BuildFailedError(ToolchainError):
    """A module has errors (or warnings, where those fail); everything was printed already."""
