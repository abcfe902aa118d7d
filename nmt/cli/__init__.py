"""The command line: each command a page of calls on the library. A user's mistake is one line and exit status 2."""

from nmt.cli.program import main

__all__ = ["main"]
