"""The training report and TensorBoard's files, of runs that were left in peace, stopped and resumed, or made up."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html
from support.browser import chromium, needs_chromium
from support.sample import RECIPE, sample_recipe
from support.training import stop

from nmt.corpus.prepare import prepare
from nmt.evaluation.chart import Layout, Thinned, round_numbers
from nmt.training.page import training_page, versions
from nmt.training.report import read_log
from nmt.training.run import train
from nmt.training.task import HEAT_TOKENS
from nmt.training.tensorboard import PIXELS

CHANGES = [
    "training.max_updates=72",
    "training.warmup_updates=5",
    "training.learning_rate=0.01",
    "training.average_decay=0.5",
    "training.validate_every=18",
    "training.checkpoint_every=7",
    "training.validation_sentences=12",
    "preparation.test={held-out: [{path: valid.tsv}]}",
]
MARKUP = "<script>document.title = 'done'</script> <b>Haus</b> & &lt;"
RUN: dict[str, Any] = {
    "kind": "run",
    "update": 0,
    "name": "made-up",
    "description": "a log that nobody trained for",
    "role": ["translates", "de to en"],
    "parameters": 1000,
    "text": "10 sentence pairs",
    "machine": "none",
    "precision": "float32",
    "padding_share": 0.5,
    "device": "cpu",
    "processes": 1,
    "machine_gflops": 1.0,
    "max_updates": 10_000_000,
    "metrics": {"bleu": "BLEU"},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of one that was left in peace and of one that was stopped twice; their text has markup in it."""
    recipe, folder = sample_recipe(CHANGES), tmp_path_factory.mktemp("runs")
    directories = {name: folder / name for name in ("peaceful", "stopped")}
    for directory in directories.values():
        prepare(recipe, corpora=RECIPE.parent, output=directory / "prepared")
        (directory / "prepared" / "test.held-out.source").write_text("Das ist gut.\n", encoding="utf-8")
        (directory / "prepared" / "test.held-out.target").write_text("That is good.\n", encoding="utf-8")
        for side in ("source", "target"):
            path = directory / "prepared" / f"valid.{side}"
            first, *others = path.read_text(encoding="utf-8").splitlines()
            path.write_text("\n".join([f"{first} {MARKUP}", *others]) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nmt.training.trainer.LOG_EVERY", 12)
        train(recipe, name="sample-de-en", directory=directories["peaceful"], resume=False, device="cpu")
        stop(recipe, directories["stopped"], after=29, resume=False)
        stop(recipe, directories["stopped"], after=62, resume=True)
        train(recipe, name="sample-de-en", directory=directories["stopped"], resume=True, device="cpu")
    return {name: directory / "training" for name, directory in directories.items()}


def log(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in read_log(folder / "log.jsonl") if entry["kind"] == kind]


# --- the page ----------------------------------------------------------------------------------------------------------


def without_times(page: Path) -> str:
    tree = html.parse(str(page)).getroot()
    for element in tree.xpath("//*[contains(concat(' ', @class, ' '), ' time ')]"):
        element.drop_tree()
    return html.tostring(tree, encoding="unicode")


def test_a_run_that_was_stopped_has_the_page_of_one_that_was_not(runs: dict[str, Path]) -> None:
    peaceful, stopped = (without_times(runs[name] / "report.html") for name in ("peaceful", "stopped"))
    assert peaceful == stopped
    for text in ("72 of 72, finished", "held-out", log(runs["peaceful"], "validation")[0]["signatures"]["BLEU"]):
        assert text in peaceful


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_a_browser(scheme: str, runs: dict[str, Path], browser: Any) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.get_log("performance")
    browser.get((runs["peaceful"] / "report.html").as_uri())
    assert browser.title == "sample-de-en – training report"
    script = """return Object.fromEntries([...document.querySelectorAll('[data-chart]')].map((figure) =>
        [figure.dataset.chart, [...figure.querySelectorAll('polyline')].map((line) => line.points.numberOfItems)]))"""
    updates, validations = 6, 4
    assert browser.execute_script(script) == {
        "BLEU": [validations],
        "Perplexity": [updates, validations],
        **{title: [updates] for title in ("Training loss", "Learning rate", "Gradient norm", "Target tokens per second")},
        **{f"Share of {what}": [updates] for what in ("matrix-product speed", "time waiting for text")},
    }
    samples = log(runs["peaceful"], "validation")[-1]["samples"]
    cells = [cell.text for cell in browser.find_elements("css selector", ".sample tr:first-child td")]
    assert cells == [sample["source"] for sample in samples]
    assert MARKUP in cells[0]
    shown = browser.find_elements("css selector", ".sample .version:nth-last-child(2) td")
    assert [cell.text.split() for cell in shown] == [sample["hypothesis"].split() for sample in samples]

    background = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(245, 244, 240)" if scheme == "light" else "rgb(21, 24, 27)")
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    )
    browser.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requests = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url.split(":")[0] for url in requests if not url.startswith("chrome:")] in (["file"], ["file", "data"])
    assert browser.get_log("browser") == []


