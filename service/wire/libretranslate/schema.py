"""The schema of LibreTranslate: requests with their limits, and answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from ...settings import Settings
from ..fields import Code, Fields, SourceCode, one_or_many
from ..reading import Upload


class LibreFields(Fields):
    """Fields of LibreTranslate, whose clients send a field empty where they have nothing to say in it."""

    blank_is_absent = True

    api_key: str | None = Field(None, max_length=1_000)


class Question(LibreFields):
    """`translate_model` adds the limits."""

    model_config = ConfigDict(title="LibreTranslateRequest")

    q: str | list[str]
    source: SourceCode = Field(description="language of the text, or auto", examples=["de"])
    target: Code = Field(description="language to translate to", examples=["en"])
    format: Literal["text", "html"] = Field("text", description="markup of the text")
    alternatives: int = 0

    @property
    def texts(self) -> list[str]:
        return [self.q] if isinstance(self.q, str) else self.q


class DetectQuestion(LibreFields):
    """`detect_model` adds the limits."""

    model_config = ConfigDict(title="LibreTranslateDetectRequest")

    q: str | list[str]


def translate_model(settings: Settings) -> type[Question]:
    return create_model(
        "Question",
        __base__=Question,
        q=(one_or_many(settings), Field(description="one text or a list of them", examples=["Guten Morgen!"])),
        alternatives=(
            int,
            Field(0, ge=0, le=settings.max_beam_size - 1, description="further translations that are answered, too"),
        ),
    )


def detect_model(settings: Settings) -> type[DetectQuestion]:
    return create_model(
        "DetectQuestion",
        __base__=DetectQuestion,
        q=(one_or_many(settings), Field(description="a text, or a list that is read as one", examples=["Guten Morgen!"])),
    )


class FileFields(LibreFields):
    model_config = ConfigDict(title="LibreTranslateFileRequest")

    file: Upload
    source: SourceCode
    target: Code


class FileResponse(BaseModel):
    translatedFileUrl: str = Field(description="of the translated file, for as long as it is kept")


class DetectedLanguage(BaseModel):
    confidence: float = Field(description="per cent; 0 for a text without letters", examples=[98.0])
    language: str = Field(examples=["de"])


class TranslateResponse(BaseModel):
    """Each field is a list, one entry for each text, where `q` is a list."""

    translatedText: str | list[str]
    detectedLanguage: DetectedLanguage | list[DetectedLanguage] | None = Field(None, description="only where source is auto")
    alternatives: list[str] | list[list[str]] | None = Field(None, description="only where some were asked for")


class LanguageEntry(BaseModel):
    code: str = Field(examples=["de"])
    name: str = Field(examples=["German"])
    targets: list[str] = Field(description="codes of the languages that it is translated to", examples=[["en"]])


class NamedLanguage(BaseModel):
    code: str
    name: str


class FrontendLanguages(BaseModel):
    source: NamedLanguage
    target: NamedLanguage


class FrontendSettings(BaseModel):
    charLimit: int = Field(description="characters of one text")
    batchLimit: int = Field(description="texts of one request")
    frontendTimeout: int = Field(description="milliseconds that a page waits after a key before it asks")
    apiKeys: bool
    keyRequired: bool
    suggestions: bool
    filesTranslation: bool
    supportedFilesFormat: list[str]
    language: FrontendLanguages
