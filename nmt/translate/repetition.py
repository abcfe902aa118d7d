"""Repetition that a source does not have: loops are cut out of a translation, and a word doubled in itself is halved.

Monday Monday -> Monday    the best results of the best results. -> the best results.    Stuhlstuhl -> Stuhl
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from operator import eq

from nmt.translate.result import Hypothesis

_WORD = re.compile(r"\w+")
_RUN = re.compile(r"([^\s\d])\1{2,}")  # of one character
_LONG_RUN = re.compile(r"([^\s\d])\1{4,}")
_SLASHED = re.compile(r"(/[^\W\d_]+)(?:/*\1)+/*(?!\w)", re.IGNORECASE)
_LONGEST = 12  # words of the longest phrase that is looked for
_GAP = 2  # words between a phrase of three words or more and the same again: of the, and the
_CHARACTERS = 60  # of a text that may be asked for again where it repeats itself from afar; longer ones cost too much
_SHORT = 2  # words of a source that has no need for two words of one stem
_FEW = 6  # words of a source that has no need for ...
_AGAIN = 3  # ... so many words said before
_STEM = 4  # letters that forms of a word have in common
_OWN_DOUBLES = frozenset({"that"})  # with all of fewer letters than a stem: die Leute, die die Tür öffnen
# A word that is nothing but four letters twice, or two thrice.
_DOUBLED = re.compile(r"(?<!\w)([^\W\d_]{4,}?)\1(?!\w)|([^\W\d_]{2,}?)\2\2+", re.IGNORECASE)


def repeats(text: str, source: str) -> bool:
    """Whether a short `text` says something twice that `source` says once, so that another translation may be better."""
    if len(text) > _CHARACTERS:
        return False
    words = _words(text)
    if len(set(words)) == len(words) > _SHORT:
        return False
    own = _words(source)
    if len(own) <= _SHORT and _shares_stem(words) and not _shares_stem(own):
        return True
    if len(own) <= _FEW and len(words) - len(set(words)) >= _AGAIN and len(set(own)) == len(own):
        return True
    return _has_twice(words, 3) and not _has_twice(own, 3)


def without_loops(hypothesis: Hypothesis, source: str) -> Hypothesis:
    """`hypothesis` without the phrases that it repeats at once, where `source` repeats nothing."""
    hypothesis = _without_runs(hypothesis, source)
    if "//" in hypothesis.text or hypothesis.text.count("/") > source.count("/"):
        text = _SLASHED.sub(lambda match: match[1], hypothesis.text)
        hypothesis = hypothesis if text == hypothesis.text else replace(hypothesis, text=text)
    words = _words(hypothesis.text)
    has_double = any(map(_may_be_double, words))
    if not has_double and (len(set(words)) == len(words) or not (any(map(eq, words, words[1:])) or _has_twice(words, 2))):
        return hypothesis
    doubled = _DOUBLED.search(hypothesis.text) if has_double else None
    own = _words(source)
    if len(own) > _SHORT and len(set(own)) == 1 and len(words) > len(own):  # la la la is no more than that
        parts = hypothesis.text.split(" ")
        kept = [place for place, part in enumerate(parts) if _key(part) == _key(parts[0])][: len(own)]
        return _cut(hypothesis, parts, kept, _text(parts, kept))
    if doubled and len(own) == 1 and _DOUBLED.search(source) and len(doubled[0]) > len(source):
        return replace(hypothesis, text=hypothesis.text.replace(doubled[0], _DOUBLED.search(source)[0]))  # type: ignore[index]
    if any(map(eq, own, own[1:])) or _has_twice(own, 2) or _DOUBLED.search(source):
        return hypothesis
    parts = hypothesis.text.split(" ")
    kept = _kept(parts)
    return _cut(hypothesis, parts, kept, _DOUBLED.sub(lambda match: match[1] or match[2], _text(parts, kept)))


def said_once(hypothesis: Hypothesis) -> Hypothesis:
    """The translation of a single word up to a word that comes again: fromage of fromage du fromage."""
    words = [(match.end(), match[0].lower()) for match in _WORD.finditer(hypothesis.text)]
    all_words = [word for _, word in words]
    end = next(
        (
            end
            for end, word in words
            if len(word) > _SHORT and sum(other.startswith(word[:_STEM]) for other in all_words) > 1
        ),
        len(hypothesis.text),
    )
    return hypothesis if end == len(hypothesis.text) else replace(hypothesis, text=hypothesis.text[:end])


def _without_runs(hypothesis: Hypothesis, source: str) -> Hypothesis:
    """`hypothesis` with no word more often in a row than any is in `source`, and no more signs: -- -- - becomes --.

    And with no longer runs of one character, as of YYYYYYYY.
    """
    if _LONG_RUN.search(hypothesis.text):
        most = max((len(run[0]) for run in _RUN.finditer(source)), default=3)
        text = _LONG_RUN.sub(lambda run: run[0][:most], hypothesis.text)
        hypothesis = hypothesis if text == hypothesis.text else replace(hypothesis, text=text)
    parts = hypothesis.text.split(" ")
    keys = list(map(_letters, parts))
    if not any(map(eq, keys, keys[1:])):
        return hypothesis
    longest = max(_positions(list(map(_letters, source.split(" ")))))
    kept = []
    for place, position in enumerate(_positions(keys)):
        before = parts[place - position + 1 : place]
        # Other signs than those before may be from the source.
        is_loop = position > max(longest, 2) if keys[place] else position > longest and parts[place] in before
        if keys[place].isdigit() or not is_loop:
            kept.append(place)
    return hypothesis if len(kept) == len(parts) else _cut(hypothesis, parts, kept, _text(parts, kept))


@lru_cache(maxsize=65536)
def _letters(part: str) -> str:
    """Those of a part of a text in lower case, with its digits; nothing of a sign."""
    return "".join(_words(part))


def _positions(keys: Sequence[str]) -> list[int]:
    """Of each key its number within a run of the same, from 1 on."""
    positions: list[int] = []
    for place, key in enumerate(keys):
        positions.append(positions[-1] + 1 if place and keys[place - 1] == key else 1)
    return positions


def _cut(hypothesis: Hypothesis, parts: Sequence[str], kept: Sequence[int], text: str) -> Hypothesis:
    """`hypothesis` with `text`, which has the `kept` ones of its `parts`, and with their tokens."""
    groups = _groups(hypothesis.tokens)
    if len(kept) == len(parts) or len(groups) != len(parts):
        return hypothesis if text == hypothesis.text else replace(hypothesis, text=text)
    places = [place for part in kept for place in groups[part]]
    return replace(
        hypothesis,
        text=text,
        tokens=tuple(hypothesis.tokens[place] for place in places),
        attention=tuple(hypothesis.attention[place] for place in places if hypothesis.attention),
    )


@lru_cache(maxsize=65536)
def _may_be_double(word: str) -> bool:
    """Whether a word has letters twice; the search for them takes long, and most words come again and again."""
    return _DOUBLED.search(word) is not None


@lru_cache(maxsize=65536)
def _key(part: str) -> str:
    return "".join(_words(part)) or part


def _kept(parts: Sequence[str]) -> list[int]:
    """Which of a text's words, divided at blanks, stay when what is said twice at once is said once."""
    keys = list(map(_key, parts))
    kept: list[int] = []
    said: list[str] = []
    place = 0
    while place < len(parts):
        kept.append(place)
        said.append(keys[place])
        place += 1
        # The longest phrase first, and of two the one that comes sooner. All of them end in the last word.
        while said[-1] in keys[place : place + _LONGEST + _GAP] and (
            skip := next(
                (
                    gap + length
                    for length in range(min(_LONGEST, len(said)), 0, -1)
                    for gap in range(_GAP + 1 if length > 2 else 1)
                    if keys[place + gap : place + gap + length] == said[-length:] and _is_loop(said[-length:])
                ),
                0,
            )
        ):
            place += skip
    return kept


