"""Settings of the service: what of the environment is meant for it, and what is said about the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.server import start_process, start_service, stop_service

from nmt.errors import ConfigurationError
from service.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any variable of the service."""
    for name in list(os.environ):
        if name.upper().startswith("NMT_"):
            monkeypatch.delenv(name)
    return monkeypatch


def refusal(**overrides: object) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_settings(overrides)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_variable_sets_what_it_names_and_an_argument_comes_before_it(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NMT_PORT", "8123")
    environment.setenv("nmt_max_texts", "7")
    environment.setenv("HOME", "/home/somebody")
    environment.setenv("NMT_MODELS", "~/models")
    settings = read_settings({})
    assert (settings.port, settings.max_texts, settings.models) == (8123, 7, Path("/home/somebody/models"))
    assert read_settings({"port": 1}).port == 1


@pytest.mark.parametrize("name", [f"NMT_{field.upper()}" for field in Settings.model_fields])
def test_an_empty_variable_is_not_given(environment: pytest.MonkeyPatch, name: str) -> None:
    expected = read_settings({})
    environment.setenv(name, "")
    environment.setenv("NMT_PROT", "")
    assert read_settings({}) == expected


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NMT_PORT", "abc", ["NMT_PORT", "integer", "'abc'"]),
        ("NMT_PORT", '"8000"', ["NMT_PORT", "'\"8000\"'", "quotation marks"]),
        ("NMT_PORT", "'8000'", ["NMT_PORT", "quotation marks"]),
        ("NMT_PORT", "65536", ["NMT_PORT", "65535", "'65536'"]),
        ("NMT_PORT", "http://10.96.0.12", ["NMT_PORT", "'http://10.96.0.12'"]),
        ("NMT_MAX_BEAM_SIZE", "1000", ["NMT_MAX_BEAM_SIZE", "64", "'1000'"]),
        ("NMT_QUEUE_COST", "9" * 30, ["NMT_QUEUE_COST"]),
        ("NMT_REQUEST_TIMEOUT", "1:30", ["NMT_REQUEST_TIMEOUT", "number", "'1:30'"]),
        ("NMT_REQUEST_TIMEOUT", "inf", ["NMT_REQUEST_TIMEOUT", "finite"]),
        ("NMT_DEVICE", "gpu", ["NMT_DEVICE", "'auto', 'cpu' or 'cuda'", "'gpu'"]),
        ("NMT_PROT", "8000", ["no variable NMT_PROT", "NMT_PORT?"]),
        ("NMT_MAX_TEXT_CHARS", "5", ["no variable NMT_MAX_TEXT_CHARS", "NMT_MAX_TEXT_CHARACTERS?"]),
        ("NMT_WORKERS_PORT", "8000", ["no variable NMT_WORKERS_PORT"]),
    ],
)
def test_what_will_not_do_is_shown(environment: pytest.MonkeyPatch, name: str, value: str, words: list[str]) -> None:
    environment.setenv(name, value)
    for word in words:
        assert word in refusal()


def test_all_that_is_wrong_is_told_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NMT_PROT", "8000")
    environment.setenv("NMT_THREADS", "none")
    message = refusal(port="x")
    assert all(word in message for word in ("NMT_PROT", "NMT_THREADS", "port should be", "'x'"))


# What Kubernetes sets for Services called nmt, nmt-models and nmt-http-api, the last with a named port.
KUBERNETES = {
    "NMT_SERVICE_HOST": "10.96.0.12",
    "NMT_SERVICE_PORT": "8000",
    "NMT_PORT": "tcp://10.96.0.12:8000",
    "NMT_PORT_8000_TCP": "tcp://10.96.0.12:8000",
    "NMT_PORT_8000_TCP_PROTO": "tcp",
    "NMT_PORT_8000_TCP_PORT": "8000",
    "NMT_PORT_8000_TCP_ADDR": "10.96.0.12",
    "NMT_MODELS_SERVICE_HOST": "10.96.0.13",
    "NMT_MODELS_SERVICE_PORT": "80",
    "NMT_MODELS_PORT": "udp://10.96.0.13:80",
    "NMT_MODELS_PORT_80_UDP": "udp://10.96.0.13:80",
    "NMT_HTTP_API_SERVICE_PORT_HTTP_METRICS": "9090",
    "NMT_HTTP_API_PORT": "tcp://[fd00::1]:9090",
}


def test_what_kubernetes_sets_is_not_ours(environment: pytest.MonkeyPatch) -> None:
    expected = read_settings({})
    for name, value in KUBERNETES.items():
        environment.setenv(name, value)
    assert read_settings({}) == expected


@pytest.mark.slow
def test_a_pod_beside_services_of_these_names_starts(models: Path, environment: pytest.MonkeyPatch) -> None:
    for name, value in KUBERNETES.items():
        environment.setenv(name, value)
    others = {name.removeprefix("NMT_"): value for name, value in KUBERNETES.items() if name != "NMT_PORT"}
    service = start_service(models, **others)
    service.wait_until_ready()
    stop_service(service)


def test_a_typing_error_ends_the_process_with_a_line(models: Path) -> None:
    process = start_process(models, prot=8123)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 2
    (line,) = log.splitlines()
    assert line.startswith("error: ")
    assert "NMT_PROT; did you mean NMT_PORT?" in line
