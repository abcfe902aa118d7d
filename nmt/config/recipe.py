"""Every setting of the system: frozen, typed, read from YAML, with unknown keys refused by name.

A recipe (`data/<name>/recipe.yaml`) is the whole of a model's preparation and training:

    source_language, target_language, description
    preparation: PreparationConfig
    model:       ModelConfig
    training:    TrainingConfig
    search:      ModelSearch

With `recipe: auto` the size of the text decides what preparation, model and training leave open. The recipe of a language
model says `kind: language-model`, and is a LanguageModelRecipe.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from nmt.config.language import registered_tag
from nmt.config.licence import TextSource
from nmt.config.network import LanguageModelConfig, ModelConfig
from nmt.config.preparation import (
    PreparationConfig,
    TextPreparationConfig,
)
from nmt.config.printable import Prose
from nmt.config.search import ModelSearch
from nmt.config.training import LanguageModelTrainingConfig, TrainingConfig, VariationConfig
from nmt.config.yaml import Settings, apply_override, parse, read_yaml
from nmt.errors import ConfigurationError


def _language_code(tag: str) -> str:
    try:
        return registered_tag(tag)
    except ConfigurationError as error:
        raise ValueError(str(error)) from error


LanguageCode = Annotated[str, AfterValidator(_language_code)]
"""A language tag in its standard form: pt-BR, also where a recipe has pt_br."""


class _AnyRecipe(Settings):
    """Keys of every recipe, whatever its kind."""

    description: Prose
    licence: Prose = Field(description="of the text, and so of the model")
    sources: tuple[TextSource, ...] = Field(
        (), description="parts of the text by origin, each with its licence and its authors, for the card: see below"
    )
    limitations: Prose = Field("", description="what the model gets wrong, in Markdown, for its card")
    training: TrainingConfig = TrainingConfig()


class Recipe(_AnyRecipe):
    """The whole of a model: where its text comes from, its shape and its training."""

    kind: Literal["translation"] = "translation"
    recipe: Literal["auto"] | None = Field(
        None,
        description="auto: `nmt prepare` picks the vocabulary's size, the shape and the training by the size of the cleaned "
        "text (nmt/corpus/auto.py), but for those keys that are given",
    )
    source_language: LanguageCode
    target_language: LanguageCode
    preparation: PreparationConfig
    model: ModelConfig = ModelConfig()
    search: ModelSearch = Field(ModelSearch(), description="how the model is searched where nobody says otherwise")

    @property
    def languages(self) -> tuple[str, str]:
        """Of the two sides of a pair."""
        return self.source_language, self.target_language


class LanguageModelRecipe(_AnyRecipe):
    """The whole of a language model, which knows how probable a text is, and may help a translation model to write."""

    kind: Literal["language-model"]
    language: LanguageCode
    preparation: TextPreparationConfig
    model: LanguageModelConfig = LanguageModelConfig()
    training: LanguageModelTrainingConfig = LanguageModelTrainingConfig()

    recipe: ClassVar[None] = None  # nothing is left open to the size of the text

    @property
    def languages(self) -> tuple[str, str]:
        return self.language, self.language

    @model_validator(mode="after")
    def _perplexity_alone(self) -> Self:
        if "metrics" in self.training.model_fields_set:
            raise ValueError("training.metrics compare translations; a language model is judged by perplexity alone")
        return self

    @model_validator(mode="after")
    def _windows_of_running_text(self) -> Self:
        given, training = self.training.model_fields_set, self.training
        windows = [key for key in ("bptt", "variable_bptt") if key in given]
        if windows and not self.preparation.running_text:
            raise ValueError(f"training.{windows[0]} is for preparation.running_text; sentences are read as a whole")
        if self.preparation.running_text and (training.subword_sampling or training.variation != VariationConfig()):
            raise ValueError(
                "training.subword_sampling and training.variation change sentences; running_text stays as it is"
            )
        return self


AnyRecipe = Recipe | LanguageModelRecipe

RECIPES: dict[str, type[AnyRecipe]] = {"translation": Recipe, "language-model": LanguageModelRecipe}
"""The kinds of recipe, by the key `kind`; the first where there is no such key."""


def read_recipe(path: str | Path, overrides: Iterable[str] = ()) -> AnyRecipe:
    """Read `path`, apply `key=value` overrides (`training.max_updates=100`), and check every key and value.

    Raises ConfigurationError naming the file, the key and what would be right.
    """
    path = Path(path)
    tree = read_yaml(path)
    given: dict[str, str] = {}
    for override in overrides:
        key = override.partition("=")[0]
        if key in given:
            raise ConfigurationError(f"--set {override}: {key} is given twice, before by --set {given[key]}")
        given[key] = override
        apply_override(tree, override)
    return parse(RECIPES.get(str(tree.get("kind")), Recipe), tree, where=str(path))


def load_recipe(path: str | Path, overrides: Iterable[str] = ()) -> Recipe:
    """Read the recipe of a translation model, as `read_recipe` does. Raises ConfigurationError for one of another kind."""
    recipe = read_recipe(path, overrides)
    if not isinstance(recipe, Recipe):
        raise ConfigurationError(f"{path}: is the recipe of a language model; should be that of a translation model")
    return recipe
