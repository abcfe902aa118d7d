"""The wire format of /v1 over a real socket: answers, limits, and what is said about what is wrong."""

from __future__ import annotations

import json
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from support.server import SENTENCES, Service, start_service, stop_service, write_model

from nmt.config.formality import Formality
from nmt.config.search import SearchOptions
from nmt.text.tokenizer import Tokenizer
from nmt.translate.ask import Ask
from nmt.translate.glossary import Entry, Glossary
from nmt.translate.markup.options import Markup
from nmt.translate.plan import advance
from nmt.translate.translator import Translator
from service.settings import Settings
from service.wire.v1.schema import request_model

QUESTION = {"text": "Am Morgen.", "source": "de", "target": "en"}


@pytest.fixture(scope="session")
def translator(models: Path) -> Translator:
    return Translator.load(models / "x-de-en", device="cpu", threads=1)


def post(service: Service, body: bytes, content_type: str = "application/json") -> httpx.Response:
    return service.client.post("/v1/translate", content=body, headers={"Content-Type": content_type})


def test_one_text(service: Service, translator: Translator) -> None:
    answer = service.translate("Der Hund schläft im Garten.").json()
    expected = translator.translate(["Der Hund schläft im Garten."])[0]
    assert answer == {
        "source": "de",
        "target": "en",
        "model": "x-de-en",
        "translations": [{"text": expected.text, "score": pytest.approx(expected.score, abs=1e-4), "alternatives": []}],
    }


def test_several_texts_come_back_in_order(service: Service, translator: Translator) -> None:
    answer = service.translate([*SENTENCES, ""]).json()
    assert [entry["text"] for entry in answer["translations"]] == [t.text for t in translator.translate([*SENTENCES, ""])]


def test_html_keeps_its_tags(service: Service, translator: Translator) -> None:
    text = '<p class="x">Der <b>Hund</b> schläft.</p><!-- nichts -->'
    [entry] = service.translate(text, format="html").json()["translations"]
    assert entry["text"] == translator.translate([text], markup=Markup(format="html"))[0].text
    assert all(entry["text"].count(tag) == 1 for tag in ('<p class="x">', "<b>", "</b>", "</p><!-- nichts -->"))
    assert service.translate(text, format="docx").status_code == 422


@pytest.mark.parametrize("formality", ["default", "more", "less", "prefer_more", "prefer_less"])
def test_formality_is_as_in_the_library(service: Service, models: Path, formality: Formality) -> None:
    translator = Translator.load(models / "x-en-de", device="cpu", threads=1)
    texts = ["Are you at home?", "Come in!", "The dog sleeps."]
    answer = service.translate(texts, source="en", target="de", formality=formality).json()
    expected = translator.translate(texts, formality=formality)
    assert [entry["text"] for entry in answer["translations"]] == [translation.text for translation in expected]


def test_a_target_without_formality_refuses_what_insists_on_it_and_lets_the_rest_pass(service: Service) -> None:
    plain = service.translate("Am Morgen.").json()
    for formality in ("default", "prefer_more", "prefer_less"):
        assert service.translate("Am Morgen.", formality=formality).json() == plain
    for formality in ("more", "less"):
        answer = service.translate("Am Morgen.", formality=formality)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "formality_not_supported")
        assert f"formality '{formality}' is not for en" in answer.json()["error"]["message"]
    assert service.translate("Am Morgen.", formality="formal").json()["error"]["code"] == "invalid_request"


def test_a_glossary_split_sentences_and_numbers_do_here_what_they_do_in_the_library(
    service: Service, translator: Translator
) -> None:
    text = "Der Hund schläft\nim Garten. Wir kaufen 1.234,5 Äpfel."
    glossary = Glossary((Entry("Hund", "bicycle"),))
    expected = translator.translate([text], glossary=glossary, split_sentences="nonewlines", localise_numbers=True)[0].text
    fields = {"glossary": {"Hund": "bicycle"}, "split_sentences": "nonewlines", "localise_numbers": True}
    [entry] = service.translate(text, **fields).json()["translations"]
    assert entry["text"] == expected
    assert "bicycle" in expected.lower()
    assert "1,234.5" in expected
    assert service.translate(text).json()["translations"][0]["text"] == translator.translate([text])[0].text != expected


