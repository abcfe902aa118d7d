"""Folders that commands use where none is given, and the names that they give."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from nmt.errors import ConfigurationError, has_controls

MODELS = "checkpoints"


def model_name(recipe: Path) -> str:
    """Of data/<name>/recipe.yaml, <name>. Raises ConfigurationError where it can be no name of a model."""
    name = recipe.resolve().parent.name
    if has_controls(name):
        raise ConfigurationError(f"{recipe}: its folder's name has control characters; the model would have that name")
    return name


def model_directory(recipe: Path) -> Path:
    """checkpoints/<name>"""
    return Path(MODELS) / model_name(recipe)


def recipe_name(recipe: Path) -> str:
    """<name>/recipe.yaml, by which two recipes in one folder differ, and which a copy of the data keeps."""
    return f"{model_name(recipe)}/{recipe.name}"


def models_folders() -> list[Path]:
    """Folders where a model is looked for by its name: NMT_MODELS, or else checkpoints here and beside this program."""
    named = os.environ.get("NMT_MODELS")
    places = [named] if named else [MODELS, str(Path(__file__).parents[2] / MODELS)]
    return list({folder.resolve(): folder for folder in map(Path, places) if folder.is_dir()}.values())


def find_model(given: str) -> Path:
    """The directory of a model, given by its path or by its name in one of the folders of models.

    Raises ConfigurationError for a name that is not there, with the nearest that is.
    """
    path = Path(given)
    if path.exists() or path.name != given:
        return path
    names = {directory.name: directory for folder in reversed(models_folders()) for directory in sorted(folder.glob("*/"))}
    if given in names:
        return names[given]
    near = difflib.get_close_matches(given, names, n=1)
    there = f"did you mean {near[0]}?" if near else f"`nmt models` lists {len(names)} of them"
    raise ConfigurationError(f"{given}: no such model directory, and no model of that name; {there}")
