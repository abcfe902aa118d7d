"""Texts of documents with their tags as XML of a segment, and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.word_for_word import changed, translated

from nmt.translate.documents.inline import INLINE, Inline, Tag

PIECES = st.lists(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
    | st.sampled_from(("der Hund ", " schläft.", "<g1>", "&amp;", "</x2>", "<b>"))
    | st.sampled_from((Tag("open", "("), Tag("close", ")"), Tag("mark", "*")))
    | st.sampled_from([Tag(kind, sign, key) for kind, sign in (("start", "["), ("end", "]")) for key in "ab"]),
    max_size=10,
)


@given(pieces=PIECES)
def test_any_text_with_any_tags_comes_back_from_the_plan(pieces: list[str | Tag[str]]) -> None:
    inline = Inline(pieces)

    def written(text: str) -> str:
        return "".join(one if isinstance(one, str) else one.content for one in inline.translated(text))

    source = "".join(one if isinstance(one, str) else one.content for one in pieces)
    assert written(inline.segment) == source
    assert written(translated(inline.segment, INLINE).text) == source
    found = list(inline.translated(translated(inline.segment, INLINE, changed).text))
    assert sorted(one.content for one in found if isinstance(one, Tag)) == sorted(
        one.content for one in pieces if isinstance(one, Tag)
    )


@pytest.mark.parametrize(
    ("signs", "segment"),
    [
        ("x[x]x", "x<g1>x</g1>x"),
        ("x[x{x}]x", "x<g1>x<g3>x</g3></g1>x"),
        ("x[x{x]x}", "x<x1/>x<g3>x<x5/>x</g3>"),  # of two that cross, one is a pair
        ("x(x[x)x]", "x<g1>x<x3/>x</g1>x<x7/>"),  # nothing crosses an element
        ("x[]x", "x<x1/><x2/>x"),
        ("[x][x]", "<x0/>x<x2/><g3>x</g3>"),  # two elements would be two texts
        ("[x[x]x]", "<x0/>x<g2>x</g2>x<x6/>"),
        ("x]x[x", "x<x1/>x<x3/>x"),
        ("x{x]x", "x<x1/>x<x3/>x"),
    ],
)
def test_a_start_and_its_end_are_a_pair_beside_text(signs: str, segment: str) -> None:
    kinds: dict[str, Any] = {
        "(": ("open", ""),
        ")": ("close", ""),
        "[": ("start", "a"),
        "]": ("end", "a"),
        "{": ("start", "b"),
        "}": ("end", "b"),
    }
    tags = {sign: Tag(kind, sign, key) for sign, (kind, key) in kinds.items()}
    assert Inline(tags.get(sign, sign) for sign in signs).segment == segment
