"""All commands, in the order of a model's life."""

from __future__ import annotations

import typer

from nmt.cli.aer import aer
from nmt.cli.bench import bench
from nmt.cli.check import check
from nmt.cli.command import Command, Commands
from nmt.cli.evaluate import evaluate
from nmt.cli.info import info
from nmt.cli.keys import create, list_keys, revoke
from nmt.cli.prepare import prepare
from nmt.cli.score import score
from nmt.cli.serve import serve
from nmt.cli.shortlist import shortlist
from nmt.cli.suite import suite
from nmt.cli.synthesis import backtranslate, distill
from nmt.cli.train import train
from nmt.cli.translate import translate

app = typer.Typer(
    name="nmt",
    cls=Commands,
    help="Neural machine translation: prepare text, train on it, translate, measure, serve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (prepare, train, translate, score, evaluate, check, bench, serve, info, shortlist, distill, backtranslate):
    app.command(cls=Command)(command)
app.command("evaluate aer", cls=Command)(aer)
app.command("evaluate suite", cls=Command)(suite)
app.command("keys create", cls=Command)(create)
app.command("keys list", cls=Command)(list_keys)
app.command("keys revoke", cls=Command)(revoke)
