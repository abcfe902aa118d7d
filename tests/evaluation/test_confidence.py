"""Calibration and confidence against sums by hand, the authors' program, and a model's own scores."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from support.browser import chromium, needs_chromium
from support.untrained import SENTENCES, small, write_model
from typer.testing import CliRunner

from nmt.cli.every import app
from nmt.evaluation.confidence import BINS, calibration, confidence, correlation, oracle
from nmt.search.forced_decoding import ForcedDecoding
from nmt.search.forced_steps import boosted_probability
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.translator import Translator

TARGETS = ["The dog sleeps.", "", "Where is my bike?", "The dog sleeps in the garden."]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tokenizer = train_tokenizer([*SENTENCES, *TARGETS], vocabulary_size=60, kind="bpe", character_coverage=1.0)
    for number in (1, 2):
        write_model(folder / f"m{number}", tokenizer=tokenizer, shape=small(8), seed=number, scale=3.0)
    for name, lines in (("source", SENTENCES), ("ref", TARGETS)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def translator(models: Path) -> Translator:
    return Translator.load(models / "m1", device="cpu", runtime="reference")


# --- forced decoding ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_tokens", [1, 1000])
def test_the_sum_of_forced_tokens_is_the_score_of_the_pair(translator: Translator, batch_tokens: int) -> None:
    pairs = list(zip(SENTENCES, TARGETS, strict=True))
    decodings = translator.force(pairs, batch_tokens=batch_tokens)
    scores = translator.score(pairs, batch_tokens=batch_tokens)
    for (source, target), found, score in zip(pairs, decodings, scores, strict=True):
        assert found is not None
        assert math.fsum(found.log_probabilities) == pytest.approx(score, abs=1e-5)
        assert len(found.log_probabilities) == len(translator.pieces(target)) + 1 == translator.target_lengths([target])[0]
        assert {len(row) for row in found.attention} == {len(translator.pieces(source))}
        assert all(sum(row) == pytest.approx(1.0, abs=1e-4) for row in found.attention)
        for own, boosted, best, hit in zip(
            found.log_probabilities, found.boosted, found.confidences, found.hits, strict=True
        ):
            assert math.exp(own) <= best + 1e-6
            assert hit == (math.exp(own) == pytest.approx(best, abs=1e-7))
            assert boosted >= math.exp(own) - 1e-6
    assert translator.force([("", "x")]) == [None]


def test_boosted_probability_by_hand() -> None:
    """0.4 and 0.38 are alternatives, and the drop to 0.1 is the last large one that is more than 0.005."""
    scores = torch.tensor([[0.4, 0.38, 0.1, 0.07, 0.05]]).log().repeat(5, 1)
    found = boosted_probability(scores, torch.arange(5)[:, None])[:, 0].tolist()
    # 0.1 to 0.07 drops by 0.03, which is not more than 0.3 of 0.1; 0.07 to 0.05 by 0.02, not more than 0.021.
    assert found == pytest.approx([0.78, 0.78, 0.1, 0.07, 0.05], abs=1e-6)
    flat = torch.full((1, 5), 0.2).log()
    assert boosted_probability(flat, torch.tensor([[3]])).item() == pytest.approx(0.2)


@pytest.mark.parametrize("temperature", [0.5, 3.0, 8.0])
def test_boosted_probability_is_that_of_its_authors(temperature: float) -> None:
    theirs = pytest.importorskip("boostedprob")
    torch.manual_seed(1)
    scores = (temperature * torch.randn(300, 60)).log_softmax(dim=-1)
    tokens = torch.cat([scores[:150].argmax(dim=1, keepdim=True), torch.randint(60, (150, 1))])
    expected = theirs.calculate_boostedprob(scores[:, None].clone(), tokens).reshape(-1)
    found = boosted_probability(scores, tokens)[:, 0]
    # They name tokens, and of equal ones the sort decides; probabilities of random numbers are never equal.
    assert torch.allclose(found, expected.exp() if (expected <= 0).all() else expected, atol=1e-5)


# --- calibration -------------------------------------------------------------------------------------------------------


def test_calibration_by_hand() -> None:
    found = calibration([0.05, 0.95, 0.97, 1.0, 0.55], [False, True, True, False, True])
    assert [one.count for one in found.bins] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 3]
    assert found.bins[9].accuracy == pytest.approx(2 / 3)
    assert found.bins[9].confidence == pytest.approx((0.95 + 0.97 + 1.0) / 3)
    assert found.error == pytest.approx((0.05 + 0.45 + 3 * abs(2.92 / 3 - 2 / 3)) / 5)
    assert calibration([], []).error == 0.0


def test_a_calibrated_model_has_no_error_and_a_sure_one_has() -> None:
    chance = np.random.default_rng(2)
    sure = chance.random(200_000)
    right = chance.random(200_000) < sure
    assert calibration(sure.tolist(), right.tolist()).error < 0.01
    assert calibration([1.0] * 1000, (chance.random(1000) < 0.6).tolist()).error == pytest.approx(0.4, abs=0.05)
    assert len(calibration(sure.tolist(), right.tolist()).bins) == BINS


def test_confidence_by_hand() -> None:
    one = ForcedDecoding((-1.0, -3.0), (0.9, 0.5), (0.8, 0.3), (True, False), ())
    two = ForcedDecoding((-2.0,), (0.2,), (0.4,), (False,), ())
    found = confidence([one, two, None], [one, two, None], np.array([50.0, 10.0, 0.0]))
    assert found.log_probability == -6.0
    assert found.perplexity == pytest.approx(math.exp(2.0))
    assert found.log_probabilities[:2].tolist() == [-2.0, -2.0]
    assert found.boosted[:2].tolist() == pytest.approx([0.7, 0.2])
    assert math.isnan(found.boosted[2])
    assert found.correlations == {"log-probability": None, "BoostedProb": pytest.approx(1.0)}
    assert correlation(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])) == pytest.approx(-1.0)


def test_an_oracle_takes_the_best_of_each_segment() -> None:
    choices, scores = [("a", "b"), ("A", "B")], [np.array([1.0, 5.0]), np.array([2.0, 4.0])]
    assert oracle(choices, scores, higher_is_better=True) == ["A", "b"]
    assert oracle(choices, scores, higher_is_better=False) == ["a", "B"]


# --- the command -------------------------------------------------------------------------------------------------------


def test_the_command_keeps_translations_and_says_how_sure_the_model_is(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(models)
    given = ["evaluate", "--model", "m1", "--source", "source", "--reference", "ref", "--runtime", "reference"]
    more = ["--n-best", "3", "--beam-size", "4", "--max-length-ratio", "1.5", "--output", "out", "--json", "report.json"]
    done = CliRunner().invoke(app, [*given, *more, "--explain"])
    assert done.exit_code == 0, done.exception
    assert "the best of 3 translations of each segment: BLEU " in done.stdout
    assert "Reliability of its next token" in done.stdout
    # What was scored is what was kept, and what `nmt translate` says with the same options.
    kept = CliRunner().invoke(app, ["evaluate", "--reference", "ref", "--hypothesis", "out"])
    assert kept.stdout == "".join(done.stdout.splitlines(keepends=True)[:2])
    options = [
        "--n-best",
        "3",
        "--beam-size",
        "4",
        "--max-length-ratio",
        "1.5",
        "--format",
        "jsonl",
        "--runtime",
        "reference",
    ]
    translated = CliRunner().invoke(app, ["translate", "--model", "m1", "--input", "source", "--output", "all", *options])
    assert translated.exit_code == 0, translated.exception
    rows = [json.loads(line) for line in Path("all").read_text(encoding="utf-8").splitlines()]
    assert Path("out").read_text(encoding="utf-8").splitlines() == [row["translations"][0]["text"] for row in rows]
    figures = json.loads(Path("report.json").read_text(encoding="utf-8"))["model"]
    assert figures["choices"] == 3
    assert [row["metric"] for row in figures["oracle"]] == ["BLEU", "chrF2"]
    sums = CliRunner().invoke(
        app, ["score", "--model", "m1", "--source", "source", "--target", "ref", "--output", "x", "--json", "sums.json"]
    )
    assert sums.exit_code == 0, sums.exception
    assert figures["perplexity"] == pytest.approx(
        json.loads(Path("sums.json").read_text(encoding="utf-8"))["perplexity"], rel=2e-2
    ), "by another runtime"


def test_a_model_an_ensemble_and_a_file_are_compared(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(models)
    given = ["evaluate", "ref", "-i", "source", "--source", "source", "--beam-size", "2", "-m", "chrf"]
    for directories in (["m1"], ["m1", "m2"]):
        named = [argument for directory in directories for argument in ("--model", directory)]
        done = CliRunner().invoke(
            app, [*given, *named, "--html", "page.html", "-pbs", "-pbsn", "20", "--max-length-offset", "3"]
        )
        assert done.exit_code == 0, done.exception
        assert [row["system"] for row in json.loads(done.stdout)] == ["Baseline: source", " + ".join(directories)]
        assert "accuracy of the model" in Path("page.html").read_text(encoding="utf-8")
    assert "there is none" in str(CliRunner().invoke(app, ["evaluate", "ref", "-i", "source", "--output", "x"]).exception)
    assert "the output would overwrite" in str(
        CliRunner().invoke(app, [*given, "--model", "m1", "--output", "ref"]).exception
    )


@pytest.mark.slow
@needs_chromium
def test_the_page_shows_where_a_model_looked(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    monkeypatch.chdir(models)
    given = ["evaluate", "ref", "--model", "m1", "--source", "source", "--beam-size", "2", "--html", "model.html"]
    done = CliRunner().invoke(app, [*given, "--max-length-offset", "4", "--output", "said"])
    assert done.exit_code == 0, done.exception
    translator = Translator.load(models / "m1", device="cpu")
    with chromium() as browser:
        browser.get((models / "model.html").resolve().as_uri())
        order = "const c = document.getElementById('sort'); c.value = 'order'; c.dispatchEvent(new Event('input'))"
        browser.execute_script(order)
        article = browser.find_elements("css selector", "#segments article")[0]
        article.find_element("css selector", "summary").click()
        said = Path("said").read_text(encoding="utf-8").splitlines()[0]
        # The page draws a segment when its row has been opened.
        WebDriverWait(browser, 20).until(lambda _: article.find_elements("css selector", ".attention tbody tr"))
        rows = article.find_elements("css selector", ".attention tbody tr")
        assert len(rows) == len(translator.pieces(said))
        assert len(rows[0].find_elements("css selector", "td")) == len(translator.pieces(SENTENCES[0]))
        strongest = {
            max(int(cell.get_attribute("class")[1:]) for cell in row.find_elements("css selector", "td")) for row in rows
        }
        assert strongest <= set(range(1, 10))
        assert browser.get_log("browser") == []
