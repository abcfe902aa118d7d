"""The models and the service that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import SENTENCES, SHAPE, Service, start_service, stop_service, write_model
from support.untrained import small

from nmt.config.network import ModelConfig
from nmt.text.tokenizer import train_tokenizer


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("models"), SHAPE)


@pytest.fixture(scope="session")
def int8_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models whose answers are the same to the last digit in every batch; PyTorch's are not, on some processors."""
    return write_models(tmp_path_factory.mktemp("int8-models"), small(32))


def write_models(folder: Path, shape: ModelConfig) -> Path:
    tokenizer = train_tokenizer(SENTENCES, vocabulary_size=96, kind="bpe", character_coverage=1.0)
    write_model(folder / "x-de-en", source="de", target="en", tokenizer=tokenizer, shape=shape)
    write_model(folder / "x-en-de", source="en", target="de", tokenizer=tokenizer, shape=shape)
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
