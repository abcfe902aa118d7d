"""The models and the service that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import SENTENCES, Service, start_service, stop_service, write_model

from nmt.text.tokenizer import train_tokenizer


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tokenizer = train_tokenizer(SENTENCES, vocabulary_size=96, kind="bpe", character_coverage=1.0)
    write_model(folder / "x-de-en", source="de", target="en", tokenizer=tokenizer)
    write_model(folder / "x-en-de", source="en", target="de", tokenizer=tokenizer)
    return folder


@pytest.fixture(scope="session")
def service(models: Path) -> Iterator[Service]:
    """One for all tests that neither end nor fill it."""
    service = start_service(models)
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert service.process.returncode == 0, log
    assert "Traceback" not in log, log
    for sentence in SENTENCES:
        assert sentence not in log, "the log should hold nothing of what users sent"
