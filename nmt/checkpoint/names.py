"""Models by name: the folders where they are looked for, and the directory of one of them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from nmt.errors import ModelDirectoryError

MODELS = "checkpoints"
NONE = "there is no model here; `make models-wheel` in a checkout makes a package of those in it"
GROUP = "nmt.models"
"""Entry points of installed packages that are folders of models."""


def models_folders() -> Iterator[Path]:
    """Folders of models: NMT_MODELS, or else checkpoints here, those beside this program, and those that are installed."""
    seen: set[Path] = set()
    for folder in _places():
        if folder.is_dir() and folder.resolve() not in seen:
            seen.add(folder.resolve())
            yield folder


def _places() -> Iterator[Path]:
    if named := os.environ.get("NMT_MODELS"):
        yield Path(named)
        return
    yield Path(MODELS)
    yield Path(__file__).parents[2] / MODELS
    for point in entry_points(group=GROUP):  # all packages that are installed are read for it
        package = find_spec(point.value)
        if package is not None:
            yield from map(Path, package.submodule_search_locations or ())


def default_models_folder() -> Path:
    """The folder that is served where none is named: checkpoints here, or else the first of `models_folders`."""
    here = Path(MODELS)
    return here if here.is_dir() else next(models_folders(), here)


def find_model(given: str | Path) -> Path:
    """The directory of a model, given by its path or by its name in one of the folders of models.

    Raises ModelDirectoryError for a name that is not there, with the nearest that is.
    """
    if not isinstance(given, str | os.PathLike):
        raise ModelDirectoryError(f"{given!r}: should be the name or the path of a model, not {type(given).__name__}")
    path = Path(given)
    if path.exists() or path.name != str(given):
        return path
    for folder in models_folders():
        if path.name and (folder / path).is_dir():
            return folder / path
    names = {directory.name for folder in models_folders() for directory in folder.glob("*/")}
    near = difflib.get_close_matches(path.name, sorted(names), n=1)
    there = f"did you mean {near[0]}?" if near else f"`nmt models` lists {len(names)} of them" if names else NONE
    raise ModelDirectoryError(f"{given}: no such model directory, and no model of that name; {there}")
