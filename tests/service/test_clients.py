"""Applications that switch to this service: the requests that they send, and the commands of docs/clients.md.

Bodies are those that each application sends, with other texts; the answers must have what it reads from them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.server import Service

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/clients.md").read_text(encoding="utf-8")


def code(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", DOCUMENT, flags=re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in code("sh") for line in block.splitlines()]


def posted(service: Service, path: str, **how: Any) -> Any:
    answer = service.client.post(path, **how)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_mastodon(service: Service) -> None:
    listed = service.client.get("/languages", headers={"Content-Type": "application/json"}).json()
    assert {entry["code"]: entry["targets"] for entry in listed} == {"de": ["en"], "en": ["de"]}
    texts = ["<p>Guten Morgen! <a href='https://x.example/@ana'>@<span>ana</span></a></p>", "", ":blobcat: Käse"]
    body = {"q": texts, "source": "auto", "target": "en", "format": "html", "api_key": None}
    answer = posted(service, "/translate", json=body)
    assert len(answer["translatedText"]) == 3
    assert "<a href='https://x.example/@ana'>@<span>ana</span></a>" in answer["translatedText"][0]
    assert ":blobcat:" in answer["translatedText"][2]
    assert [entry["language"] for entry in answer["detectedLanguage"]] == ["de"] * 3


def test_rocket_chat(service: Service) -> None:
    codes = [entry["code"] for entry in service.client.get("/languages").json()]
    assert all(re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", tag) for tag in codes)
    lines = ["Guten Morgen!", "", "@all Wo steht das Fahrrad?", ""]
    answer = posted(service, "/translate", json={"q": lines, "source": "auto", "target": "en", "format": "text"})
    assert len(answer["translatedText"]) == 4
    assert [bool(line) for line in answer["translatedText"]] == [True, False, True, False]


def test_weblate_with_libretranslate(service: Service) -> None:
    body = {"api_key": "", "q": ["Guten Morgen!", "Wo?"], "source": "de", "target": "en"}
    answer = posted(service, "/translate", json=body)
    assert list(answer) == ["translatedText"]
    assert len(answer["translatedText"]) == 2
    one = posted(service, "/translate", data={"api_key": "", "q": "Guten Morgen!", "source": "de", "target": "en"})
    assert one["translatedText"] == answer["translatedText"][0]


def test_weblate_with_deepl(service: Service) -> None:
    sources = service.client.get("/v2/languages", params={"type": "source", "enable_beta_languages": "1"}).json()
    targets = service.client.get("/v2/languages", params={"type": "target", "enable_beta_languages": "1"}).json()
    assert {entry["language"] for entry in sources} == {"DE", "EN"}
    assert {entry["language"] for entry in targets} == {"DE", "EN-GB", "EN-US"}
    pairs = service.client.get("/v2/glossary-language-pairs").json()["supported_languages"]
    assert {"source_lang": "de", "target_lang": "en"} in pairs
    terms = {"name": "weblate:1:de:en", "source_lang": "DE", "target_lang": "EN", "entries_format": "tsv"}
    created = service.client.post("/v2/glossaries", json=terms | {"entries": "Morgen\tmorning"})
    assert created.status_code == 201
    [listed] = [one for one in service.client.get("/v2/glossaries").json()["glossaries"] if one["name"] == terms["name"]]
    body = {
        "text": ['Guten <x id="7"></x> Morgen!', "Wo?"],
        "source_lang": "DE",
        "target_lang": "EN",
        "formality": "default",
        "tag_handling": "xml",
        "ignore_tags": ["x"],
        "glossary_id": listed["glossary_id"],
        "model_type": "prefer_quality_optimized",
        "context": "Begrüßung",
    }
    headers = {"Authorization": "DeepL-Auth-Key any"}
    answer = posted(service, "/v2/translate", json=body, headers=headers)
    assert len(answer["translations"]) == 2
    assert answer["translations"][0]["text"].count('<x id="7"></x>') == 1
    assert service.client.delete(f"/v2/glossaries/{listed['glossary_id']}").status_code == 204
    assert service.client.delete(f"/v2/glossaries/{listed['glossary_id']}").status_code == 404


def test_discourse(service: Service) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    found = service.client.post("/detect", data={"q": "Guten Morgen, wie geht es dir?", "api_key": ""}, headers=form)
    assert (found.status_code, found.json()[0]["language"]) == (200, "de")
    fields = {"q": "<p>Guten <b>Morgen</b>!</p>", "source": "de", "target": "en", "format": "html", "api_key": ""}
    text = posted(service, "/translate", data=fields)["translatedText"]
    assert text.startswith("<p>")
    assert text.count("<b>") == text.count("</b>") == 1


def test_subtitle_edit_with_libretranslate(service: Service) -> None:
    body = '{"q": "Guten Morgen!\\r\\nWie geht es dir?", "source": "de", "target": "en"}'
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    text = posted(service, "/translate", content=body, headers=headers)["translatedText"]
    assert text.count("\r\n") == 1


def test_subtitle_edit_with_deepl(service: Service) -> None:
    fields = {"text": "Guten Morgen!\r\nWo?", "target_lang": "en-us", "source_lang": "de", "formality": "default"}
    answer = posted(service, "/v2/translate", data=fields, headers={"Authorization": "DeepL-Auth-Key any"})
    assert answer["translations"][0]["text"].count("\r\n") == 1


def test_zotero_with_libretranslate(service: Service) -> None:
    body = {"q": "Guten Morgen!", "source": "de", "target": "en", "format": "text"}
    assert isinstance(posted(service, "/translate", json=body)["translatedText"], str)
    assert isinstance(posted(service, "/translate", json=body | {"api_key": "k"})["translatedText"], str)


def test_jellyfin(service: Service) -> None:
    body = {"q": "<i>Guten Morgen!</i>\n- Wo bist du?", "source": "de", "target": "en"}
    text = posted(service, "/translate", json=body)["translatedText"]
    assert text.count("\n") == 1
    assert text.count("<i>") == text.count("</i>") == 1


def test_zotero_with_deeplx(service: Service) -> None:
    body = {"text": "Guten Morgen!", "source_lang": "DE", "target_lang": "EN"}
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = posted(service, "/deeplx/translate", content=json.dumps(body), headers=headers)
    assert answer["code"] == 200
    assert isinstance(answer["data"], str)


def test_zotero_with_mtranserver(service: Service) -> None:
    body = {"text": "Guten Morgen!", "from": "de", "to": "en"}
    assert isinstance(posted(service, "/mtran/translate", json=body, headers={"Authorization": "undefined"})["result"], str)


def test_immersive_translate(service: Service) -> None:
    texts = ["{0} Hallo {1} Welt", "<b0></b0> Hallo <b1>kleine</b1> Welt", "Wo ist A & B?"]
    body = {"source_lang": "auto", "target_lang": "en", "text_list": texts}
    answer = posted(service, "/imme", json=body)["translations"]
    assert [entry["detected_source_lang"] for entry in answer] == ["de"] * 3
    assert all(answer[0]["text"].count(mark) == 1 for mark in ("{0}", "{1}"))
    assert all(answer[1]["text"].count(tag) == 1 for tag in ("<b0>", "</b0>", "<b1>", "</b1>"))
    assert "&amp;" not in answer[2]["text"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_document_works(service: Service, command: str) -> None:
    assert command.startswith("curl -sf ")
    assert "http://localhost:8000/" in command
    here = command.replace("http://localhost:8000", service.address)
    done = subprocess.run(["bash", "-c", here], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert json.loads(done.stdout)


@pytest.mark.parametrize("program", code("python"))
def test_a_program_of_the_document_works(service: Service, program: str) -> None:
    assert "http://localhost:8000" in program
    here = program.replace("http://localhost:8000", service.address)
    done = subprocess.run([sys.executable, "-c", here], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert done.stdout.strip()


def test_the_document_names_every_path_of_other_formats(service: Service) -> None:
    paths = service.client.get("/openapi.json").json()["paths"]
    others = {path.split("/")[1] for path in paths} - {"health", "ready", "metrics", "suggest"}
    missing = {first for first in others if f"/{first}" not in DOCUMENT}
    assert not missing
