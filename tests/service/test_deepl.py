"""DeepL's wire format over a real socket, by DeepL's own Python client and by requests as others send them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deepl
import httpx
import pytest
from deepl.api_data import MultilingualGlossaryDictionaryEntries
from support.server import SENTENCES, Service, start_service, stop_service

from nmt.translate.glossary import Entry, Glossary
from nmt.translate.markup.options import Markup
from nmt.translate.translator import Translator

TEXT = "Der Hund schläft im Garten."


@pytest.fixture(scope="module")
def translator(models: Path) -> Translator:
    return Translator.load(models / "x-de-en", device="cpu", threads=1)


@pytest.fixture
def client(service: Service) -> Iterator[deepl.DeepLClient]:
    client = deepl.DeepLClient("any", server_url=service.address)
    yield client
    client.close()


def translated(translator: Translator, *texts: str, **options: Any) -> list[str]:
    return [one.text for one in translator.translate(texts, **options)]


def ask(service: Service, **fields: Any) -> httpx.Response:
    body = json.dumps({"text": [TEXT], "source_lang": "DE", "target_lang": "EN-US", **fields})
    return service.client.post("/v2/translate", content=body, headers={"Content-Type": "application/json"})


def texts_of(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["text"] for entry in answer.json()["translations"]]


# --- by its own client ---


def test_its_python_client_translates(client: deepl.DeepLClient, translator: Translator) -> None:
    one = client.translate_text(TEXT, source_lang="DE", target_lang="EN-US")
    assert isinstance(one, deepl.TextResult)
    assert (one.text, one.detected_source_lang) == (translated(translator, TEXT)[0], "DE")
    assert one.billed_characters == len(TEXT)
    several = client.translate_text([*SENTENCES[:3], ""], target_lang="en-gb", model_type="prefer_quality_optimized")
    assert [each.text for each in several] == translated(translator, *SENTENCES[:3], "")
    assert {each.model_type_used for each in several} == {"quality_optimized"}


def test_its_python_client_lists_languages_and_usage(client: deepl.DeepLClient) -> None:
    assert [(each.code, each.name) for each in client.get_source_languages()] == [("DE", "German"), ("EN", "English")]
    targets = {each.code: each.name for each in client.get_target_languages()}
    assert targets == {"DE": "German", "EN-GB": "English (British)", "EN-US": "English (American)"}
    pairs = [(pair.source_lang, pair.target_lang) for pair in client.get_glossary_languages()]
    assert pairs == [("de", "en"), ("en", "de")]
    before = client.get_usage().character.count
    client.translate_text("12345", source_lang="DE", target_lang="EN-US")
    assert client.get_usage().character.count == before + 5
    assert not client.get_usage().any_limit_reached


def test_its_python_client_keeps_glossaries(client: deepl.DeepLClient, translator: Translator) -> None:
    glossary = client.create_glossary("names", "DE", "EN", {"Hund": "dog", "Garten": "garden"})
    assert (glossary.name, glossary.ready, glossary.entry_count) == ("names", True, 2)
    assert client.get_glossary(glossary.glossary_id).creation_time == glossary.creation_time
    assert client.get_glossary_entries(glossary) == {"Hund": "dog", "Garten": "garden"}
    assert glossary.glossary_id in [each.glossary_id for each in client.list_glossaries()]
    with_it = client.translate_text(TEXT, source_lang="DE", target_lang="EN-US", glossary=glossary)
    entries = (Entry("Hund", "dog"), Entry("Garten", "garden"))
    assert isinstance(with_it, deepl.TextResult)
    assert [with_it.text] == translated(translator, TEXT, glossary=Glossary(entries))
    assert "dog" in with_it.text
    assert "garden" in with_it.text
    client.delete_glossary(glossary)
    for gone in (client.get_glossary, client.get_glossary_entries, client.delete_glossary):
        with pytest.raises(deepl.GlossaryNotFoundException):
            gone(glossary.glossary_id)


def test_its_python_client_keeps_multilingual_glossaries(client: deepl.DeepLClient) -> None:
    def dictionary(source: str, target: str, **entries: str) -> MultilingualGlossaryDictionaryEntries:
        return MultilingualGlossaryDictionaryEntries(source, target, entries)

    def sizes() -> dict[tuple[str, str], int]:
        found = client.get_multilingual_glossary(glossary.glossary_id)
        return {(each.source_lang, each.target_lang): each.entry_count for each in found.dictionaries}

    both = [dictionary("DE", "EN", Hund="dog"), dictionary("EN", "DE", dog="Hund")]
    glossary = client.create_multilingual_glossary("both", both)
    assert sizes() == {("DE", "EN"): 1, ("EN", "DE"): 1}
    client.update_multilingual_glossary_dictionary(glossary, dictionary("DE", "EN", Katze="cat", Hund="hound"))
    assert sizes() == {("DE", "EN"): 2, ("EN", "DE"): 1}
    [found] = client.get_multilingual_glossary_entries(glossary, "DE", "EN").dictionaries
    assert sorted(found.entries.splitlines()) == ["Hund\thound", "Katze\tcat"]
    client.replace_multilingual_glossary_dictionary(glossary, dictionary("DE", "EN", Brot="bread"))
    assert sizes() == {("DE", "EN"): 1, ("EN", "DE"): 1}
    assert client.update_multilingual_glossary_name(glossary, "new").name == "new"
    assert glossary.glossary_id not in [each.glossary_id for each in client.list_glossaries()], "it has two dictionaries"
    client.delete_multilingual_glossary_dictionary(glossary, source_lang="EN", target_lang="DE")
    assert sizes() == {("DE", "EN"): 1}
    assert glossary.glossary_id in [each.glossary_id for each in client.list_glossaries()]
    client.delete_multilingual_glossary(glossary)
    assert glossary.glossary_id not in [each.glossary_id for each in client.list_multilingual_glossaries()]


def test_its_python_client_sees_each_error_as_its_own(client: deepl.DeepLClient) -> None:
    with pytest.raises(deepl.DeepLException, match=r"Value for 'target_lang' not supported\."):
        client.translate_text("a", target_lang="XX")
    with pytest.raises(deepl.DeepLException, match=r"Value for 'source_lang' not supported\."):
        client.translate_text("a", source_lang="XX", target_lang="DE")
    with pytest.raises(deepl.DeepLException, match=r"Value for 'split_sentences' not supported\."):
        client.translate_text("a", target_lang="DE", split_sentences="sometimes")
    with pytest.raises(deepl.DeepLException, match=r"Value for 'target_lang' not supported\."):
        client.create_glossary("a", "EN", "XX", {"a": "b"})
    with pytest.raises(deepl.DeepLException, match="there is no glossary 'none'"):
        client.translate_text("a", source_lang="EN", target_lang="DE", glossary="none")
    with pytest.raises(deepl.DeepLException, match="no rephrasing"):
        client.rephrase_text("a")


# --- as others send them ---


@pytest.mark.parametrize("encoding", ["json", "data", "files"])
def test_every_encoding_has_the_same_answer(service: Service, translator: Translator, encoding: str) -> None:
    texts = [TEXT, "Käse & 100 %+", ""]
    content: Any = {"text": texts, "target_lang": "en", "source_lang": "de", "show_billed_characters": "1"}
    if encoding == "files":
        fields = [(name, (None, value)) for name, value in content.items() if name != "text"]
        content = [*fields, *(("text", (None, text)) for text in texts)]
    answer = service.client.post("/v2/translate", **{encoding: content})
    assert texts_of(answer) == translated(translator, *texts)
    assert [entry["billed_characters"] for entry in answer.json()["translations"]] == [len(text) for text in texts]


def test_one_text_of_a_form_and_nulls_are_read(service: Service, translator: Translator) -> None:
    form = {"text": TEXT, "target_lang": "en-us", "source_lang": "", "formality": "default"}
    assert texts_of(service.client.post("/v2/translate", data=form)) == translated(translator, TEXT)
    assert texts_of(ask(service, formality=None, glossary_id=None, tag_handling=None)) == translated(translator, TEXT)


def test_markup_has_the_options_of_the_library(service: Service, translator: Translator) -> None:
    text = 'Ein <x id="7"></x> Hund <raw>bleibt hier</raw> <b>schläft</b>.'
    for given in (["x", "raw"], "x,raw"):
        answer = ask(service, text=[text], tag_handling="xml", ignore_tags=given)
        markup = Markup(format="xml", ignore_tags=("x", "raw"))
        assert texts_of(answer) == translated(translator, text, markup=markup)
        assert '<x id="7"></x>' in texts_of(answer)[0]
        assert "<raw>bleibt hier</raw>" in texts_of(answer)[0]
        assert answer.json()["translations"][0]["tag_handling_version"] == "v2"
    page = "<h1>Der Hund</h1><p>schläft</p>"
    assert texts_of(ask(service, text=[page], tag_handling="html")) == translated(
        translator, page, markup=Markup(format="html")
    )


def test_of_several_glossaries_the_first_counts(service: Service) -> None:
    def create(entries: str) -> str:
        fields = {"name": "n", "source_lang": "de", "target_lang": "en", "entries": entries, "entries_format": "tsv"}
        return service.client.post("/v2/glossaries", data=fields).json()["glossary_id"]

    first, second = create("Hund\tfirst"), create("Hund\tsecond\nGarten\tpark")
    [text] = texts_of(ask(service, glossary_ids=[first, second]))
    assert "first" in text.lower()
    assert "second" not in text.lower()
    assert "park" in text.lower()
    assert ask(service, glossary_ids=[first] * 6).json()["message"].startswith("glossary_ids")
    answer = ask(service, glossary_id=first, source_lang=None)
    assert (answer.status_code, answer.json()["message"][:22]) == (400, "source_lang is missing")
    answer = ask(service, glossary_id=first, source_lang="EN", target_lang="DE")
    assert (answer.status_code, answer.json()["message"][-26:]) == (404, "with a dictionary for en→de"[-26:])


def test_a_glossary_is_read_from_csv_and_written_as_tsv(service: Service) -> None:
    fields = {"name": "n", "source_lang": "DE", "target_lang": "EN-US", "entries_format": "csv"}
    created = service.client.post("/v2/glossaries", json=fields | {"entries": 'Hund,"dog, big"\n"a ""b""",c'})
    assert created.status_code == 201
    found = service.client.get(f"/v2/glossaries/{created.json()['glossary_id']}/entries")
    assert found.headers["content-type"].startswith("text/tab-separated-values")
    assert found.text == 'Hund\tdog, big\na "b"\tc'
    for entries, words in (("", "no entries"), ("a\tb", "1 column"), ("a,b\na,c", "two translations"), ("a,", "no transl")):
        refused = service.client.post("/v2/glossaries", json=fields | {"entries": entries or " "})
        assert refused.status_code == 400
        assert words in refused.json()["message"]


