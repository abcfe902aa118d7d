"""The program's commands. A process imports those that it needs: all of them take longer than a first translation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from nmt.cli.command import Command, Commands
from nmt.config.version import VERSION

HOMES = {
    "prepare": "prepare:prepare",
    "train": "train:train",
    "translate": "translate:translate",
    "score": "score:score",
    "evaluate": "evaluate:evaluate",
    "check": "check:check",
    "bench": "bench:bench",
    "serve": "serve:serve",
    "info": "info:info",
    "models": "models:models",
    "shortlist": "shortlist:shortlist",
    "distill": "synthesis:distill",
    "backtranslate": "synthesis:backtranslate",
    "evaluate aer": "aer:aer",
    "evaluate suite": "suite:suite",
    "keys create": "keys:create_key",
    "keys list": "keys:list_keys",
    "keys revoke": "keys:revoke_key",
    "lm train": "lm:train",
    "lm score": "lm:score",
    "lm sample": "lm:sample",
    "evaluate estimate": "estimate:estimate",
    "evaluate sheet": "people:sheet",
    "evaluate ratings": "people:ratings",
}
"""Module and function of each command, in the order of a model's life."""


def app_of(arguments: Sequence[str]) -> typer.Typer:
    """The program with the command that `arguments` begin with, or with all where they name none."""
    named = [name for name in (" ".join(arguments[:2]), *arguments[:1]) if name in HOMES]
    return _app(named[:1] or HOMES)


def _app(names: Iterable[str]) -> typer.Typer:
    app = typer.Typer(
        name="nmt",
        cls=Commands,
        help="Neural machine translation: prepare text, train on it, translate, measure, serve.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_program)
    for name in names:
        module, _, function = HOMES[name].partition(":")
        command: Callable[..., Any] = getattr(import_module(f"nmt.cli.{module}"), function)
        # The docstring of a command's module begins with an example of it.
        lines = (sys.modules[command.__module__].__doc__ or "").splitlines()
        example = next(line for line in lines if line.startswith(f"nmt {name}"))
        app.command(name, cls=Command, epilog=f"Example: {example}")(command)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nmt {VERSION}")
        raise typer.Exit


def _program(
    version: Annotated[
        bool, typer.Option("--version", "-V", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    pass
