"""The page in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from support.browser import chromium, needs_chromium
from support.server import Service
from support.waiting import wait_until

webdriver = pytest.importorskip("selenium.webdriver")
By = pytest.importorskip("selenium.webdriver.common.by").By
ActionChains, Keys = webdriver.ActionChains, pytest.importorskip("selenium.webdriver").Keys

pytestmark = needs_chromium


class Page:
    """The page as a person sees it."""

    def __init__(self, browser: webdriver.Chrome, address: str) -> None:
        self.browser, self.address = browser, address

    def open(self, path: str = "/#de-en") -> None:
        self.browser.get("about:blank")
        self.browser.get(self.address + path)
        wait_until(lambda: self.element("source-language").is_enabled())

    def element(self, identifier: str):
        return self.browser.find_element(By.ID, identifier)

    def all(self, selector: str):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, identifier: str) -> str:
        return self.element(identifier).get_property("textContent")

    def type(self, text: str) -> None:
        self.element("source").send_keys(text)

    def fill(self, text: str) -> None:
        """As from the clipboard; a driver cannot type every character."""
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))"
        self.browser.execute_script(script, self.element("source"), text)

    def wait_for_translation(self) -> str:
        wait_until(lambda: self.text("target").strip() != "" and not self.element("progress").is_displayed())
        return self.text("target")

    def hover(self, element) -> None:
        ActionChains(self.browser).move_to_element(element).perform()

    def messages(self) -> list[dict]:
        return [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: webdriver.Chrome, service: Service) -> Iterator[Page]:
    """Checks at the end of each test that nothing was asked of anybody else and nothing went wrong."""
    page = Page(browser, service.address)
    page.messages()
    browser.get_log("browser")
    page.open()
    yield page
    requests = [m["params"]["request"]["url"] for m in page.messages() if m["method"] == "Network.requestWillBeSent"]
    assert any(url.startswith(service.address) for url in requests)
    inside = (service.address, "about:", "data:", "chrome:")  # the last is the browser's own first page
    assert [url for url in requests if not url.startswith(inside)] == []
    assert browser.get_log("browser") == []


def test_typing_yields_a_translation(page: Page, service: Service) -> None:
    page.type("Am Morgen regnet es oft.")
    expected = service.translate("Am Morgen regnet es oft.", n_best=3).json()["translations"][0]["text"]
    assert page.wait_for_translation() == expected
    assert page.text("counter") == "24 / 10,000"


def test_a_newer_text_replaces_the_older_answer(page: Page, service: Service) -> None:
    page.type("Der Hund")
    page.wait_for_translation()
    page.type(" schläft.")
    expected = service.translate("Der Hund schläft.", n_best=3).json()["translations"][0]["text"]
    wait_until(lambda: page.text("target") == expected)
    page.element("clear").click()
    assert page.text("target") == ""
    assert not page.element("alternatives").is_displayed()


@pytest.mark.parametrize(
    "text", ['<img src=x onerror="document.title=1">', "<script>document.title=1</script> & &lt;b>", "😀 \u202eabc"]
)
def test_text_is_shown_as_text(page: Page, service: Service, text: str) -> None:
    title = page.browser.title
    page.fill(text)
    expected = service.translate(text, n_best=3).json()["translations"][0]["text"]
    assert page.wait_for_translation() == expected
    assert page.text("mirror") == f"{text}\n"
    assert page.all("#target img, #target script, #mirror img, #mirror script, #alternatives img") == []
    assert page.browser.title == title


def test_markup_in_an_answer_is_shown_as_text(page: Page) -> None:
    script = """
        const hypotheses = ['<img src=x>', '<b>Bild</b>'].map((text) => (
          {text, score: -1, tokens: ['▁' + text], attention: [[1]]}));
        const sentences = [{source: 'Bild', source_tokens: ['▁Bild'], hypotheses}];
        const translations = [{text: '<img src=x>', score: -1, alternatives: [], sentences}];
        window.fetch = async () => new Response(JSON.stringify({translations}));
    """
    page.browser.execute_script(script)
    page.type("Bild")
    assert page.wait_for_translation() == "<img src=x>"
    assert page.text("alternatives-list").strip() == "<b>Bild</b>"
    assert page.all("#target img, #alternatives b") == []


def test_lines_and_spaces_stay(page: Page) -> None:
    page.fill("  Am Morgen.\n\n\n  Wo steht mein Fahrrad?\n")
    text = page.wait_for_translation()
    assert text.startswith("  ")
    assert "\n\n\n  " in text
    assert text.endswith("\n")


def test_languages_are_swapped(page: Page, service: Service) -> None:
    page.type("Am Morgen.")
    there = page.wait_for_translation()
    page.element("swap").click()
    assert page.element("source").get_property("value") == there
    assert page.element("source-language").get_property("value") == "en"
    back = service.translate(there, n_best=3, source="en", target="de").json()["translations"][0]["text"]
    wait_until(lambda: page.text("target") == back)
    assert page.browser.current_url.endswith("#en-de")


def test_an_alternative_can_be_chosen(page: Page) -> None:
    page.type("Am Morgen regnet es oft.")
    first = page.wait_for_translation()
    buttons = page.all("#alternatives button")
    assert len(buttons) == 2
    chosen = buttons[0].text
    assert chosen != first
    buttons[0].click()
    assert page.text("target") == chosen
    assert first in [button.text for button in page.all("#alternatives button")]


def test_alternatives_of_the_sentence_that_was_clicked(page: Page) -> None:
    page.type("Am Morgen regnet es oft. Wo steht mein Fahrrad?")
    page.wait_for_translation()
    assert "Am Morgen" in page.text("alternatives-title")
    page.all("#target .sentence:last-of-type .word")[0].click()
    assert "Fahrrad" in page.text("alternatives-title")
    first, last = (sentence.text for sentence in page.all("#target .sentence"))
    chosen = page.all("#alternatives button")[0]
    text = chosen.text
    chosen.click()
    assert [sentence.text for sentence in page.all("#target .sentence")] == [first, text]
    assert text != last


def test_pointing_at_a_word_shows_where_it_comes_from(page: Page) -> None:
    page.type("Am Morgen regnet es oft.")
    page.wait_for_translation()
    word = page.all("#target .word")[-1]
    page.hover(word)
    wait_until(lambda: len(page.all("#mirror .word.lit")) > 0)
    script = "return [...document.querySelectorAll('#mirror .lit')].map((word) => +word.style.getPropertyValue('--weight'))"
    weights = page.browser.execute_script(script)
    assert all(0.08 <= weight <= 1 for weight in weights)
    assert "active" in word.get_attribute("class")

    page.hover(page.element("counter"))
    wait_until(lambda: page.all(".word.lit, .word.active") == [])
    source_word = page.all("#mirror .word")[1]
    assert source_word.get_property("textContent") == "Morgen"
    page.hover(source_word)
    wait_until(lambda: [w.get_property("textContent") for w in page.all("#mirror .word.active")] == ["Morgen"])


def test_the_keyboard_is_enough(page: Page) -> None:
    page.type("Am Morgen regnet es oft. Wo?")
    page.wait_for_translation()
    words = page.all("#target .word")
    target = page.element("target")
    target.send_keys(Keys.ARROW_RIGHT)
    assert "active" in words[0].get_attribute("class")
    assert page.text("spoken").startswith(words[0].text)
    target.send_keys(Keys.ARROW_LEFT)
    assert "active" in words[-1].get_attribute("class")
    target.send_keys(Keys.ENTER)
    assert "Wo?" in page.text("alternatives-title")
    target.send_keys(Keys.ESCAPE)
    assert page.all(".word.active") == []


def test_a_text_that_is_too_long_is_said_to_be(page: Page) -> None:
    page.fill("ä" * 10_001)
    assert page.text("counter") == "10,001 / 10,000"
    assert page.text("status") == "This is 1 characters too long."
    assert page.text("target") == ""


def test_a_service_that_is_gone_is_said_to_be(page: Page) -> None:
    page.browser.execute_script("window.fetch = async () => { throw new TypeError('gone'); }")
    page.type("Am Morgen.")
    wait_until(lambda: "cannot be reached" in page.text("status"))


def test_a_busy_service_is_asked_again(page: Page) -> None:
    script = """
        const fetch = window.fetch;
        window.fetch = async () => {
          window.fetch = fetch;
          return new Response('{}', {status: 429, headers: {'Retry-After': '1'}});
        };
    """
    page.browser.execute_script(script)
    page.type("Am Morgen.")
    wait_until(lambda: "busy" in page.text("status"))
    assert page.wait_for_translation()


def test_every_control_has_a_name_and_the_phone_has_no_sideways_scroll(page: Page) -> None:
    page.type("Am Morgen regnet es oft. " + "x" * 200)
    page.wait_for_translation()
    for control in page.all("button, select, textarea, a, #target"):
        assert control.accessible_name
    page.browser.set_window_size(500, 800)
    try:
        width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.browser.execute_script(width) == 0
    finally:
        page.browser.set_window_size(1200, 900)


def test_the_documentation_works_offline(page: Page) -> None:
    page.browser.get(page.address + "/docs")
    wait_until(lambda: "/v1/translate" in page.text("content"))
    assert f"curl {page.address}/v1/translate " in page.text("content")
    assert "from 1 to 16" in page.text("content")
    assert "Guten Morgen!" in page.text("content")
    assert "429" in page.text("content")