@needs_chromium
def test_the_page_is_there_before_the_first_update(tmp_path: Path, browser: Any, capfd: pytest.CaptureFixture[str]) -> None:
    recipe = sample_recipe(CHANGES)
    prepare(recipe, corpora=RECIPE.parent, output=tmp_path / "prepared")
    stop(recipe, tmp_path, after=0, resume=False)
    page = Path(re.findall("; report: (.*)\n", capfd.readouterr().err)[0])
    assert page == tmp_path / "training" / "report.html"
    browser.get(page.as_uri())
    assert browser.title == "sample-de-en – training report"
    assert browser.find_element("id", "none").text.startswith("No curves yet")
    assert browser.find_elements("css selector", "figure, table, .sample") == []
    facts = [fact.text for fact in browser.find_elements("css selector", ".facts dd")]
    assert facts[:2] == ["0 of 72", "0 s"]
    assert browser.get_log("browser") == []


@needs_chromium
def test_attention_is_drawn_as_it_was(runs: dict[str, Path], browser: Any) -> None:
    browser.get((runs["peaceful"] / "report.html").as_uri())
    best = next(entry for entry in reversed(log(runs["peaceful"], "validation")) if entry["best"])
    maps = [sample for sample in best["samples"] if sample.get("attention")]
    found = browser.execute_script(
        "return [...document.querySelectorAll('.heat')].map((svg) => "
        "[...svg.querySelectorAll('.cell')].map((cell) => Number(cell.getAttribute('fill-opacity'))))"
    )
    assert found == [[weight for row in sample["attention"] for weight in row if weight >= 0.01] for sample in maps]
    assert len(maps) == 2
    for sample in maps:
        assert [len(row) for row in sample["attention"]] == [len(sample["source_tokens"])] * len(sample["tokens"])
        least = 0.95 if len(sample["source_tokens"]) < HEAT_TOKENS else 0.0  # of a longer sentence, a part
        assert all(least <= sum(row) <= 1.05 for row in sample["attention"])


def test_a_long_run_has_a_page_of_bounded_size() -> None:
    validation = {"kind": "validation", "perplexity": 2.0, "seconds": 1.0, "minutes": 1.0, "best": False}

    def entries(count: int) -> Iterator[dict[str, Any]]:
        yield RUN
        for number in range(1, count + 1):
            update = 50 * number
            yield {"kind": "training", "update": update, "loss": 1.0 / number, "perplexity": 2.0, "minutes": number}
            if number % 50 == 0:
                sample = {"source": "Haus", "reference": "house", "hypothesis": f"house {number}"}
                yield {**validation, "update": update, "bleu": number / 1e4, "samples": [sample]}
            if number % 100 == 0:
                yield {"kind": "message", "update": update, "text": "<b>out of memory</b>"}

    page = html.fromstring(training_page(entries(50_000)))
    (line,) = page.xpath("//*[@data-chart='Training loss']//polyline/@points")
    assert 300 <= len(line.split()) <= 600
    assert len(page.xpath("//*[contains(@class, 'version')]")) <= 10
    messages = [cell.text for cell in page.xpath("//*[@class='messages']//td[2]")]
    assert messages == ["<b>out of memory</b>"] * 100
    assert "The latest 100 of 500." in page.text_content()


def test_a_log_of_any_length_has_a_page() -> None:
    """Before the first validation, of a language model, and where a number does not change."""
    training = {"kind": "training", "loss": 0.0, "perplexity": 1.0, "learning_rate": 0.0, "gradient_norm": 0.0}
    validation = {"kind": "validation", "update": 60, "perplexity": 5e21, "best": True}
    newer = {**validation, "update": 70, "minutes": 1.0}  # a program of before wrote no minutes
    entries = [RUN, {**training, "update": 50}, validation, newer]
    for count in range(1, len(entries) + 1):
        page = html.fromstring(training_page(entries[:count]))
        assert len(page.xpath("//figure")) == (0, 4, 4, 4)[count - 1]
        assert len(page.xpath("//*[@id='none']")) == (count == 1)
    assert page.get_element_by_id("best").text == f"{5e21:.2f} at update 70"
    (rows,) = ([[cell.text for cell in row] for row in table.iter("tr")] for table in page.xpath("//table")[1:])
    assert rows == [["update", "perplexity", "minutes"], ["60", "5e+21", None], ["70", "5e+21", "1"]]


