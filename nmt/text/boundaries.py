"""Ends of sentences in one line: sentencex proposes them, and rules about full stops, numbers and brackets correct it.

A rule reads the words on both sides of a mark: an abbreviation, an initial or an ordinal goes on, unless the next word opens
sentences. Where no rule speaks, the library's answer stands. A number or a letter by itself (`2.`, `IV.`) is no sentence: it
stays with what it numbers.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import sentencex

from nmt.text.abbreviations import STOP_WORDS, StopWords

_CLOSERS = "\"'”’“‘‟»«›‹)\\]}"
_OPENERS = "\"'“„‚‘»«›‹([{¿¡"
_LINE_TAIL = " .!?…)\"'”’“‘»«"

# A mark, the quotes and brackets that close after it, white space, and the first character after that. A search begins at
# the first character of a run of marks only, so that its time grows with the length of the line, not with its square.
_CANDIDATE = re.compile(rf"([.!?…](?<![.!?…][.!?…])(?:[.!?…]+|(?:[ \xa0]\.){{2,}})?)([{_CLOSERS}]*)\s+(?=\S)")
# A line in Latin script without any of these before its tail is one sentence: the library also splits at brackets of inner
# lists (`a) ... b) ...`), and at the marks and bullets of all other scripts.
_INNER_MARK = re.compile("[.!?…)\u0250-\u200f\u203b-\u20ab\u20ad-\U0010ffff]")

_FOLLOWING = re.compile(rf"[{_OPENERS}]*(\w[\w’'-]*)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_ROMAN = re.compile(r"(?=[IVXLC])(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})")
_ORDINAL = re.compile(r"\d{1,3}|\d{1,2}\.\d{1,2}")
_INITIAL = re.compile(r"[^\W\d_](?:[.-]+[^\W\d_])*")
_FILE = re.compile(r"[^\W\d_]{2}\w*\.\w{2,}$|[@/\\]")
_ADDRESS = re.compile(r"[@/\\_=&#]\w")
_LIST_MARKER = re.compile(r"\(?(?:\d{1,3}|[a-z])\)(?=\s)|\d{1,2}\.\)?\s+[^\W\d_a-z]")
# The number or letter of what follows: `2`, `1.2`, `IV`, `a`, behind a bracket, §, or a word such as "Step".
_STUMP = re.compile(
    r"\W*(?:(?:step|schritt|rule|regel|question|frage|article|artikel|tip|tipp)\s+)?"
    r"(?:\d+(?:\.\d+)*|[IVXLC]+|[^\W\d_])[.)\]]*",
    re.IGNORECASE,
)
_STUMP_LENGTH = 20  # characters, at most
_WORDS_BEFORE = 60  # characters in which the words before a mark are looked for
_CONTEXT = 1000  # characters in which an open bracket or quote is looked for


def sentence_ends(line: str, language: str) -> list[int]:
    """Where the sentences of `line` end, in ascending order; the last is the line's length.

    `language` is an ISO 639 code or a BCP 47 tag. German, English, French and Spanish have rules of their own, other
    languages the library's and the rules that need no words.
    """
    code, words = _rules(language)
    if words is not None and not _INNER_MARK.search(line.rstrip(_LINE_TAIL)):
        return [len(line)]
    proposed = _proposed(line, code)
    candidates = {match.end(): match for match in _CANDIDATE.finditer(line)}
    ends: list[int] = []
    start = 0
    for position in sorted(proposed | candidates.keys()):
        if match := candidates.get(position):
            verdict = _verdict(_Mark.read(line, start, match), words)
            is_end = position in proposed if verdict is None else verdict
        else:
            is_end = _is_end_without_blank(line, position, words)
        if is_end:
            ends.append(position)
            start = position
    if ends and line[:start].rstrip()[-1:] == "." and _is_stump(line[start:].strip()):
        ends.pop()
    return [*ends, len(line)]


@cache
def _rules(language: str) -> tuple[str, StopWords | None]:
    code = language.split("-")[0].lower()
    return code, STOP_WORDS.get(code)


def _proposed(line: str, language: str) -> set[int]:
    """Where, by the library, sentences begin after others. Its sentences are all of the line's characters, in order."""
    starts: set[int] = set()
    end = 0
    for sentence in sentencex.segment(language, line):
        end += len(sentence)
        start = end
        while start < len(line) and line[start].isspace():
            start += 1
        # To the library, a quote that opens in one language and closes in another always closes.
        if start >= 2 and line[start - 1] in _OPENERS and line[start - 2].isspace():
            start -= 1
        if 0 < start < len(line):
            starts.add(start)
    return starts


