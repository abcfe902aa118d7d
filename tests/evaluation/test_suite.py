"""Contrastive suites: the items of this program, Wilson's interval, and models that are known to be right or wrong."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.untrained import small, write_model
from typer.testing import CliRunner

from nmt.cli.every import app
from nmt.errors import InputError, NmtError
from nmt.evaluation.contrasts import EACH, MAKERS, Item, items
from nmt.evaluation.suite import Accuracy, accuracies, judged, pairs_of, read_items
from nmt.text.tokenizer import train_tokenizer

# --- items -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["de", "en"])
def test_there_are_2600_items_of_ten_kinds_and_none_twice(source: str) -> None:
    found = items(source)
    assert Counter(item.kind for item in found) == dict.fromkeys(MAKERS, EACH)
    assert len(found) == len({(item.source, item.reference, item.contrastive) for item in found}) >= 2000
    assert found == items(source), "the same each time"
    for item in found:
        assert item.reference not in item.contrastive
        assert all(text[0].isupper() and text.endswith(".") and "  " not in text for text in (item.source, item.reference))


def test_both_directions_are_of_the_same_sentences() -> None:
    german, english = ({(one.source, one.reference) for one in items(source)} for source in ("de", "en"))
    both = german & {(reference, source) for source, reference in english}
    assert len(both) > 0.8 * len(german)


def words(text: str) -> list[str]:
    return text.rstrip(".").split()


def test_each_kind_changes_only_what_it_says() -> None:
    """In German and in English, by the kinds' own rules."""
    for target in ("en", "de"):
        for item in items("de" if target == "en" else "en"):
            right, wrong = words(item.reference), words(item.contrastive[0])
            changed = [(a, b) for a, b in zip(right, wrong, strict=False) if a != b]
            match item.kind:
                case "polarity: nicht/not deleted":
                    assert {"nicht", "not"} & set(right)
                    assert not {"nicht", "not"} & set(wrong)
                case "polarity: nicht/not inserted":
                    assert {"nicht", "not"} & set(wrong)
                    assert not {"nicht", "not"} & set(right)
                case "polarity: kein/no deleted":
                    [(own, other)] = changed
                    assert own in ("no", "a", "an") or own == f"k{other}"
                case "number":
                    [(own, other)] = changed
                    assert own.isdecimal()
                    assert other.isdecimal()
                    assert len(own) == len(other)
                case "transliteration":
                    [(own, other)] = changed
                    assert sorted(own) == sorted(other)
                    assert sum(a != b for a, b in zip(own, other, strict=True)) == 2
                case "compound" if target == "en":
                    [one, two] = changed
                    assert one == two[::-1]
                case "compound":
                    [(own, other)] = changed
                    assert sorted(own.lower()) == sorted(other.lower())
                case _:
                    assert len(right) == len(wrong) or target == "en"
                    assert changed


def test_articles_agree_in_the_right_translations() -> None:
    """No German reference has an article that its noun never has."""
    text = files("nmt.evaluation").joinpath("data", "suite.yaml")
    nouns = re.findall(r"de: \[(der|die|das), (\w+), (den|die|das), (\w+)\]", text.read_text(encoding="utf-8"))
    assert len(nouns) >= 20
    allowed = {(article, noun) for nominative, noun, accusative, _ in nouns for article in (nominative, accusative)}
    allowed |= {("die", plural) for *_, plural in nouns}
    known = {noun for _, noun in allowed}
    for item in items("en"):
        tokens = words(item.reference)
        for article, noun in pairwise(tokens):
            if article.lower() in ("der", "die", "das", "den") and noun in known:
                assert (article.lower(), noun) in allowed, item.reference


# --- figures -----------------------------------------------------------------------------------------------------------


def test_wilsons_interval_by_hand() -> None:
    # Newcombe (1998), table I: 81 of 263 is 0.2553 to 0.3662, 0 of 20 is 0 to 0.1611, 1 of 29 is 0.0061 to 0.1718.
    for right, count, low, high in (
        (81, 263, 25.53, 36.62),
        (0, 20, 0.0, 16.11),
        (1, 29, 0.61, 17.18),
        (20, 20, 83.89, 100.0),
    ):
        assert Accuracy("x", right, count).interval == pytest.approx((low, high), abs=0.01)
    assert Accuracy("x", 0, 0).interval == (0.0, 100.0)


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_has_the_share_in_it(right: int, count: int) -> None:
    one = Accuracy("x", min(right, count), count)
    low, high = one.interval
    assert 0.0 <= low <= one.share + 1e-9
    assert one.share <= high + 1e-9
    assert high <= 100.0 + 1e-9