def test_lines_grid_and_labels_are_of_one_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(width=900.0, height=700.0, left=80.0, right=850.0, top=20.0, bottom=500.0, values=70.0, updates=550.0)
    for module in ("evaluation.chart", "training.page"):
        monkeypatch.setattr(f"nmt.{module}.LAYOUT", layout)
    entries = [{"kind": "training", "update": update, "loss": update / 200} for update in (0, 100, 200)]
    page = html.fromstring(training_page([{**RUN, "max_updates": 200}, *entries]))
    (figure,) = page.xpath("//figure")
    assert figure.xpath(".//svg/@viewbox") == ["0 0 900.0 700.0"]
    (line,) = figure.xpath(".//polyline/@points")
    assert [tuple(map(float, point.split(","))) for point in line.split()] == [(80, 500), (465, 260), (850, 20)]
    grid = [tuple(map(float, map(rule.get, ("x1", "x2", "y1", "y2")))) for rule in figure.xpath(".//line")]
    assert {(left, right) for left, right, _, _ in grid} == {(80.0, 850.0)}
    assert (min(grid)[2:], max(grid)[2:]) == ((20.0, 20.0), (500.0, 500.0))
    labels = {text.text: (float(text.get("x")), float(text.get("y"))) for text in figure.xpath(".//text[text()]")}
    assert labels["1"] == (70.0, 24.0)
    assert labels["200"] == (850.0, 550.0)
    assert {float(text.get("y")) for text in figure.xpath(".//text[@class='time']")} == {layout.times}


@given(values=st.lists(st.floats(-1e6, 1e6), max_size=200), half=st.integers(1, 10))
def test_thinned_rows_are_means_of_equally_many(values: list[float], half: int) -> None:
    thinned = Thinned(limit=2 * half)
    for number, value in enumerate(values):
        thinned.add({"update": number, "value": value})
    window = 1
    while math.ceil(len(values) / window) > 2 * half:
        window *= 2
    parts = [values[start : start + window] for start in range(0, len(values), window)]
    assert [row["value"] for row in thinned.rows()] == pytest.approx([np.mean(part) for part in parts], abs=1e-6)
    assert [row["update"] for row in thinned.rows()] == pytest.approx(
        [start + (len(part) - 1) / 2 for start, part in zip(range(0, len(values), window), parts, strict=True)]
    )


@given(st.floats(-1e9, 1e9), st.floats(0.0, 1e9))
@example(0.0, 0.3)
@example(0.0, 0.0)
@example(-1.5786524683069784e-96, 0.0)
@example(1e-101, 0.0)
def test_ticks_are_round_and_enclose_the_values(low: float, distance: float) -> None:
    high = low + distance
    steps = round_numbers(low, high)
    slack = max(1e-100, 1e-6 * max(abs(low), abs(high)))
    assert steps[0] <= low + slack
    assert steps[-1] >= high - slack
    assert 2 <= len(steps) <= 7


def test_words_that_are_new_are_marked() -> None:
    found = versions([(10, "a dog"), (1000, "a dog"), (2000, "the dog runs"), (3000, "the dog")])
    assert [(version.updates, version.words) for version in found] == [
        ("10 – 1,000", [("a", False), ("dog", False)]),
        ("2,000", [("the", True), ("dog", False), ("runs", True)]),
        ("3,000", [("the", False), ("dog", False)]),
    ]


# --- TensorBoard -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["peaceful", "stopped"])
def test_tensorboard_shows_the_log(name: str, runs: dict[str, Path]) -> None:
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="the extra `tensorboard` is not installed"
    )
    events = accumulator.EventAccumulator(str(runs[name] / "tensorboard"), {"scalars": 0, "images": 0, "tensors": 0})
    events.Reload()
    for kind, keys in {"training": ("loss", "tokens_per_second"), "validation": ("bleu", "perplexity")}.items():
        for key in keys:
            found = [(event.step, event.value) for event in events.Scalars(f"{kind}/{key}")]
            expected = [(entry["update"], entry[key]) for entry in log(runs[name], kind)]
            assert [step for step, _ in found] == [update for update, _ in expected]  # each once
            assert [value for _, value in found] == pytest.approx([value for _, value in expected], rel=1e-6)
    validations = log(runs[name], "validation")
    texts = {event.step: event.tensor_proto.string_val[0].decode() for event in events.Tensors("sample/1/text_summary")}
    assert list(texts) == [entry["update"] for entry in validations]
    sample = validations[-1]["samples"][0]
    assert sample["hypothesis"] in texts[72]
    picture = events.Images("attention/1")[-1]
    assert (picture.step, picture.width) == (72, PIXELS * len(sample["source_tokens"]))
    assert picture.height == PIXELS * len(sample["tokens"])
