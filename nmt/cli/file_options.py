"""Options that name files: read or written, each in one way."""

from __future__ import annotations

from typing import Any

import typer

from nmt.files.places import TextInput, TextOutput


def input_file(*names: str, help: str, rich_help_panel: str | None = None) -> Any:
    """An option with the name of a file that is read; "-" is standard input."""
    return typer.Option(*names, parser=TextInput.parse, metavar="FILE", help=help, rich_help_panel=rich_help_panel)


def output_file(*names: str, help: str, rich_help_panel: str | None = None) -> Any:
    """An option with the name of a file that is written; "-" is standard output."""
    return typer.Option(*names, parser=TextOutput.parse, metavar="FILE", help=help, rich_help_panel=rich_help_panel)