def seconds_of(service: Service) -> float:
    """What a service has computed, which is less than the clock's on a machine that does much else; else the clock's."""
    path = Path(f"/proc/{service.process.pid}/stat")
    if not path.exists():
        return time.perf_counter()
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_a_large_document_keeps_nobody_waiting(service: Service) -> None:
    """Whatever tags it has: it is taken apart beside the event loop, in time that grows with its length only."""
    documents = ["<b>x</b> " * 1000, "<b>" * 3000, "x<br>" * 1900, "<a " + 'x="y" ' * 1600 + ">x</a>", "<!--" * 2000]
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(service.translate, documents, format="html", beam_size=1)
        slowest = 0.0
        while not answer.done():
            began = seconds_of(service)
            assert service.client.get("/v1/languages").status_code == 200
            slowest = max(slowest, seconds_of(service) - began)
        assert answer.result().status_code == 200
    assert slowest < 2.0


@pytest.mark.parametrize(("source", "target"), [("DE", "en"), ("de-AT", "en-GB"), ("de_Latn_CH", "EN")])
def test_a_region_or_a_script_falls_back_to_the_language(service: Service, source: str, target: str) -> None:
    answer = service.translate("Am Morgen.", source=source, target=target).json()
    assert (answer["source"], answer["target"]) == ("de", "en")
    assert service.translate("Am Morgen.", source="zz-DE").json()["error"]["code"] == "pair_not_loaded"


def test_alternatives_are_the_further_ones_best_first(service: Service) -> None:
    entry = service.translate("Am Morgen regnet es oft. Wo?", n_best=3).json()["translations"][0]
    scores = [entry["score"], *(alternative["score"] for alternative in entry["alternatives"])]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert "sentences" not in entry


def test_the_score_of_an_alternative_is_the_sum_of_those_of_its_sentences(service: Service) -> None:
    """The k-th alternative joins the k-th hypothesis of each sentence, or the last where there are fewer."""
    text = f"{SENTENCES[0]} {SENTENCES[1]}"
    [entry] = service.translate(text, beam_size=3, n_best=3, alignment=True).json()["translations"]
    ranked = [[one["score"] for one in sentence["hypotheses"]] for sentence in entry["sentences"]]
    assert len(ranked) == 2
    expected = [sum(scores[min(rank, len(scores) - 1)] for scores in ranked) for rank in range(3)]
    assert len(set(expected)) == 3
    assert [entry["score"], *(one["score"] for one in entry["alternatives"])] == pytest.approx(expected, abs=1e-9)


def test_alignment_has_a_row_for_each_target_token(service: Service) -> None:
    entry = service.translate("Am Morgen regnet es oft.\nWo steht es?", n_best=2, alignment=True).json()["translations"][0]
    assert [sentence["source"] for sentence in entry["sentences"]] == ["Am Morgen regnet es oft.", "Wo steht es?"]
    assert "\n".join(sentence["hypotheses"][0]["text"] for sentence in entry["sentences"]) == entry["text"]
    for sentence in entry["sentences"]:
        assert len(sentence["hypotheses"]) == 2
        for hypothesis in sentence["hypotheses"]:
            assert len(hypothesis["attention"]) == len(hypothesis["tokens"])
            for row in hypothesis["attention"]:
                assert len(row) == len(sentence["source_tokens"])
                assert sum(row) == pytest.approx(1.0, abs=0.0006 * len(row))


OPTIONS: list[dict[str, object]] = [
    {"length_penalty": 0.0},
    {"length_normalisation": "average"},
    {"coverage_penalty": 5.0},
    {"sampling": True, "temperature": 9.0, "min_length": 20},
    {"sampling": True, "temperature": 9.0, "min_length_ratio": 2.0},
    {"max_length_ratio": 0.1},
    {"no_repeat_ngram": 1},
    {"max_repeats": 1},
    {"diversity_groups": 2},
    {"diversity_groups": 2, "diversity_strength": 9.0},
    {"sampling": True},
    {"sampling": True, "seed": 3},
    {"sampling": True, "seed": 3, "temperature": 0.2},
    {"sampling": True, "seed": 3, "top_k": 2},
    {"sampling": True, "seed": 3, "top_p": 0.1},
    {"forbidden": ["The", "t"]},
    {"required": ["garden"]},
]


