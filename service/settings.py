"""Settings of the service: environment variables with the prefix `NMT_`, each with a default."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from nmt.checkpoint.names import default_models_folder
from nmt.config.machine import DeviceName, RuntimeName
from nmt.config.search import BATCH_TOKENS, MAX_BEAM_SIZE
from nmt.config.yaml import SettingPath
from nmt.errors import ConfigurationError

from .log import LogFormat

PREFIX = "NMT_"
MANY = 10**9
DAY = 86_400.0

# Kubernetes tells each container where the Services of its namespace are. For one called `nmt`, or `nmt-` and more, it sets
# NMT_SERVICE_HOST, NMT_SERVICE_PORT_HTTP, NMT_PORT=tcp://10.96.0.12:8000, NMT_PORT_8000_TCP_ADDR and so on.
_KUBERNETES = re.compile(
    r"NMT_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)", re.IGNORECASE
)
_KUBERNETES_PORT = re.compile(r"NMT_(\w+_)?PORT", re.IGNORECASE)
_KUBERNETES_ADDRESS = re.compile(r"(tcp|udp|sctp)://")
_OTHERS = ("NMT_CORPORA",)  # read by the tests


def _separated(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _network(given: str) -> str:
    try:
        return str(ipaddress.ip_network(given, strict=False))
    except ValueError as error:
        raise ValueError(f"{given!r} is no address and no network, such as 10.0.0.0/8") from error


Origins = Annotated[
    tuple[Annotated[str, Field(pattern=r"^(\*|https?://[^/\s]+)$")], ...], NoDecode, BeforeValidator(_separated)
]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(_separated)]


class Settings(BaseSettings):
    """`NMT_PORT=8123` sets `port`, and so on; an empty variable sets nothing. Text is in characters, time in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", allow_inf_nan=False
    )

    models: SettingPath = Field(
        default_factory=default_models_folder,
        description="every sub-folder of it with a manifest.json is loaded; by default checkpoints, or else the models that "
        "are installed",
    )
    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 is every one")
    port: int = Field(8000, ge=0, le=65535, description="0 takes a free one and says which in the log")
    root_path: str | None = Field(
        None, pattern=r"^(/[A-Za-z0-9._~-]+)+$", description="path that the service has at a proxy, such as /nmt"
    )
    workers: int = Field(
        1, ge=1, le=1024, description="processes that serve the one port and share the memory of the models; for a CPU"
    )
    trusted_proxies: Networks | None = Field(
        None, description="addresses or networks, with commas, whose X-Forwarded-For and -Proto are believed"
    )
    cors_origins: Origins | None = Field(
        None, description="origins, with commas, whose pages may ask here, such as https://example.org; * is every one"
    )
    log_format: LogFormat = Field("text", description="json is an object for each line")
    device: DeviceName = "auto"
    runtime: RuntimeName = Field("auto", description="auto is the fastest that runs a model")
    threads: int = Field(
        default_factory=lambda given: max(1, (_cores() - 1) // given.get("workers", 1)),
        ge=1,
        le=1024,
        description="of arithmetic, of each worker; by default one core is left for the rest",
    )
    admin_token: str | None = Field(
        None, min_length=8, description="Bearer token of POST /admin/reload; without one there is no such path"
    )
    reload_seconds: float = Field(
        5.0, ge=0.0, le=DAY, description="between two looks at the models' folder for changes; 0 never looks"
    )
    stall_seconds: float = Field(
        60.0, gt=0.0, le=DAY, description="seconds without a step of any batch, then the process ends with code 70"
    )
    max_connections: int = Field(1_000, ge=1, le=MANY, description="at the same time; a new one replaces an idle one")
    state: SettingPath | None = Field(
        None, description="folder for glossaries, documents, keys and counts; without one these end with the service"
    )

    require_key: bool = Field(False, description="whether requests need a key of `nmt keys create`")
    characters_per_minute: int | None = Field(
        None, ge=1, le=MANY, description="of a key without a limit of its own; without keys, of an address"
    )
    characters_per_day: int | None = Field(None, ge=1, le=MANY, description="the same for a day, UTC")
    documents_per_day: int | None = Field(
        None, ge=1, le=MANY, description="of a key without a limit of its own; without keys, of an address"
    )
    all_documents_per_day: int | None = Field(None, ge=1, le=MANY, description="of all clients together")

    max_text_characters: int = Field(10_000, ge=1, le=MANY, description="of one text")
    max_texts: int = Field(128, ge=1, le=MANY, description="texts of one request")
    max_beam_size: int = Field(16, ge=1, le=MAX_BEAM_SIZE)
    max_body_bytes: int = Field(1 << 20, ge=1, le=MANY, description="of one request, counted while it arrives")
    max_document_bytes: int = Field(10 << 20, ge=1, le=MANY, description="of one uploaded document")
    max_documents: int = Field(100, ge=0, le=MANY, description="kept at a time, with those that wait")
    documents_kept: float = Field(
        3600.0, gt=0.0, le=365 * DAY, description="seconds for which a translated document can be had"
    )
    request_timeout: float = Field(
        60.0,
        gt=0.0,
        le=DAY,
        description="until a request is answered 504, or 408 while it arrives; what takes more than half of it is refused",
    )

    max_cost: int = Field(
        1_500_000,
        ge=1,
        le=MANY,
        description="of one request: hypotheses times the most target tokens, summed over its sentences. Sampling, phrases "
        "and alignments cost more; 100,000 characters with the default options cost some 300,000",
    )
    queue_cost: int = Field(
        4_000_000, ge=1, le=MANY, description="of all that waits or is translated, above which requests are answered 429"
    )
    batch_sentences: int = Field(512, ge=1, le=MANY, description="translated at once, at the most")
    batch_tokens: int = Field(
        BATCH_TOKENS,
        ge=1,
        le=MANY,
        description="sentences of a batch times the tokens of its longest times the beam size, at the most",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Environment(settings_cls)


class _Environment(EnvSettingsSource):
    """The variables of the environment, without those that Kubernetes sets."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {
            name: value for name, value in super()._load_env_vars().items() if not _is_from_kubernetes(name, value or "")
        }


def _is_from_kubernetes(name: str, value: str) -> bool:
    if _KUBERNETES.fullmatch(name):
        return True
    return bool(_KUBERNETES_PORT.fullmatch(name) and _KUBERNETES_ADDRESS.match(value))


def _cores() -> int:
    # Where a container or taskset allows fewer cores than there are, threads that share one wait for each other in loops.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_settings(overrides: Mapping[str, object]) -> Settings:
    """The settings of the environment, with `overrides` (by field name) before them.

    Raises ConfigurationError for a value that will not do, and for a variable that is none of the service's.
    """
    problems = list(_unknown_variables())
    try:
        settings = Settings.model_validate(dict(overrides))
    except ValidationError as error:
        problems += [_describe(problem, overrides) for problem in error.errors()]
    if problems:
        raise ConfigurationError(f"service settings: {'; '.join(problems)}")
    return settings


def _unknown_variables() -> Iterator[str]:
    known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
    for name, value in sorted(os.environ.items()):
        if not name.upper().startswith(PREFIX) or not value or _is_from_kubernetes(name, value):
            continue
        if name.upper() not in (*known, *_OTHERS):
            (nearest,) = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)
            yield f"there is no variable {name}; did you mean {nearest}? Otherwise unset it"


def _describe(problem: Any, overrides: Mapping[str, object]) -> str:
    field, value = str(problem["loc"][0]), problem["input"]
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ").partition(", unable to parse")[0]
    quotes = isinstance(value, str) and len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    hint = "; leave out the quotation marks, which are part of the value" if quotes else ""
    return f"{field if field in overrides else PREFIX + field.upper()} {message}, not {value!r}{hint}"
