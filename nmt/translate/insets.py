"""Insets between English and French or Spanish: what stands in brackets or in marks of quotation, and what begins a text.

Models of everyday sentences have hardly seen such marks, and lose them or what is between them. So they are shown none:

- A quotation that is a sentence, and the clause that tells who says it, are each translated as a sentence of their own.
- So is one within a sentence, which has a stand-in in its place there.
- Other words go without their marks, which come to the words that they stood around as tags do. A bracket at the end is
  shown behind a comma. Where the words of a bracket are lost, they are translated by themselves.
- What somebody says behind a dash is a quotation, a label or a greeting a text of its own, and etc. is set at the end.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nmt.text.spans import STAND_INS, find_spans, is_language
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.rules.casing import within_sentence
from nmt.translate.rules.romance.marks import parts_of
from nmt.translate.rules.romance.openings import Opening, opening_of
from nmt.translate.rules.romance.pairs import is_romance_pair
from nmt.translate.rules.romance.phrases import phrases, with_colon
from nmt.translate.shown import Abilities

_QUOTATIONS = tuple(
    re.compile(
        rf"(?<![^\s(\[¡¿—–-]){opening}(?P<said>{blank}[^\s{opening}{closing}](?:[^{opening}{closing}]*"
        rf"[^\s{opening}{closing}])?{blank}){closing}(?!\w)"
    )
    for opening, closing, blank in (('"', '"', ""), ("“", "”", ""), ("„", "“", ""), ("«", "»", "[ \u00a0\u202f]?"))
)
_BRACKET = re.compile(
    r"(?:(?<=\s)|^(?=\([^()]*\)[.!?…]*$))\((?P<said>(?=[^()]*[^\W\d_]{2})[^\s()](?:[^()]*[^\s()])?)\)(?!\w)"
)
"""With a blank before it, as that of marié(e) and f(x) has none, or around all of a text."""
_OWN_MARKS = {"en": ('"', '"'), "fr": ("«\u00a0", "\u00a0»"), "es": ("«", "»")}
"""Those that the texts of everyday sentences have."""
_ENDS = (".", "!", "?", "…")
_MOST = 3  # insets that are looked at one by one, each of which doubles the work
_WORD = re.compile(r"\w+")
_COLON = ": \u00a0\u202f"
_AND_SO_ON = re.compile(r"(?P<said>.*\w),? etc\b\.?(?P<end>[!?]?)", re.DOTALL)
_WITH_DASHES = ("es", "fr")
"""Languages that set a dash before what somebody says."""
_TELLS = r"—(?P<clause>[a-zß-öø-ÿ][^—]*[^\s—.,:])[.,:]?—?[.,:]?"
_CLAUSE = re.compile(_TELLS)
_SPEECH = re.compile(rf"—(?P<said>[^\s—](?:[^—]*[^\s—,])?),?(?:\s*{_TELLS})?")
_INVERTED = re.compile("[¿¡]+")
_PRONOUNS = "je|tu|il|elle|on|nous|vous|ils|elles"
_PRONOUN_AFTER = re.compile(rf"(\w+)-(?:t-)?({_PRONOUNS})(?!\w)(.*)", re.DOTALL)
_SUBJECT_AFTER = re.compile(
    rf"(?!(?:{_PRONOUNS}|él|ella|I|he|she|we|they|you) )(\w+) "
    r"(él|ella|ellos|ellas|yo|usted|(?:the|my|his|her|le|la|mon|ma|son|sa|el|mi|su) \w+|[A-ZÀ-Þ]\w+)"
)
_SAID = {"dit": "a dit", "demanda": "a demandé"}
"""French verbs of which models know another form better: dit may be says, and demanda asked for."""


@dataclass(frozen=True, slots=True)
class _Inset:
    """text[start:end] is an inset: a bracket, or a quotation."""

    start: int
    end: int
    said: str
    opening: str
    """The mark before it in the translation."""
    closing: str

    @property
    def is_bracket(self) -> bool:
        return self.opening == "("

    @property
    def is_sentence(self) -> bool:
        """Whether it may stand alone: neither the king nor Hamlet may."""
        said = self.said.removesuffix(",")
        return not self.is_bracket and (said.endswith(_ENDS) or (" " in said and not said[0].islower()))


@dataclass(frozen=True, slots=True)
class Apart:
    """A sentence taken apart: what is to be translated of it, and how its translation is made of theirs."""

    texts: tuple[str, ...]
    joined: Callable[[Sequence[SentenceTranslation]], SentenceTranslation]
    """A translation with one hypothesis, of one of each of `texts`, in order."""


def taken_apart(text: str, abilities: Abilities, *, is_term: Callable[[str], bool] | None = None) -> Apart | None:
    """The sentence `text` without its insets; None where it has none, or the model is none of everyday sentences.

    What is to be translated may have insets in its turn. No list says a label that is a term of a glossary.
    """
    if not is_romance_pair(abilities.source_language, abilities.target_language):
        return None
    source, language = abilities.source_language, abilities.target_language
    if any(phrases(text, source=source, target=language)):
        return None  # which needs no model
    if opening := opening_of(text, source=source, target=language):
        is_kept = is_term is not None and is_term(text[opening.start : opening.end].rstrip(_COLON))
        return _opened(text, replace(opening, translation=None) if is_kept else opening, language)
    if "etc" in text and (and_so_on := _AND_SO_ON.fullmatch(text)) and is_language(and_so_on["said"]):
        return _with_end(text, and_so_on, language)
    if source in _WITH_DASHES and text.startswith("—") and is_language(text):
        if clause := _CLAUSE.fullmatch(text):
            return _who_says(text, clause["clause"], language)
        if speech := _SPEECH.fullmatch(text):
            return _spoken(text, speech, language)
    insets = _insets(text, abilities)
    if not insets:
        return _beside_mark(text)
    first, last = insets[0], insets[-1]
    if len(insets) == 1 and not is_language(text[: first.start] + text[first.end :]):
        return _alone(text, first, language)
    if first.start == 0 and not first.is_bracket and is_language(text[first.end :]) and _is_reported(first, text):
        return _leading(text, first, language)
    if not last.is_bracket and text[: last.start].rstrip().endswith((",", ":")) and not text[last.end :].strip(" ."):
        return _trailing(text, last, language)
    if sentences := [inset for inset in insets if inset.is_sentence]:
        return _with_stand_in(text, sentences[0], language)
    return _in_place(text, insets[-1:] if len(insets) <= _MOST else insets, language)


def _opened(text: str, opening: Opening, language: str) -> Apart | None:
    """Of a text that begins with a label or a greeting, which is translated by itself where no list has it."""
    said, has_rest = opening.translation, opening.needs_model
    if said is not None and not has_rest:
        return None
    name, rest = text[opening.start : opening.end].rstrip(_COLON), text[opening.end :].lstrip(" ,\u00a0\u202f")
    between = text[opening.end : len(text) - len(rest)]

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        own = said or with_colon(_as_inset(found[0].text, name, language), language)
        whole = own + between + (_as_inset(found[-1].text, rest, language) if has_rest else rest)
        return _joined(found, whole, text) if len(found) > 1 else _with_text(found[0], whole, text)

    return Apart((*(() if said else (name,)), *((_as_sentence(rest),) if has_rest else ())), joined)


def _with_end(text: str, match: re.Match[str], language: str) -> Apart:
    """Of a list that goes on: of etc. at its end models make other words."""

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        said, _, closing = parts_of(found[0].text)
        blank = "\u00a0" if language == "fr" and match["end"] else ""
        return _with_text(found[0], f"{said}, etc.{blank}{match['end']}{closing}", text)

    return Apart((match["said"] + (match["end"] or "."),), joined)


def _spoken(text: str, match: re.Match[str], language: str) -> Apart:
    """Of what somebody says behind a dash, and of the clause behind another that tells who does: —Hola —dijo Ana."""
    said, clause = match["said"], match["clause"]
    opening, closing = _OWN_MARKS[language]
    quotation = '"' + said + ("" if said.endswith(_ENDS) or not clause else ",") + '"'
    shown = f"{quotation} {clause}." if clause else quotation
    inset = _Inset(0, len(quotation), quotation[1:-1], opening, closing)
    apart = _leading(shown, inset, language) if clause else _alone(shown, inset, language)
    return Apart(apart.texts, lambda found: replace(apart.joined(found), source=text))


def _who_says(text: str, clause: str, language: str) -> Apart:
    """Of the clause that tells who says the sentence before: —preguntó ella."""

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        return _with_text(found[0], _within(found[0].text, clause, language), text)

    return Apart((_as_clause(clause),), joined)


def _insets(text: str, abilities: Abilities) -> list[_Inset]:
    """The insets of `text`, in order and apart, the outermost of those within each other."""
    if not any(mark in text for mark in '("“„«'):
        return []
    found = [_Inset(*match.span(), match["said"], "(", ")") for match in _BRACKET.finditer(text)]
    for quotation in _QUOTATIONS:
        matches = list(quotation.finditer(text))
        marks = {text[place] for match in matches for place in (match.start(), match.end() - 1)}
        # One that has no partner, such as the inches of 19", may be any of them.
        if sum(map(text.count, marks)) != 2 * len(matches):
            continue
        for match in matches:
            is_straight = match[0][0] == '"'
            opening, closing = ('"', '"') if is_straight else _OWN_MARKS[abilities.target_language]
            found.append(_Inset(*match.span(), match["said"].strip(), opening, closing))
    found = [inset for inset in found if is_language(inset.said)]
    apart = [one for one in found if not any(o.start <= one.start and one.end <= o.end and o is not one for o in found)]
    if not apart:
        return []
    # Within an address or a message with cases, a bracket is a part of that.
    spans = [
        span
        for span in find_spans(text, abilities.characters)
        if not span.soft and any(map(str.isalnum, text[span.start : span.end]))
    ]
    return sorted(
        (
            inset
            for inset in apart
            if not any(
                span.overlaps(inset.start, inset.end) and (span.start < inset.start or inset.end < span.end)
                for span in spans
            )
        ),
        key=lambda inset: inset.start,
    )


def _beside_mark(text: str) -> Apart | None:
    """Of a text at one end of which there is a mark whose partner is in another: « Vous êtes là."""
    marks = [place for place, character in enumerate(text) if character in '"“”„«»']
    if len(marks) != 1 or marks[0] not in (0, len(text) - 1):
        return None
    said = (text[1:] if marks == [0] else text[:-1]).strip()
    if not is_language(said):
        return None

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        return _with_text(found[0], text.replace(said, found[0].text), text)

    return Apart((said,), joined)


def _is_reported(inset: _Inset, text: str) -> bool:
    """Whether a clause follows that tells who says the quotation `inset`, as of "Hamlet" is a play none does."""
    return inset.said.endswith((",", "!", "?", "…")) or text[inset.end :].lstrip().startswith(",")


def _alone(text: str, inset: _Inset, language: str) -> Apart:
    """Of a text that is nothing but an inset, and signs."""
    shown = _as_sentence(inset.said)

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        said = _as_inset(found[0].text, inset.said, language)
        return _with_text(found[0], text[: inset.start] + inset.opening + said + inset.closing + text[inset.end :], text)

    return Apart((shown,), joined)


def _leading(text: str, inset: _Inset, language: str) -> Apart:
    """Of a text that begins with what somebody says, and goes on with who does: "Yes," he said."""
    rest = text[inset.end :].lstrip(" ,\u00a0\u202f")
    has_comma, shown = not inset.said.endswith(_ENDS), _as_clause(rest)

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        said, clause = _as_inset(found[0].text, inset.said, language), found[1].text
        if shown.startswith("I ") or not shown.startswith(_WORD.findall(rest)[-1]):
            clause = _within(clause, rest, language)
        if rest.rstrip().endswith(","):
            clause = clause.rstrip(".") + ","
        comma = "," if has_comma else ""
        inner, outer = (comma, "") if language == "en" else ("", comma)
        whole = f"{inset.opening}{said}{inner}{inset.closing}{outer} {clause}"
        return _joined(found, whole, text)

    return Apart((_as_sentence(inset.said), shown), joined)


def _trailing(text: str, inset: _Inset, language: str) -> Apart:
    """Of a text that ends with what somebody says: He said, "Yes.\""""
    before = text[: inset.start].rstrip(" ,:\u00a0\u202f")

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        clause, said = found[0].text.rstrip(".").removesuffix(" that"), _as_inset(found[1].text, inset.said, language)
        end = inset.closing + text[inset.end :]
        if language == "en" and end.endswith("."):
            end = ("" if said.endswith(_ENDS) else ".") + inset.closing
        colon = {"fr": "\u00a0:", "es": ":", "en": "," if inset.said.endswith(_ENDS) or inset.is_sentence else ":"}[language]
        whole = f"{clause}{colon} {inset.opening}{said}{end}"
        return _joined(found, whole, text)

    return Apart((_as_clause(before), _as_sentence(inset.said)), joined)