@pytest.mark.parametrize("asked", OPTIONS, ids=str)
def test_an_option_does_here_what_it_does_in_the_library(
    service: Service, translator: Translator, asked: dict[str, object]
) -> None:
    *_, last = asked
    base = {"beam_size": 4, "n_best": 2} | {name: value for name, value in asked.items() if name != last}

    def answers(fields: dict[str, object]) -> list[tuple[str, float]]:
        entries = service.translate(SENTENCES, **fields).json()["translations"]
        return [(each["text"], each["score"]) for entry in entries for each in (entry, *entry["alternatives"])]

    found = answers(base | asked)
    assert found != answers(base)
    expected = translator.translate(SENTENCES, SearchOptions.model_validate(base | asked))
    assert [text for text, _ in found] == [text for translation in expected for text in translation.texts]


def test_a_required_phrase_is_in_the_sentence_where_the_library_puts_it(service: Service, translator: Translator) -> None:
    texts = [" ".join(SENTENCES[:3]), "\n", SENTENCES[3], "\n".join(SENTENCES[4:7])]
    required = ["bicycle", "garden"]
    answer = service.translate(texts, required=required, beam_size=2, alignment=True).json()["translations"]
    expected = translator.translate(texts, SearchOptions(required=tuple(required), beam_size=2))
    assert [entry["text"] for entry in answer] == [translation.text for translation in expected]
    for place in (0, 2, 3):
        assert all(phrase in answer[place]["text"] for phrase in required)
    sentences = [sentence["hypotheses"][0]["text"] for sentence in answer[0]["sentences"]]
    assert sum("garden" in sentence for sentence in sentences) == 1


@pytest.mark.slow
def test_requests_with_different_options_at_once_get_their_own_answers(service: Service) -> None:
    alone = [service.translate(SENTENCES, beam_size=4, **asked).json() for asked in OPTIONS]
    with ThreadPoolExecutor(len(OPTIONS)) as pool:
        asking = [pool.submit(service.translate, SENTENCES, beam_size=4, **asked) for asked in OPTIONS]
        for answer, expected in zip(asking, alone, strict=True):
            texts = [entry["text"] for entry in answer.result().json()["translations"]]
            assert texts == [entry["text"] for entry in expected["translations"]]


