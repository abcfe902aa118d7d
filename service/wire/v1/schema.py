"""The schema of `/v1`: requests with their limits, and answers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import Annotated, Any, Self, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SkipValidation,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import PydanticKnownError

from nmt.config.formality import Formality
from nmt.config.search import SearchOptions
from nmt.config.sentences import Split
from nmt.errors import InputError
from nmt.translate.glossary import MAX_CHARACTERS, Entry, Glossary
from nmt.translate.markup.options import Format
from nmt.translate.result import SentenceTranslation, Translation

from ...settings import Settings
from ..fields import TEXT_ONLY, Code, SourceCode, one_or_many

ATTENTION_DIGITS = 3
MAX_TERMS = 1000
"""Of the glossary of a request."""

# A request may set all options of a search but one: max_length_offset makes a long wait for others out of a short text.
OPTIONS = {name: field for name, field in SearchOptions.model_fields.items() if name != "max_length_offset"}


_MOST_FIELDS = 100
"""Of a request; what is wrong with more of them would take long to say."""


def _few_terms(given: Any) -> Any:
    """Refuse too many before each is looked at: a million wrong ones take seconds, in which nobody else is served."""
    if isinstance(given, dict) and len(given) > MAX_TERMS:
        raise PydanticKnownError(
            "too_long", {"field_type": "Dictionary", "max_length": MAX_TERMS, "actual_length": len(given)}
        )
    return given


class Question(BaseModel):
    """One text or several of one language, to be translated to another. `request_model` adds the OPTIONS as fields."""

    model_config = ConfigDict(**TEXT_ONLY, strict=True, extra="forbid", allow_inf_nan=False)

    text: str | list[str]
    source: SourceCode = Field(
        description="language of the text, as in /v1/languages; a region or script (de-AT) may follow. auto: that of each "
        "text, found out among those from which there is a model to the target",
        examples=["de"],
    )
    target: Code = Field(description="language to translate to", examples=["en"])
    model: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="which model, where /v1/languages lists several for the pair; by default the first"
    )
    format: Format = Field(
        "text", description="markup of the text; tags stay as they are, and go to the words that they belonged to"
    )
    formality: Formality = Field(
        "default",
        description="how people are addressed, in German as Sie (more) or du (less); more and less are only for the targets "
        "for which /v1/languages says so, the others for all",
    )
    split_sentences: Split = Field(
        "sentences",
        description="where sentences end. none: at line ends only; sentences: at ends of sentence, too; nonewlines: at ends "
        "of sentence and of paragraph, for text whose lines are wrapped",
    )
    localise_numbers: bool = Field(
        False,
        description="numbers get the form of the target language where their reading is sure: 1.234,56 becomes 1,234.56",
    )
    glossary: Annotated[dict[str, str], Field(max_length=MAX_TERMS), BeforeValidator(_few_terms)] | None = Field(
        None,
        description=f"terms and their translations, case counting; at most {MAX_CHARACTERS} characters each",
        examples=[{"Hund": "hound"}],
    )
    alignment: bool = Field(False, description="also answer tokens and attention, sentence by sentence")

    @property
    def texts(self) -> list[str]:
        return [self.text] if isinstance(self.text, str) else self.text

    @cached_property
    def options(self) -> SearchOptions:
        # The service limits the beam; all others that are not given are the model's own to choose.
        given = {"beam_size"} | (self.model_fields_set & OPTIONS.keys())
        return SearchOptions.model_validate(self.model_dump(include=given))

    @cached_property
    def terms(self) -> Glossary | None:
        """The glossary. Raises InputError."""
        if self.glossary is None:
            return None
        return Glossary(tuple(Entry(term, translation) for term, translation in self.glossary.items()))

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, given: Any) -> Any:
        # Most of so many are unknown, so that the first of them are enough to refuse the request.
        return dict(islice(given.items(), _MOST_FIELDS)) if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _glossary_fits(self) -> Self:
        try:
            self.terms  # noqa: B018
        except InputError as error:
            raise ValueError(str(error)) from error
        return self

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        try:
            self.options  # noqa: B018
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
        return self


REQUEST_FIELDS = (*Question.model_fields, *OPTIONS)


def request_model(settings: Settings) -> type[Question]:
    """A Question with the limits of `settings` in its schema."""

    def limited(name: str, default: int) -> Any:
        return int, Field(default, ge=1, le=settings.max_beam_size, description=OPTIONS[name].description)

    options: dict[str, Any] = {name: (field.annotation, field) for name, field in OPTIONS.items()}
    options["beam_size"] = limited("beam_size", min(SearchOptions().beam_size, settings.max_beam_size))
    options["n_best"] = limited("n_best", 1)
    text = Field(
        description="one text or a list of them. Each is split into sentences and put together again with every "
        "line break and space in its place",
        examples=["Guten Morgen!\nWie geht es dir?"],
    )
    return create_model("TranslationRequest", __base__=Question, text=(one_or_many(settings), text), **options)


class Alternative(BaseModel):
    text: str
    score: float = Field(
        description="log-probability divided by the length penalty, less the coverage penalty; the nearer to 0, the surer"
    )


def _rounded(rows: Sequence[array[float]]) -> list[list[float]]:
    return [[round(weight, ATTENTION_DIGITS) for weight in row] for row in rows]


Attention = Annotated[list[list[float]], SkipValidation, PlainSerializer(_rounded, return_type=list[list[float]])]
"""Compact rows, of which those of one hypothesis at a time become numbers that are written out: there may be millions."""


class AlignedHypothesis(Alternative):
    tokens: list[str] = Field(description="subword tokens of the text; ▁ begins a word")
    attention: Attention = Field(description="a row for each of `tokens`, a weight for each of `source_tokens`")


class AlignedSentence(BaseModel):
    source: str
    source_tokens: list[str]
    hypotheses: list[AlignedHypothesis] = Field(description="the n_best translations of this sentence, best first")


class TranslatedText(BaseModel):
    text: str
    score: float = Field(description="sum of the scores of its sentences; 0 where there was nothing to translate")
    alternatives: list[Alternative] = Field(
        description="the n_best - 1 further translations of the whole text; the k-th has the k-th of each sentence"
    )
    detected_source: str | None = Field(
        None,
        description="language of the text, where source is auto; and of a text that comes back as it is, since it is surely "
        "in another language than the source",
    )
    sentences: list[AlignedSentence] | None = Field(None, description="only with `alignment`")
    note: str | None = Field(
        None, description="why the translation lacks a required phrase: the text has no letter or digit"
    )


class TranslationResponse(BaseModel):
    source: str = Field(description="where it was auto, that of the first text")
    target: str
    model: str
    translations: list[TranslatedText] = Field(description="one for each text, in order")


class LanguagePair(BaseModel):
    source: str = Field(examples=["de"])
    source_name: str = Field(examples=["German"])
    target: str = Field(examples=["en"])
    target_name: str = Field(examples=["English"])
    formality: bool = Field(description="whether `formality` may be more or less")
    models: list[str] = Field(description="by name; the first is the default", examples=[["broad-de-en"]])


class Limits(BaseModel):
    text_characters: int = Field(description="of one text, in Unicode code points")
    texts: int = Field(description="of one request")
    beam_size: int
    body_bytes: int


class LanguagesResponse(BaseModel):
    pairs: list[LanguagePair]
    limits: Limits


def translated_text(translation: Translation, *, alignment: bool, detected: str | None = None) -> TranslatedText:
    """`detected` is the language from which the text was translated, where that was found out."""
    return TranslatedText(
        text=translation.text,
        score=translation.score,
        alternatives=[
            Alternative(text=text, score=translation.score_of(rank))
            for rank, text in enumerate(translation.texts[1:], start=1)
        ],
        detected_source=translation.language or detected,
        sentences=[_aligned(sentence) for sentence in translation.sentences] if alignment else None,
        note=translation.note or None,
    )


def _aligned(sentence: SentenceTranslation) -> AlignedSentence:
    return AlignedSentence(
        source=sentence.source,
        source_tokens=list(sentence.source_tokens),
        hypotheses=[
            AlignedHypothesis(
                text=hypothesis.text,
                score=hypothesis.score,
                tokens=list(hypothesis.tokens),
                attention=cast(Any, hypothesis.attention),
            )
            for hypothesis in sentence.hypotheses
        ],
    )
