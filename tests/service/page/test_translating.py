"""Text, languages and messages on the page, in a real browser."""

from __future__ import annotations

import pytest
from support.browser import needs_chromium
from support.server import Service

webdriver = pytest.importorskip("selenium.webdriver")
Axe = pytest.importorskip("selenium_axe_python").Axe
from support.page import (  # noqa: E402
    DESKTOP,
    ENGLISH,
    LONG,
    PHONE,
    TEXT,
    TWO,
    Page,
    asked,
    opened,
    translation,
    wait_until,
)

ActionChains, Keyboard = webdriver.ActionChains, webdriver.Keys

pytestmark = needs_chromium


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


@pytest.mark.slow
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


@pytest.mark.slow
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
