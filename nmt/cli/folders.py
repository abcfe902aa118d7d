"""Folders that commands use where none is given, and the names that they give."""

from __future__ import annotations

from pathlib import Path

from nmt.checkpoint.names import MODELS
from nmt.errors import ConfigurationError, has_controls


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