@pytest.mark.slow
def test_glossaries_last_where_there_is_a_state_folder(models: Path, tmp_path: Path) -> None:
    fields = {"name": "n", "source_lang": "de", "target_lang": "en", "entries": "Hund\tdog", "entries_format": "tsv"}
    first = start_service(models, state=tmp_path / "state")
    try:
        first.wait_until_ready()
        created = first.client.post("/v2/glossaries", json=fields).json()
    finally:
        stop_service(first)
    second = start_service(models, state=tmp_path / "state")
    try:
        assert second.client.get(f"/v2/glossaries/{created['glossary_id']}").json() == created
    finally:
        stop_service(second)


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"text": None}, 400, "text is missing"),
        ({"text": []}, 400, "text has 0 items; at least 1 should be there"),
        ({"text": [5]}, 400, "text[0] should be a valid string"),
        ({"text": ["a"] * 129}, 400, "text has 129 items; at most 128 are allowed"),
        ({"text": ["a" * 10_001]}, 400, "text[0] has 10,001 characters"),
        ({"text": ["\ud800"]}, 400, "text[0] holds a lone surrogate"),
        ({"target_lang": None}, 400, "target_lang is missing"),
        ({"target_lang": "XX"}, 400, "Value for 'target_lang' not supported."),
        ({"target_lang": "English"}, 400, "Value for 'target_lang' not supported."),
        ({"target_lang": "DE"}, 400, "Value for 'target_lang' not supported: no model translates 'DE' to 'DE'"),
        ({"source_lang": "XX"}, 400, "Value for 'source_lang' not supported."),
        ({"formality": "polite"}, 400, "Value for 'formality' not supported."),
        ({"formality": "more"}, 400, "Target language 'EN-US' doesn't support formality."),
        ({"split_sentences": "2"}, 400, "Value for 'split_sentences' not supported."),
        ({"tag_handling": "markdown"}, 400, "Value for 'tag_handling' not supported."),
        ({"tag_handling": "xml", "ignore_tags": ["<x>"]}, 400, "ignore_tags: '<x>' should be the name of a tag"),
        ({"glossary_id": "none"}, 404, "there is no glossary 'none'"),
        ({"glossary_ids": ["\ud800"]}, 400, "glossary_ids[0] holds a lone surrogate"),
        ({"style_id": "a"}, 400, "style_id cannot be used: there are no style rules here"),
        ({"translation_memory_id": "a"}, 400, "translation_memory_id cannot be used: there are no translation memories"),
        ({"custom_instructions": ["a"]}, 400, "custom_instructions cannot be used: models here take no instructions"),
        ({"preserve_formatting": "perhaps"}, 400, "preserve_formatting should be a valid boolean"),
        ({"glossary": "a"}, 400, "there is no field 'glossary'; did you mean glossary_id?"),
    ],
)
def test_what_is_wrong_is_said_in_its_shape(service: Service, fields: dict[str, Any], status: int, message: str) -> None:
    answer = ask(service, **fields)
    assert (answer.status_code, list(answer.json())) == (status, ["message"])
    assert answer.json()["message"].startswith(message)