def test_an_item_is_right_where_its_reference_is_more_probable_than_all_others() -> None:
    given_items = [Item("a", "s", "r", ("x", "y")), Item("b", "s", "r", ("x",)), Item("a", "s", "r", ("x",))]
    assert len(pairs_of(given_items)) == 7
    assert judged(given_items, [-1.0, -2.0, -3.0, -2.0, -1.0, -1.0, -1.0]) == [True, False, False]
    assert [(one.kind, one.right, one.count) for one in accuracies(given_items, [True, False, False])] == [
        ("a", 1, 2),
        ("b", 0, 1),
        ("all", 1, 3),
    ]


@pytest.mark.parametrize("line", ["{", "[]", '{"source": "a"}', '{"source": "a", "reference": 1, "contrastive": "c"}', "1"])
def test_a_line_that_is_no_item_is_named(line: str) -> None:
    good = '{"source": "a", "reference": "b", "contrastive": ["c", "d"], "type": "t"}'
    assert read_items([good, ""], name="f") == [Item("t", "a", "b", ("c", "d"))]
    with pytest.raises(InputError, match=r'f: line 2 is no item; should be such as \{"source"'):
        read_items([good, line], name="f")
    with pytest.raises(InputError, match="f: has no item"):
        read_items([], name="f")


# --- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("models") / "m"
    texts = [text for item in items("de")[::20] for text in (item.source, item.reference)]
    tokenizer = train_tokenizer(texts, vocabulary_size=150, kind="bpe", character_coverage=1.0)
    write_model(directory, tokenizer=tokenizer, shape=small(8), seed=1)
    return directory


def test_the_command_prints_shares_and_writes_items(model: Path, tmp_path: Path) -> None:
    """A model that has learned nothing thinks a longer translation less probable."""
    rows = [
        {
            "source": "Der Arzt",
            "reference": "The doctor",
            "contrastive": "The doctor and the letter and the book",
            "type": "long",
        },
        {
            "source": "Der Arzt",
            "reference": "The doctor and the letter and the book",
            "contrastive": ["The doctor"],
            "type": "short",
        },
    ]
    suite = tmp_path / "suite.jsonl"
    suite.write_text("".join(f"{json.dumps(row)}\n" for row in rows * 3), encoding="utf-8")
    done = CliRunner().invoke(
        app, ["evaluate", "suite", str(suite), "--model", str(model), "--output", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.exception
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[1][:3] == ["long", "3", "100.0"]
    assert lines[2][:3] == ["short", "3", "0.0"]
    assert lines[3][:3] == ["all", "6", "50.0"]
    found = [json.loads(line) for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()]
    assert [row["right"] for row in found] == [True, False] * 3
    assert all(len(row["log_probabilities"]) == 2 and math.isfinite(row["log_probabilities"][0]) for row in found)
    assert len(read_items((tmp_path / "out").read_text(encoding="utf-8").splitlines(), name="out")) == 6


@pytest.mark.slow
def test_the_suite_of_this_program_is_taken_where_no_file_is_given(model: Path) -> None:
    done = CliRunner().invoke(app, ["evaluate", "suite", "--model", str(model)])
    assert done.exit_code == 0, done.exception
    assert re.search(r"^all +2,600 ", done.stdout, flags=re.MULTILINE)


def test_a_suite_is_not_written_over(model: Path, tmp_path: Path) -> None:
    suite = tmp_path / "suite.jsonl"
    suite.write_text('{"source": "a", "reference": "b", "contrastive": "c"}\n', encoding="utf-8")
    done = CliRunner().invoke(app, ["evaluate", "suite", str(suite), "--model", str(model), "--output", str(suite)])
    assert isinstance(done.exception, NmtError)
    assert "would overwrite" in str(done.exception)
