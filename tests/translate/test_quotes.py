"""Marks of quotation: what a model is shown, and what comes of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.spans import Span
from nmt.translate.quotes import closed, loses_quotes, quotes_as_in, usual_quotes

MARKS = "\"'„“”»«›‹‚‘’"
KNOWN = frozenset("„“”")


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("en", 'He said "No," and "Yes."', "He said “No,” and “Yes.”"),
        ("en", "He said «No».", "He said “No”."),
        ("en", "He said 'No' in the dogs' house.", None),
        ("en", 'A 19" screen', None),
        ("en", 'A 19" screen is "large"', None),
        ("en", 'x="a" y="b"', None),
        ("en", 'He said " No ".', None),
        ("de", 'Er sagte "Nein", und (»Ja«)', 'Er sagte "Nein", und (»Ja«)'.replace('"Nein"', "„Nein“")),
        ("de", "Er sagte ‚Nein‘, dann ›Ja‹ und 'Gut'.", "Er sagte „Nein“, dann „Ja“ und „Gut“."),
        ("de", "„Er sagte ‚Nein‘“", None),
        ("de", "Das ist Hans' Auto, geht's dir gut?", None),
        ("de", "text='Haus' dst='x'", None),
        ("de", "“Nein”", "„Nein“"),
        ("fr", '"Non"', None),
    ],
)
def test_pairs_are_those_of_the_language(language: str, text: str, shown: str | None) -> None:
    assert usual_quotes(text, [], language=language, known=KNOWN) == (shown or text, [])


def test_marks_in_spans_stay_and_spans_that_are_a_mark_go() -> None:
    assert usual_quotes('"a" `x="b"`', [Span(4, 11)], language="en", known=KNOWN) == ('“a” `x="b"`', [Span(4, 11)])
    assert usual_quotes('"`a`"', [Span(1, 4)], language="en", known=KNOWN) == ("“`a`”", [Span(1, 4)])
    assert usual_quotes("‚Nein‘ sagte", [Span(0, 1)], language="de", known=KNOWN) == ("„Nein“ sagte", [])


def test_marks_that_the_vocabulary_lacks_are_not_shown() -> None:
    assert usual_quotes('"No"', [], language="en", known=frozenset('"“«»')) == ('"No"', [])


@given(st.text(MARKS + "a .(") | st.text(), st.sampled_from(["en", "de", "fr"]))
def test_nothing_but_marks_changes(text: str, language: str) -> None:
    shown, _ = usual_quotes(text, [], language=language, known=KNOWN)
    assert len(shown) == len(text)
    assert all(old == new or (old in MARKS and new in "„“”") for old, new in zip(text, shown, strict=True))


@pytest.mark.parametrize(
    ("text", "source", "shown", "written"),
    [
        ("„Nein“, sagte er.", '"No," he said.', "“No,” he said.", '"Nein", sagte er.'),
        ("„Nein“, sagte er.", "«No,» he said.", "“No,” he said.", "„Nein“, sagte er."),
        ("„Nein“, sagte er.", "'No,' he said.", "'No,' he said.", "„Nein“, sagte er."),
        ("‘‘No’’, he said.", '"Nein", sagte er.', "„Nein“, sagte er.", '"No", he said.'),
        ('He said "No"', "Er sagte 'Nein'", "Er sagte „Nein“", "He said 'No'"),
        ("Er sagte: „Nein.", 'He said: "No', 'He said: "No', 'Er sagte: "Nein.'),
    ],
)
def test_a_translation_has_marks_as_its_source(text: str, source: str, shown: str, written: str) -> None:
    assert quotes_as_in(text, source, shown) == written


def test_a_mark_at_the_end_is_added() -> None:
    assert closed("Er sagte: „Nein.", "He said: “No.”") == "Er sagte: „Nein.“"
    assert closed("Er sagte: “Nein.", "He said: “No.”") == "Er sagte: “Nein.”"
    assert closed("Er sagte: „Nein.“", "He said: “No.”") == "Er sagte: „Nein.“"
    assert closed("Er sagte: „Nein.", "He said “No”.") == "Er sagte: „Nein."
    assert closed("Er sagte: Nein.", "He said: “No.”") == "Er sagte: Nein."


def test_lost_are_those_that_were_shown() -> None:
    assert loses_quotes("Ja", "“Yes”")
    assert loses_quotes("„Ja", "“Yes”")
    assert not loses_quotes("„Ja“", "“Yes”")
    assert not loses_quotes("„Ja“", "Yes")
