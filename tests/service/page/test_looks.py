"""Words, keyboard, colours and accessibility of the page, in a real browser."""

from __future__ import annotations

import json

import pytest
from support.browser import needs_chromium

webdriver = pytest.importorskip("selenium.webdriver")
Axe = pytest.importorskip("selenium_axe_python").Axe
from support.page import (  # noqa: E402
    DESKTOP,
    ENGLISH,
    NARROW,
    PHONE,
    TEXT,
    TWO,
    Page,
    wait_until,
)

ActionChains, Keyboard = webdriver.ActionChains, webdriver.Keys

pytestmark = needs_chromium

AA = 4.5
"""The least contrast of text, by WCAG 2."""


# --- how it looks, and to whom ---


@pytest.mark.slow
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


@pytest.mark.slow
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
