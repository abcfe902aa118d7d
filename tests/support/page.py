"""The page as a person sees and uses it, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from support import waiting
from support.server import SENTENCES, Service

wait_until = partial(waiting.wait_until, pause=0.08)
"""A look into a browser costs more than most."""

TEXT = "Am Morgen regnet es oft."
TWO = "Am Morgen regnet es oft. Wo steht mein Fahrrad?"
ENGLISH = "Where is my blue bicycle? It often rains in the morning."
LONG = "\n\n".join(" ".join(SENTENCES[:5]) for _ in range(12))

DESKTOP, PHONE, NARROW = (1280, 800), (390, 844), (345, 640)

# What is painted behind an element and how far its text stands out from that, by WCAG 2's formula, 1.4.3.
_CONTRAST = """
    const [element, pseudo] = arguments;
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const rgba = (color) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
      return [[red, green, blue], alpha / 255];
    };
    const over = ([top, alpha], below) => top.map((channel, index) => alpha * channel + (1 - alpha) * below[index]);
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.unshift(rgba(getComputedStyle(each).backgroundColor));
    const behind = layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    let opacity = 1;
    for (let each = element; each; each = each.parentElement) opacity *= getComputedStyle(each).opacity;
    const style = getComputedStyle(element, pseudo);
    const text = document.getElementById('mirror').contains(element) ? document.getElementById('source') : element;
    const [ink, alpha] = rgba(pseudo ? style.color : getComputedStyle(text).color);
    const front = over([ink, alpha * opacity * (pseudo ? style.opacity : 1)], behind);
    const linear = (channel) => channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4;
    const shares = [0.2126, 0.7152, 0.0722];
    const luminance = (color) => shares.reduce((sum, share, index) => sum + share * linear(color[index]), 0);
    const [high, low] = [luminance(front), luminance(behind)].sort((one, other) => other - one);
    return (high + 0.05) / (low + 0.05);
"""


class Page:
    def __init__(self, browser: Chrome, address: str) -> None:
        self.browser, self.address = browser, address

    def open(self, path: str = "/#de-en") -> None:
        self.browser.get("about:blank")
        self.browser.get(self.address + path)
        wait_until(self.is_loaded)

    def reload(self) -> None:
        self.browser.refresh()
        wait_until(self.is_loaded)

    def is_loaded(self) -> bool:
        return self.element("source-language").is_enabled()

    def forget(self) -> None:
        """All that the page keeps in the browser."""
        self.run("localStorage.clear(); sessionStorage.clear()")

    def resize(self, size: tuple[int, int]) -> None:
        """Of what the page is shown in; a window cannot be as narrow as a phone."""
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def run(self, script: str, *arguments: object) -> Any:
        return self.browser.execute_script(script, *arguments)

    def element(self, identifier: str):
        return self.browser.find_element(By.ID, identifier)

    def all(self, selector: str):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, identifier: str) -> str:
        return self.element(identifier).get_property("textContent")

    def texts(self, selector: str) -> list[str]:
        return self.run("return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)", selector)

    def value(self, identifier: str) -> str:
        return self.element(identifier).get_property("value")

    def click(self, identifier: str) -> None:
        self.element(identifier).click()

    def choose(self, identifier: str, value: str) -> None:
        Select(self.element(identifier)).select_by_value(value)

    def chosen(self, identifier: str) -> str:
        """The name of the option that a select shows."""
        return Select(self.element(identifier)).first_selected_option.text

    def is_shown(self, identifier: str) -> bool:
        return self.element(identifier).is_displayed()

    def type(self, text: str) -> None:
        self.element("source").send_keys(text)

    def fill(self, text: str) -> None:
        """As from the clipboard; a driver cannot type every character."""
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))"
        self.run(script, self.element("source"), text)

    def wait_for_translation(self) -> str:
        wait_until(lambda: self.text("target").strip() != "" and not self.is_shown("progress"))
        return self.text("target")

    def wait_for(self, translation: str) -> None:
        wait_until(lambda: self.text("target") == translation)

    def translate(self, text: str) -> str:
        """The translation of another text than there was."""
        self.fill("")
        self.fill(text)
        return self.wait_for_translation()

    def hover(self, element) -> None:
        ActionChains(self.browser).move_to_element(element).perform()

    def drop(self, name: str, content: str, *, event: str = "drop") -> None:
        """A file on the page, as a person drags it there."""
        script = """
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([arguments[1]], arguments[0]));
            const dragged = new DragEvent(arguments[2], {bubbles: true, cancelable: true, dataTransfer});
            document.getElementById('source').dispatchEvent(dragged);
        """
        self.run(script, name, content, event)

    def is_in_sight(self, identifier: str) -> bool:
        """Whether the middle of an element is on the screen, and nothing covers it."""
        script = """
            const {left, right, top, bottom} = arguments[0].getBoundingClientRect();
            return arguments[0].contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
        """
        return self.run(script, self.element(identifier))

    def contrast(self, element, pseudo: str = "") -> float:
        """The contrast ratio of its text, or of one of its pseudo-elements."""
        return self.run(_CONTRAST, element, pseudo)

    def copied(self) -> str:
        """The text on the clipboard."""
        return self.browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")

    def allow_copying(self) -> None:
        permissions = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": self.address}
        self.browser.execute_cdp_cmd("Browser.grantPermissions", permissions)

    def store_downloads(self, folder: Path) -> None:
        behavior = {"behavior": "allow", "downloadPath": str(folder)}
        self.browser.execute_cdp_cmd("Browser.setDownloadBehavior", behavior)

    def messages(self) -> list[dict[str, Any]]:
        """What the browser has told since it was asked last."""
        return [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]

    def requests(self) -> list[dict[str, Any]]:
        """Those that the page has made since it was asked last."""
        return [m["params"]["request"] for m in self.messages() if m["method"] == "Network.requestWillBeSent"]


def opened(browser: Chrome, service: Service, path: str = "/#de-en") -> Iterator[Page]:
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