def test_languages(service: Service) -> None:
    answer = service.client.get("/v1/languages").json()
    german, english = {"source": "de", "source_name": "German"}, {"target": "en", "target_name": "English"}
    assert answer["pairs"][0] == {**german, **english, "formality": False, "models": ["x-de-en"]}
    assert [pair["formality"] for pair in answer["pairs"]] == [False, True]
    assert [(pair["source"], pair["target"]) for pair in answer["pairs"]] == [("de", "en"), ("en", "de")]
    assert answer["limits"] == {"text_characters": 10_000, "texts": 128, "beam_size": 16, "body_bytes": 1 << 20}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.sampled_from("aZß.!? \n\r\t\0\u00a0\u200f\u202e\ud7ff😀漢ع"), max_size=25)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=25)
)
def test_any_text_is_answered_as_the_library_answers_it(service: Service, translator: Translator, text: str) -> None:
    answer = service.translate(text, beam_size=2).json()["translations"][0]["text"]
    expected = translator.translate([text], SearchOptions(beam_size=2))[0].text
    assert answer == expected
    assert answer.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text", ["  \n\n Am Morgen.\r\n\tWo?  \n", "\n", "", "Am\0Morgen", "\u200fAm\u202e Morgen", "😀 👩‍👩‍👧"]
)
def test_white_space_stays_in_its_place(service: Service, text: str) -> None:
    answer = service.translate(text)
    assert answer.status_code == 200
    translation = answer.json()["translations"][0]["text"]
    if text.strip() != text or not text:
        lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        assert translation.startswith(lead)
        assert translation.endswith(tail)
    assert translation.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("fields", "status", "code", "words"),
    [
        ({"text": "a" * 10_001}, 422, "invalid_request", ["text", "10,001", "10,000"]),
        ({"text": "a" * 50_000}, 422, "invalid_request", ["text", "50,000", "10,000"]),
        ({"text": ["ok", "a" * 10_001]}, 422, "invalid_request", ["text[1]", "10,001", "10,000"]),
        ({"text": ["a"] * 129}, 422, "invalid_request", ["text", "129", "128"]),
        ({"text": []}, 422, "invalid_request", ["text", "1"]),
        ({"text": 5}, 422, "invalid_request", ["text", "string"]),
        ({"text": [["a"]]}, 422, "invalid_request", ["text[0]", "string"]),
        ({"text": "\ud800"}, 422, "invalid_request", ["text", "surrogate"]),
        ({"beam_size": 10_000}, 422, "invalid_request", ["beam_size", "16", "10000"]),
        ({"beam_size": 0}, 422, "invalid_request", ["beam_size", "1", "0"]),
        ({"beam_size": True}, 422, "invalid_request", ["beam_size", "integer"]),
        ({"n_best": 6}, 422, "invalid_request", ["n_best 6", "beam_size 5"]),
        ({"n_best": 10_000, "beam_size": 16}, 422, "invalid_request", ["n_best", "16", "10000"]),
        ({"length_penalty": -1}, 422, "invalid_request", ["length_penalty", "0", "-1"]),
        ({"n_best": 17, "sampling": True}, 422, "invalid_request", ["n_best", "16", "17"]),
        ({"length_normalisation": "none"}, 422, "invalid_request", ["length_normalisation", "'wu'", "'average'"]),
        ({"coverage_penalty": 11}, 422, "invalid_request", ["coverage_penalty", "10", "11"]),
        ({"min_length": 1.5}, 422, "invalid_request", ["min_length", "integer"]),
        ({"max_length_ratio": 0}, 422, "invalid_request", ["max_length_ratio", "0"]),
        ({"min_length_ratio": 3}, 422, "invalid_request", ["min_length_ratio 3", "max_length_ratio 2"]),
        ({"max_length_offset": 900}, 422, "invalid_request", ["no field 'max_length_offset'"]),
        ({"no_repeat_ngram": 33}, 422, "invalid_request", ["no_repeat_ngram", "32", "33"]),
        ({"max_repeats": -1}, 422, "invalid_request", ["max_repeats", "0", "-1"]),
        ({"diversity_groups": 2}, 422, "invalid_request", ["diversity_groups 2", "beam_size 5"]),
        ({"diversity_strength": -1}, 422, "invalid_request", ["diversity_strength", "0", "-1"]),
        ({"sampling": 1}, 422, "invalid_request", ["sampling", "boolean"]),
        ({"temperature": 2.0}, 422, "invalid_request", ["temperature", "sampling"]),
        ({"temperature": 0, "sampling": True}, 422, "invalid_request", ["temperature", "0"]),
        ({"top_k": 10**30, "sampling": True}, 422, "invalid_request", ["top_k", "less than"]),
        ({"top_p": 1.5, "sampling": True}, 422, "invalid_request", ["top_p", "1", "1.5"]),
        ({"seed": 2**63, "sampling": True}, 422, "invalid_request", ["seed", "less than"]),
        ({"forbidden": "dog"}, 422, "invalid_request", ["forbidden", "tuple"]),
        ({"forbidden": [5]}, 422, "invalid_request", ["forbidden[0]", "string"]),
        ({"forbidden": ["a"] * 101}, 422, "invalid_request", ["forbidden", "101", "100"]),
        ({"forbidden": ["a" * 201]}, 422, "invalid_request", ["forbidden[0]", "201", "200"]),
        ({"forbidden": ["漢"]}, 422, "invalid_text", ["forbidden phrase '漢'", "vocabulary"]),
        ({"forbidden": [" "]}, 422, "invalid_text", ["forbidden phrase", "empty"]),
        ({"required": ["dog"], "forbidden": ["dog"]}, 422, "invalid_text", ["required phrase 'dog'", "forbidden"]),
        ({"required": ["dog"], "sampling": True}, 422, "invalid_request", ["required", "sampling"]),
        ({"required": ["a"] * 21}, 422, "invalid_request", ["required", "21", "20"]),
        ({"glossary": {"Hund": 5}}, 422, "invalid_request", ["glossary[Hund]", "string"]),
        ({"glossary": {"Hund": "\ud800"}}, 422, "invalid_request", ["glossary[Hund]", "surrogate"]),
        ({"\ud800": 5}, 422, "invalid_request", ["name of a field", "surrogate"]),
        ({"glossary": {"Hund\n" * 500: 5}}, 422, "invalid_request", ["glossary[Hund Hund", "string"]),
        ({"glossary": ["Hund"]}, 422, "invalid_request", ["glossary", "object"]),
        ({"glossary": {}}, 422, "invalid_request", ["glossary", "no entries"]),
        ({"glossary": {"Hund": " "}}, 422, "invalid_request", ["glossary", "entry 1 has no translation"]),
        ({"glossary": {"Hund": "a" * 201}}, 422, "invalid_request", ["glossary", "entry 1", "201", "200"]),
        ({"glossary": {f"a{n}": "b" for n in range(1001)}}, 422, "invalid_request", ["glossary", "1,001", "1,000"]),
        ({"glossary": {"Hund": "dog"}, "sampling": True}, 422, "invalid_text", ["glossary", "sampling"]),
        ({"split_sentences": "1"}, 422, "invalid_request", ["split_sentences", "'nonewlines'"]),
        ({"localise_numbers": 1}, 422, "invalid_request", ["localise_numbers", "boolean"]),
        ({"length_penalty": float("nan")}, 422, "invalid_request", ["length_penalty", "finite"]),
        ({"source": "x" * 5000}, 422, "invalid_request", ["source", "language code"]),
        ({"source": "de-"}, 422, "invalid_request", ["source", "language code", "de-AT"]),
        ({"beam": 5}, 422, "invalid_request", ["'beam'", "beam_size"]),
        ({"target": None}, 422, "invalid_request", ["target", "string"]),
        ({"source": "zz"}, 404, "pair_not_loaded", ["'zz'", "de→en", "en→de"]),
        ({"model": "no-such"}, 404, "model_not_loaded", ["'no-such'", "x-de-en"]),
    ],
)
def test_what_is_outside_the_limits_is_refused_with_a_reason(
    service: Service, fields: dict[str, object], status: int, code: str, words: list[str]
) -> None:
    answer = post(service, json.dumps(QUESTION | fields).encode())
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code
    assert len(error["message"]) < 300
    assert "\n" not in error["message"]
    for word in words:
        assert word in error["message"]


