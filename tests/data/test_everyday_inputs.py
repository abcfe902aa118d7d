"""The everyday inputs and what was read of their translations: what the tables say is what the files say."""

from __future__ import annotations

import collections
import re
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"
INPUTS = DATA / "everyday-inputs"


def read(pair: str) -> list[list[str]]:
    return [line.split("\t") for line in (INPUTS / f"{pair}.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("pair", ["de-en", "en-de"])
def test_there_are_300_and_no_two_alike(pair: str) -> None:
    rows = read(pair)
    assert {len(row) for row in rows} == {4}
    assert {row[3] for row in rows} == {"right", "wrong"}
    assert len({row[1] for row in rows}) == 300 == len(rows)
    assert len({row[0] for row in rows}) == 12


@pytest.mark.parametrize("pair", ["de-en", "en-de"])
def test_the_table_has_the_figures_of_the_files(pair: str) -> None:
    right = collections.Counter(row[0] for row in read(pair) if row[3] == "right")
    table = (INPUTS / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| `broad-{pair}` \| (\d+), (\d+) % \| (.+) \|$", table, re.M)
    assert found is not None
    assert int(found[1]) == sum(right.values())
    assert int(found[2]) == round(sum(right.values()) / 3)
    assert dict(re.findall(r"([a-z ]+?) (\d+)(?:, |$)", found[3])) == {kind: str(count) for kind, count in right.items()}
    quality = (DATA.parent / "docs" / "quality.md").read_text(encoding="utf-8")
    assert f"{sum(right.values())} of 300" in quality
