"""Capitals: sentences in capitals are translated as they would normally be written, and get their capitals back.

Few training sentences are in capitals, and subwords of PLEASE have nothing in common with those of please. So the model is
shown the sentence in its usual case (Lita et al. 2003 call this truecasing; there a language model chooses). Grammar tells
the nouns of German, and a list the names of English. Of other words, the vocabulary writes the usual form in fewer pieces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum

from nmt.translate.rules.english import FINITE, is_name
from nmt.translate.rules.german import is_capitalised
from nmt.translate.rules.given_names import given_names

_LOWER = re.compile(r"(?<!\w)[a-zß-öø-ÿ]")  # a word that begins without a capital
_WORD = re.compile(r"[^\W\d_]+")
_INITIAL = re.compile(r"(?<!\w)(?:[^\W\d_]\.|Ph\.D)")
"""Of a name, or a degree: it has its capitals in all cases."""
NOUNS_CAPITALISED = frozenset({"de", "lb"})
"""Languages whose nouns have capitals within a sentence; a heading is then no different from other text."""
_SINGLE = re.compile(r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+")
_SHORTEST_LOWER = 3  # words of a text without capitals that is taken for a sentence
_SHORT = 4  # letters up to which a word in capitals alone may be a name such as NATO

# In English, much that is no sentence has no capital, and stays as it is: to sit on a chair.
_DETERMINERS = "the|a|an|his|her|our|your|their|all|many|some|most|these|those|no"
_OBJECTS = f"{_DETERMINERS}|its|my|it|him|them|me|us|several"
_ENGLISH_CLAUSE = re.compile(
    r"^(?:i|you|he|she|it|we|they|this|that|there|what|where|when|who|why|how|please|thank|nobody|everything|my)(?!\w)"
    r"|^do (?:you|we|they|i|not)(?!\w)"
    r"|(?<!\w)(?:is|are|was|were|am|has|have|had|does|did|will|would|can|could|should|must)(?!\w)(?<!to have)"
    # A noun with a finite verb: the film begins at eight, the storm damaged several roofs.
    rf"|^(?:{_DETERMINERS})(?: \w+){{1,4}}? (?:(?:{'|'.join(sorted(FINITE))})(?!\w)|\w{{3,}}ed (?:{_OBJECTS})(?!\w))"
)
_I = re.compile(r"(?<!\w)i(?!\w)")


class Case(Enum):
    """How a whole sentence is written."""

    usual = "usual"
    upper = "PLEASE WASH YOUR HANDS"
    title = "Please Wash Your Hands"
    lower = "please wash your hands"
    single = "Milk"
    """One word, which no sentence begins with."""


Encode = Callable[[str], Sequence[int]]
"""The subwords of a word."""


def case_of(sentence: str, encode: Encode, *, language: str) -> Case:
    """The case of a sentence in `language`. A single word in capitals counts where it is too long for an abbreviation."""
    if sentence != sentence.upper() and (language in NOUNS_CAPITALISED or _LOWER.search(sentence)):
        is_lower = sentence.count(" ") >= _SHORTEST_LOWER - 1 and sentence == sentence.lower()
        if is_lower and (language in NOUNS_CAPITALISED or _ENGLISH_CLAUSE.search(sentence)):
            return Case.lower
        return Case.usual
    words = [word for word in _WORD.findall(_INITIAL.sub("", sentence)) if word.upper() != word.lower()]
    long = [word for word in words if len(word) > 1]
    if not long:
        return Case.usual
    if all(word == word.upper() for word in words):
        # Half of a heading may be abbreviations; one word of usual length tells that all is in capitals.
        return Case.upper if max(map(len, long)) > _SHORT or len(words) > 2 else Case.usual
    if language in NOUNS_CAPITALISED or len(long) < 3:
        return Case.usual
    if not all(word[0].isupper() and word[1:] == word[1:].lower() for word in words):
        return Case.usual
    # Anna Maria Schmidt is a name, and no title: there, half of the words are usually written without capitals.
    unusual = [_usual(word, encode, language) != word for word in words[1:]]
    return Case.title if 2 * sum(unusual) >= len(unusual) else Case.usual


def is_single_word(text: str, encode: Encode, *, language: str) -> bool:
    """Whether a text is one word that has its capital from standing alone: the vocabulary knows it better without.

    One that it has in as few pieces with the capital, such as Merci, it knows as well.
    """
    if _SINGLE.fullmatch(text) is None or (language == "en" and is_name(text.lower())):
        return False
    return len(encode(text.lower())) < len(encode(text))


def usual_case(sentence: str, encode: Encode, *, language: str) -> str:
    """A sentence in capitals or in title case as it would usually be written, its first word with a capital."""
    matches = list(_WORD.finditer(sentence))
    words = [_spelled(match[0], encode, language) for match in matches]
    initials = {place for match in _INITIAL.finditer(sentence) for place in range(*match.span())}
    parts, last = [], 0
    for place, match in enumerate(matches):
        if sentence[: match.start()][-1:].isdigit():  # 14th
            usual = match[0].lower()
        elif match.start() in initials:
            usual = match[0]
        elif place == 0:
            usual = _capitalised(words[0])
        elif language == "de":
            usual = _german(words, place, encode, is_last=sentence[match.end() : match.end() + 1] not in (" ", "-"))
        else:
            usual = _usual(match[0], encode, language)
        parts += [sentence[last : match.start()], usual]
        last = match.end()
    text = "".join((*parts, sentence[last:]))
    return _I.sub("I", text) if language == "en" else text


def _german(words: Sequence[str], place: int, encode: Encode, *, is_last: bool) -> str:
    """words[place] of a sentence in lower case as it is usually written."""
    has_capital = is_capitalised(words, place, is_last=is_last)
    lower, capitalised = words[place], _capitalised(words[place])
    if capitalised in given_names("de"):
        return capitalised
    if has_capital is None:  # a noun, most likely, unless the vocabulary writes it in fewer pieces
        has_capital = len(encode(capitalised)) <= len(encode(lower))
    return capitalised if has_capital else lower


def _usual(word: str, encode: Encode, language: str) -> str:
    """The one of two forms that takes fewer subwords; of equals, the one without a capital, or in German the other."""
    lower = _spelled(word, encode, language)
    capitalised = _capitalised(lower)
    if is_name(lower) if language == "en" else capitalised in given_names(language):
        return capitalised
    difference = len(encode(capitalised)) - len(encode(lower))
    return capitalised if difference < 0 or (difference == 0 and language in NOUNS_CAPITALISED) else lower


def _spelled(word: str, encode: Encode, language: str) -> str:
    """A word in lower case; from capitals, with the ß that these do not have where the vocabulary knows it better."""
    lower = word.lower()
    if language == "de" and word.isupper() and "ss" in lower:
        return min(lower, lower.replace("ss", "ß"), key=lambda form: _pieces(form, encode))
    return lower


def _pieces(word: str, encode: Encode) -> int:
    return min(len(encode(word)), len(encode(_capitalised(word))))


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:].lower()


def within_sentence(text: str, *, language: str) -> str:
    """`text` as it is in the middle of a sentence: its first word has no capital, unless it may have one anywhere."""
    if language in NOUNS_CAPITALISED:
        words = [match[0].lower() for match in _WORD.finditer(text)]
        has_capital = language != "de" or not words or is_capitalised(words, 0, is_last=len(words) == 1) is not False
    else:
        has_capital = text.startswith(("I ", "I'"))
    return text if has_capital else text[:1].lower() + text[1:]


def in_case(text: str, case: Case, *, language: str) -> str:
    """A translation into `language` in the case of its source; languages that capitalise nouns have no title case."""
    if case is Case.upper:
        return text.upper()  # ß becomes SS
    if case is Case.lower and language not in NOUNS_CAPITALISED and not text.startswith(("I ", "I'")):
        return text[:1].lower() + text[1:]
    if case is Case.single:
        return text[:1].upper() + text[1:]
    if case is Case.title and language not in NOUNS_CAPITALISED:
        return _WORD.sub(lambda match: match[0][:1].upper() + match[0][1:], text)
    return text
