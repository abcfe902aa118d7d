"""The page of an evaluation in a real browser: what it shows, how it is used, and that it needs nothing else."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.browser import chromium, needs_chromium
from typer.testing import CliRunner

from nmt.cli.every import app

NASTY = "</script><script>document.title='gone'</script><img src=x onerror=\"document.title='gone'\">\u2028 <!-- & {{ 1 }}"
WORDS = ["the", "old", "new", "train", "leaves", "arrives", "at", "noon", "in", "a", "town", "by", "sea", "and", "it", "17"]


def made(lines: int, systems: int, *, seed: int = 1) -> dict[str, list[str]]:
    chance = random.Random(seed)
    reference = [" ".join(chance.choices(WORDS, k=chance.randint(4, 28))) for _ in range(lines)]
    texts = {"ref": reference, "src": [line.upper() for line in reference]}
    for number in range(systems):
        texts[f"s{number}"] = [
            " ".join(chance.choice(WORDS) if chance.random() < 0.05 * (number + 1) else word for word in line.split())
            for line in reference
        ]
    return texts


def page(folder: Path, texts: dict[str, list[str]], *options: str) -> Path:
    for name, lines in texts.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    systems = [str(folder / name) for name in texts if re.fullmatch(r"s\d+", name)]
    given = [str(folder / "ref"), "-i", *systems, "--source", str(folder / "src"), "-l", "de-en", "-m", "bleu", "chrf"]
    done = CliRunner().invoke(app, ["evaluate", *given, "--html", str(folder / "page.html"), "-f", "csv", *options])
    assert done.exit_code == 0, done.exception
    return folder / "page.html"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("page")
    texts = made(80, 3)
    texts["s1"][5] = NASTY
    texts["s2"][7] = " ".join([texts["ref"][7]] * 4)
    (folder / "domains").write_text(
        "".join(f"{'news' if number % 4 else 'mail'}\n" for number in range(80)), encoding="utf-8"
    )
    path = page(folder, texts, "--domains", str(folder / "domains"), "-pbs", "-pbsn", "50")
    with chromium() as browser:
        browser.get(path.resolve().as_uri())
        yield browser


def rows(browser: Any) -> list[dict[str, str]]:
    """The segments that are shown: number, the text of the second system and its marked words."""
    found: list[dict[str, str]] = browser.execute_script("""
        return [...document.querySelectorAll('#segments article')].map(one => ({
          segment: one.getAttribute('aria-label'),
          facts: one.querySelector('header').innerText,
          text: [...one.querySelectorAll('dd.text')].map(dd => dd.innerText).join('\\n'),
          marks: [...one.querySelectorAll('mark')].map(mark => mark.innerText).join(' '),
        }))""")
    return found


def choose(browser: Any, name: str, value: str) -> None:
    browser.execute_script(
        "const c = document.getElementById(arguments[0]); c.value = arguments[1]; c.dispatchEvent(new Event('input'))",
        name,
        value,
    )


@needs_chromium
def test_nothing_is_fetched_and_no_text_is_run(opened: Any) -> None:
    assert opened.title.startswith("Evaluation of ")
    assert opened.get_log("browser") == []
    requests = [json.loads(entry["message"])["message"] for entry in opened.get_log("performance")]
    addresses = [one["params"]["request"]["url"] for one in requests if one["method"] == "Network.requestWillBeSent"]
    assert [address for address in addresses if address.startswith(("http", "ws", "ftp"))] == []
    assert any(address.endswith("page.html") for address in addresses)
    choose(opened, "search", "onerror")
    assert [row["segment"] for row in rows(opened)] == ["segment 6"]
    assert NASTY in rows(opened)[0]["text"]
    assert opened.title != "gone"
    choose(opened, "search", "")


@needs_chromium
def test_what_a_translation_says_runs_nowhere_even_where_it_gets_into_the_page(opened: Any) -> None:
    """The policy is the second lock: a script that is put into the page does not run."""
    opened.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    )
    assert opened.execute_script("return window.ran") is None
    assert any("Content Security Policy" in entry["message"] for entry in opened.get_log("browser"))


@needs_chromium
def test_sentences_are_sorted_filtered_and_marked(opened: Any) -> None:
    choose(opened, "sort", "order")
    assert [row["segment"] for row in rows(opened)][:3] == ["segment 1", "segment 2", "segment 3"]
    choose(opened, "domain", "mail")
    assert opened.find_element("id", "count").text == "20 of 80 segments"
    assert all("mail" in row["facts"] for row in rows(opened))
    choose(opened, "domain", "")
    choose(opened, "second", "2")
    choose(opened, "fault", "over-translated")
    assert [row["segment"] for row in rows(opened)] == ["segment 8"]
    assert "over-translated: " in rows(opened)[0]["facts"]
    choose(opened, "fault", "")
    choose(opened, "sort", "worse")
    differences = [float(re.findall(r"difference (-?[\d.]+)", row["facts"])[0]) for row in rows(opened)]
    assert differences == sorted(differences)
    assert differences[0] < 0
    choose(opened, "sort", "better")
    assert float(re.findall(r"difference (-?[\d.]+)", rows(opened)[0]["facts"])[0]) >= differences[-1]
    choose(opened, "sort", "order")
    choose(opened, "second", "1")
    for row in rows(opened)[:4]:
        lines = row["text"].split("\n")
        reference, outputs = lines[1].split(), " ".join(lines[2:]).split()
        assert set(outputs) - set(reference) <= set(row["marks"].split())


@needs_chromium
def test_more_sentences_come_and_keys_go_through_them(opened: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    choose(opened, "sort", "order")
    assert len(rows(opened)) == 25
    opened.find_element("id", "more").send_keys(Keys.ENTER)
    assert len(rows(opened)) == 50
    assert opened.switch_to.active_element.get_attribute("aria-label") == "segment 26"
    opened.switch_to.active_element.send_keys("j")
    assert opened.switch_to.active_element.get_attribute("aria-label") == "segment 27"
    opened.switch_to.active_element.send_keys("kk")
    assert opened.switch_to.active_element.get_attribute("aria-label") == "segment 25"
    opened.switch_to.active_element.send_keys("/")
    assert opened.switch_to.active_element.get_attribute("id") == "search"


@needs_chromium
def test_scores_charts_and_tables_are_there_and_named(opened: Any) -> None:
    text = opened.find_element("id", "scores").text
    assert "Baseline: " in text
    assert "nrefs:1|bs:50|seed:12345|" in text
    assert re.search(r"\d+\.\d ± \d+\.\d", text)
    charts = opened.find_elements("css selector", "figure svg")
    assert len(charts) >= 6
    assert all(chart.get_attribute("aria-label") for chart in charts)
    unnamed = opened.execute_script(
        "return [...document.querySelectorAll('select, input')].filter(one => !one.labels.length).length"
    )
    assert unnamed == 0


@needs_chromium
def test_it_is_dark_where_the_person_likes_it_dark_and_prints_without_controls(opened: Any) -> None:
    def emulate(**media: object) -> None:
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    light = opened.execute_script("return getComputedStyle(document.body).backgroundColor")
    emulate(features=[{"name": "prefers-color-scheme", "value": "dark"}])
    dark = opened.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert light == "rgb(245, 244, 240)"
    assert dark == "rgb(21, 24, 27)"
    emulate(media="print")
    assert not opened.find_element("css selector", ".controls").is_displayed()
    assert opened.find_element("id", "scores").is_displayed()
    emulate(media="", features=[])


@needs_chromium
@pytest.mark.parametrize("width", [360, 1200])
def test_it_fits_a_phone_and_a_desk(opened: Any, width: int) -> None:
    opened.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    )
    overflow = opened.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert overflow <= 0


@needs_chromium
@pytest.mark.slow
def test_ten_systems_of_400_lines_are_small_and_show_25_rows_at_a_time(tmp_path: Path) -> None:
    path = page(tmp_path, made(400, 10))
    assert path.stat().st_size <= 2 * 2**20
    with chromium() as browser:
        browser.get(path.resolve().as_uri())
        assert len(rows(browser)) == 25
        choose(browser, "sort", "differ")
        assert len(rows(browser)) == 25


def test_the_page_is_not_written_over_what_it_is_made_of(tmp_path: Path) -> None:
    texts = made(5, 2)
    page(tmp_path, texts)
    before = (tmp_path / "ref").read_bytes()
    given: Sequence[str] = [str(tmp_path / "ref"), "-i", str(tmp_path / "s0"), "--html", str(tmp_path / "ref")]
    done = CliRunner().invoke(app, ["evaluate", *given])
    assert "the output would overwrite the input" in str(done.exception)
    assert (tmp_path / "ref").read_bytes() == before
