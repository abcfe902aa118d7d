"""The everyday phrases written for the project: what holds for every pair, and that the script makes the file."""

import collections
import importlib.util
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

PHRASES = Path(__file__).parents[2] / "data" / "phrases-de-en"
PLACEHOLDER = re.compile(
    r"\$?\{\{?[\w.]*\}?\}|%\d\$[sd]|%[sd]|%%|</?\w+>|(?<!\S):[a-z]+\b|`[^`]*`|https?://\S+|\S+@[\w.]+\w"
)
spec = importlib.util.spec_from_file_location("make_phrases", PHRASES / "make.py")
assert spec is not None
assert spec.loader is not None
make = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make)


def read(name: str) -> list[tuple[str, str, str]]:
    lines = (PHRASES / name).read_text(encoding="utf-8").split("\n")
    assert lines.pop() == "", f"{name} does not end with a line break"
    rows = [line.split("\t") for line in lines]
    assert all(len(row) == 3 for row in rows), [row for row in rows if len(row) != 3]
    return [(german, english, domain) for german, english, domain in rows]


TRAIN, VALID = read("train.tsv"), read("valid.tsv")
both = pytest.mark.parametrize("rows", [TRAIN, VALID], ids=["train", "valid"])


def figures(text: str, point: str, comma: str) -> collections.Counter[str]:
    """The numbers of a text: without signs between thousands, leading zeros of dates, and on the clock of 24 hours."""
    afternoon = re.compile(r"\b(\d{1,2})((?::\d\d)?) p\.m\.")
    text = afternoon.sub(lambda match: f"{int(match[1]) % 12 + 12}{match[2]}", text)
    text = re.sub(rf"(?<=\d){re.escape(comma)}(?=\d{{3}}\b)", "", text)
    text = re.sub(rf"(?<=\d){re.escape(point)}(?=\d)", ";", text)
    return collections.Counter(number for run in re.findall(r"[\d;]+", text) for number in run.split(";") if number)


@both
def test_that_every_side_is_clean_text(rows: list[tuple[str, str, str]]) -> None:
    for row in rows:
        for field in row:
            assert field, row
            assert field == field.strip(), row
            assert "  " not in field, row
            assert unicodedata.is_normalized("NFC", field), row
            assert field.isprintable() or "\u200d" in field, row
            assert "[" not in re.sub(r"\[[ x]\]|\[OPTION(EN|S)\]", "", field), f"a slot was left: {row}"


@both
def test_that_quotes_and_brackets_are_balanced(rows: list[tuple[str, str, str]]) -> None:
    for row in rows:
        german, english, _ = row
        assert german.count("„") == german.count("“"), row
        assert english.count("“") == english.count("”"), row
        assert '"' not in german + english, row
        if re.match(r"\w\)|.*[:;]-?[()]", german):  # a) of a list, a face
            continue
        for side in (german, english):
            assert [side.count(mark) for mark in "([{<"] == [side.count(mark) for mark in ")]}>"] or ">" in side, row


@both
def test_that_figures_agree(rows: list[tuple[str, str, str]]) -> None:
    for row in rows:
        german, english, _ = row
        assert figures(german, ",", ".") == figures(english, ".", ","), row
        assert not re.search(r"\d,\d\d?(?!\d)", english), f"a German decimal comma: {row}"


@both
def test_that_placeholders_agree(rows: list[tuple[str, str, str]]) -> None:
    for row in rows:
        german, english, _ = row
        assert sorted(PLACEHOLDER.findall(german)) == sorted(PLACEHOLDER.findall(english)), row


@both
def test_that_no_pair_and_no_german_side_stands_twice(rows: list[tuple[str, str, str]]) -> None:
    counts = collections.Counter(german for german, _, _ in rows)
    assert [side for side, count in counts.items() if count > 1] == []


def test_that_an_english_side_stands_twice_only_for_the_informal_and_the_formal_german() -> None:
    sides = collections.defaultdict(list)
    for german, english, _ in TRAIN:
        sides[english].append(german)
    formal = re.compile(r"\b(Sie|Ihnen|Ihre?[mnrs]?)\b")
    for english, germans in sides.items():
        if len(germans) > 1:
            assert len(germans) == 2, (english, germans)
            assert formal.search(germans[1]) or formal.search(germans[0]), (english, germans)
    pairs = sum(len(germans) == 2 for germans in sides.values())
    assert pairs > 150


def test_that_days_and_months_agree() -> None:
    for row in TRAIN:
        german, english, _ = row
        for name, translation in (make.MONTHS | make.DAYS).items():
            if re.search(rf"\b(am|im|\d\.) {name}\b", german):
                assert re.search(translation, english, re.IGNORECASE), row


def test_that_the_script_makes_the_file(tmp_path: Path) -> None:
    made = tmp_path / "train.tsv"
    subprocess.run([sys.executable, PHRASES / "make.py", made], check=True)
    assert made.read_bytes() == (PHRASES / "train.tsv").read_bytes()


def test_that_there_is_enough_of_every_kind() -> None:
    assert len(TRAIN) >= 5000
    by_hand = sum(
        1 + line.split("\t")[0].count(" // ")
        for path in (PHRASES / "hand").glob("*.tsv")
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    assert by_hand >= 1500
    domains = collections.Counter(domain for _, _, domain in TRAIN)
    assert min(domains.values()) >= 40
    assert sum(len(german.split()) >= 15 for german, _, _ in TRAIN) >= 300
    assert {domain for _, _, domain in VALID} <= domains.keys()


def test_that_no_frame_makes_more_than_twelve_pairs_and_none_of_them_is_in_valid() -> None:
    frames = [pair for path in (PHRASES / "frames").glob("*.tsv") for pair in make.read_pairs(path)]
    assert len(frames) == len(set(frames)) > 300
    slot = re.compile(r"\\\[[a-z]+\d?\\\.[a-z_]+(?::\w+)?\\\]")
    for german, english in frames:
        made = list(make.instances(german, english))
        assert 5 <= len(made) <= 12, german
        second = re.compile(slot.sub("(.{1,45})", re.escape(english)))
        for variant in german.split(" // "):
            first = re.compile(slot.sub("(.{1,45})", re.escape(variant)))
            assert any(first.fullmatch(make.capital(de)) or first.fullmatch(de) for de, _ in made), variant
            if len(re.sub(r"\W", "", slot.sub("", re.escape(variant)))) > 6:  # fewer letters match too much else
                assert [row for row in VALID if first.fullmatch(row[0]) and second.fullmatch(row[1])] == [], variant


def test_that_nothing_of_valid_is_in_train() -> None:
    assert len(VALID) >= 280
    german = {side.casefold() for side, _, _ in TRAIN}
    english = {side.casefold() for _, side, _ in TRAIN}
    assert [row for row in VALID if row[0].casefold() in german or row[1].casefold() in english] == []


def test_that_the_readme_counts_the_pairs() -> None:
    readme = (PHRASES / "README.md").read_text(encoding="utf-8")
    assert f"| `train.tsv` | {len(TRAIN):,} |" in readme
    assert f"| `valid.tsv` | {len(VALID):,} |" in readme
    stated = {name: int(count) for name, count in re.findall(r"`([a-z]+)` (\d+)", readme)}
    assert stated == collections.Counter(domain for _, _, domain in TRAIN)
