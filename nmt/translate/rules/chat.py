"""Words as people write them in chats, which a model is shown as they are usually written: idk is I don't know.

Only in small letters (but Dont), and where one may be another word or none, only beside words that tell: u is you in r u ok.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_ENGLISH = {
    "bday": "birthday", "btw": "by the way", "cuz": "because", "dunno": "don't know", "gimme": "give me",
    "gonna": "going to", "gotta": "have to", "idk": "I don't know", "imo": "in my opinion", "lemme": "let me",
    "np": "no problem", "omw": "on my way", "pls": "please", "plz": "please", "tbh": "to be honest", "thx": "thanks",
    "tmrw": "tomorrow", "ttyl": "talk to you later", "wanna": "want to",
}  # fmt: skip
# With an apostrophe in the place of which there is nothing: a model takes dont for some other word, and a sentence loses its
# negation. Those that are words of their own (ill, well, id, lets) are left.
_WITHOUT_APOSTROPHE = {
    word.replace("'", ""): word
    for word in (
        *("aren't", "can't", "couldn't", "didn't", "doesn't", "don't", "hadn't", "hasn't", "haven't", "isn't", "shouldn't"),
        *("wasn't", "weren't", "wouldn't", "he's", "she's", "that's", "there's", "they're", "they've", "they'll"),
        *("we've", "what's", "where's", "who's", "you're", "you've", "you'll", "you'd"),
    )
} | {"ive": "I've"}
# mustn't is taken for need not, which is nearly its opposite.
_ENGLISH |= {"mustn't": "must not", "mustnt": "must not"}
_ENGLISH |= _WITHOUT_APOSTROPHE | {
    word.capitalize(): full[0].upper() + full[1:] for word, full in _WITHOUT_APOSTROPHE.items() if word != "cant"
}
_GERMAN = {
    "'ne": "eine", "'nem": "einem", "'nen": "einen", "'ner": "einer", "aufm": "auf dem", "biste": "bist du",
    "grad": "gerade", "haste": "hast du", "heut": "heute", "kommste": "kommst du", "kp": "keine Ahnung", "nich": "nicht",
    "nix": "nichts", "vllt": "vielleicht",
}  # fmt: skip
# Words that are these only beside others: what they are, and patterns of what stands before them, or after.
_BESIDE = {
    "en": {
        "im": ("I'm", r"$.", r"[a-z]"),
        "Im": ("I'm", r"$.", r"[a-z]"),
        "its": ("it's", r"$.", r"(?:a|an|been|fine|going|my|not|ok|okay|so|too|your)\b"),
        "Its": ("It's", r"$.", r"(?:a|an|been|fine|going|my|not|ok|okay|so|too|your)\b"),
        "wont": ("won't", r"\b(?:he|I|i|it|she|that|they|this|we|you)", r"$."),
        "c": ("see", r"$.", r"(?:u|you)\b"),
        "r": ("are", r"\b(?:how|what|when|where|who|why|they|u|we|you)", r"(?:u|we|you|they|ok)\b"),
        "u": (
            "you",
            r"\b(?:and|are|c|call|can|could|did|do|for|have|hope|how|if|love|miss|r|see|tell|thank|thx|to|what|when|will|with|would)",
            r"(?:all|are|can|can't|coming|did|do|don't|get|guys|have|know|like|need|ok|r|should|there|think|too|wanna|want|were|will)\b",
        ),
        "ur": ("you're", r"$.", r"(?:coming|going|gonna|late|not|right|so|the best|welcome)\b"),
        "ur ": ("your", r"", r"[a-z]"),
    },
    "de": {
        "ham": ("haben", r"\b(?i:die|sie|wir)", r"$."),
        "is": (
            "ist",
            r"\b(?i:das|der|die|er|es|hier|sie|was|wer|wie|wo)",
            r"(?:das|doch|echt|egal|gut|ja|kein|keine|mir|nich|nicht|nix|noch|schon|so|voll|wieder)\b",
        ),
        "ma": (
            "mal",
            r"\b(?i:doch|guck|hör|komm|lass|mach|mir|noch|sag|schau|schon|uns|warte|wart|zeig)",
            r"(?:bitte|eben|kurz|schnell|was|wieder)\b",
        ),
        "ne": ("eine", r"\b(?:mal|noch|so)", r"\w"),
    },
}  # fmt: skip
_WORDS = {"en": _ENGLISH, "de": _GERMAN}
_ALONE = {language: frozenset(words) for language, words in _WORDS.items()}
_EVERY = {language: words.union(map(str.strip, _BESIDE[language])) for language, words in _ALONE.items()}
_BEGINS, _ENDS = r"(?<![\w'’.@/#-])(?<!\d )", r"(?![\w'’@/-]|\.\w)"


@cache  # each is compiled when it is needed first
def _any_of(words: frozenset[str], ends: str) -> re.Pattern[str]:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"{_BEGINS}(?:{'|'.join(map(re.escape, longest_first))}){ends}")


@cache
def _beside(language: str) -> list[tuple[re.Pattern[str], str, re.Pattern[str], re.Pattern[str]]]:
    """Words that are these only beside others, what they are, and what stands before them, or after."""
    return [
        (re.compile(rf"{_BEGINS}{word.strip()}{_ENDS}"), full, re.compile(rf"{before} $"), re.compile(rf" {after}"))
        for word, (full, before, after) in _BESIDE[language].items()
    ]


def chat_words(text: str, *, language: str) -> Iterator[tuple[int, int, str]]:
    """The words of chats in `text`: from where to where each is, and what it is usually."""
    plain = text.replace("’", "'")
    # Most sentences have none.
    if language not in _WORDS or _any_of(_EVERY[language], r"(?!\w)").search(plain) is None:
        return
    for match in _any_of(_ALONE[language], _ENDS).finditer(plain):
        yield match.start(), match.end(), _WORDS[language][match[0]]
    for pattern, full, before, after in _beside(language):
        for match in pattern.finditer(text):
            if before.search(text, max(0, match.start() - 8), match.start()) or after.match(text, match.end()):
                yield match.start(), match.end(), full
