"""Pairs whose numbers or placeholders differ."""

import pytest

from nmt.corpus.agreement import disagrees
from nmt.corpus.parallel import SentencePair

AGREE = [
    ("Guten Morgen.", "Good morning."),
    ("Es kostet 1.234,50 €.", "It costs €1,234.50."),
    ("Seine Schulden betragen 2000 Dollar.", "His debts amount to $2,000."),
    ("Um 15:00 Uhr.", "At 3 p.m."),
    ("Um 14:30 Uhr.", "At 2:30 p.m."),
    ("Er hat drei Hunde.", "He has 3 dogs."),
    ("Am 03.05.2024.", "On 3/5/2024."),
    ("Hallo {name}, %d von %s", "Hello {name}, %d of %s"),
    ("{a} und {b}", "{b} and {a}"),
    ("Siehe https://example.org/a.", "See https://example.org/a."),
    ("50 000 Leute", "50,000 people"),
]
DISAGREE = [
    ("Es sind 15 Leute.", "There are 51 people."),
    ("Um 15:00 Uhr.", "At 3."),
    ("140 Kilometer", "90 miles"),
    ("Um 15:00 Uhr kommen 40 Leute.", "At 3 p.m., 50 people come."),
    ("Hallo {name}", "Hello"),
    ("Hallo", "Hello %s"),
    ("%s von %s", "%s"),
    ("Siehe https://example.org/a.", "See https://example.org/b."),
    ("<b>Ja</b>", "<i>Yes</i>"),
    ("Im Jahr 1999 und 2000", "In 1999"),
]


@pytest.mark.parametrize("pair", AGREE)
def test_pairs_that_agree(pair: tuple[str, str]) -> None:
    assert not disagrees(SentencePair(*pair))
    assert not disagrees(SentencePair(*pair[::-1]))


@pytest.mark.parametrize("pair", DISAGREE)
def test_pairs_that_disagree(pair: tuple[str, str]) -> None:
    assert disagrees(SentencePair(*pair))
    assert disagrees(SentencePair(*pair[::-1]))
