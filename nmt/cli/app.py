"""All commands, in the order of a model's life."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nmt.cli import lm, people
from nmt.cli.aer import aer
from nmt.cli.bench import bench
from nmt.cli.check import check
from nmt.cli.command import Command, Commands
from nmt.cli.estimate import estimate
from nmt.cli.evaluate import evaluate
from nmt.cli.info import info
from nmt.cli.keys import create_key, list_keys, revoke_key
from nmt.cli.models import models
from nmt.cli.prepare import prepare
from nmt.cli.score import score
from nmt.cli.serve import serve
from nmt.cli.shortlist import shortlist
from nmt.cli.suite import suite
from nmt.cli.synthesis import backtranslate, distill
from nmt.cli.train import train
from nmt.cli.translate import translate
from nmt.config.version import VERSION

app = typer.Typer(
    name="nmt",
    cls=Commands,
    help="Neural machine translation: prepare text, train on it, translate, measure, serve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (prepare, train, translate, score, evaluate, check, bench, serve, info, models, shortlist, distill, backtranslate)
NAMES = {command: command.__name__ for command in COMMANDS} | {
    aer: "evaluate aer",
    suite: "evaluate suite",
    create_key: "keys create",
    list_keys: "keys list",
    revoke_key: "keys revoke",
    lm.train: "lm train",
    lm.score: "lm score",
    lm.sample: "lm sample",
    estimate: "evaluate estimate",
    people.sheet: "evaluate sheet",
    people.ratings: "evaluate ratings",
}
for command, name in NAMES.items():
    # The docstring of a command's module begins with an example of it.
    examples = [
        line for line in (sys.modules[command.__module__].__doc__ or "").splitlines() if line.startswith(f"nmt {name}")
    ]
    app.command(name, cls=Command, epilog=f"Example: {examples[0]}")(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nmt {VERSION}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", "-V", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    pass