def _with_stand_in(text: str, inset: _Inset, language: str) -> Apart:
    """Of a text within which a sentence is quoted: He shouted "Stop!" and ran."""
    stand_in = next(character for character in map(chr, STAND_INS) if character not in text)
    frame = text[: inset.start] + stand_in + text[inset.end :]

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        said = inset.opening + _as_inset(found[1].text, inset.said, language) + inset.closing
        whole = found[0].text.replace(stand_in, said)
        return _joined(found, whole, text, at=stand_in)

    return Apart((frame, _as_sentence(inset.said)), joined)


def _in_place(text: str, insets: Sequence[_Inset], language: str) -> Apart:
    """Of a text with words between marks that go where these words do: Her "friend" is tired (very tired)."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    last = length = 0
    inset = insets[-1]
    is_last = len(insets) == 1 and inset.is_bracket and not is_language(text[inset.end :])
    for one in insets:
        before = text[last : one.start]
        parts += [before.rstrip() + ", " if is_last else before, one.said]
        length += len(parts[-2])
        places.append((length, length + len(one.said)))
        length += len(one.said)
        last = one.end
    shown = "".join((*parts, text[last:]))
    # Whether these words are lost shows beside the translation of the others alone.
    lost = None
    if len(insets) == 1:
        lost = _at_end(text, inset, language) if inset.is_bracket else _with_stand_in(text, inset, language)

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        best = found[0].hypotheses[0]
        whole = (
            _behind_comma(best.text, commas=parts[0].count(", "))
            if is_last and best.text.count(", ") == shown.count(", ")
            else ""
        )
        if not whole:
            whole = _with_tags(found[0], shown, places, insets)
        if lost and _is_lost(whole, inset, found[1].text):
            return lost.joined(found[1:])
        return _with_text(found[0], whole, text)

    return Apart((shown, *(lost.texts if lost else ())), joined)


def _at_end(text: str, inset: _Inset, language: str) -> Apart:
    """Of a text with words in brackets that are translated by themselves, and put at its end."""
    frame = text[: inset.start].rstrip() + text[inset.end :]

    def joined(found: Sequence[SentenceTranslation]) -> SentenceTranslation:
        said = parts_of(found[0].text)[0]
        whole = f"{said} ({_as_inset(found[1].text, inset.said, language)}){found[0].text[len(said) :]}"
        return _joined(found, whole, text)

    return Apart((frame, _as_sentence(inset.said)), joined)


def _is_lost(text: str, inset: _Inset, others: str) -> bool:
    """Whether a translation lacks words of its inset or around it; `others` is one of a bracket's sentence without it."""
    before, _, after = text.partition(inset.opening)
    inside, _, after = after.partition(inset.closing)
    if not inset.is_bracket:
        return max(map(len, _WORD.findall(inside)), default=0) < len("to")
    return not is_language(inside) or len(_WORD.findall(f"{before} {after}")) < len(_WORD.findall(others))


