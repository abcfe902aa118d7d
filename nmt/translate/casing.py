"""Capitals: sentences in capitals are translated as they would normally be written, and get their capitals back.

Few training sentences are in capitals, and subwords of PLEASE have nothing in common with those of please. So what the model
is shown is the sentence in its usual case, word by word the one that the vocabulary writes in fewer pieces (Lita et al. 2003
call this truecasing; there a language model chooses).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum

_LOWER = re.compile(r"(?<!\w)[a-zß-öø-ÿ]")  # a word that begins without a capital
_WORD = re.compile(r"[^\W\d_]+")
NOUNS_CAPITALISED = frozenset({"de", "lb"})
"""Languages whose nouns have capitals within a sentence; a heading is then no different from other text."""
_SHORTEST_LOWER = 3  # words of a text without capitals that is taken for a sentence
_SHORT = 4  # letters up to which a word in capitals alone may be a name such as NATO


# German has a capital for nouns only. Where the vocabulary does not tell, these do: words of grammar, what follows a
# pronoun, what follows an article, and endings.
_GRAMMAR = frozenset(
    """
ab aber acht alle als am an auch auf aus bei beim bin bis bist da dann das dass daß dein deine dem den denn
der des dich die dies diese diesem diesen dieser dieses dir doch du durch ein eine einem einen einer eines er
es euch für gegen gern gibt habe haben hat hatte hatten hier ich ihm ihn ihnen im in ins ist ja kann kein
keine keinen können mehr mein meine mich mir mit muss müssen nach nein nicht noch nur ob oder ohne schon sehr
sein seine seit sich sind so um und uns unser unsere unter viel viele vom von vor war waren warum was weg weil
weiß wenn wer werden wie wir wird wo wurde zu zum zur über
""".split()  # noqa: SIM905
)
_PRONOUNS = frozenset({"ich", "du", "er", "wir", "man", "es"})
_ARTICLES = frozenset(
    """
das der dem den des ein eine einen einem einer kein keine im am zum zur beim mein meine dein
""".split()  # noqa: SIM905
)
_NO_NOUN = re.compile(
    r"(?:lich|isch|bar|sam|los|ig)$|^ge.*(?:t|en)$|(?<!ä)(?<!ach)(?<!ich)(?<!haf)(?<!hei)(?<!kei)(?<!en)(?<!is)t$"
)
# In English, much that is no sentence has no capital, and stays as it is: to sit on a chair.
_ENGLISH_CLAUSE = re.compile(
    r"^(?:i|you|he|she|it|we|they|this|that|there|what|where|when|who|why|how|please|thank|nobody|everything|my)(?!\w)"
    r"|(?<!\w)(?:is|are|was|were|am|has|have|had|does|did|will|would|can|could|should|must)(?!\w)(?<!to have)"
)
_I = re.compile(r"(?<!\w)i(?!\w)")


class Case(Enum):
    """How a whole sentence is written."""

    usual = "usual"
    upper = "PLEASE WASH YOUR HANDS"
    title = "Please Wash Your Hands"
    lower = "please wash your hands"


Encode = Callable[[str], Sequence[int]]
"""The subwords of a word. The more frequent of two has the smaller number, as in a BPE vocabulary."""


def case_of(sentence: str, encode: Encode, *, language: str) -> Case:
    """The case of a sentence in `language`. A single word in capitals counts where it is too long for an abbreviation."""
    if sentence != sentence.upper() and (language in NOUNS_CAPITALISED or _LOWER.search(sentence)):
        is_lower = sentence.count(" ") >= _SHORTEST_LOWER - 1 and sentence == sentence.lower()
        if is_lower and (language in NOUNS_CAPITALISED or _ENGLISH_CLAUSE.search(sentence)):
            return Case.lower
        return Case.usual
    words = [word for word in _WORD.findall(sentence) if word.upper() != word.lower()]
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
    unusual = [_usual(word, encode, language, after="") != word for word in words[1:]]
    return Case.title if 2 * sum(unusual) >= len(unusual) else Case.usual


def usual_case(sentence: str, encode: Encode, *, language: str) -> str:
    """A sentence in capitals or in title case as it would usually be written, its first word with a capital."""
    before: list[str] = []

    def usual(match: re.Match[str]) -> str:
        if sentence[: match.start()][-1:].isdigit():  # 14th
            return match[0].lower()
        is_first, last = not before, before[-1:]
        before.append(match[0].lower())
        if is_first:
            return _capitalised(_spelled(match[0], encode, language))
        return _usual(match[0], encode, language, after=last[0])

    text = _WORD.sub(usual, sentence)
    return _I.sub("I", text) if language == "en" else text


def _usual(word: str, encode: Encode, language: str, *, after: str) -> str:
    """The one of two forms that takes fewer subwords; of equals, the one whose subword is the more frequent."""
    lower = _spelled(word, encode, language)
    forms = lower, _capitalised(lower)
    as_lower, as_capitalised = (list(encode(form)) for form in forms)
    if language in NOUNS_CAPITALISED and (lower in _GRAMMAR or after in _PRONOUNS):
        return lower
    if len(as_lower) == len(as_capitalised) and language in NOUNS_CAPITALISED:
        if after in _ARTICLES and not lower.endswith(("e", "en")):
            return forms[1]
        if len(as_lower) > 1:  # a rare word: most likely a noun
            return forms[_NO_NOUN.search(lower) is None]
    return forms[(len(as_capitalised), as_capitalised) < (len(as_lower), as_lower)]


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


def in_case(text: str, case: Case, *, language: str) -> str:
    """A translation into `language` in the case of its source; languages that capitalise nouns have no title case."""
    if case is Case.upper:
        return text.upper()  # ß becomes SS
    if case is Case.lower and language not in NOUNS_CAPITALISED and not text.startswith(("I ", "I'")):
        return text[:1].lower() + text[1:]
    if case is Case.title and language not in NOUNS_CAPITALISED:
        return _WORD.sub(lambda match: match[0][:1].upper() + match[0][1:], text)
    return text