@pytest.mark.parametrize(("most", "expected"), [(2, 2), (16, SearchOptions().beam_size)])
def test_the_beam_of_a_request_that_asks_for_none_is_within_the_limit(most: int, expected: int) -> None:
    model = request_model(Settings(max_beam_size=most))
    for fields in ({}, {"length_penalty": 0.5}):
        options = model.model_validate(QUESTION | fields).options
        assert options.beam_size == expected
        assert options.model_fields_set <= {*fields, "beam_size"}, "the model should choose the others"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "JSON object"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe\xfa", "not JSON in UTF-8"),
        (b'{"text": "\xff"}', "not JSON in UTF-8"),
        (b"[" * 100_000, "JSON of too many levels"),
        (b'{"text": ' + b"9" * 5000 + b"}", "a number of more than 4,300 digits"),
        (b"null", "JSON object"),
        (b'"x"', "JSON object"),
        (b"[1]", "JSON object"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/translate", "/mtran/translate"])
def test_a_body_that_is_no_question_is_refused(service: Service, path: str, body: bytes, reason: str) -> None:
    answer = service.client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert reason in answer.text or (path, body) == ("/mtran/translate", b""), "without a body the query may have the fields"


def test_a_form_is_told_to_be_json(service: Service) -> None:
    answer = post(service, b"text=a&source=de&target=en", "application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert "Content-Type: application/json" in answer.json()["error"]["message"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_while_it_arrives(service: Service, chunked: bool) -> None:
    body = json.dumps(QUESTION | {"text": ["a" * 9_000] * 120}).encode()
    assert len(body) > 1 << 20
    pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    headers = {"Content-Type": "application/json"}
    answer = service.client.post("/v1/translate", content=pieces if chunked else body, headers=headers)
    assert answer.status_code == 413
    assert "1,048,576 bytes" in answer.json()["error"]["message"]


def test_more_text_than_is_taken_at_once_is_refused(service: Service) -> None:
    answer = service.translate(["Am Morgen. " * 900] * 30)
    assert answer.status_code == 413
    message = answer.json()["error"]["message"]
    assert "the request costs" in message
    assert "1,500,000" in message


def test_the_limits_are_in_the_schema(service: Service) -> None:
    schemas = service.client.get("/openapi.json").json()["components"]["schemas"]
    fields = schemas["TranslationRequest"]["properties"]
    one, many = fields["text"]["oneOf"]
    assert one["maxLength"] == many["items"]["maxLength"] == 10_000
    assert many["maxItems"] == 128
    offered = set(SearchOptions.model_fields) - {"max_length_offset"}
    assert all(fields[name]["description"] for name in offered)
    assert fields["top_p"] | {"maximum": 1.0, "exclusiveMinimum": 0.0, "default": 1.0} == fields["top_p"]
    assert fields["forbidden"]["maxItems"] == 100
    assert fields["length_normalisation"]["enum"] == ["wu", "average"]
    assert fields["beam_size"]["maximum"] == fields["n_best"]["maximum"] == 16


def raw(service: Service, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case and all bytes after them, as they come from the socket."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


def test_head_is_get_without_the_body_on_every_route(service: Service) -> None:
    described = service.client.get("/openapi.json").json()["paths"]
    paths = [path for path, methods in described.items() if "get" in methods]
    assert {"/health", "/ready", "/metrics", "/v1/languages"} <= set(paths)
    for path in (*paths, "/", "/docs", "/openapi.json", "/assets/app.js", "/nope", "/v1/translate"):
        status, headers, body = raw(service, "HEAD", path)
        expected_status, expected_headers, expected_body = raw(service, "GET", path)
        assert (status, body) == (expected_status, b"")
        assert headers["content-type"] == expected_headers["content-type"]
        if path not in ("/metrics", "/v1/translate"):  # one grows; the other names the method
            assert int(headers["content-length"]) == len(expected_body)
    assert raw(service, "POST", "/health")[1]["allow"] == "get, head"
    assert raw(service, "HEAD", "/v1/translate")[1]["allow"] == "post"
    assert raw(service, "PUT", "/language/translate/v2")[1]["allow"] == "get, head, post", "of all routes of the path"
    assert raw(service, "POST", "/v3/glossaries/x")[1]["allow"] == "get, head, patch, delete"


def test_every_answer_has_security_headers(service: Service) -> None:
    answers = [service.client.get(path) for path in ("/", "/docs", "/health", "/nope", "/v1/translate", "/assets/app.js")]
    answers.append(service.translate(5))
    assert {answer.status_code for answer in answers} == {200, 404, 405, 422}
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        if answer.status_code >= 400:
            assert set(answer.json()) == {"error"}


def sentences_asked(translator: Translator, text: str) -> int:
    """How many sentences the plan of a text asks for: some once more, as this model knows nothing."""
    count, steps = 0, translator.plan([text], attention=False)
    step = advance(steps)
    while isinstance(step, Ask):
        count += len(step.sentences)
        step = advance(steps, translator.answer(step))
    return count


@pytest.mark.slow
def test_concurrent_requests_are_batched_and_each_gets_its_own_answer(service: Service, translator: Translator) -> None:
    texts = [f"{sentence} {number}" for number, sentence in enumerate(SENTENCES * 4)]
    expected = [translation.text for translation in translator.translate(texts)]
    batches, sentences = service.metric("nmt_batch_sentences_count"), service.metric("nmt_batch_sentences_sum")
    with ThreadPoolExecutor(len(texts)) as pool:
        answers = list(pool.map(service.translate, texts))
    assert [answer.json()["translations"][0]["text"] for answer in answers] == expected
    sentences = service.metric("nmt_batch_sentences_sum") - sentences
    assert sentences == sum(sentences_asked(translator, text) for text in texts)
    assert sentences / (service.metric("nmt_batch_sentences_count") - batches) > 2


def test_metrics_can_be_read_and_hold_nothing_of_a_user(service: Service) -> None:
    service.translate("Geheimnis")
    service.client.get("/Geheimnis")
    text = service.client.get("/metrics").text
    assert "Geheimnis" not in text
    assert "127.0.0.1" not in text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    answered = {tuple(sample.labels.values()): sample.value for sample in families["nmt_requests"].samples}
    assert answered["/v1/translate", "200"] >= 1
    assert answered["unmatched", "404"] >= 1
    assert families["nmt_queue_sentences"].samples[0].value == 0
    assert families["nmt_models_ready"].samples[0].value == 2
    translated = {sample.labels["model"] for sample in families["nmt_characters"].samples}
    assert "x-de-en" in translated


def test_an_asset_that_has_not_changed_is_not_sent_again(service: Service) -> None:
    first = service.client.get("/assets/style.css")
    again = service.client.get("/assets/style.css", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert service.client.get("/assets/..%2fapp.py").status_code == 404
    assert service.client.head("/").status_code == 200


@pytest.mark.slow
def test_auto_finds_the_language_of_each_text(models: Path, tmp_path: Path) -> None:
    tokenizer = Tokenizer.load(models / "x-de-en" / "tokenizer.model")
    write_model(tmp_path / "de-en", source="de", target="en", tokenizer=tokenizer)
    write_model(tmp_path / "fr-en", source="fr", target="en", tokenizer=tokenizer)
    texts = ["Wo steht mein Fahrrad?", "Où est mon vélo ?", "Es regnet oft.", "The dog sleeps in the garden of the house."]
    expected = [
        Translator.load(tmp_path / name, device="cpu", threads=1).translate([text])[0].text
        for text, name in zip(texts, ["de-en", "fr-en", "de-en", "de-en"], strict=True)
    ]
    service = start_service(tmp_path)
    try:
        service.wait_until_ready()
        answer = service.translate(texts, source="auto").json()
        assert [entry["detected_source"] for entry in answer["translations"]] == ["de", "fr", "de", "en"]
        assert [entry["text"] for entry in answer["translations"]] == expected
        assert expected[3] == texts[3]
        assert (answer["source"], answer["model"]) == ("de", "de-en")
        english_tags = '<p title="the" class="this is the house of"><b data-what="and with the">Où est mon vélo ?</b></p>'
        of_html = service.translate(english_tags, source="auto", format="html").json()
        assert of_html["translations"][0]["detected_source"] == "fr"
        named = service.translate(texts[1], source="auto", model="de-en").json()
        # No text is translated as if it were in another language.
        assert [(one["detected_source"], one["text"]) for one in named["translations"]] == [("fr", texts[1])]
        error = service.translate("Hallo", source="auto", target="fr")
        assert (error.status_code, error.json()["error"]["code"]) == (404, "pair_not_loaded")
        error = service.translate("Hallo", source="auto", model="fr-de")
        assert (error.status_code, error.json()["error"]["code"]) == (404, "model_not_loaded")
    finally:
        stop_service(service)


def test_a_text_in_the_target_language_comes_back_with_its_language(service: Service) -> None:
    [entry] = service.translate(["The dog sleeps in the garden of the house."]).json()["translations"]
    assert entry["text"] == "The dog sleeps in the garden of the house."
    assert entry["detected_source"] == "en"