def test_sentences_end_where_a_request_says(service: Service, translator: Translator) -> None:
    text = "Der Hund schläft\nim Garten. Am Morgen regnet es."
    found = {}
    for asked, split in (("0", "none"), ("1", "sentences"), ("nonewlines", "nonewlines")):
        [found[asked]] = texts_of(ask(service, text=[text], split_sentences=asked))
        assert [found[asked]] == translated(translator, text, split_sentences=split)
    assert found["0"].count("\n") == found["1"].count("\n") == 1
    assert len(set(found.values())) == 3
    assert texts_of(ask(service, text=[text])) == [found["1"]]


def test_formality_is_as_in_the_library_where_the_target_has_it(service: Service, models: Path) -> None:
    translator = Translator.load(models / "x-en-de", device="cpu", threads=1)
    for formality in ("more", "less", "prefer_more", "prefer_less"):
        answer = ask(service, text=["Come in!"], source_lang="EN", target_lang="DE", formality=formality)
        assert texts_of(answer) == translated(translator, "Come in!", formality=formality)
    targets = {one["language"]: one["supports_formality"] for one in service.client.get("/v2/languages?type=target").json()}
    assert targets["DE"] is True
    assert targets["EN-US"] is False


def test_prefer_formality_is_no_mistake_where_there_is_none(service: Service, translator: Translator) -> None:
    for formality in ("default", "prefer_more", "prefer_less"):
        assert texts_of(ask(service, formality=formality)) == translated(translator, TEXT)


