"""What is wrong with the words of a command line, as one line."""

from __future__ import annotations

import difflib
import re
from typing import Any

import typer

UsageError: type[Exception] = typer.BadParameter.__mro__[2]
"""Of all that Typer finds wrong with a command line. It is click's ClickException, which Typer has of its own since 0.26."""

_INVALID = re.compile(r"Invalid value for ([^:]+): (?:Value error, )?(.*)", re.DOTALL)
_TOO_MANY = re.compile(r"Got unexpected extra arguments? ?(?:\(s\) )?\((.*)\)")


def is_help(error: Exception) -> bool:
    """Whether there was nothing on the command line, which asks for help."""
    return type(error).__name__ == "NoArgsIsHelpError"


def usage_line(error: Any) -> str:
    """The line for an error of Typer's: what is wrong, and what would be right."""
    message = str(error.format_message()).removesuffix(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "nmt"
    if name := getattr(error, "option_name", None) if "No such option" in message else None:
        known = [option for parameter in context.command.params for option in parameter.opts] if context else []
        near = difflib.get_close_matches(name, known, n=1) if name.startswith("--") else []
        return f"there is no option {name}; " + (f"did you mean {near[0]}?" if near else f"`{path} -h` lists those that are")
    if found := _INVALID.fullmatch(message):
        names = found[1].replace("'", "")
        return f"{names}: {found[2]}"
    if found := _TOO_MANY.fullmatch(message):
        takes = " ".join(context.command.collect_usage_pieces(context)) if context else "fewer arguments"
        return f"{found[1]} is too much; {path} takes {takes}"
    return message if context is None or message.endswith("?") else f"{message}; see `{path} -h`"
