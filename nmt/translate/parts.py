"""The last way of a sentence: the parts between its spans are translated one by one, so that no span is lost."""

from __future__ import annotations

import re
from array import array
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from nmt.config.search import SearchOptions
from nmt.text.spans import between, is_language, numbers_of
from nmt.translate.ask import Ask, Sentence
from nmt.translate.repetition import without_loops
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.rules.casing import within_sentence
from nmt.translate.shown import Abilities, ShownSentence

_BEFORE_PART = re.compile(r"\s*(?:[,;:)\]]+\s+)?")
_AFTER_PART = re.compile(r"(?:\s+[(\[]+|[,;:])?\s*$")


def ask_parts(
    members: Mapping[int, ShownSentence], search: SearchOptions, *, attention: bool, abilities: Abilities
) -> Generator[Ask, Sequence[SentenceTranslation], dict[int, SentenceTranslation]]:
    """Have the parts between the spans translated one by one: the translation of each sentence."""
    asked: list[Sentence] = []
    parts: dict[int, list[tuple[str, bool]]] = {}
    for number, one in members.items():
        wishes = one.asked
        for text, is_span in parts.setdefault(number, between(one.text, one.spans)):
            if not is_span and is_language(text):
                start, end = _core(text)
                asked.append(replace(wishes, text=text[start:end]))
                wishes = Sentence("", avoided=wishes.avoided)  # the first part has the prefix and all required phrases
    answers = iter((yield Ask(tuple(asked), search, attention)) if asked else ())
    found: dict[int, SentenceTranslation] = {}
    for number, one in members.items():
        pieces: list[SentenceTranslation] = []
        start = 0
        for text, is_span in parts[number]:
            end = start + len(text)
            if text:
                translation = next((span.translation for span in one.spans if is_span and span.start == start), None)
                own = one.tidied.whole(start, end) if translation is None else translation
                if is_span or not is_language(text):
                    pieces.append(_copied(own))
                elif one.is_free:
                    pieces.append(_translated(one, text, own, next(answers), is_first=start == 0, abilities=abilities))
                else:
                    pieces.append(_in_edges(text, next(answers)))
            start = end
        found[number] = _joined(one, pieces, abilities)
    return found


def _copied(text: str) -> SentenceTranslation:
    """A part that is its own translation: a token that attends to itself, where it is more than a blank."""
    token = (text.strip(),) if text.strip() else ()
    whole = Hypothesis(
        text=text, score=0.0, log_probability=0.0, tokens=token, attention=(array("f", [1.0]),) if token else ()
    )
    return SentenceTranslation(source=text, source_tokens=token, hypotheses=(whole,))


def _translated(
    one: ShownSentence, text: str, own: str, found: SentenceTranslation, *, is_first: bool, abilities: Abilities
) -> SentenceTranslation:
    """The best translation of a part, between what it stood between; `own` is the part as the source has it."""
    start, end = _core(text)
    shown = text[start:end]
    best = without_loops(found.hypotheses[0], shown) if found.hypotheses else None
    if best is None or not is_language(best.text) or numbers_of(best.text):
        return _copied(own)
    if best.text == shown:  # left as it was
        return replace(found, hypotheses=(replace(best, text=own),))
    said = best.text
    # A part is no sentence: it gets no capital and no end of one.
    if said[-1] in ".!?" and shown[-1] not in ".!?:":
        said = said.rstrip(".!?").rstrip() or said
    if not is_first and shown[0].islower():
        said = within_sentence(said, language=abilities.target_language)
    said = one.as_written(said, abilities)
    return _in_edges(text, replace(found, hypotheses=(replace(best, text=said),)))


def _core(text: str) -> tuple[int, int]:
    """Where the words of a part begin and end, which a model is shown: in `), and then (` it might lose a bracket."""
    start, end = _BEFORE_PART.match(text), _AFTER_PART.search(text)
    return (start.end() if start else 0), (end.start() if end else len(text))


def _in_edges(text: str, found: SentenceTranslation) -> SentenceTranslation:
    """The best translation that was `found` of the part `text`, between what is no word before and after it."""
    best = found.hypotheses[0]
    start, end = _core(text)
    return replace(found, hypotheses=(replace(best, text=text[:start] + best.text + text[end:]),))


def _joined(one: ShownSentence, parts: Sequence[SentenceTranslation], abilities: Abilities) -> SentenceTranslation:
    """The translation of a sentence from those of its parts."""
    best = [part.hypotheses[0] for part in parts]
    has_attention = all(bool(own.attention) or not own.tokens for own in best)
    width, before = sum(len(part.source_tokens) for part in parts), 0
    rows: list[array[float]] = []
    for part, own in zip(parts, best, strict=True):
        after = width - before - len(part.source_tokens)
        rows += [array("d", (*[0.0] * before, *row, *[0.0] * after)) for row in own.attention if has_attention]
        before += len(part.source_tokens)
    text = one.fitted("".join(own.text for own in best), abilities)
    whole = Hypothesis(
        text=one.finished(text, one.tidied.text, abilities) if one.is_free else text,
        score=sum(own.score for own in best),
        log_probability=sum(own.log_probability for own in best),
        tokens=tuple(token for own in best for token in own.tokens),
        attention=tuple(rows),
    )
    source_tokens = tuple(token for part in parts for token in part.source_tokens)
    return SentenceTranslation(source=one.asked.text, source_tokens=source_tokens, hypotheses=(whole,))
