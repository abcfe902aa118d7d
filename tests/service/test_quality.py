"""Evaluations of given translations over a real socket, against the library's forced decoding and the sum by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.server import SENTENCES, Service, start_service, stop_service
from support.waiting import wait_until

from nmt.translate.translator import Translator

PATH = "/v1/quality-evaluation"
PAIRS = [(SENTENCES[0], SENTENCES[5]), (SENTENCES[1], SENTENCES[6]), (SENTENCES[3], "x"), ("", ""), ("", "a"), ("1", "")]


def submit(service: Service, pairs: list[tuple[str, str]], **metadata: Any) -> httpx.Response:
    fields = {"source_language": "de", "target_language": "en", **metadata}
    segments = [{"source": source, "target": target} for source, target in pairs]
    return service.client.post(PATH, json={"metadata": fields, "segments": segments})


def report(service: Service, created: httpx.Response) -> Any:
    assert created.status_code == 202, created.text
    address = created.json()["poll_url"]
    assert address == f"{PATH}/{created.json()['job_id']}"
    assert int(created.headers["retry-after"]) >= 1
    wait_until(lambda: service.client.get(address).status_code == 200)
    return service.client.get(address).json()


def test_segments_have_the_scores_of_forced_decoding(service: Service, models: Path) -> None:
    translator = Translator.load(models / "x-de-en", device="cpu", threads=1)
    found = report(service, submit(service, PAIRS))
    assert found["status"] == "done"
    assert [segment["segment_index"] for segment in found["segments"]] == list(range(len(PAIRS)))
    expected = translator.score(PAIRS)
    for segment, log_probability in zip(found["segments"], expected, strict=True):
        assert segment["errors"] == []
        if log_probability == -math.inf:
            assert (segment["score"], segment["log_probability"]) == (0.0, None)
            continue
        assert segment["log_probability"] == pytest.approx(log_probability, abs=1e-3)
        assert segment["score"] == pytest.approx(math.exp(log_probability / segment["tokens"]), abs=1e-3)
    assert found["summary"] == {"overall_score": 0, "granular_counts": {}}, "one of them is impossible"


def test_the_overall_score_is_the_mean_over_all_tokens(service: Service) -> None:
    found = report(service, submit(service, PAIRS[:3]))
    tokens = sum(segment["tokens"] for segment in found["segments"])
    total = sum(segment["log_probability"] for segment in found["segments"])
    assert found["summary"]["overall_score"] == round(100 * math.exp(total / tokens))


def test_what_the_model_would_say_itself_scores_higher(service: Service) -> None:
    own = service.translate(SENTENCES[0], beam_size=1).json()["translations"][0]["text"]
    better, worse = report(service, submit(service, [(SENTENCES[0], own), (SENTENCES[0], own[::-1])]))["segments"]
    assert better["score"] > worse["score"]


def test_many_segments_leave_room_for_translations(service: Service) -> None:
    created = submit(service, [(SENTENCES[0], SENTENCES[5])] * 500)
    assert service.translate(SENTENCES[1]).status_code == 200
    found = report(service, created)
    assert len(found["segments"]) == 500
    assert len({segment["log_probability"] for segment in found["segments"]}) == 1


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"segments": [{"source": "a", "target": "b"}]}, 400, "metadata is missing"),
        ({"metadata": {"source_language": "de"}, "segments": []}, 400, "metadata[target_language] is missing"),
        ({"segments": []}, 400, "segments has 0 items; at least 1 should be there"),
        ({"segments": [{"target": "b"}]}, 400, "segments[0][source] is missing"),
        ({"segments": [{"source": "a" * 10_001, "target": "b"}]}, 400, "segments[0][source] has 10,001 characters"),
        ({"segments": [{"source": "a", "target": "b"}] * 501}, 400, "segments has 501 items; at most 500 are allowed"),
        ({"segments": [{"source": "a", "target": "b", "c": 1}]}, 400, "there is no field 'segments[0][c]'"),
        ({"metadata": {"source_language": "zz", "target_language": "en"}}, 400, "Value for 'source_lang' not supported."),
    ],
)
def test_what_is_wrong_is_said(service: Service, body: dict[str, Any], status: int, message: str) -> None:
    base: dict[str, Any] = {"metadata": {"source_language": "de", "target_language": "en"}}
    if message != "metadata is missing":
        body = base | {"segments": [{"source": "a", "target": "b"}]} | body
    answer = service.client.post(PATH, json=body)
    assert (answer.status_code, list(answer.json())) == (status, ["message"])
    assert answer.json()["message"].startswith(message)


def test_unknown_jobs(service: Service) -> None:
    answer = service.client.get(f"{PATH}/none")
    assert (answer.status_code, answer.json()) == (400, {"message": "job_id must be a valid UUID"})
    answer = service.client.get(f"{PATH}/96ab91fd-e715-41a1-adeb-5d701f84a483")
    assert answer.status_code == 404
    assert answer.json()["message"].startswith("there is no job '96ab91fd")


@pytest.mark.slow
def test_a_service_ends_while_it_evaluates(models: Path) -> None:
    service = start_service(models)
    service.wait_until_ready()
    created = submit(service, [(SENTENCES[0], SENTENCES[5])] * 500)
    assert created.status_code == 202
    log = stop_service(service)
    assert service.process.returncode == 0, log
    assert "Traceback" not in log, log
