"""Model directories as a Translator takes them: which are there, and which may work together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nmt.checkpoint.directory import MANIFEST, LoadedLanguageModel, LoadedModel, load_language_model, load_model, read_info
from nmt.checkpoint.info import ModelInfo
from nmt.errors import InputError, ModelDirectoryError
from nmt.files.atomic import current

if TYPE_CHECKING:
    import torch


def is_model(directory: str | Path) -> bool:
    """Whether this is the directory of a model of any kind."""
    return current(Path(directory), MANIFEST).is_file()


def translates(directory: str | Path) -> bool:
    """Whether a model directory is one for a Translator, not for a language model; a damaged one is left to `load`."""
    try:
        return isinstance(read_info(directory), ModelInfo)
    except ModelDirectoryError:
        return True


def load_ensemble(directories: Sequence[str | Path], *, device: torch.device) -> list[LoadedModel]:
    """The models in one directory or more. Raises ModelDirectoryError, and InputError where they cannot be an ensemble."""
    if not directories:
        raise InputError("load should be given at least one model directory")
    models = [load_model(directory, device=device) for directory in directories]
    for other, directory in zip(models[1:], directories[1:], strict=True):
        _check_alike(models[0], other, directories[0], directory)
    return models


def load_helper(
    directory: str | Path, *, helped: LoadedModel, helped_directory: str | Path, device: torch.device
) -> LoadedLanguageModel:
    """A language model for this translation model. Raises ModelDirectoryError, and InputError where it is none for it."""
    helper = load_language_model(directory, device=device)
    pair = f"language model {directory} cannot help {helped_directory}"
    if helper.info.language != helped.info.target_language:
        raise InputError(f"{pair}: one is of {helper.info.language}, the other translates to {helped.info.target_language}")
    _check_vocabularies(pair, helper, helped)
    return helper


def _check_alike(first: LoadedModel, other: LoadedModel, first_directory: str | Path, directory: str | Path) -> None:
    pair = f"models {first_directory} and {directory} cannot be an ensemble"
    directions = [f"{one.info.source_language} to {one.info.target_language}" for one in (first, other)]
    if directions[0] != directions[1]:
        raise InputError(f"{pair}: one translates {directions[0]}, the other {directions[1]}")
    _check_vocabularies(pair, first, other)


def _check_vocabularies(pair: str, *models: LoadedModel | LoadedLanguageModel) -> None:
    first, second = (one.tokenizer for one in models)
    if first.model_bytes != second.model_bytes:
        sizes = f"{first.vocabulary_size} and {second.vocabulary_size} pieces"
        raise InputError(f"{pair}: their vocabularies ({sizes}) should be the same, piece by piece")
