"""Which models may work together."""

from __future__ import annotations

from pathlib import Path

from nmt.checkpoint import LoadedLanguageModel, LoadedModel
from nmt.errors import InputError


def check_alike(first: LoadedModel, other: LoadedModel, first_directory: str | Path, directory: str | Path) -> None:
    """Raises InputError, naming both, where two models cannot be in one ensemble."""
    pair = f"models {first_directory} and {directory} cannot be an ensemble"
    directions = [f"{one.info.source_language} to {one.info.target_language}" for one in (first, other)]
    if directions[0] != directions[1]:
        raise InputError(f"{pair}: one translates {directions[0]}, the other {directions[1]}")
    if first.tokenizer.model_bytes != other.tokenizer.model_bytes:
        sizes = [one.tokenizer.vocabulary_size for one in (first, other)]
        raise InputError(f"{pair}: their vocabularies ({sizes[0]} and {sizes[1]} pieces) should be the same, piece by piece")


def check_helps(
    helper: LoadedLanguageModel, helped: LoadedModel, helper_directory: str | Path, directory: str | Path
) -> None:
    """Raises InputError, naming both, where a language model is not one for this translation model."""
    pair = f"language model {helper_directory} cannot help {directory}"
    if helper.info.language != helped.info.target_language:
        raise InputError(f"{pair}: one is of {helper.info.language}, the other translates to {helped.info.target_language}")
    if helper.tokenizer.model_bytes != helped.tokenizer.model_bytes:
        sizes = [one.tokenizer.vocabulary_size for one in (helper, helped)]
        raise InputError(f"{pair}: their vocabularies ({sizes[0]} and {sizes[1]} pieces) should be the same, piece by piece")