class _Mark(NamedTuple):
    """A mark that may end a sentence, with its surroundings."""

    line: str
    sentence_start: int
    start: int
    end: int  # where the next sentence would begin
    text: str
    closers: str
    """Quotes and brackets that close after the mark."""
    before: list[str]
    """The last words of the sentence, at least two if it has them; the mark follows the last of them."""
    word: str
    """The word before the mark without what opens it; empty if white space stands between."""
    following: str
    """The word after the mark without what opens it; empty if there is none."""

    @classmethod
    def read(cls, line: str, sentence_start: int, match: re.Match[str]) -> _Mark:
        start, end = match.span()
        before = line[max(sentence_start, start - _WORDS_BEFORE) : start].split()
        is_attached = start > sentence_start and not line[start - 1].isspace()
        word = before[-1].lstrip(_OPENERS + "–—-/") if before and is_attached else ""
        return cls(line, sentence_start, start, end, match[1], match[2], before, word, _following(line, end))

    @property
    def is_full_stop(self) -> bool:
        return self.text == "."

    @property
    def is_ellipsis(self) -> bool:
        return not self.is_full_stop and ("." in self.text or "…" in self.text)

    @property
    def previous(self) -> str:
        """The word before `word`."""
        return self.before[-2] if len(self.before) > 1 else ""

    def abbreviations(self) -> list[str]:
        """Abbreviations that the mark may end, longest first: `z.B` and `B`.

        One that begins the sentence is also there without its capital letter.
        """
        found = [self.word]
        for part in reversed(self.before[:-1]):
            if not part.endswith(".") or len(part) > 4 or len(found) == 5:
                break
            found.append(part.lstrip(_OPENERS) + found[-1])
        if len(found) == len(self.before) and self.start - self.sentence_start < _WORDS_BEFORE:
            found.append(found[-1][:1].lower() + found[-1][1:])
        return found[::-1]

    def is_inside(self) -> bool:
        """Whether a bracket or a quote that opens in the sentence is still open after the mark."""
        text = self.line[max(self.sentence_start, self.end - _CONTEXT) : self.end]
        return (
            text.count("(") > text.count(")")
            or text.count("[") > text.count("]")
            or (text.count("„") > text.count("“") + text.count("”") if "„" in text else text.count("“") > text.count("”"))
            or (text.count("»") + text.count("«")) % 2 == 1
            or len(re.findall(r'(?<!\d)"', text)) % 2 == 1  # not the inches of a 19" screen
        )


def _verdict(mark: _Mark, words: StopWords | None) -> bool | None:
    """Whether a sentence ends at a mark; None where the library should say."""
    # 1. Every language: what is too little for a sentence, lists, sentences in brackets.
    length = mark.start - mark.sentence_start
    if length <= 2 and not any(map(str.isalnum, mark.line[mark.sentence_start : mark.start])):
        return False if mark.following[:1].islower() else None  # `… and so on`
    if mark.is_full_stop and length <= _STUMP_LENGTH and _STUMP.fullmatch(mark.line, mark.sentence_start, mark.start):
        return False
    is_plain = not mark.is_full_stop or _is_plain(mark, words)
    if is_plain and _LIST_MARKER.match(mark.line, mark.end):
        return True
    if mark.closers[-1:] in (")", "]", "}") and (is_plain or _NUMBER.fullmatch(mark.word)):
        opened = mark.line[mark.sentence_start]
        if opened in "([{" and not mark.is_inside():
            return not mark.following[:1].islower()
    if words is None:
        is_ordinal = mark.is_full_stop and _NUMBER.fullmatch(mark.word) and mark.following[:1].islower()
        return False if is_ordinal else None

    # 2. Full stops: words around them decide.
    if mark.is_full_stop and not mark.closers:
        verdict = _after_full_stop(mark, words)
        return None if verdict and mark.is_inside() else verdict

    # 3. Other marks, and full stops within quotes or brackets.
    if mark.following[:1].islower():
        is_prose = mark.line[mark.sentence_start].isupper()  # others may write no capital letter at all
        return False if mark.is_full_stop or mark.is_ellipsis or mark.closers or is_prose else None
    opens = words.opens(mark.following) or (mark.following[:1].isdigit() and not mark.is_ellipsis)
    return True if opens and not mark.closers and not mark.is_inside() else None


