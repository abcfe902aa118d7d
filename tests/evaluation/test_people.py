"""Ratings by people: sheets tell no names, and what is read back is what was written into them."""

from __future__ import annotations

import csv
import io
import json
import statistics
from itertools import product
from operator import mul
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.command import output_of

from nmt.errors import ConfigurationError, InputError
from nmt.evaluation.comparison import System
from nmt.evaluation.people import Key, agreements, compare_ratings, draw, write_sheet
from nmt.evaluation.resampling import Resampling

line = st.text(st.characters(blacklist_characters="\n\r", blacklist_categories=("Cs", "Cc")), max_size=12)


def systems_of(*texts: list[str]) -> list[System]:
    return [System(name=f"system {number}", runs=(text,)) for number, text in enumerate(texts)]


def rows_of(sheet: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet, newline=""), dialect="excel-tab"))


@given(texts=st.lists(st.tuples(line, line, line), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_each_translation_of_each_segment_is_in_the_sheet_once_and_the_key_says_whose(
    texts: list[tuple[str, str, str]], seed: int
) -> None:
    source = [f"source {number}" for number in range(len(texts))]
    systems = systems_of(*(list(text) for text in zip(*texts, strict=True)))
    key = draw(systems, segments=None, seed=seed)
    file = io.StringIO(newline="")
    write_sheet(file, key, systems, source=source, reference=None)
    assert "system" not in file.getvalue().split("\n")[0]
    found = [[set() for _ in texts] for _ in systems]
    for row, item in zip(rows_of(file.getvalue()), key.items, strict=True):
        assert row["source"] == source[item.segment]
        assert row["score"] == ""
        for system in item.systems:
            found[system][item.segment].add(row["translation"])
    assert found == [[{text} for text in system.runs[0]] for system in systems]
    assert len(key.items) == sum(len(set(text)) for text in texts)
    assert Key.from_json(key.to_json(), name="key") == key
    assert draw(systems, segments=None, seed=seed) == key


def test_segments_and_their_order_are_drawn_at_random() -> None:
    systems = systems_of([f"a{number}" for number in range(40)], [f"b{number}" for number in range(40)])
    firsts, counts = [], np.zeros(40)
    for seed in range(300):
        key = draw(systems, segments=10, seed=seed)
        assert len({item.segment for item in key.items}) == 10
        assert len(key.items) == 20
        for item in key.items:
            counts[item.segment] += 0.5
        firsts.append(key.items[0].systems[0])
    assert sum(firsts) == pytest.approx(150, abs=40)
    assert counts == pytest.approx(np.full(40, 75.0), abs=35)
    assert draw(systems, segments=10, seed=1) != draw(systems, segments=10, seed=2)


def test_means_and_standardised_means_are_their_formulas() -> None:
    systems = systems_of(["a", "b", "same"], ["c", "d", "same"])
    key = draw(systems, segments=None, seed=3)
    assert len(key.items) == 5
    strict = {number: 10.0 * number for number in range(5)}
    mild = {number: 50.0 + 2.0 * number for number in range(4)}  # who has left one out
    comparison = compare_ratings(key, {"strict": strict, "mild": mild}, resampling=None, intervals=None)
    for result in comparison.results:
        for system, estimate in enumerate(result.estimates):
            own = []
            for sheet in (strict, mild):
                mean, deviation = statistics.fmean(sheet.values()), statistics.pstdev(sheet.values())
                own += [
                    value if result.name == "rating" else (value - mean) / deviation
                    for number, value in sheet.items()
                    if system in key.items[number].systems
                ]
            assert estimate.score == pytest.approx(statistics.fmean(own))
    ((one, other, count, correlation),) = agreements({"strict": strict, "mild": mild})
    assert (one, other, count) == ("strict", "mild", 4)
    assert correlation == pytest.approx(1.0)


def test_the_test_is_that_of_all_metrics_segment_by_segment() -> None:
    """Of one rater and four segments there are 16 swaps, all of which can be tried by hand."""
    systems, differences = systems_of(list("abcd"), list("wxyz")), (6, -2, 1, 1)
    key = draw(systems, segments=None, seed=1)
    ratings = {
        number: 50.0 + (differences[item.segment] if item.systems == (1,) else 0) for number, item in enumerate(key.items)
    }
    comparison = compare_ratings(key, {"rater": ratings}, resampling=Resampling(test="ar", samples=8000), intervals=None)
    _, estimate = comparison.results[0].estimates
    assert estimate.difference == pytest.approx(sum(differences) / 4)
    sums = [abs(sum(map(mul, differences, signs))) for signs in product((-1, 1), repeat=4)]
    assert estimate.p_value == pytest.approx(sum(one > sum(differences) for one in sums) / 16, abs=0.02)
    assert comparison.systems[0] == "Baseline: system 0"


def test_a_rater_of_one_mind_says_nothing_once_standardised() -> None:
    key = draw(systems_of(["a"], ["b"]), segments=None, seed=1)
    comparison = compare_ratings(key, {"rater": {0: 7.0, 1: 7.0}}, resampling=None, intervals=None)
    assert [estimate.score for estimate in comparison.results[1].estimates] == [0.0, 0.0]


# --- commands and mistakes -----------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, lines in {
        "src": ["eins", "zwei", '"drei"', "vier"],
        "base": ["one", "two", "same", '"4"'],
        "new": ["uno", "duo", "same", "quattuor"],
    }.items():
        (tmp_path / name).write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")
    return tmp_path


SHEET = ("evaluate", "sheet", "-i", "base", "new", "--source", "src", "--output", "sheet.tsv", "--key", "key.json")


def fill(score: Any) -> None:
    """Write scores into a sheet as a spreadsheet does, which moves rows and writes its own line ends."""
    rows = rows_of(Path("sheet.tsv").read_text(encoding="utf-8"))
    with Path("filled.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), dialect="excel-tab")
        writer.writeheader()
        writer.writerows({**row, "score": score(row)} for row in reversed(rows))


@pytest.mark.usefixtures("files")
def test_a_sheet_goes_out_and_comes_back() -> None:
    output_of(*SHEET)
    assert not {"base", "new"} & set(Path("sheet.tsv").read_text(encoding="utf-8").split())
    fill(
        lambda row: "90,5" if row["translation"] in ("uno", "duo", "quattuor") else "" if row["translation"] == "two" else 60
    )
    shown = output_of("evaluate", "ratings", "filled.tsv", "--key", "key.json", "--no-test", "-f", "csv")
    values = {row["system"]: float(row["score"]) for row in csv.DictReader(io.StringIO(shown)) if row["metric"] == "rating"}
    assert values == {"base": 60.0, "new": pytest.approx((3 * 90.5 + 60) / 4)}
    assert "p = " in output_of("evaluate", "ratings", "filled.tsv", "--key", "key.json", "-f", "markdown")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("score", "message"),
    [
        (lambda _: "good", r"filled\.tsv, row 2: score 'good' should be a number"),
        (lambda _: "inf", "score 'inf' should be a number"),
        (lambda _: "", r"filled\.tsv: has no score; write one into the column 'score'"),
    ],
)
def test_scores_that_are_none_are_named(score: Any, message: str) -> None:
    output_of(*SHEET)
    fill(score)
    with pytest.raises(InputError, match=message):
        output_of("evaluate", "ratings", "filled.tsv", "--key", "key.json")


@pytest.mark.usefixtures("files")
def test_other_mistakes_are_named() -> None:
    output_of(*SHEET)
    fill(lambda _: 1)
    text = Path("filled.tsv").read_text(encoding="utf-8")
    for name, changed, message in (
        ("twice", text + text.split("\n")[1] + "\n", "is rated twice"),
        ("other", text + "99\tx\ty\t5\t\n", "row 9: item '99' is not in the key; is it of another sheet"),
        ("plain", "one\ntwo\n", "has no column 'item'"),
        ("long", text + f"1\t{'x' * 200_000}\n", "is no table with tabs between its cells"),
    ):
        Path(name).write_text(changed, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            output_of("evaluate", "ratings", name, "--key", "key.json")
    key = json.loads(Path("key.json").read_text(encoding="utf-8"))
    for changed in ({**key, "format": 2}, {**key, "items": [[9, 0]]}, {**key, "items": [[0, 7]]}, {**key, "items": 3}, [1]):
        Path("bad.json").write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(InputError, match=r"bad\.json: is no key of a sheet"):
            output_of("evaluate", "ratings", "filled.tsv", "--key", "bad.json")
    with pytest.raises(ConfigurationError, match="a sheet is given twice"):
        output_of("evaluate", "ratings", "filled.tsv", "filled.tsv", "--key", "key.json")
    with pytest.raises(ConfigurationError, match="give --source or --reference"):
        output_of("evaluate", "sheet", "-i", "base", "--output", "a", "--key", "b")
    with pytest.raises(ConfigurationError, match="--output and --key are one file"):
        output_of("evaluate", "sheet", "-i", "base", "--source", "src", "--output", "a", "--key", "a")
    Path("short").write_text("x\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="different numbers of lines: base 4, short 1"):
        output_of("evaluate", "sheet", "-i", "base", "--source", "short", "--output", "a", "--key", "b")
