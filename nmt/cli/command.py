"""The kind of all commands: no option that takes one value is given twice, no stream where a folder is needed.

An option whose metavar ends in "..." takes all values up to the next option, as in `-i a.txt b.txt`. A command may have a
name of two words, as in `nmt evaluate suite`.
"""

from __future__ import annotations

import errno
import inspect
import os
from collections.abc import Iterable
from copy import copy
from typing import Any

import typer
import typer.core

from nmt.cli import interrupts
from nmt.errors import ConfigurationError, InputError
from nmt.files.places import STANDARD


class Command(typer.core.TyperCommand):
    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        # The lines of a docstring are those of its file; a terminal breaks each paragraph at its own width.
        paragraphs = inspect.cleandoc(self.help or "").split("\n\n")
        self.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    def get_params(self, ctx: Any) -> Any:
        return _without_types(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Raises ConfigurationError, and what any command does for arguments that are not its own."""
        args = self._one_by_one(args)
        given, _, order = self.make_parser(ctx).parse_args(args=list(args))
        _refuse_repeated(order)
        for parameter in self.params:
            _refuse_stream(parameter, given.get(parameter.name or ""))
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            if not error.message.endswith("is not readable."):
                raise
            # It has a status of exit of its own (nmt.cli.program), by its cause.
            raise InputError(error.format_message()) from PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def _one_by_one(self, args: list[str]) -> list[str]:
        """`args` with -i a b written as -i a -i b."""
        names = {
            name
            for parameter in self.params
            if parameter.param_type_name == "option" and str(parameter.metavar).endswith("...")
            for name in parameter.opts
        }
        written: list[str] = []
        option, count = "", 0
        for argument in [*args, "--"]:
            is_option = argument.startswith("-") and argument != STANDARD
            if option and is_option and not count:
                raise ConfigurationError(f"{option} is without a value; it takes one or more")
            if is_option:
                option, count = (argument if argument in names else ""), 0
            if option and not is_option:
                written.append(option)
                count += 1
            if not option or not is_option:
                written.append(argument)
        return written[:-1]

    def invoke(self, ctx: Any) -> Any:
        with interrupts.work():
            return super().invoke(ctx)


def _without_types(parameters: list[Any]) -> list[Any]:
    """`parameters`, which show no name of a Python class where a flag or a metavar says all."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
        elif parameter.param_type_name == "argument" and parameter.metavar:
            parameter.display_type_rich = lambda ctx: None  # noqa: ARG005
    return parameters


def _refuse_repeated(order: Iterable[Any]) -> None:
    seen: set[int] = set()
    for parameter in order:
        takes_one = parameter.param_type_name == "option" and not (parameter.multiple or parameter.is_flag)
        if takes_one and id(parameter) in seen:
            raise ConfigurationError(f"{parameter.opts[0]} is given twice; it takes one value")
        seen.add(id(parameter))


def _refuse_stream(parameter: Any, given: object) -> None:
    """Text comes from places (`nmt.files.places`); every other path is a folder or a recipe."""
    if parameter.metavar in ("DIR", "MODEL", "RECIPE") and STANDARD in (
        given if isinstance(given, list | tuple) else [given]
    ):
        name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar
        raise ConfigurationError(f"{name} {STANDARD}: is a stream; a file or folder with a name is needed")


class Commands(typer.core.TyperGroup):
    """The commands of a program, some of which have names of two words."""

    def get_params(self, ctx: Any) -> Any:
        return _without_types(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if " ".join(args[:2]) in self.commands:
            args = [" ".join(args[:2]), *args[2:]]
        family = [name for name in self.commands if name.startswith(f"{args[0]} ")]
        if family and args[0] not in self.commands:
            if args[1:2] and args[1] in ctx.help_option_names:
                return args[0], self._family(args[0], family), args[1:]
            ctx.fail(f"{args[0]} is the first word of {len(family)} commands: {', '.join(family)}.")
        return super().resolve_command(ctx, args)

    def _family(self, word: str, names: Iterable[str]) -> Commands:
        """The commands whose names begin with `word`, as a group of their own, for its help."""
        group = Commands(name=word, rich_markup_mode=self.rich_markup_mode)
        for name in names:
            command = copy(self.commands[name])
            command.name = name.removeprefix(f"{word} ")
            group.add_command(command)
        return group
