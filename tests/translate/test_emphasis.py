"""Delimiters of Markdown in a translation, read by a parser of Markdown."""

from __future__ import annotations

import re

import pyromark
import pytest

from nmt.translate.markup.pieces import Kind
from nmt.translate.markup.spelling import with_readable_emphasis

KINDS = {"+": Kind.opening, "-": Kind.closing, "=": Kind.mark}


@pytest.mark.parametrize(
    ("parts", "html"),
    [
        ("the <+**>red<-**> car", "the <strong>red</strong> car"),
        ('He said<+**>, "That<-**> not', 'He said, <strong>"That</strong> not'),
        ("<+**>under<=[](x)><-**>12 years", '<strong>under<a href="x"></a></strong> 12 years'),
        ("a <+*>b.<-*>c", "a <em>b.</em> c"),
        ("x<+_>y<-_>z", "x <em>y</em> z"),
        ("x<+**>y<-**>z", "x<strong>y</strong>z"),
        ("<+**>„Das<-**> ist", "<strong>„Das</strong> ist"),
        ("Kinder <+**><=[](x)><+*><-*>Bäume und<-**>", 'Kinder <strong><a href="x"></a><em>Bäume</em> und</strong>'),
        ("gut<+**><-**>, Tag", "gut, <strong>Tag</strong>"),
        ("sehr gut<+**><-**>.", "sehr <strong>gut</strong>."),
        ("a, <+[><+*><-*><-](u)>bc d", 'a, <a href="u"><em>bc</em></a> d'),
        ("<+[><+*>a<-*><-](u)> <+[><+*><-*><-](v)>, bc", '<a href="u"><em>a</em></a> , <a href="v"><em>bc</em></a>'),
        ("<+**><+[>a<-](u)> <+[><+*><-*><-](v)><-**> bc", '<strong><a href="u">a</a></strong>  <a href="v"><em>bc</em></a>'),
        ("a <+[>bc<+*><-*><-](u)> d", 'a <a href="u"><em>bc</em></a> d'),
    ],
)
def test_emphasis_is_read_as_such(parts: str, html: str) -> None:
    items: list[tuple[str, Kind | None]] = [
        (match[2], KINDS[match[1]]) if match[1] else (match[3], None) for match in re.finditer(r"<([+=-])(\S+?)>|(.)", parts)
    ]
    text = "".join(with_readable_emphasis(items))
    assert pyromark.html(text) == f"<p>{html}</p>\n"
    assert sorted(text.replace(" ", "")) == sorted("".join(raw for raw, _ in items).replace(" ", ""))
