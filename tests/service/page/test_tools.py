"""Key, glossary, files, links and code on the page, in a real browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.browser import needs_chromium
from support.server import Service, start_service, stop_service

from service.keys import Keys
from service.state import State

webdriver = pytest.importorskip("selenium.webdriver")
Axe = pytest.importorskip("selenium_axe_python").Axe
from support.page import (  # noqa: E402
    LONG,
    TEXT,
    Page,
    asked,
    translation,
    wait_until,
)

ActionChains, Keyboard = webdriver.ActionChains, webdriver.Keys

pytestmark = needs_chromium


# --- key ---


@pytest.mark.slow
def test_a_key_is_asked_for_where_the_service_wants_one_and_kept(
    browser: webdriver.Chrome, models: Path, tmp_path: Path
) -> None:
    key = Keys(State(tmp_path)).create("page")
    service = start_service(models, state=tmp_path, require_key=True)
    service.wait_until_ready()
    try:
        page = Page(browser, service.address)
        browser.get(f"{service.address}/#de-en")
        wait_until(lambda: page.is_shown("key-row"))
        assert page.text("status") == "This service needs an API key."
        assert page.is_in_sight("key")
        page.element("key").send_keys("nmt_wrong", Keyboard.ENTER)
        wait_until(lambda: "not known here" in page.text("status"))
        page.element("key").clear()
        page.element("key").send_keys(key, Keyboard.ENTER)
        wait_until(page.is_loaded)
        assert not page.is_shown("key-row")
        page.fill(TEXT)
        assert page.wait_for_translation()
        page.drop("a.txt", TEXT)
        wait_until(lambda: page.texts("#file-list .quiet") == ["Done."])
        page.reload()
        assert page.wait_for_translation(), "the key is kept"
        page.click("open-request")
        for program, command in (("bash", "curl"), (sys.executable, "python")):
            shown = page.text(command)
            assert key not in shown
            variables = os.environ | {"NMT_KEY": key}
            answer = subprocess.run([program, "-c", shown], capture_output=True, env=variables, check=True, timeout=60)
            headers = {"Authorization": f"Bearer {key}"}
            expected = service.client.post(
                "/v1/translate", headers=headers, json={"text": TEXT, "source": "de", "target": "en"}
            )
            assert expected.json()["translations"][0]["text"] in answer.stdout.decode()
        page.forget()
        assert [entry for entry in browser.get_log("browser") if "401" not in entry["message"]] == []
    finally:
        stop_service(service)


# --- glossary ---


@pytest.mark.slow
def test_a_glossary_is_written_imported_and_kept(page: Page, service: Service, tmp_path: Path) -> None:
    page.translate("Der Hund schläft.")
    page.click("open-glossary")
    assert page.text("glossary-title") == "Glossary, German to English"
    [term, target] = page.all("#terms input")
    term.send_keys("Hund", Keyboard.ENTER)
    target.send_keys("hound")
    assert len(page.all("#terms tr")) == 2, "there is always a row for one more term"
    csv = tmp_path / "terms.csv"
    csv.write_text('﻿Fahrrad;"bike; ""two"" wheels"\n\nnothing\nHund;hound dog\n', encoding="utf-8")
    page.element("glossary-file").send_keys(str(csv))
    wait_until(lambda: page.text("glossary-status") != "")
    assert page.text("glossary-status") == "2 terms imported. Lines skipped: 1."
    page.store_downloads(tmp_path)
    page.click("export-glossary")
    stored = tmp_path / "de-en.tsv"
    wait_until(lambda: stored.exists() and stored.stat().st_size > 0)
    assert stored.read_text(encoding="utf-8") == 'source\ttarget\nHund\thound dog\nFahrrad\tbike; "two" wheels\n'
    page.click("close-glossary")
    wait_until(lambda: page.text("open-glossary") == "Glossary (2)")  # the dialog tells of its end a moment later
    terms = {"Hund": "hound dog", "Fahrrad": 'bike; "two" wheels'}
    page.wait_for(translation(service, "Der Hund schläft.", glossary=terms))
    assert "hound dog" in page.text("target")
    assert asked(page)["glossary"] == terms

    page.choose("source-language", "en")
    assert page.text("open-glossary") == "Glossary", "each direction has its own"
    page.reload()
    page.choose("source-language", "de")
    page.click("open-glossary")
    page.all("#terms button")[0].click()
    tsv = tmp_path / "terms.tsv"
    tsv.write_text("source\ttarget\nKäse\tcheese, old\n", encoding="utf-8")
    page.element("glossary-file").send_keys(str(tsv))
    wait_until(lambda: page.text("glossary-status") == "1 term imported.")
    page.element("glossary").send_keys(Keyboard.ESCAPE)  # which keeps what was written
    page.translate("Der Käse.")
    assert asked(page)["glossary"] == {"Fahrrad": 'bike; "two" wheels', "Käse": "cheese, old"}
    page.click("open-glossary")
    tsv.write_text("nothing at all\n", encoding="utf-8")
    page.element("glossary-file").send_keys(str(tsv))
    wait_until(lambda: page.text("glossary-status").startswith("The file cannot be read."))
    page.click("empty-glossary")
    page.click("close-glossary")
    wait_until(lambda: page.text("open-glossary") == "Glossary")


def test_files_are_translated_with_the_glossary(page: Page, service: Service, tmp_path: Path) -> None:
    page.click("open-glossary")
    tsv = tmp_path / "terms.tsv"
    tsv.write_text("source\ttarget\nHund\thound dog\n", encoding="utf-8")
    page.element("glossary-file").send_keys(str(tsv))
    wait_until(lambda: page.text("glossary-status") == "1 term imported.")
    page.click("close-glossary")
    wait_until(lambda: page.text("open-glossary") == "Glossary (1)")
    page.drop("a.txt", "Der Hund schläft.")
    wait_until(lambda: page.texts("#file-list .quiet") == ["Done."])
    page.store_downloads(tmp_path)
    page.all("#file-list button")[0].click()
    stored = tmp_path / "a_en.txt"
    wait_until(lambda: stored.exists() and stored.stat().st_size > 0)
    expected = service.translate("Der Hund schläft.", glossary={"Hund": "hound dog"}).json()["translations"][0]["text"]
    assert stored.read_text(encoding="utf-8") == expected
    assert "hound dog" in expected

    page.fill("Der Hund schläft.")
    page.choose("source-language", "auto")
    wait_until(lambda: page.text("open-glossary") == "Glossary (1)")  # by the language of the text, not of the file
    page.drop("b.txt", "Der Hund schläft.")
    note = "Done. Without the glossary, which needs a chosen source language."
    wait_until(lambda: page.texts("#file-list .quiet") == ["Done.", note])


# --- files ---


def test_files_are_dropped_translated_and_downloaded(page: Page, service: Service, tmp_path: Path) -> None:
    page.drop("a letter.txt", TEXT, event="dragover")
    assert page.text("drop") == "Drop files to translate them: German → English"
    assert page.is_shown("drop")
    page.drop("a letter.txt", TEXT)
    assert not page.is_shown("drop")
    page.drop("program.exe", "x")
    wait_until(lambda: page.texts("#file-list .quiet")[0] == "Done.")
    assert page.texts("#file-list .name") == ["a letter.txt", "program.exe"]
    assert page.texts("#file-list .quiet")[1].startswith("Files of this kind cannot be translated. These can: .txt, ")
    page.store_downloads(tmp_path)
    [button, *_] = page.all("#file-list button")
    stored = tmp_path / "a letter_en.txt"
    for _ in range(2):  # it is kept here, though the service has forgotten it
        button.click()
        wait_until(lambda: stored.exists() and stored.stat().st_size > 0)
        assert stored.read_text(encoding="utf-8") == service.translate(TEXT).json()["translations"][0]["text"]
        stored.unlink()

    while buttons := page.all("#file-list li button:last-of-type"):
        buttons[0].click()
    assert not page.is_shown("files")
    (tmp_path / "b.txt").write_text("Wo?", encoding="utf-8")
    page.element("file").send_keys(str(tmp_path / "b.txt"))
    wait_until(lambda: page.texts("#file-list .quiet") == ["Done."])


def test_the_progress_of_a_file_is_shown_and_its_translation_can_be_ended(page: Page) -> None:
    script = """
        const characters = 1000, first = window.fetch;
        window.done = 0;
        window.fetch = async (path, options) => {
          if (!path.startsWith('v1/documents')) return first(path, options);
          if (options.method === 'POST') window.fields = Object.fromEntries(options.body);
          if (options.method === 'DELETE') window.deleted = path;
          if (window.busy) {
            window.busy = false;
            return new Response('{}', {status: 503, headers: {'Retry-After': '1'}});
          }
          const status = window.done ? 'translating' : 'queued';
          const job = {id: 'ABC', name: 'a.txt', status, characters, translated_characters: window.done};
          return new Response(JSON.stringify(job));
        };
    """
    page.choose("source-language", "en")
    page.choose("formality", "less")
    page.run(script)
    page.drop("a.txt", TEXT)
    wait_until(lambda: page.texts("#file-list .quiet") == ["Waiting …"])
    assert page.run("return {...window.fields, file: null}") == {
        "source": "en",
        "target": "de",
        "formality": "less",
        "file": None,
    }
    page.run("window.done = 250; window.busy = true")  # which is no reason to give up
    [progress] = page.all("#file-list progress")
    wait_until(lambda: progress.get_property("value") == 0.25)
    assert page.texts("#file-list .quiet") == ["Translating …"]
    [button] = [button for button in page.all("#file-list button") if button.is_displayed()]
    assert button.accessible_name == "Cancel a.txt"
    button.click()
    wait_until(lambda: page.run("return window.deleted") == "v1/documents/ABC")
    assert page.all("#file-list li") == []


# --- reload, links, code ---


@pytest.mark.slow
def test_text_and_languages_survive_a_reload_and_can_be_linked(page: Page, service: Service) -> None:
    text = "Wo steht mein „Fahrrad“?\n100 % & mehr + #1"
    expected = page.translate(text)
    wait_until(lambda: "Fahrrad" in page.browser.current_url)
    page.reload()
    assert page.value("source") == text
    assert page.wait_for_translation() == expected
    page.allow_copying()
    page.click("copy-link")
    wait_until(lambda: page.text("status") == "Link copied.")
    link = page.copied()
    assert link.startswith(f"{page.address}/#from=de&to=en&text=Wo%20steht")

    page.fill(LONG * 2)  # too long for an address
    page.reload()  # at once
    assert page.value("source") == LONG * 2
    wait_until(lambda: "text=" not in page.browser.current_url)
    page.reload()
    assert page.value("source") == LONG * 2
    page.run("location = arguments[0]", link)  # as from a bookmark, in the same tab
    wait_until(lambda: page.value("source") == text)
    assert page.wait_for_translation() == expected
    page.open("/#from=en&to=de&text=The%20dog")
    assert (page.value("source-language"), page.value("target-language")) == ("en", "de")
    assert page.wait_for_translation() == translation(service, "The dog", source="en", target="de")
    page.open("/#from=xx&to=yy")
    assert (page.value("source-language"), page.value("target-language")) == ("de", "en"), "languages that there are"


def test_the_request_runs_as_curl_and_as_python(page: Page, service: Service) -> None:
    page.choose("source-language", "en")
    page.choose("formality", "more")
    text = 'It\'s "here" at $HOME, `now`!\n100 % \\n 😀'
    page.translate(text)
    page.click("open-request")
    fields = {"source": "en", "target": "de", "formality": "more"}
    expected = service.translate(text, **fields).json()["translations"][0]["text"]
    answer = subprocess.run(["bash", "-c", page.text("curl")], capture_output=True, check=True, timeout=60)
    assert json.loads(answer.stdout)["translations"][0]["text"] == expected
    answer = subprocess.run([sys.executable, "-c", page.text("python")], capture_output=True, check=True, timeout=60)
    assert answer.stdout.decode() == f"{expected}\n"
    page.allow_copying()
    page.click("copy-python")
    wait_until(lambda: page.text("request-hint") == "Copied.")
    assert page.copied() == page.text("python")
    page.click("close-request")