def _behind_comma(text: str, *, commas: int) -> str:
    """`text` with brackets around what follows so many commas."""
    head, tail = text.split(", ")[:commas], text.split(", ")[commas:]
    said, _, _ = parts_of(", ".join(tail))
    return f"{', '.join(head)} ({said}){', '.join(tail)[len(said) :]}"


def _with_tags(found: SentenceTranslation, shown: str, places: Sequence[tuple[int, int]], insets: Sequence[_Inset]) -> str:
    """The translation that was `found` of what was `shown`, with marks around the words for those in `places` there."""
    from nmt.translate.markup.placing import Tag, place  # which most texts do without

    best = found.hypotheses[0]
    tags = [
        Tag(at, number, opens=opens)
        for number, (start, end) in enumerate(places)
        for at, opens in ((start, True), (end, False))
    ]
    marks = [mark for inset in insets for mark in (inset.opening, inset.closing)]
    parts, last = [], 0
    for at, number in place(
        shown,
        best.text,
        tags,
        source_tokens=found.source_tokens,
        target_tokens=best.tokens,
        attention=best.attention,
    ):
        parts += [best.text[last:at], marks[number]]
        last = at
    return "".join((*parts, best.text[last:]))


def _as_sentence(said: str) -> str:
    """What is said, as a model is shown it: several words are a sentence."""
    said = said.removesuffix(",")
    if " " not in said and not (said[0].isupper() and said[1:].islower()):
        return said
    return said[0].upper() + said[1:] + ("." if said[-1].isalnum() else "")


