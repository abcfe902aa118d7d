"""A service with three models, and its page in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browser import chromium
from support.server import SENTENCES, Service, start_service, stop_service, write_model

from nmt.text.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of German to English, the second a quick one, and one back."""
    folder = tmp_path_factory.mktemp("models")
    tokenizer = train_tokenizer(SENTENCES, vocabulary_size=96, kind="bpe", character_coverage=1.0)
    for name in ("x-de-en", "x-de-en-fast"):
        write_model(folder / name, source="de", target="en", tokenizer=tokenizer)
    write_model(folder / "x-en-de", source="en", target="de", tokenizer=tokenizer)
    return folder


@pytest.fixture(scope="module")
def service(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = start_service(models, root_path="/nmt", state=tmp_path_factory.mktemp("state"))
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert "Traceback" not in log, log


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any, service: Service) -> Iterator[Any]:
    """Checks at the end of each test that nothing was asked of anybody else and nothing went wrong."""
    from support.page import opened

    yield from opened(browser, service)