def _is_loop(phrase: Sequence[str]) -> bool:
    return len(phrase) > 1 or (len(phrase[0]) >= _STEM and phrase[0] not in _OWN_DOUBLES and not phrase[0].isdigit())


def _text(parts: Sequence[str], kept: Sequence[int]) -> str:
    """The words that are kept, each with the punctuation of the last of those cut out after it."""
    ends = [*kept[1:], len(parts)]
    texts = []
    for place, end in zip(kept, ends, strict=True):
        last = parts[end - 1]
        bare = parts[place].rstrip(".,;:!?…")
        texts.append(parts[place] if end == place + 1 or not bare else bare + last[len(last.rstrip(".,;:!?…")) :])
    return " ".join(texts)


def _groups(tokens: Sequence[str]) -> list[list[int]]:
    """Numbers of the tokens of each word, which begins with a blank."""
    groups: list[list[int]] = []
    for place, token in enumerate(tokens):
        if token.startswith("\u2581") or not groups:
            groups.append([])
        groups[-1].append(place)
    return groups


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _has_twice(words: Sequence[str], length: int) -> bool:
    """Whether a phrase of so many words comes twice."""
    phrases = list(zip(*(words[start:] for start in range(length)), strict=False))
    return len(set(phrases)) < len(phrases)


def _shares_stem(words: Sequence[str]) -> bool:
    stems = [word[:_STEM] for word in words if len(word) >= _STEM]
    return len(set(stems)) < len(stems)