@pytest.mark.parametrize(
    ("method", "path", "how", "status", "message"),
    [
        ("GET", "/v2/translate", {}, 405, "'GET' is not possible here; POST is"),
        ("GET", "/v2/no/such", {}, 404, "there is nothing here"),
        ("POST", "/v2/write/rephrase", {"json": {}}, 404, "this service has no rephrasing"),
        ("GET", "/v3/style_rules", {}, 404, "this service has no rephrasing, no style rules"),
        ("GET", "/v3/glossaries/none", {}, 404, "there is no glossary 'none'"),
        ("PATCH", "/v3/glossaries/none", {"json": {"name": "a"}}, 404, "there is no glossary 'none'"),
        ("DELETE", "/v3/glossaries/none/dictionaries", {}, 400, "source_lang is missing"),
        ("POST", "/v3/glossaries", {"json": {"name": "a", "dictionaries": []}}, 400, "dictionaries has 0 items"),
        ("POST", "/v3/glossaries", {"data": {"name": "a"}}, 415, "a body of type"),
        ("GET", "/v2/languages?type=both", {}, 400, "Value for 'type' not supported."),
        ("GET", "/v3/languages", {}, 400, "resource is missing"),
        ("GET", "/v3/languages?resource=bogus", {}, 400, "Value for 'resource' not supported."),
        ("GET", "/v3/languages?resource=glossary&include=gamma", {}, 400, "include[0] should be"),
        ("GET", "/v3/languages?product=glossary", {}, 400, "product cannot be used: it was renamed to resource"),
        ("POST", "/v2/translate", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "the body is"),
        ("POST", "/v2/translate", {"data": {"text": "a" * (1 << 20)}}, 413, "the body is longer than"),
    ],
)
def test_whatever_else_goes_wrong_is_said_in_its_shape(
    service: Service, method: str, path: str, how: dict[str, Any], status: int, message: str
) -> None:
    answer = service.client.request(method, path, **how)
    assert (answer.status_code, list(answer.json())) == (status, ["message"])
    assert answer.json()["message"].startswith(message)