def _as_clause(clause: str) -> str:
    """The clause that tells who says something, as a sentence with its subject before its verb."""
    bare = clause.rstrip(" .,")
    if any(mark in clause for mark in '"“„«'):
        return clause[0].upper() + clause[1:]
    if match := _PRONOUN_AFTER.fullmatch(bare):
        subject = "j'" if match[2] == "je" and match[1][0] in "aeiouéh" else match[2] + " "
        bare = subject + _SAID.get(match[1], match[1]) + match[3]
    elif match := _SUBJECT_AFTER.fullmatch(bare):
        verb = match[1].lower()
        bare = f"{match[2]} {_SAID.get(verb, verb)}"
    return bare[0].upper() + bare[1:] + "."


def _as_inset(translation: str, said: str, language: str) -> str:
    """The translation of what is `said`, without the outward form of a sentence where that has none."""
    said = said.removesuffix(",")
    if not said.endswith(_ENDS) and not translation.endswith("..."):
        translation = translation.removesuffix(".")
    if said.lstrip("¿¡")[0].islower():
        mark = _INVERTED.match(translation)
        start = mark.end() if mark else 0
        return translation[:start] + _within(translation[start:], said, language)
    return translation


def _within(translation: str, source: str, language: str) -> str:
    """A translation as it is within a sentence, unless it begins with a word of its `source`, such as a name."""
    first = _WORD.search(translation)
    return translation if first and first[0] in source else within_sentence(translation, language=language)


