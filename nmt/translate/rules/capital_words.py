"""Single words in capitals, which stress them: That is NOT okay. A model is shown them as they are usually written.

Of NIE it makes a name, and the sentence loses its negation. Only words that nothing else is called by are taken for such:
those of a list, German ones that by their form are no nouns, English adverbs in -ly, and what labels a line (NOTE:).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nmt.text.spans import Span
from nmt.translate.rules.german import is_capitalised
from nmt.translate.rules.given_names import given_names

# Each with what it is in the other language, which gets the capitals where it is there once.
_GERMAN = {
    "alle": "all", "allein": "alone", "alles": "everything", "auch": "also", "aber": "but", "bitte": "please", "doch": "",
    "einmal": "once", "gar": "", "ganz": "", "genau": "exactly", "gratis": "free",
    "heute": "today", "immer": "always", "jede": "every", "jeden": "every", "jeder": "every", "jetzt": "now",
    "kein": "no", "keine": "no", "keinem": "no", "keinen": "no", "keiner": "nobody", "keinesfalls": "", "kostenlos": "free",
    "mehr": "more", "morgen": "tomorrow", "muss": "must", "müssen": "must", "nach": "after", "nicht": "not",
    "nichts": "nothing", "nie": "never", "niemals": "never", "niemand": "nobody", "noch": "", "nochmal": "again",
    "nur": "only", "ohne": "without", "schnell": "", "sehr": "very", "selbst": "", "sofort": "immediately", "unbedingt": "",
    "viel": "", "vor": "before", "weg": "", "wieder": "again", "wirklich": "really", "zu": "too",
}  # fmt: skip
_ENGLISH = {
    "absolutely": "absolut", "after": "nach", "again": "wieder", "all": "alle", "always": "immer",
    "any": "", "anything": "", "before": "vor", "both": "beide", "but": "aber",
    "cannot": "", "ever": "", "every": "jede", "everyone": "alle", "everything": "alles",
    "free": "", "great": "", "hate": "", "huge": "", "immediately": "sofort", "just": "", "love": "", "more": "mehr",
    "must": "", "never": "nie", "no": "", "nobody": "niemand", "not": "nicht", "nothing": "nichts", "now": "jetzt",
    "once": "einmal", "only": "nur", "please": "bitte", "really": "wirklich", "same": "",
    "still": "noch", "today": "heute", "tomorrow": "morgen", "too": "zu", "urgent": "", "very": "sehr",
    "without": "ohne", "wrong": "", "yes": "ja",
}  # fmt: skip
_WORDS = {"de": _GERMAN, "en": _ENGLISH}
# What heads a line, and who speaks in it; whose name it is, nobody says otherwise.
_LABELS = {
    "de": {
        "achtung": "attention", "alle": "all", "antwort": "answer", "arzt": "doctor", "beispiel": "example", "datum": "date",
        "eilmeldung": "breaking news", "ergebnis": "result", "erzähler": "narrator", "fehler": "error", "frage": "question",
        "frau": "woman", "hinweis": "note", "junge": "boy", "kellner": "waiter", "kind": "child", "kunde": "customer",
        "lehrer": "teacher", "lehrerin": "teacher", "lösung": "solution", "mann": "man", "mutter": "mother",
        "mädchen": "girl",
        "neu": "new", "ort": "place", "polizist": "policeman", "preis": "price", "richter": "judge", "stimme": "voice",
        "thema": "topic", "tipp": "tip", "vater": "father", "verkäufer": "salesman", "vorsicht": "caution",
        "warnung": "warning", "wichtig": "important", "ziel": "goal", "zusammenfassung": "summary", "zutaten": "ingredients",
        "ärztin": "doctor",
    },
    "en": {
        "all": "alle", "answer": "Antwort", "attention": "Achtung", "boy": "Junge", "caution": "Vorsicht", "child": "Kind",
        "customer": "Kunde", "date": "Datum", "doctor": "Arzt", "error": "Fehler", "example": "Beispiel", "father": "Vater",
        "girl": "Mädchen", "goal": "Ziel", "host": "Moderator", "important": "wichtig", "ingredients": "Zutaten",
        "judge": "Richter", "man": "Mann", "mother": "Mutter", "narrator": "Erzähler", "new": "neu", "note": "Hinweis",
        "notice": "Hinweis", "price": "Preis", "question": "Frage", "reminder": "Erinnerung", "result": "Ergebnis",
        "solution": "Lösung", "summary": "Zusammenfassung", "teacher": "Lehrer", "tip": "Tipp", "topic": "Thema",
        "venue": "Ort", "voice": "Stimme", "waiter": "Kellner", "warning": "Warnung", "woman": "Frau",
    },
}  # fmt: skip
_CAPITALS = re.compile(r"(?<![\w.@#/&_’'-])[A-ZÄÖÜ]{2,}(?![\w@/&_’'-]|\.\w)")
_LABEL = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+)?(?=: )")
_BEFORE = re.compile(r"(?:\d|(?<!\w)[A-ZÄÖÜ]{2,}) $")
_AFTER = re.compile(r" (?:\d|[A-ZÄÖÜ]{2,}(?!\w))")
_CAPITALISED = re.compile(r" [A-Z][a-z]")
_LONG = 5  # letters of a word that is told by its form
_WORD = re.compile(r"[^\W\d_]+")


def usual_words(sentence: str, spans: Sequence[Span], *, language: str) -> str:
    """`sentence` with the words that capitals stress as they are usually written, besides `spans`; of the same length."""
    for match in _stressed(sentence, language):
        if not any(span.overlaps(*match.span()) for span in spans):
            usual = match[0].lower() if match.start() else match[0].capitalize()
            sentence = sentence[: match.start()] + usual + sentence[match.end() :]
    return sentence


def with_capital_words(text: str, source: str, *, source_language: str, language: str) -> str:
    """The translation `text` with capitals for what those of `source` stress, where that is there once.

    A label is as the other language has it.
    """
    for match in _stressed(source, source_language) if language in _WORDS else ():
        if _is_label(match, source_language):
            label = _LABEL.match(text)
            own = _LABELS[source_language].get(match[0].lower(), match[0]).upper()
            text = own + text[label.end() :] if label else text
        elif said := _WORDS[source_language].get(match[0].lower()):
            found = list(re.finditer(rf"(?<![\w-]){said}(?![\w-])", text, re.I))
            if len(found) == 1:
                [one] = found
                text = text[: one.start()] + one[0].upper() + text[one.end() :]
    return text


def _stressed(sentence: str, language: str) -> list[re.Match[str]]:
    if language not in _WORDS:
        return []
    return [match for match in _CAPITALS.finditer(sentence) if _is_label(match, language) or _is_stressed(match, language)]


def _is_label(match: re.Match[str], language: str) -> bool:
    if match.start() or not match.string.startswith(": ", match.end()):
        return False
    return match[0].lower() in _LABELS[language] or match[0].capitalize() in given_names(language)


def _is_stressed(match: re.Match[str], language: str) -> bool:
    word = match[0].lower()
    known = _WORDS[language]
    # Beside others in capitals, or a number, a word may be part of a name; beside a stressed one it is stressed too.
    before, after = _BEFORE.search(match.string, 0, match.start()), _AFTER.match(match.string, match.end())
    around = [one[0].strip() for one in (before, after) if one]
    is_named = language == "en" and _CAPITALISED.match(match.string, match.end())  # ALL Nippon Airways
    if is_named or any(one.lower() not in known for one in around):
        return False
    if word in known:
        return True
    if len(word) < _LONG or around or match.start() == 0:
        return False
    if language == "en":
        return word.endswith("ly")
    words = [one.lower() for one in _WORD.findall(match.string)]
    place = len(_WORD.findall(match.string, 0, match.start()))
    return is_capitalised(words, place, is_last=not match.string.startswith(" ", match.end())) is False
