"""nmt keys create website --state state
nmt keys list --state state
nmt keys revoke 23fd7fe275 --state state
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from nmt.cli import options as args
from nmt.cli.service import service_module
from nmt.errors import ConfigurationError


def create_key(
    name: args.KeyName,
    *,
    characters_per_minute: args.KeyPerMinute = None,
    characters_per_day: args.KeyPerDay = None,
    documents_per_day: args.KeyDocuments = None,
    state: args.StateFolder = None,
) -> None:
    """Make a key for the service and print it, this one time: only a hash of it is kept.

    A service that runs with the same folder takes it at once.
    """
    keys = service_module("keys").Keys(_state(state))
    typer.echo(
        keys.create(name, per_minute=characters_per_minute, per_day=characters_per_day, documents_per_day=documents_per_day)
    )


def list_keys(*, state: args.StateFolder = None) -> None:
    """Print a line for each key: prefix, name, made, revoked, characters a minute, a day, today, documents a day, today."""
    kept = _state(state)
    keys, usage = service_module("keys").Keys(kept).list(), service_module("usage").Usage(kept)
    typer.echo(
        "\t".join(("prefix", "name", "created", "revoked", "per minute", "per day", "today", "documents per day", "today"))
    )
    for key in keys:
        used = usage.used(service_module("access").key_account(key.prefix))
        counts = (key.per_minute, key.per_day, used.characters, key.documents_per_day, used.documents)
        shown = ["" if count is None else str(count) for count in counts]
        typer.echo("\t".join((key.prefix, key.name, key.created, key.revoked or "", *shown)))


def revoke_key(prefix: args.KeyPrefix, *, state: args.StateFolder = None) -> None:
    """Refuse a key from now on, also in a service that runs."""
    key = service_module("keys").Keys(_state(state)).revoke(prefix)
    typer.echo(f"{key.prefix} ({key.name}) is revoked")


def _state(given: Path | None) -> Any:
    folder = given or service_module("settings").read_settings({}).state
    if folder is None:
        raise ConfigurationError(
            "there is no folder to keep keys in; --state DIR or NMT_STATE should name that of the service"
        )
    return service_module("state").State(folder)
