"""Where tags go, against alignments written down by hand and against the best of all ways."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.translate.alignment import attention_of_units, token_spans
from nmt.translate.markup.placing import Tag, _ranges, place, units


def marked(source: str, target: str, links: str = "") -> str:
    """`target` with the tags of `source`. `links` has pairs of source and target words, counted from 0: "0-1 1-0"."""
    tags: list[Tag] = []
    plain, raw = "", []
    names: list[tuple[str, int]] = []
    for part in re.split(r"(<[^>]*>)", source):
        if not part.startswith("<"):
            plain += part
        elif part.startswith("</"):
            _, pair = names.pop()
            tags.append(Tag(len(plain), pair))
            raw.append(part)
        elif part.startswith(("<img", "<sup")):
            tags.append(Tag(len(plain), -1, attached=part.startswith("<sup")))
            raw.append(part)
        else:
            names.append((part, len(raw)))
            tags.append(Tag(len(plain), len(raw), opens=True, name="a" if part == "<a>" else ""))
            raw.append(part)
    source_tokens = [f"\u2581{word}" for word in plain.split()]
    target_tokens = [f"\u2581{word}" for word in target.split()]
    attention = np.zeros((len(target_tokens), len(source_tokens)))
    for link in links.split():
        own, its = link.split("-")
        attention[int(its), int(own)] = 1.0
    placed = place(
        plain,
        target,
        tags,
        source_tokens=source_tokens,
        target_tokens=target_tokens,
        attention=attention.tolist() if links else (),
    )
    assert sorted(number for _, number in placed) == list(range(len(tags)))
    assert [at for at, _ in placed] == sorted(at for at, _ in placed)
    written, done = "", 0
    for at, number in placed:
        written += target[done:at] + raw[number]
        done = at
    return written + target[done:]


@pytest.mark.parametrize(
    ("source", "links", "expected"),
    [
        ("<b>eins</b> zwei drei", "0-0 1-1 2-2", "<b>one</b> two three"),
        ("<b>eins</b> zwei drei", "0-2 1-1 2-0", "one two <b>three</b>"),
        ("<b>eins zwei</b> drei", "0-0 1-2 2-1", "<b>one two three</b>"),
        ("<b>eins</b> <i>zwei</i> drei", "0-1 1-0 2-2", "<i>one</i> <b>two</b> three"),
        ("<b>eins <i>zwei</i></b> drei", "0-1 1-0 2-2", "<b><i>one</i> two</b> three"),
        ("<b> eins </b>zwei drei", "0-0 1-1 2-2", "<b>one </b>two three"),
        ("eins<b> zwei</b> drei", "0-0 1-1 2-2", "one<b> two</b> three"),
        ("eins <img>zwei drei", "0-2 1-1 2-0", "one <img>two three"),
        ("eins<sup> zwei drei", "0-1 1-0 2-2", "one two<sup> three"),
        ("eins <b></b>zwei drei", "0-0 1-1 2-2", "one <b></b>two three"),
    ],
)
def test_a_tag_goes_with_its_words(source: str, links: str, expected: str) -> None:
    assert marked(source, "one two three", links) == expected


def test_an_element_whose_word_is_another_s_goes_into_it() -> None:
    assert marked("er <i>steht</i> früh <b>auf</b>", "he rises early", "0-0 1-1 2-2 3-1") == "he <b><i>rises</i></b> early"


def test_a_link_does_not_go_into_a_link() -> None:
    found = marked("er <a>steht</a> früh <a>auf</a>", "he rises early", "0-0 1-1 2-2 3-1")
    assert "<a><a>" not in found


def test_tags_within_a_word_stay_in_it_where_it_is_the_same() -> None:
    assert marked("das H<b>2</b>O da", "the H2O there", "0-0 1-1 2-2") == "the H<b>2</b>O there"


def test_without_attention_the_same_words_and_their_order_tell() -> None:
    assert marked("das <b>Berlin</b> ist groß", "Berlin is big that") == "<b>Berlin</b> is big that"
    assert marked("eins <b>zwei</b> drei", "one two three") == "one <b>two</b> three"


@given(st.lists(st.lists(st.integers(-4, 4), min_size=4, max_size=4), min_size=1, max_size=3))
def test_ranges_are_the_best_there_are(rows: list[list[int]]) -> None:
    gains = [np.array(row, dtype=np.float64) for row in rows]
    ranges, total = _ranges(gains, [(False, False)] * len(rows))
    assert total == sum(gain[start:end].sum() for gain, (start, end) in zip(gains, ranges, strict=True))
    edges = list(itertools.combinations_with_replacement(range(5), 2 * len(rows)))
    assert total == max(sum(gain[cut[2 * n] : cut[2 * n + 1]].sum() for n, gain in enumerate(gains)) for cut in edges)
    flat = [edge for both in ranges for edge in both if both[0] < both[1]]
    assert flat == sorted(flat)


@given(st.lists(st.lists(st.integers(-4, 4), min_size=4, max_size=4), min_size=1, max_size=2), st.booleans(), st.booleans())
def test_ranges_begin_or_end_where_they_must(rows: list[list[int]], first: bool, last: bool) -> None:
    gains = [np.array(row, dtype=np.float64) for row in rows]
    fixed = [(False, False)] * len(rows)
    fixed[0] = (first, fixed[0][1])
    fixed[-1] = (fixed[-1][0], last)
    ranges, total = _ranges(gains, fixed)
    assert total == sum(gain[start:end].sum() for gain, (start, end) in zip(gains, ranges, strict=True))
    if first and ranges[0][0] < ranges[0][1]:
        assert ranges[0][0] == 0
    if last and ranges[-1][0] < ranges[-1][1]:
        assert ranges[-1][1] == 4


TOKENS = [
    ("Guten Morgen, Welt!", ["\u2581Gut", "en", "\u2581Morgen", ",", "\u2581W", "elt", "!"]),
    ("BITTE Über", ["\u2581bi", "tte", "\u2581über"]),
    ("Do\u00adnau\u00a0fließt", ["\u2581Donau", "\u2581fl", "ießt"]),
    ("a\u0308 ﬁx Ａ", ["\u2581ä", "\u2581f", "ix", "\u2581A"]),
    ("x 😀 y", ["\u2581x", "\u2581", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>", "\u2581y"]),
]


@pytest.mark.parametrize(("text", "tokens"), TOKENS)
def test_each_token_has_its_characters(text: str, tokens: list[str]) -> None:
    spans = token_spans(text, tokens)
    spelled = [text[start:end] for start, end in spans]
    expected = {
        "Guten Morgen, Welt!": ["Gut", "en", "Morgen", ",", "W", "elt", "!"],
        "BITTE Über": ["BI", "TTE", "Über"],
        "Do\u00adnau\u00a0fließt": ["Do\u00adnau", "fl", "ießt"],
        "a\u0308 ﬁx Ａ": ["a\u0308", "ﬁ", "ﬁx", "Ａ"],
        "x 😀 y": ["x", "", "😀", "😀", "😀", "😀", "y"],
    }
    assert spelled == expected[text]


def test_the_attention_of_words_is_that_of_their_tokens() -> None:
    source, target = "Haustür offen", "door open"
    found = attention_of_units(
        [[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]],
        (units(source), token_spans(source, ["\u2581Haus", "tür", "\u2581offen"])),
        (units(target), token_spans(target, ["\u2581door", "\u2581open"])),
    )
    assert found is not None
    assert found.tolist() == [[0.75, 0.25], [0.0, 1.0]]


def test_attention_that_does_not_fit_is_none() -> None:
    assert attention_of_units([], ([(0, 1)], []), ([(0, 1)], [(0, 1)])) is None
