"""The kind of all commands: no option that takes one value is given twice, no stream where a folder is needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import typer.core

from nmt.cli import interrupts
from nmt.errors import ConfigurationError
from nmt.files.places import STANDARD


class Command(typer.core.TyperCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Raises ConfigurationError, and what any command does for arguments that are not its own."""
        given, _, order = self.make_parser(ctx).parse_args(args=list(args))
        _refuse_repeated(order)
        for parameter in self.params:
            _refuse_stream(parameter, given.get(parameter.name or ""))
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with interrupts.work():
            return super().invoke(ctx)


def _refuse_repeated(order: Iterable[Any]) -> None:
    seen: set[int] = set()
    for parameter in order:
        takes_one = parameter.param_type_name == "option" and not (parameter.multiple or parameter.is_flag)
        if takes_one and id(parameter) in seen:
            raise ConfigurationError(f"{parameter.opts[0]} is given twice; it takes one value")
        seen.add(id(parameter))


def _refuse_stream(parameter: Any, given: object) -> None:
    """Text comes from places (`nmt.files.places`); every other path is a folder or a recipe."""
    if parameter.metavar in ("DIR", "RECIPE") and STANDARD in (given if isinstance(given, list | tuple) else [given]):
        name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar
        raise ConfigurationError(f"{name} {STANDARD}: is a stream; a file or folder with a name is needed")