def _after_full_stop(mark: _Mark, words: StopWords) -> bool | None:
    following = mark.following
    opens = words.opens(following)
    if _NUMBER.fullmatch(mark.word) or (len(mark.word) > 1 and _ROMAN.fullmatch(mark.word)):
        return _after_number(mark, words)
    is_number = following[:1].isdigit() or (following != "I" and _ROMAN.fullmatch(following) is not None)
    for abbreviation in mark.abbreviations():
        if abbreviation in words.bound:
            return False
        if abbreviation in words.final:
            is_capitalised = following[:1].isupper() and not following.isupper()  # not the `EST` of `5 p.m. EST`
            return opens or (is_capitalised and following.lower() not in words.times)
        if abbreviation in words.closing or abbreviation.lower().endswith(words.compounds):
            return opens
        if abbreviation in words.numbered and (is_number or opens):
            return not is_number
    if _INITIAL.fullmatch(mark.word):
        is_name = mark.line[mark.end + 1 : mark.end + 2] == "."  # `J. S. Bach`
        return opens and not is_name
    if following.lower() in words.times and mark.word[:1].isdigit() and mark.word.endswith(words.ordinal_endings):
        return False
    if following[:1].isupper() and (mark.word in words.ordinary or _FILE.search(mark.word)):
        return True
    return None


def _after_number(mark: _Mark, words: StopWords) -> bool | None:
    """Whether the full stop after a number ends a sentence, or makes an ordinal or a list's marker of it."""
    is_roman = not mark.word[0].isdigit()
    if not is_roman and not _ORDINAL.fullmatch(mark.word):
        return None  # a year, a date, a version
    opens = words.opens(mark.following)
    previous = mark.previous.lower()
    if (previous[-1:] == ":" and mark.word == "1") or (previous[-1:] in (",", ";") and not opens):
        return False
    if not words.ordinals_after:
        return None
    if mark.following.lower() in words.times or mark.following[:1].islower():
        return False
    if opens:
        return True
    # `im 19. und 20. Jahrhundert`, but `0 oder 1. Standard ist 0.`
    counts = previous in words.joins and len(mark.before) > 2 and mark.before[-3].isdigit()
    if (previous in words.ordinals_after or previous in words.joins) and not counts:
        return False
    is_noun = mark.previous[:1].isupper() and previous not in words.openers
    if not is_roman and (counts or is_noun or previous in words.cardinals_after):
        return None
    # A small number is a day or a place in a ranking more often than an amount.
    return False if is_roman or not mark.word.isdigit() or int(mark.word) <= 31 else None


def _is_plain(mark: _Mark, words: StopWords | None) -> bool:
    """Whether the word before a full stop is neither abbreviation nor number nor initial."""
    if not mark.word or _NUMBER.fullmatch(mark.word) or _INITIAL.fullmatch(mark.word):
        return False
    return words is None or not any(map(words.is_abbreviation, mark.abbreviations()))


def _is_end_without_blank(line: str, position: int, words: StopWords | None) -> bool:
    """Whether the library is right about an end without white space behind it, or behind no mark of ours."""
    before = line[position - 1]
    if before in "」』":
        return line[position] not in "とっ、，"  # a quotation within a Japanese sentence goes on
    if before not in ".!?…":
        return True
    if position <= 4 and not any(map(str.isalnum, line[:position])):
        return True  # `...and so on`, at the start of a line
    if not line[position].isalnum() and line[position] not in _OPENERS + "<":
        return False
    if line[position] in _CLOSERS and not line[position + 1 : position + 2].isalnum():
        return False  # `nicht.‹`: the mark may open in other languages
    left, right = line[max(0, position - 100) : position].split(), line[position : position + 100].split()
    if _ADDRESS.search(left[-1] + right[0]):
        return False
    # `easy.An old man` has lost its blank; `System.Web` and `README.Debian` never had one.
    return words is None or before != "." or not line[position].isalpha() or words.opens(_following(line, position))


def _is_stump(text: str) -> bool:
    return len(text) <= _STUMP_LENGTH and text[-1:] in (".", ")") and _STUMP.fullmatch(text) is not None


def _following(line: str, position: int) -> str:
    """The word at `position`, behind quotes and brackets that open; empty if there is none."""
    match = _FOLLOWING.match(line, position)
    return (match[1] or "") if match else ""
