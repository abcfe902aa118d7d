"""nmt models"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tabulate import tabulate

from nmt.checkpoint.names import NONE, models_folders
from nmt.cli.progress import warn
from nmt.errors import ModelDirectoryError

Folder = Annotated[Path | None, typer.Argument(metavar="DIR", help="A folder of models. (default: where --model looks)")]


def models(folder: Folder = None) -> None:
    """List the models that --model and the service know by name: their languages, and the first score on a test set."""
    from nmt.checkpoint.directory import read_info
    from nmt.checkpoint.together import is_model

    folders = [folder] if folder else list(models_folders())
    rows = []
    for directory in [path for place in folders for path in sorted(place.glob("*/")) if is_model(path)]:
        try:
            info = read_info(directory)
        except ModelDirectoryError as error:
            rows.append((directory.name, "cannot be read", str(error)))
            continue
        held_out = [score for score in info.scores if not score.test_set.startswith("validation text")]
        score = f"{held_out[0].metric} {held_out[0].value:.1f} on {held_out[0].test_set}" if held_out else ""
        rows.append((directory.name, " ".join(info.role), score))
    if rows:
        typer.echo(tabulate(rows, tablefmt="plain"))
    else:
        warn(NONE)