def _with_text(found: SentenceTranslation, text: str, source: str) -> SentenceTranslation:
    return replace(found, source=source, hypotheses=(replace(found.hypotheses[0], text=text),))


def _joined(found: Sequence[SentenceTranslation], text: str, source: str, *, at: str = "") -> SentenceTranslation:
    """Two translations as one with `text`: the second behind the first, or in the place of the token that has `at`."""
    one, two = found
    best, other = one.hypotheses[0], two.hypotheses[0]
    first, last = _place_of(at, one.source_tokens)
    start, end = _place_of(at, best.tokens)
    width = len(two.source_tokens)
    attention: list[array[float]] = []
    if best.attention and other.attention:
        # A token that looked at the stand-in looks at the first of those in its place.
        rows = [
            array("d", (*row[:first], *(sum(row[first:last]) if not place else 0.0 for place in range(width)), *row[last:]))
            for row in best.attention
        ]
        after = len(one.source_tokens) - last
        inner = [array("d", (*[0.0] * first, *row, *[0.0] * after)) for row in other.attention]
        attention = [*rows[:start], *inner, *rows[end:]]
    whole = Hypothesis(
        text=text,
        score=best.score + other.score,
        log_probability=best.log_probability + other.log_probability,
        tokens=(*best.tokens[:start], *other.tokens, *best.tokens[end:]),
        attention=tuple(attention),
    )
    tokens = (*one.source_tokens[:first], *two.source_tokens, *one.source_tokens[last:])
    return SentenceTranslation(source=source, source_tokens=tokens, hypotheses=(whole,))


def _place_of(character: str, tokens: Sequence[str]) -> tuple[int, int]:
    """Where the token with a character is, and where it ends; the end of all where there is none."""
    place = next((place for place, token in enumerate(tokens) if character and character in token), None)
    return (len(tokens), len(tokens)) if place is None else (place, place + 1)
