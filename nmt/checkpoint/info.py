"""Identity, origin and scores of a model: the whole of a model directory's config.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from nmt.config.licence import TextSource
from nmt.config.network import LanguageModelConfig, ModelConfig
from nmt.config.printable import Line, Prose
from nmt.config.search import ModelSearch

if TYPE_CHECKING:
    from nmt.model.language_model import LanguageModel
    from nmt.model.seq2seq import Seq2Seq


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
    options: str = ""
    """Those of `nmt evaluate --model` that give it. Not written where they are not known, or nothing was searched for."""

    @model_serializer(mode="wrap")
    def _without_what_is_empty(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in serialise(self).items() if key not in ("note", "options") or value}

    @property
    def made_by(self) -> str:
        """The command that gives it, of a model and a text in their places; nothing where that is not known."""
        return self.options and f"nmt evaluate --model DIR --source FILE --reference FILE {self.options}"

    @property
    def shown(self) -> str:
        """The value with its decimals: two, or four where it has more than two."""
        return f"{self.value:.2f}" if self.value == round(self.value, 2) else f"{self.value:.4f}"

    def __str__(self) -> str:
        return f"{self.metric} {self.shown} on {self.test_set}  {self.signature}"


class Training(_Value):
    """Origin of the weights."""

    command: str
    updates: int
    minutes: float
    machine: str
    precision: str = "float32"
    """Type of number in matrix products while training."""
    corpora: dict[str, str]
    """File name to sha256."""
    sentence_pairs: int
    """Number of training examples; a language model's are sentences."""
    machine_written: dict[str, str] = {}
    """Files of which a machine wrote a side, to how it did."""
    picked: tuple[str, ...] = ()
    """Decisions of `recipe: auto`, with their reasons."""


class ModelInfo(_Value):
    """A model that translates, and where it comes from: the whole of config.yaml."""

    name: Line
    source_language: Line
    target_language: Line
    description: Prose
    licence: Prose
    sources: tuple[TextSource, ...] = ()
    model: ModelConfig
    search: ModelSearch = ModelSearch()
    """How it is searched where nobody says otherwise. Not written where that is the usual way."""
    training: Training
    scores: tuple[ReportedScore, ...]

    @model_serializer(mode="wrap")
    def _without_usual_search(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in serialise(self).items() if key != "search" or self.search != ModelSearch()}

    @property
    def role(self) -> tuple[str, str]:
        """Purpose as a label and a value."""
        return "translates", f"{self.source_language} to {self.target_language}"

    def build(self, *, vocabulary_size: int) -> Seq2Seq:
        """A network of this shape, its weights drawn."""
        from nmt.model.build import build_seq2seq

        return build_seq2seq(self.model, vocabulary_size=vocabulary_size)

    @property
    def purpose(self) -> str:
        """Purpose as a sentence in Markdown."""
        return f"Translates `{self.source_language}` to `{self.target_language}`"

    @property
    def examples(self) -> str:
        """Name of the training examples."""
        return "sentence pairs"


class LanguageModelInfo(_Value):
    """A language model, and where it comes from: the whole of config.yaml."""

    kind: Literal["language-model"] = "language-model"
    name: Line
    language: Line
    running_text: bool = False
    """Whether it reads on from line to line; otherwise each line is a sentence on its own."""
    description: Prose
    licence: Prose
    sources: tuple[TextSource, ...] = ()
    model: LanguageModelConfig
    training: Training
    scores: tuple[ReportedScore, ...]

    @property
    def role(self) -> tuple[str, str]:
        return "language model", f"of {self.language}"

    def build(self, *, vocabulary_size: int) -> LanguageModel:
        """A network of this shape, its weights drawn."""
        from nmt.model.build import build_language_model

        return build_language_model(self.model, vocabulary_size=vocabulary_size)

    @property
    def purpose(self) -> str:
        what = "a text" if self.running_text else "a sentence"
        return f"Knows how probable {what} of `{self.language}` is, and helps translation models of the same vocabulary"

    @property
    def examples(self) -> str:
        return "lines" if self.running_text else "sentences"


AnyInfo = ModelInfo | LanguageModelInfo
