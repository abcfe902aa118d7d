"""What a model is, where it comes from and what it scored: the whole of a model directory's config.yaml."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from nmt.config.recipe import LanguageModelConfig, ModelConfig


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReportedScore(_Value):
    """A score as a reviewer accepts it: on which text, how searched, with the scorer's signature."""

    test_set: str
    metric: str
    value: float
    signature: str
    beam_size: int | None
    """None where nothing was searched for."""
    note: str = ""
    """Where the value does not mean what it seems to mean: why. Most scores need none, and are written without."""

    @model_serializer(mode="wrap")
    def _without_empty_note(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in serialise(self).items() if key != "note" or value}

    def __str__(self) -> str:
        return f"{self.metric} {self.value:.2f} on {self.test_set}  {self.signature}"


class Training(_Value):
    """How the weights came about."""

    command: str
    updates: int
    minutes: float
    machine: str
    precision: str = "float32"
    """Of matrix products while training."""
    corpora: dict[str, str]
    """File name to sha256."""
    sentence_pairs: int
    """Of a language model: sentences."""
    machine_written: dict[str, str] = {}
    """Files of which a machine wrote a side, to how it did."""
    picked: tuple[str, ...] = ()
    """What `recipe: auto` decided, and why."""


class ModelInfo(_Value):
    """What a model is and where it comes from: the whole of config.yaml."""

    name: str
    source_language: str
    target_language: str
    description: str
    licence: str
    model: ModelConfig
    training: Training
    scores: tuple[ReportedScore, ...]

    @property
    def role(self) -> tuple[str, str]:
        """What it does, as a label and a value."""
        return "translates", f"{self.source_language} to {self.target_language}"

    @property
    def examples(self) -> str:
        """What it is trained on."""
        return "sentence pairs"


class LanguageModelInfo(_Value):
    """The same of a language model."""

    kind: Literal["language-model"] = "language-model"
    name: str
    language: str
    description: str
    licence: str
    model: LanguageModelConfig
    training: Training
    scores: tuple[ReportedScore, ...]

    @property
    def role(self) -> tuple[str, str]:
        return "language model", f"of {self.language}"

    @property
    def examples(self) -> str:
        return "sentences"


AnyInfo = ModelInfo | LanguageModelInfo
