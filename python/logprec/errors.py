"""The one exception that the command line reports."""


class LogprecError(Exception):
    """Something the user can act on.

    The message is one line that says what is wrong and what to do; the command line prints it to stderr and exits 2.
    """