def test_types_of_languages_come_in_the_query_or_in_the_body_of_a_get(service: Service) -> None:
    query = service.client.get("/v2/languages?type=target&enable_beta_languages=1")
    body = service.client.request("GET", "/v2/languages", data={"type": "target"})
    assert query.json() == body.json()
    assert all("supports_formality" in entry for entry in query.json())
    assert not any("supports_formality" in entry for entry in service.client.get("/v2/languages").json())


def test_languages_of_a_resource_have_its_features(service: Service) -> None:
    def languages(query: str) -> dict[str, dict[str, Any]]:
        return {entry["lang"]: entry for entry in service.client.get(f"/v3/languages?resource={query}").json()}

    texts = languages("translate_text&include=beta&include=external")
    assert {code: (one["usable_as_source"], one["usable_as_target"]) for code, one in texts.items()} == {
        "de": (True, True),
        "en": (True, True),
        "en-GB": (False, True),
        "en-US": (False, True),
    }
    assert texts["de"]["features"]["formality"] == {"status": "stable"}
    assert set(texts["de"]["features"]) - set(texts["en"]["features"]) == {"formality"}
    assert "auto_detection" not in texts["en-GB"]["features"]
    assert "tag_handling" not in languages("translate_document")["de"]["features"]
    assert {code: one["features"] for code, one in languages("glossary").items()} == {"de": {}, "en": {}}
    assert languages("voice") == {}


def test_each_feature_of_a_language_is_one_of_its_resource(service: Service) -> None:
    for resource in service.client.get("/v3/languages/resources").json():
        known = {feature["name"] for feature in resource["features"]}
        for entry in service.client.get(f"/v3/languages?resource={resource['name']}").json():
            assert set(entry["features"]) <= known
    assert {"name": "formality", "needs_target_support": True} in resource_features(service, "translate_text")


def resource_features(service: Service, name: str) -> list[dict[str, Any]]:
    [found] = [one for one in service.client.get("/v3/languages/resources").json() if one["name"] == name]
    return list(found["features"])
