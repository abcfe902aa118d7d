"""Verdicts on the markup of translations, by parsers other than those that translate it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from html.parser import HTMLParser

import pyromark

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
_ENDS_ITSELF = frozenset("dd dt li option p tbody td tfoot th thead tr".split())  # noqa: SIM905
"""Elements whose end tag may be left out."""
_RAW = frozenset({"script", "style"})
# People read these attributes, so that a translation may have other values.
_READ = re.compile(r"""(?<=\s)((?:alt|title|placeholder|label|aria-label|aria-description)\s*=\s*)("[^"]*"|'[^']*')""", re.I)
_XML = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>|<[^>]*>", re.DOTALL)
_MARKDOWN = pyromark.Options.ENABLE_GFM | pyromark.Options.ENABLE_YAML_STYLE_METADATA_BLOCKS
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_BEHIND = ("img", "sup")
"""Elements that stand behind their word, not around it."""


def keeps_markup(form: str, text: str, translation: str) -> bool:
    """Whether a translation has each tag of `text` once, to the byte but for what people read, and nested as well.

    Comments, doctypes, scripts and instructions count as tags. `form` is html, xml or markdown.
    """
    if form == "xml":
        return Counter(_XML.findall(text)) == Counter(_XML.findall(translation)) and _is_well_formed(translation)
    if form == "markdown":
        text, translation = (pyromark.html(one, options=_MARKDOWN) for one in (text, translation))
    before, after = _Reader(text), _Reader(translation)
    return before.marks == after.marks and before.is_nested <= after.is_nested


class _Reader(HTMLParser):
    """The tags of a text in HTML, and what else nobody reads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.marks: Counter[str] = Counter()
        self.is_nested = True
        """Whether each end tag ends the last element that is open and needs one."""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.is_nested &= all(tag in _ENDS_ITSELF for tag in self._open)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.marks[_READ.sub(r"\1", self.get_starttag_text() or "")] += 1
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        self.marks[f"</{tag}>"] += 1
        while self._open and self._open[-1] != tag and self._open[-1] in _ENDS_ITSELF:
            self._open.pop()
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.is_nested = False

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in _RAW:
            self.marks[data] += 1

    def handle_comment(self, data: str) -> None:
        self.marks[f"<!--{data}-->"] += 1

    def handle_decl(self, decl: str) -> None:
        self.marks[f"<!{decl}>"] += 1

    def handle_pi(self, data: str) -> None:
        self.marks[f"<?{data}>"] += 1


def _is_well_formed(text: str) -> bool:
    try:
        ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return False
    return True


def is_around_its_words(translation: str, tags: str) -> bool | None:
    """Whether each tag of a translation is around its words and no others; None where the translation has other words.

    `tags` is such as "b: the? dog|hound; i: garden": <b> is around "dog" or "hound", and may be around "the".
    """
    is_right = True
    there = _words(translation)
    for wish in tags.split(";"):
        tag, _, wanted = wish.strip().partition(":")
        must = [word.split("|") for word in wanted.split() if not word.endswith("?")]
        may = {word for words in wanted.split() for word in words.rstrip("?").split("|")}
        if not all(any(word in there for word in forms) for forms in must):
            return None
        if tag in _BEHIND:
            before = re.search(rf"(\w+)\W*<{tag}", translation)
            inside = [before[1].lower()] if before else []
        else:
            inside = _words(" ".join(re.findall(rf"<{tag}(?: [^>]*)?>(.*?)</{tag}>", translation)))
        is_right &= all(any(word in inside for word in forms) for forms in must) and may.issuperset(inside)
    return is_right


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(re.sub("<[^>]*>", " ", text))]
