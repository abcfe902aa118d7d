"""The page in a real browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import chromium, needs_chromium
from support.server import SENTENCES, Service, start_service, stop_service, write_model

from nmt.text.tokenizer import train_tokenizer
from service.keys import Keys
from service.state import State

webdriver = pytest.importorskip("selenium.webdriver")
Axe = pytest.importorskip("selenium_axe_python").Axe
from support.page import DESKTOP, NARROW, PHONE, Page, wait_until  # noqa: E402

ActionChains, Keyboard = webdriver.ActionChains, webdriver.Keys

pytestmark = needs_chromium

TEXT = "Am Morgen regnet es oft."
TWO = "Am Morgen regnet es oft. Wo steht mein Fahrrad?"
ENGLISH = "Where is my blue bicycle? It often rains in the morning."
LONG = "\n\n".join(" ".join(SENTENCES[:5]) for _ in range(12))
AA = 4.5
"""The least contrast of text, by WCAG 2."""


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
def browser() -> Iterator[webdriver.Chrome]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: webdriver.Chrome, service: Service) -> Iterator[Page]:
    """Checks at the end of each test that nothing was asked of anybody else and nothing went wrong."""
    yield from opened(browser, service)


def opened(browser: webdriver.Chrome, service: Service, path: str = "/#de-en") -> Iterator[Page]:
    page = Page(browser, service.address)
    browser.get_log("browser")
    page.requests()
    page.resize(DESKTOP)
    page.open(path)
    yield page
    page.forget()
    inside = (service.address, "about:", "data:", "blob:", "chrome:")  # the last is the browser's own first page
    assert [each["url"] for each in page.requests() if not each["url"].startswith(inside)] == []
    assert browser.get_log("browser") == []


def asked(page: Page) -> dict[str, object]:
    """The last question to `/v1/translate` since then, without what the page asks for itself."""
    bodies: list[str] = []

    def is_asked() -> bool:
        bodies.extend(each["postData"] for each in page.requests() if each["url"].endswith("/v1/translate"))
        return bodies != []

    wait_until(is_asked)
    return {name: value for name, value in json.loads(bodies[-1]).items() if name not in ("n_best", "alignment")}


def translation(service: Service, text: str, **fields: object) -> str:
    return service.translate(text, n_best=3, **fields).json()["translations"][0]["text"]


# --- text and translation ---


def test_typing_yields_a_translation_and_more_typing_another(page: Page, service: Service) -> None:
    page.type("Der Hund")
    assert page.wait_for_translation() == translation(service, "Der Hund")
    assert page.text("counter") == "8 / 10,000"
    page.type(" schläft.")
    page.wait_for(translation(service, "Der Hund schläft."))
    page.allow_copying()
    page.click("copy")
    wait_until(lambda: page.text("status") == "Copied.")
    assert page.copied() == page.text("target")


def test_text_is_shown_as_text(page: Page, service: Service) -> None:
    title = page.browser.title
    texts = ('<img src=x onerror="document.title=1">', "<script>document.title=1</script> & &lt;b>", "😀 \u202eabc")
    for text in texts:
        assert page.translate(text) == translation(service, text)
        assert page.text("mirror") == f"{text}\n"
        assert page.all("#target img, #target script, #mirror img, #mirror script, #alternatives img") == []
    assert page.browser.title == title
    script = """
        const hypotheses = ['<img src=x>', '<b>Bild</b>'].map((text) => (
          {text, score: -1, tokens: ['▁' + text], attention: [[1]]}));
        const sentences = [{source: 'Bild', source_tokens: ['▁Bild'], hypotheses}];
        const translations = [{text: '<img src=x>', score: -1, alternatives: [], sentences}];
        window.fetch = async (path) => new Response(JSON.stringify(path === 'detect' ? [] : {translations}));
    """
    page.run(script)
    page.fill("Bild")
    page.wait_for("<img src=x>")
    assert page.text("alternatives-list").strip() == "<b>Bild</b>"
    assert page.all("#target img, #alternatives b") == []


def test_lines_and_spaces_stay(page: Page) -> None:
    text = page.translate("  Am Morgen.\n\n\n  Wo steht mein Fahrrad?\n")
    assert text.startswith("  ")
    assert "\n\n\n  " in text
    assert text.endswith("\n")


def test_a_text_that_was_cleared_can_be_had_back(page: Page) -> None:
    first = page.translate(TEXT)
    page.click("clear")
    assert (page.value("source"), page.text("target")) == ("", "")
    assert not page.is_shown("alternatives")
    assert page.text("clear") == "Undo"
    page.click("clear")
    assert page.value("source") == TEXT
    page.wait_for(first)
    page.click("clear")
    page.element("source").send_keys(Keyboard.CONTROL, "z")
    assert page.value("source") == TEXT
    page.wait_for(first)
    page.click("clear")
    page.type("x")
    assert page.text("clear") == "Clear", "what is typed is not replaced by what was cleared"


def test_an_alternative_of_the_sentence_that_was_picked_takes_its_place(page: Page) -> None:
    page.translate(TWO)
    assert "Am Morgen" in page.text("alternatives-title")
    page.all("#target .sentence:last-of-type .word")[0].click()
    assert "Fahrrad" in page.text("alternatives-title")
    first, last = page.texts("#target .sentence")
    [chosen, *_] = page.all("#alternatives button")
    text = chosen.get_property("textContent").strip()
    assert text != last
    chosen.click()
    assert page.texts("#target .sentence") == [first, text]
    assert last in [button.strip() for button in page.texts("#alternatives button")]
    page.allow_copying()
    page.click("copy")
    wait_until(lambda: page.text("status") == "Copied.")
    assert page.copied() == f"{first} {text}"


def test_pointing_at_a_word_marks_it_and_its_sentence_on_both_sides(page: Page) -> None:
    page.translate(TWO)
    word = page.all("#target .sentence:last-of-type .word")[-1]
    page.hover(word)
    wait_until(lambda: len(page.all("#mirror .word.lit")) > 0)
    script = "return [...document.querySelectorAll('#mirror .lit')].map((word) => +word.style.getPropertyValue('--weight'))"
    assert all(0.08 <= weight <= 1 for weight in page.run(script))
    assert "active" in word.get_attribute("class")
    assert page.texts("#mirror .pointed") == ["Wo steht mein Fahrrad?"]
    assert page.texts("#target .pointed") == page.texts("#target .sentence")[1:]

    page.hover(page.element("counter"))
    wait_until(lambda: page.all(".word.lit, .word.active, .pointed") == [])
    source_word = page.all("#mirror .word")[1]
    assert source_word.get_property("textContent") == "Morgen"
    page.hover(source_word)
    wait_until(lambda: page.texts("#mirror .word.active") == ["Morgen"])
    assert page.texts("#target .pointed") == page.texts("#target .sentence")[:1]


# --- languages ---


def test_languages_are_swapped(page: Page, service: Service) -> None:
    there = page.translate("Am Morgen.")
    page.click("swap")
    assert page.value("source") == there
    assert (page.value("source-language"), page.value("target-language")) == ("en", "de")
    page.wait_for(translation(service, there, source="en", target="de"))


def test_a_detected_language_is_named_and_another_than_the_chosen_one_is_said(page: Page, service: Service) -> None:
    page.choose("source-language", "auto")
    assert page.translate(TEXT) == translation(service, TEXT)
    assert page.chosen("source-language") == "German (detected)"
    assert asked(page)["source"] == "de"
    assert page.is_shown("model"), "a language that was found has its models"
    page.translate(ENGLISH)  # which is the target
    wait_until(lambda: page.text("notice-text") == "This looks like English.")
    assert page.text("notice-act") == "Translate from English into German instead"

    page.choose("source-language", "de")
    page.translate(ENGLISH)
    wait_until(lambda: page.is_shown("notice"))
    assert page.text("notice-text") == "This looks like English."
    page.click("notice-act")
    assert (page.value("source-language"), page.value("target-language")) == ("en", "de")
    page.wait_for(translation(service, ENGLISH, source="en", target="de"))
    assert not page.is_shown("notice")

    page.translate("Le petit chat est assis sur la table et regarde les oiseaux dans le jardin.")
    wait_until(lambda: page.is_shown("notice"))
    assert page.text("notice-text") == "This looks like French, which no model here translates."
    assert not page.is_shown("notice-act")


def test_a_model_and_a_form_of_address_can_be_chosen(page: Page) -> None:
    assert [option.text for option in page.all("#model option")] == ["Standard model", "Quick model"]
    assert not page.is_shown("formality"), "English has one form of address"
    page.translate(TEXT)
    asked(page)
    page.choose("model", "x-de-en-fast")
    assert asked(page) == {"text": TEXT, "source": "de", "target": "en", "model": "x-de-en-fast"}
    kept = page.all("#source-language option")
    page.translate("Wo steht es?")
    assert page.all("#source-language option") == kept, "a list that is open while an answer comes stays as it is"
    page.choose("source-language", "en")
    assert page.is_shown("formality")
    assert not page.is_shown("model"), "there is one"
    page.choose("formality", "less")
    page.translate("Where is it?")
    assert asked(page) == {"text": "Where is it?", "source": "en", "target": "de", "formality": "less"}
    page.reload()
    assert page.chosen("formality") == "Informal (du)"
    page.choose("source-language", "de")
    assert page.chosen("model") == "Quick model"


# --- long texts ---


def test_panes_of_a_long_text_scroll_together_and_the_bar_stays_in_sight(page: Page) -> None:
    page.translate(LONG)
    middles = """
        const heights = (text) => {
          const {top, bottom} = document.getElementById(text === 'mirror' ? 'editor' : text).getBoundingClientRect();
          return [...document.querySelectorAll(`#${text} .sentence`)].map((sentence) => {
            const own = sentence.getBoundingClientRect();
            return ((own.top + own.bottom) / 2 - top) / (bottom - top);
          });
        };
        const [own, other] = arguments[0] === 'editor' ? ['mirror', 'target'] : ['target', 'mirror'];
        const nearest = heights(own).map((height) => Math.abs(height - 0.5));
        const sentence = nearest.indexOf(Math.min(...nearest));
        return [heights(own)[sentence], heights(other)[sentence]];
    """
    for size in (DESKTOP, PHONE):
        page.resize(size)
        for pane, other in (("editor", "target"), ("target", "editor")):
            page.run("document.getElementById(arguments[0]).scrollTop = 0", pane)
            wait_until(lambda other=other: page.element(other).get_property("scrollTop") == 0)
            page.run("arguments[0].scrollTop = arguments[0].scrollHeight / 2", page.element(pane))
            wait_until(lambda other=other: page.element(other).get_property("scrollTop") > 0)
            own, opposite = page.run(middles, pane)
            assert own == pytest.approx(0.5, abs=0.2)
            assert opposite == pytest.approx(own, abs=0.2), "the same sentence is opposite"
            page.run("arguments[0].scrollTop = 1e6", page.element(pane))
            rest = "return arguments[0].scrollHeight - arguments[0].clientHeight - arguments[0].scrollTop"
            wait_until(lambda other=other, rest=rest: abs(page.run(rest, page.element(other))) < 2)
        for identifier in ("counter", "copy", "clear", "alternatives", "target"):
            assert page.is_in_sight(identifier), identifier
        assert page.run("return document.documentElement.scrollHeight <= innerHeight")
    page.type(" Wo?")
    wait_until(lambda: page.run(rest, page.element("editor")) < 60)  # what is typed is seen
    page.resize((800, 360))  # a phone on its side: the page scrolls
    page.run("scrollTo(0, 0)")
    for identifier in ("counter", "copy"):
        assert page.is_in_sight(identifier), identifier


def test_a_text_that_is_too_long_is_said_to_be_and_can_be_translated_as_a_file(page: Page) -> None:
    text = "Der Hund schläft im Garten.\n\n" * 400
    page.resize(PHONE)
    page.fill(text)
    excess = len(text) - 10_000
    assert page.text("counter") == f"{len(text):,} / 10,000"
    message = f"The text is {excess:,} characters too long. At most 10,000 are translated at once."
    assert page.text("notice-text") == message
    for identifier in ("counter", "notice-text", "notice-act"):
        assert page.is_in_sight(identifier), identifier
    assert page.text("target") == ""
    assert page.texts("#mirror .excess") == [text[10_000:]]
    page.click("notice-act")
    wait_until(lambda: page.texts("#file-list .name") == ["Text.txt"])
    page.all("#file-list button:last-of-type")[0].click()
    wait_until(lambda: page.all("#file-list li") == [])


# --- what the service says ---


def test_a_service_that_is_gone_or_busy_is_asked_again_and_a_quota_is_not(page: Page, service: Service) -> None:
    script = """
        window.first ??= window.fetch;
        window.asked = 0;
        const [status, headers, code] = arguments;
        window.fetch = async (path, options) => {
          if (!path.endsWith('translate')) return first(path, options);
          window.asked += 1;
          if (!status) throw new TypeError('gone');
          if (window.asked > 1) return first(path, options);
          return new Response(JSON.stringify({error: {code, message: 'the words of the service'}}), {status, headers});
        };
    """
    page.run(script, 0, {}, "")
    page.type("Am Morgen.")
    wait_until(lambda: "cannot be reached" in page.text("status"))
    page.run(script, 429, {"Retry-After": "1"}, "too_busy")
    page.fill(TEXT)
    wait_until(lambda: page.text("status") == "The service is busy. Trying again in 1 s …")
    page.wait_for(translation(service, TEXT))
    assert page.text("status") == ""
    page.run(script, 429, {"Retry-After": "40000"}, "quota_exceeded")
    page.fill("Wo?")
    wait_until(lambda: "used up" in page.text("status"))
    assert (page.text("target"), page.is_shown("progress")) == ("", False)
    page.run(script, 422, {}, "a_new_code")
    page.fill("Wo steht es?")
    wait_until(lambda: page.text("status") == "the words of the service.")


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
    assert stored.read_text(encoding="utf-8") == 'Hund\thound dog\nFahrrad\tbike; "two" wheels\n'
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


# --- how it looks, and to whom ---


def test_the_page_speaks_german_and_english(page: Page) -> None:
    compared = """
        const load = (name) => import(`./assets/${name}.js`);
        const [{english}, {german}] = await Promise.all(['english', 'german'].map(load));
        const form = (value) => typeof value === 'function' ? `of ${value.length}` : typeof value;
        const forms = (words) => Object.entries(words).flatMap(([name, value]) => (
          typeof value === 'object' ? [name, ...forms(value)] : [`${name} ${form(value)}`]));
        return [forms(english), forms(german)];
    """
    english, german = page.run(compared)
    assert english == german
    assert page.run("return document.documentElement.lang") == "en"
    page.fill("ä" * 10_001)
    page.click("wording")
    assert page.run("return document.documentElement.lang") == "de"
    assert page.text("notice-text") == "Der Text ist um 1 Zeichen zu lang. Auf einmal werden höchstens 10.000 übersetzt."
    assert (page.chosen("source-language"), page.chosen("target-language")) == ("Deutsch", "Englisch")
    page.reload()
    assert page.browser.title == "Übersetzen"
    page.translate(ENGLISH)
    wait_until(lambda: page.text("notice-act") == "Stattdessen aus dem Englischen ins Deutsche übersetzen")
    empty = """
        const named = [...document.querySelectorAll('[data-text], [data-label]')];
        return named.filter((each) => !each.textContent.trim() && !each.ariaLabel).map((each) => each.id);
    """
    assert page.run(empty) == []
    page.click("wording")
    assert page.text("notice-text") == "This looks like English."


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    page.translate(TWO)
    reached = []
    page.run("document.activeElement.blur()")
    for _ in range(40):
        ActionChains(page.browser).send_keys(Keyboard.TAB).perform()
        focused = page.browser.switch_to.active_element
        reached.append(focused.get_attribute("id") or focused.tag_name)
        assert focused.tag_name == "body" or focused.accessible_name, reached[-1]
    script = """
        const controls = [...document.querySelectorAll('button, select, textarea, a')];
        const usable = controls.filter((each) => each.checkVisibility() && !each.disabled);
        return usable.map((each) => each.id || each.localName);
    """
    assert set(page.run(script)) <= set(reached)

    words, target = page.all("#target .word"), page.element("target")
    target.send_keys(Keyboard.ARROW_RIGHT)
    assert "active" in words[0].get_attribute("class")
    assert page.text("spoken").startswith(words[0].text)
    target.send_keys(Keyboard.ARROW_LEFT)
    assert "active" in words[-1].get_attribute("class")
    target.send_keys(Keyboard.ENTER)
    assert "Fahrrad" in page.text("alternatives-title")
    target.send_keys(Keyboard.ESCAPE)
    assert page.all(".word.active") == []
    for opener, dialog in (("open-glossary", "glossary"), ("open-request", "request")):
        page.element(opener).send_keys(Keyboard.ENTER)
        assert page.is_shown(dialog)
        page.element(dialog).send_keys(Keyboard.ESCAPE)
        wait_until(lambda dialog=dialog: not page.is_shown(dialog))
        assert page.browser.switch_to.active_element.get_attribute("id") == opener, "the focus is where it was"


def test_dark_and_light_are_a_choice_and_both_have_contrast(page: Page) -> None:
    background = "return getComputedStyle(document.body).backgroundColor"
    system = page.run(background)
    for theme in ("light", "dark"):
        assert (
            page.run("return arguments[0].ariaLabel", page.element("theme"))
            == {"light": "Dark appearance", "dark": "Light appearance"}[theme]
        )
        ratios = {"placeholder": page.contrast(page.element("source"), "::placeholder")}
        ratios["empty translation"] = page.contrast(page.element("target"), "::before")
        page.translate(TEXT)
        page.run("document.querySelector('.pane.target').ariaBusy = 'true'")
        ratios["busy"] = page.contrast(page.element("target"))
        page.run("document.querySelector('.pane.target').ariaBusy = 'false'")
        page.run("for (const word of document.querySelectorAll('.word')) word.style.transition = 'none'")
        for pane in ("mirror", "target"):
            sentence, word = f"#{pane} .sentence", f"#{pane} .word"
            page.run("document.querySelector(arguments[0]).classList.add('pointed')", sentence)
            ratios[f"{pane}, sentence"] = page.contrast(page.all(sentence)[0])
            page.run("document.querySelector(arguments[0]).classList.add('active')", word)
            ratios[f"{pane}, word"] = page.contrast(page.all(word)[0])
            page.run("document.querySelector(arguments[0]).classList.remove('active')", word)
            page.run("document.querySelector(arguments[0]).style.setProperty('--weight', 1)", word)
            ratios[f"{pane}, origin"] = page.contrast(page.all(word)[0])
        assert {name: ratio for name, ratio in ratios.items() if ratio < AA} == {}
        page.fill("")
        page.click("theme")
    assert page.run("return localStorage.getItem('nmt.theme')") is None, "as the system is no choice"
    page.click("theme")
    dark = page.run(background)
    assert dark != system
    page.reload()
    assert page.run(background) == dark
    page.browser.get(f"{page.address}/docs")
    assert page.run(background) == dark, "other pages follow"


def test_axe_finds_nothing_in_any_state(page: Page) -> None:
    def to_empty() -> None:
        pass

    def to_translated() -> None:
        page.translate(TWO)
        page.hover(page.all("#target .word")[0])
        wait_until(lambda: page.all(".pointed") != [])

    def to_notice_and_files() -> None:
        page.drop("a.txt", TEXT)
        page.drop("b.exe", TEXT)
        page.translate(ENGLISH)
        wait_until(lambda: page.is_shown("notice") and page.texts("#file-list .quiet")[0] == "Done.")

    def to_too_long_and_key() -> None:
        page.fill("ä" * 10_001)
        page.click("open-key")

    def to_glossary() -> None:
        page.fill(TEXT)
        page.click("open-glossary")

    def to_request() -> None:
        page.click("close-glossary")
        page.wait_for_translation()
        page.click("open-request")

    axe, found = Axe(page.browser), {}
    axe.inject()
    for go in (to_empty, to_translated, to_notice_and_files, to_too_long_and_key, to_glossary, to_request):
        go()
        for theme, size, rules in (("light", DESKTOP, None), ("light", PHONE, None), ("dark", NARROW, ["color-contrast"])):
            page.run("document.documentElement.dataset.theme = arguments[0]", theme)
            page.resize(size)
            options = json.dumps({"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {}))
            results = axe.run(options=options)
            if results["violations"]:
                found[go.__name__, theme, size] = [(v["id"], [n["html"] for n in v["nodes"]]) for v in results["violations"]]
            wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.run(wide) <= 0, "nothing scrolls sideways"
        page.resize(DESKTOP)
    assert found == {}


# --- below a path, and the description of the API ---


def test_the_page_works_below_the_path_of_a_proxy(browser: webdriver.Chrome, service: Service) -> None:
    for page in opened(browser, service, "/nmt#de-en"):
        assert page.browser.current_url.startswith(f"{service.address}/nmt/#")
        assert page.translate(TEXT) == translation(service, TEXT)
        page.drop("a.txt", TEXT)
        wait_until(lambda page=page: page.texts("#file-list .quiet") == ["Done."])
        page.click("open-request")
        assert page.text("curl").startswith(f"curl '{service.address}/nmt/v1/translate'")
        made = [each["url"] for each in page.requests() if each["url"].startswith(service.address)]
        assert {url for url in made if not url.startswith(f"{service.address}/nmt/")} == {f"{service.address}/nmt"}


def test_the_documentation_works_offline(page: Page) -> None:
    page.browser.get(page.address + "/docs")
    wait_until(lambda: "/v1/translate" in page.text("content"))
    assert f"curl {page.address}/v1/translate " in page.text("content")
    assert "from 1 to 16" in page.text("content")
    assert "Guten Morgen!" in page.text("content")
    assert "429" in page.text("content")
    page.run("for (const card of [...document.querySelectorAll('.card')].slice(2)) card.remove()")  # they are all alike
    axe = Axe(page.browser)
    axe.inject()
    for theme in ("light", "dark"):
        page.run("document.documentElement.dataset.theme = arguments[0]", theme)
        assert axe.run()["violations"] == []
