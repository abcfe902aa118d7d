"""Ends of sentences in one line: sentencex proposes them, and rules about full stops, numbers and brackets correct it.

The rules decide by what stands on both sides of a mark: an abbreviation, an initial or an ordinal goes on, unless a word
follows that opens sentences. Where no rule speaks, the library's answer stands. A number or a letter by itself (`2.`,
`IV.`) is never a sentence: it stays with what it numbers.
"""

from __future__ import annotations

import re

import sentencex

from nmt.text.abbreviations import STOP_WORDS, StopWords

_TAIL = " .!?…)\"'”’“‘»«"
_CLOSERS = "\"'”’“‘‟»«›‹)\\]}"
_OPENERS = "\"'“„‚‘»«›‹([{¿¡"

# A mark, the quotes and brackets that close after it, white space, and the first character after that.
_CANDIDATE = re.compile(rf"([.!?…](?:[.!?…]+|(?:[ \xa0]\.){{2,}})?)([{_CLOSERS}]*)\s+(?=\S)")
# Characters, before a line's last word, without which a line in Latin script is one sentence: the library splits at some
# marks without white space, at inner brackets of lists (`a) ... b) ...`) and at the marks and bullets of all scripts.
_INNER_MARK = re.compile("[.!?…)\u0250-\u200f\u203b-\u20ab\u20ad-\U0010ffff]")
# The first word after a mark, behind opening quotes and brackets.
_NEXT = re.compile(rf"[{_OPENERS}]*(\w[\w’'-]*)?")
_ROMAN = re.compile(r"(?=[IVXLC])(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_INITIAL = re.compile(r"[^\W\d_](?:[.-]+[^\W\d_])*")
_ENGLISH_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_ORDINAL = re.compile(r"\d{1,3}|\d{1,2}\.\d{1,2}")
_INITIALISM = re.compile(r"(?:[A-Z]\.)+[A-Z]")
# What numbers something: `2`, `1.2`, `IV`, `a`, behind a bracket, § or a word such as "Step".
_STUMP = re.compile(
    r"\W*(?:(?:step|schritt|rule|regel|question|frage|article|artikel|tip|tipp)\s+)?"
    r"(?:\d+(?:\.\d+)*|[IVXLC]+|[ivx]+|[^\W\d_])[.)\]]*",
    re.IGNORECASE,
)
_LIST_MARKER = re.compile(r"\(?(?:\d{1,3}|[a-z])\)(?=\s)|\d{1,2}\.\)?\s+[^\W\d_a-z]")
_FILE = re.compile(r"[^\W\d_]{2}\w*\.\w{2,}$|[@/\\]")
_ADDRESS = re.compile(r"[@/\\_=&#]\w")
_STUMP_LENGTH = 20
_CONTEXT = 1000  # characters in which an open bracket or quote is looked for


def sentence_ends(line: str, language: str) -> list[int]:
    """Where the sentences of `line` end, in ascending order; the last is the line's length.

    `language` is an ISO 639 code or a BCP 47 tag. German, English, French and Spanish have rules of their own, other
    languages the library's and those that need no words.
    """
    words = STOP_WORDS.get(language.split("-")[0].lower())
    if words is not None and not _INNER_MARK.search(line.rstrip(_TAIL)):
        return [len(line)]
    library = _proposed(line, language)
    found = {match.end(): match for match in _CANDIDATE.finditer(line)}
    ends: list[int] = []
    start = 0
    for position in sorted(library | found.keys()):
        match = found.get(position)
        if match is None:
            is_end = _is_end_without_candidate(line, position, words)
        else:
            verdict = _verdict(line, start, match, words)
            is_end = position in library if verdict is None else verdict
        if is_end and position > start:
            ends.append(position)
            start = position
    # A stump at the end of the line stays with the sentence before it.
    if ends and len(line) - start <= _STUMP_LENGTH and line[ends[-1] - 2 : ends[-1]].rstrip()[-1:] == ".":
        rest = line[start:].strip()
        if _STUMP.fullmatch(rest) and rest[-1] in ".)":
            ends.pop()
    ends.append(len(line))
    return ends


def _proposed(line: str, language: str) -> set[int]:
    """Where, by the library, sentences begin after others. Its sentences are all of the line's characters, in order."""
    starts: set[int] = set()
    end = 0
    for sentence in sentencex.segment(language, line):
        end += len(sentence)
        start = end
        while start < len(line) and line[start].isspace():
            start += 1
        # The library takes an opening quote for one that closes if languages differ about it.
        if start >= 2 and line[start - 1] in _OPENERS and line[start - 2].isspace():
            start -= 1
        if start < len(line):
            starts.add(start)
    return starts


def _is_end_without_candidate(line: str, position: int, words: StopWords | None) -> bool:
    """Whether the library is right about an end behind no mark of ours or without white space."""
    before = line[position - 1]
    if before in "」』" and line[position] in "とっ、，":
        return False  # a quotation within a Japanese sentence
    if before in ".!?…":
        if not line[position].isalnum() and line[position] not in _OPENERS + "<":
            return False
        if _ADDRESS.search(_token(line, position)):
            return False
        # `easy.An old man` has lost its blank; `System.Web` and `README.Debian` have none.
        return words is None or before != "." or not line[position].isalpha() or _opens(_following(line, position), words)
    return True


def _token(line: str, position: int) -> str:
    """The characters around `position` without white space, 100 to each side at most."""
    left = line[max(0, position - 100) : position].split()
    right = line[position : position + 100].split()
    return (left[-1] if left else "") + (right[0] if right else "")


def _verdict(line: str, start: int, match: re.Match[str], words: StopWords | None) -> bool | None:
    """Whether the sentence that begins at `start` ends at a candidate; None where the library should say."""
    mark, closers = match.group(1), match.group(2)
    before = line[max(start, match.start() - 60) : match.start()].split()
    word = before[-1].lstrip(_OPENERS + "–—-/") if before and not line[match.start() - 1].isspace() else ""
    following = _following(line, match.end())
    is_stop = mark == "."
    if match.start() - start <= 2 and not any(map(str.isalnum, line[start : match.start()])):
        return False  # `… und so`
    if is_stop and match.start() - start <= _STUMP_LENGTH and _STUMP.fullmatch(line, start, match.start()):
        return False
    is_plain = not is_stop or (word != "" and _is_plain(word, before, words))
    if is_plain and _LIST_MARKER.match(line, match.end()):
        return True
    is_aside = is_plain or _NUMBER.fullmatch(word) is not None
    if is_aside and closers and closers[-1] in ")]}" and line[start] in "([{" and not _is_open(line, start, match.end()):
        return not following[:1].islower()
    if words is None:
        return None
    if is_stop and not closers:
        verdict = _full_stop(word, before, following, line[match.end() : match.end() + 60], words)
        if verdict is None or (verdict and _is_open(line, start, match.end())):
            return None
        return verdict
    if following[:1].islower():
        return False if is_stop or "." in mark or "…" in mark or line[start].isupper() or closers else None
    if closers or _is_open(line, start, match.end()):
        return None
    if not is_stop and ("." in mark or "…" in mark):
        return True if _opens(following, words) else None
    return True if following[:1].isdigit() or _opens(following, words) else None


def _following(line: str, position: int) -> str:
    """The word at `position`, behind opening quotes and brackets; empty if there is none."""
    match = _NEXT.match(line, position)
    return (match.group(1) if match else None) or ""


def _is_plain(word: str, before: list[str], words: StopWords | None) -> bool:
    """Whether a word before a full stop is neither abbreviation nor number nor initial."""
    if _NUMBER.fullmatch(word) or _INITIAL.fullmatch(word):
        return False
    return words is None or not any(
        words.find(kind, key) for key in _keys(word, before) for kind in (words.bound, words.numbered, words.closing)
    )


def _keys(word: str, before: list[str]) -> list[str]:
    """The word and, longest first, the abbreviations of several words that it ends: `B`, `z.B`."""
    keys = [word]
    for part in reversed(before[:-1]):
        if not part.endswith(".") or len(part) > 4 or len(keys) == 5:
            break
        keys.append(part.lstrip(_OPENERS) + keys[-1])
    return keys[::-1]


def _full_stop(word: str, before: list[str], following: str, rest: str, words: StopWords) -> bool | None:
    """Whether the full stop after `word` ends a sentence, by the words around it."""
    opens = _opens(following, words)
    is_number = following[:1].isdigit() or (following != "I" and _ROMAN.fullmatch(following) is not None)
    if _NUMBER.fullmatch(word) or (len(word) > 1 and _ROMAN.fullmatch(word)):
        return _number(word, before, following, opens, words)
    for key in _keys(word, before):
        if words.find(words.bound, key):
            return False
        if words.find(words.final, key):
            return following[:1].isupper() and not following.isupper() and following.lower() not in words.times
        if words.find(words.closing, key) or (words.capital_nouns and key.lower().endswith("str")):
            return opens
        if words.find(words.numbered, key) and (is_number or opens):
            return not is_number
    if key.lower().endswith("-nr"):
        return False
    if _INITIALISM.fullmatch(word):
        return opens
    if _INITIAL.fullmatch(word):
        if word.islower() and words.capital_nouns:
            return False
        return opens and rest[1:2] != "."
    if _ENGLISH_ORDINAL.fullmatch(word) and following.lower() in words.times:
        return False
    if _FILE.search(word) and following[:1].isupper():
        return True
    return None


def _number(word: str, before: list[str], following: str, opens: bool, words: StopWords) -> bool | None:
    """Whether the full stop after a number ends a sentence or makes an ordinal or a list's marker."""
    if not _ORDINAL.fullmatch(word) and not _ROMAN.fullmatch(word):
        return None  # a year, a date, a decimal number, a version
    previous = before[-2] if len(before) > 1 else ""
    if (previous[-1:] == ":" and word in ("1", "I")) or (previous[-1:] in (";", ",") and not opens):
        return False
    if not words.ordinals_after:
        return None
    if following.lower() in words.times or following[:1].islower():
        return False
    if opens:
        return True
    # `im 19. und 20. Jahrhundert`, but `0 oder 1. Standard ist 0.`
    counts = previous.lower() in ("und", "oder", "bis") and len(before) > 2 and before[-3].isdigit()
    if previous.lower() in words.ordinals_after and not counts:
        return False
    is_noun = previous[:1].isupper() and previous.lower() not in words.openers
    if not _ROMAN.fullmatch(word) and (is_noun or counts or previous.lower() in words.cardinals_after):
        return None
    # Days and places in a ranking are ordinals more often than amounts are.
    return None if word.isdigit() and int(word) > 31 else False


def _opens(following: str, words: StopWords) -> bool:
    return following[:1].isupper() and following.lower() in words.openers


def _is_open(line: str, start: int, end: int) -> bool:
    """Whether a bracket or a quote that opens in the sentence has not been closed."""
    text = line[max(start, end - _CONTEXT) : end]
    if text.isalpha():
        return False
    return (
        text.count("(") > text.count(")")
        or text.count("[") > text.count("]")
        or (text.count("„") > text.count("“") + text.count("”") if "„" in text else text.count("“") > text.count("”"))
        or (text.count("»") + text.count("«")) % 2 == 1
        or len(re.findall(r'(?<!\d)"', text)) % 2 == 1
    )
