"""The service with dictionaries in the place of models, which stands in for models in the suites of other projects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import Service, start_service, stop_service

PROGRAM = Path(__file__).parents[1] / "conformance/dictionary_service.py"
TEXTS = {"de": "Protonenstrahl", "en": "proton beam", "en-US": "proton beam", "zh-Hans": "质子束"}


@pytest.fixture(scope="module")
def dictionary_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("dictionary")
    (folder / "dictionary.json").write_text(json.dumps(TEXTS), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DICTIONARY", str(folder / "dictionary.json"))
        service = start_service(folder, program=PROGRAM)
    service.wait_until_ready()
    yield service
    stop_service(service)


def test_each_text_of_the_dictionary_is_the_translation_of_the_others(dictionary_service: Service) -> None:
    for target, translation in TEXTS.items():
        fields = {"source_lang": "DE", "target_lang": target, "text": [TEXTS["de"], "other"]}
        if target != "de":
            answer = dictionary_service.client.post("/v2/translate", json=fields).json()
            assert [one["text"] for one in answer["translations"]] == [translation, "other"]
    answer = dictionary_service.client.post("/translate", json={"q": "proton beam", "source": "auto", "target": "de"}).json()
    assert (answer["translatedText"], answer["detectedLanguage"]["language"]) == ("Protonenstrahl", "en")


def test_glossaries_are_for_two_different_languages_without_their_varieties(dictionary_service: Service) -> None:
    found = dictionary_service.client.get("/v2/glossary-language-pairs").json()["supported_languages"]
    pairs = {(pair["source_lang"], pair["target_lang"]) for pair in found}
    assert pairs == {("de", "en"), ("en", "de"), ("de", "zh"), ("en", "zh")}
    listed = dictionary_service.client.get("/v3/languages?resource=glossary").json()
    assert {one["lang"]: one["usable_as_source"] for one in listed} == {"de": True, "en": True, "zh": False}
