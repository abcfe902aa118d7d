"""Everything that can be set about the service: environment variables with the prefix `NMT_`, each with a default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from nmt.config.machine import DeviceName, RuntimeName
from nmt.config.search import MAX_BEAM_SIZE
from nmt.errors import ConfigurationError


class Settings(BaseSettings):
    """`NMT_PORT=8123` sets `port`, and so on. Sizes of text are in characters, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="NMT_", frozen=True, extra="forbid", allow_inf_nan=False)

    models: Path = Field(Path("checkpoints"), description="every sub-folder of it with a manifest.json is loaded")
    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 is every one")
    port: int = Field(8000, ge=0, le=65535, description="0 takes a free one and says which in the log")
    device: DeviceName = "auto"
    runtime: RuntimeName = Field("auto", description="auto is the fastest that runs a model")
    threads: int = Field(
        default_factory=lambda: max(1, _cores() - 1),
        ge=1,
        description="of arithmetic; by default one core is left for the rest",
    )

    max_text_characters: int = Field(10_000, ge=1, description="of one text")
    max_texts: int = Field(128, ge=1, description="texts of one request")
    max_beam_size: int = Field(16, ge=1, le=MAX_BEAM_SIZE)
    max_body_bytes: int = Field(1 << 20, ge=1, description="of one request, counted while it arrives")
    request_timeout: float = Field(60.0, gt=0.0, description="until a request is answered 504, or 408 while it arrives")

    queue_sentences: int = Field(5_000, ge=1, description="waiting sentences above which requests are answered 429 ...")
    queue_characters: int = Field(100_000, ge=1, description="... and waiting characters")
    batch_sentences: int = Field(64, ge=1, description="translated at once, at the most")
    batch_characters: int = Field(
        10_000, ge=1, description="sentences of a batch times the characters of its longest times the beam size, at the most"
    )


def _cores() -> int:
    # Where a container or taskset allows fewer cores than there are, threads that share one wait for each other in loops.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_settings(overrides: Mapping[str, object]) -> Settings:
    """The settings of the environment, with `overrides` (by field name) before them. Raises ConfigurationError."""
    try:
        return Settings.model_validate(dict(overrides))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])} (or NMT_{str(problem['loc'][0]).upper()}): {problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigurationError(f"service settings: {problems}") from error
