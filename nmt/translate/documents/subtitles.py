"""Subtitles: SubRip (.srt) and WebVTT (.vtt).

The lines of a cue are one text. Its translation is broken into as many lines. Numbers, times, settings, notes and styles are
never touched: libraries for subtitles write all of them anew.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from nmt.errors import InputError
from nmt.translate.documents.document import Document, Slot
from nmt.translate.documents.encoding import Encoding
from nmt.translate.documents.inline import INLINE, Inline, Tag
from nmt.translate.documents.text import text_document

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_SRT_TIMES = re.compile(r"\s*\d+:\d+:\d+[,.]\d+\s*-->\s*\d+:\d+:\d+[,.]\d+")
_VTT_TIMES = re.compile(r"\s*(?:\d+:)?\d\d:\d\d\.\d+\s+-->\s+(?:\d+:)?\d\d:\d\d\.\d+")
_SRT_TAG = re.compile(r"<(/?)([A-Za-z]+)(?: [^<>]*)?>|\{\\[^{}]*\}")
_VTT_TAG = re.compile(r"<(/?)([A-Za-z]*)[^<>]*>")
_TAGS = r"(?:\s|<(?!v[ .])[^<>]*>|\{\\[^{}]*\})*"
_HEARD = rf"[\[(][^\[\]()]*[\])]{_TAGS}$"
_BEGINS = re.compile(rf"{_TAGS}(?:[-–—‐♪♫♬]|>>|&gt;&gt;|<v[ .]|[A-ZÀ-ÖØ-Þ]{{2}}[A-ZÀ-ÖØ-Þ0-9 .'-]*:|{_HEARD})")
"""A line of somebody else (- No. >> No. ANNA: No.), of a song, or of what is heard, such as (A door slams)."""
_ENDS = re.compile(rf"{_TAGS}{_HEARD}|.*[♪♫♬]{_TAGS}$")
"""A line that does not go on in the next."""
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u00a0": "&nbsp;"})
_PAIRED = frozenset(("b", "i", "u", "s", "font", "c", "v", "lang", "ruby", "rt"))

_Line = tuple[int, int, str]
"""Start, end without the newline, and the line."""


def read_srt(data: bytes, _: str) -> Document:
    """The cues of SubRip. Raises InputError where there is none in what is not empty."""
    encoding = Encoding(data)
    text = encoding.decoded(data)
    lines = list(_lines(text))
    times = [number for number, (_, _, line) in enumerate(lines) if _SRT_TIMES.match(line)]
    if not times and text.strip():
        raise InputError("holds no cue of SubRip, such as 00:00:01,000 --> 00:00:02,000 and a line of text")
    slots: list[Slot[str]] = []
    for here, following in pairwise((*times, len(lines))):
        last = following
        if following < len(lines) and lines[following - 1][2].strip().isdigit() and following - 1 > here:
            last -= 1  # the number of the next cue
        slots += _slots(lines[here + 1 : last], _SRT_TAG, is_escaped=False)
    return text_document(data, encoding, slots, markup=INLINE)


def read_vtt(data: bytes, _: str) -> Document:
    """The cues of WebVTT. Raises InputError for what is none."""
    encoding = Encoding(data)
    text = encoding.decoded(data)
    if not re.match(r"WEBVTT(?=[ \t\r\n]|\Z)", text):
        raise InputError("should begin with WEBVTT, as WebVTT does")
    lines = list(_lines(text))
    slots: list[Slot[str]] = []
    place = 0
    while place < len(lines):
        begin = place
        while place < len(lines) and lines[place][2]:
            place += 1
        for number in (begin, begin + 1):  # the identifier of a cue may stand before its times
            if number < place and _VTT_TIMES.match(lines[number][2]):
                slots += _slots(lines[number + 1 : place], _VTT_TAG, is_escaped=True)
                break
        place += 1
    return text_document(data, encoding, slots, markup=INLINE)


def _lines(text: str) -> Iterator[_Line]:
    for match in _LINE.finditer(text):
        line = match[0].rstrip("\r\n")
        if match[0]:
            yield match.start(), match.start() + len(line), line


def _slots(lines: Sequence[_Line], tag: re.Pattern[str], *, is_escaped: bool) -> Iterator[Slot[str]]:
    """Of a cue: one for each run of lines without a blank one between them, and for each line of a dialogue or a song."""
    run: list[_Line] = []
    for line in (*lines, (0, 0, "")):
        ends = not line[2].strip() or (run and (_BEGINS.match(line[2]) or _ENDS.match(run[-1][2])))
        if ends and run:
            if slot := _slot(run, tag, is_escaped=is_escaped):
                yield slot
            run = []
        if line[2].strip():
            run.append(line)


def _slot(lines: Sequence[_Line], tag: re.Pattern[str], *, is_escaped: bool) -> Slot[str] | None:
    inline = Inline(_pieces(" ".join(line for _, _, line in lines), tag, is_escaped=is_escaped))
    if not inline.has_text:
        return None
    start, end = lines[0][0], lines[-1][1]
    widths = [len(tag.sub("", line)) + 1 for _, _, line in lines]
    newline = "\r\n" if any(after[0] - before[1] == 2 for before, after in pairwise(lines)) else "\n"

    def spell(translations: Sequence[str], _: object) -> str:
        pieces = list(inline.translated(translations[0]))
        return "".join(_broken(pieces, widths, newline=newline, is_escaped=is_escaped))

    return Slot(start, end, (inline.segment,), spell)


def _pieces(text: str, tag: re.Pattern[str], *, is_escaped: bool) -> Iterator[str | Tag[str]]:
    """Text and tags; a tag without its other half is a mark."""
    found = list(tag.finditer(text))
    other = _other_halves(found)
    done = 0
    for number, match in enumerate(found):
        if between := text[done : match.start()]:
            yield html.unescape(between) if is_escaped else between
        kind = other.get(number, number) - number
        yield Tag("open" if kind > 0 else "close" if kind < 0 else "mark", match[0])
        done = match.end()
    if rest := text[done:]:
        yield html.unescape(rest) if is_escaped else rest


def _other_halves(found: Sequence[re.Match[str]]) -> dict[int, int]:
    """The numbers of openings and closings of one name that are well nested, both ways."""
    halves: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    for number, match in enumerate(found):
        name = (match.group(2) or "").lower()
        if name not in _PAIRED:
            continue
        if not match.group(1):
            opened.append((name, number))
        elif opened and opened[-1][0] == name:
            halves[number] = opened.pop()[1]
            halves[halves[number]] = number
    return halves


def _broken(pieces: Sequence[str | Tag[str]], widths: Sequence[int], *, newline: str, is_escaped: bool) -> Iterator[str]:
    """The pieces in as many lines as there are widths, if there are so many words, each about its share of the length."""
    visible = "".join(piece for piece in pieces if isinstance(piece, str))
    blanks = [place for place, character in enumerate(visible) if character == " "]
    breaks: set[int] = set()
    for width in list(accumulate(widths))[:-1]:
        wanted = len(visible) * width / sum(widths)
        free = [place for place in blanks if place > max(breaks, default=0)]
        if free:
            breaks.add(min(free, key=lambda place: abs(place - wanted)))
    done = 0
    for piece in pieces:
        if not isinstance(piece, str):
            yield piece.content
            continue
        for place, character in enumerate(piece, done):
            if place in breaks:
                yield newline
            elif character in "\r\n":  # a blank line would end the cue
                yield " "
            else:
                yield character.translate(_ESCAPES) if is_escaped else character
        done += len(piece)
