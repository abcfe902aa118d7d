"""A text with markup: taken apart into parts to translate, and put together again with their translations.

    <p>Ein <b>Hund</b>.</p> ──pieces──> boundary, text, opening, text, closing, text, boundary
                            ──parts───> "Ein Hund." ──plan──> "A dog." ──place tags──> <p>A <b>dog</b>.</p>

What a sentence's translation leaves as it was is written as the source has it, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from nmt.config.sentences import Split
from nmt.text.spans import STAND_INS
from nmt.text.tokenizer import without_surrogates
from nmt.translate.markup.blanks import ANYWHERE, Beside
from nmt.translate.markup.html import html_pieces
from nmt.translate.markup.markdown import markdown_pieces
from nmt.translate.markup.options import Markup
from nmt.translate.markup.pieces import Kind, Piece, Reading
from nmt.translate.markup.placing import Tag, place
from nmt.translate.markup.plain import plain_pieces
from nmt.translate.markup.spelling import Spelling, spelled_in_markdown, spelled_in_markup, with_readable_emphasis
from nmt.translate.markup.xml import xml_pieces
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation

_READERS: dict[str, Callable[[str, Markup], list[Piece]]] = {
    "text": plain_pieces,
    "html": html_pieces,
    "xml": xml_pieces,
    "markdown": markdown_pieces,
}
_ALONE = re.compile(r"<a(?![\w:.-])|[^<\s]+", re.IGNORECASE)
"""Elements that may not be in others of their kind: links, and what Markdown has signs for."""
_BLANKS = " \t\n\r\f"


@dataclass(slots=True)
class _Placed:
    """A tag in the plain text of its run."""

    at: int
    """The character that it stands before."""
    piece: int
    blanks: str = ""
    """White space after it that nobody sees, since there is some before it."""


@dataclass(slots=True)
class _Run:
    """Text between two boundaries, with its tags apart from it."""

    plain: str = ""
    written: list[str] = field(default_factory=list)
    """Each character of `plain` as the source writes it."""
    tags: list[_Placed] = field(default_factory=list)


class Document:
    """A text with markup. `parts` are its texts without markup; `assembled` is made of one translation for each."""

    def __init__(self, text: str, markup: Markup, split_sentences: Split = "sentences") -> None:
        self._text = text
        # A line end in a text of XML ends a sentence, as in plain text, unless lines are to go on.
        self._keeps_blanks = markup.format == "text" or (markup.format == "xml" and split_sentences != "nonewlines")
        source = without_surrogates(text)
        self._format = markup.format
        self._pieces = _READERS[markup.format](source, markup)
        self._stand_ins: dict[str, str] = {}
        self._free = (character for character in map(chr, STAND_INS) if character not in source)
        self._layout: list[int | _Run] = []  # boundaries, by the numbers of their pieces, and runs
        self._take_apart()
        self._runs = [one for one in self._layout if isinstance(one, _Run)]
        self._readings = [(number, reading) for number, piece in enumerate(self._pieces) for reading in piece.readings]
        self.parts = (*(run.plain for run in self._runs), *(reading.text for _, reading in self._readings))

    def _take_apart(self) -> None:
        run = _Run()
        for number, piece in enumerate(self._pieces):
            if piece.kind is Kind.boundary:
                self._add(run)
                self._layout.append(number)
                run = _Run()
            elif piece.kind is Kind.text:
                self._add_text(run, piece)
            elif piece.kind is Kind.opaque:
                character = next(self._free, None)
                if character is None:  # more of them than characters for them
                    run.tags.append(_Placed(len(run.written), number))
                    continue
                self._stand_ins[character] = piece.raw
                run.plain += character
                run.written.append(piece.raw)
            else:
                run.tags.append(_Placed(len(run.written), number))
        self._add(run)

    def _add(self, run: _Run) -> None:
        if run.written or run.tags:
            self._layout.append(run)

    def _add_text(self, run: _Run, piece: Piece) -> None:
        """Add a text, in which white space of any length is one space, as it is across tags; in XML and text only there."""
        if piece.text != piece.raw and not (len(piece.text) == 1 and piece.text in _BLANKS):
            run.plain += piece.text
            run.written += [piece.raw, *[""] * (len(piece.text) - 1)]
            return
        added: list[str] = []
        for character in piece.text:
            raw = character if piece.text == piece.raw else piece.raw
            before = added[-1] if added else run.plain[-1:]
            is_behind_tag = bool(run.tags) and run.tags[-1].at == len(run.written)
            if character not in _BLANKS or (self._keeps_blanks and not (character == before == " " and is_behind_tag)):
                added.append(character)
                run.written.append(raw)
            elif before != " ":
                added.append(" ")
                run.written.append(raw)
            elif is_behind_tag:
                run.tags[-1].blanks += raw
            else:
                run.written[-1] += raw
        run.plain += "".join(added)

    def assembled(self, translations: Sequence[Translation]) -> Translation:
        """The translation of the whole from those of its parts, whose sentences must be there with their attention."""
        ranks = max((len(one.texts) for one in translations), default=1)
        of_runs, of_readings = translations[: len(self._runs)], translations[len(self._runs) :]
        texts = tuple(self._assembled(of_runs, of_readings, rank) for rank in range(ranks))
        sentences = tuple(self._shown(sentence) for one in translations for sentence in one.sentences)
        return Translation(source=self._text, sentences=sentences, texts=texts)

    def _assembled(self, of_runs: Sequence[Translation], of_readings: Sequence[Translation], rank: int) -> str:
        raws = [piece.raw for piece in self._pieces]
        for (number, reading), translation in reversed(list(zip(self._readings, of_readings, strict=True))):
            text = translation.texts[min(rank, len(translation.texts) - 1)]
            if text != reading.text:
                raws[number] = _with_reading(raws[number], reading, text)
        written: list[str] = []
        translated = iter(of_runs)
        for one in self._layout:
            if isinstance(one, _Run):
                written += self._written(one, next(translated), rank, raws)
            else:
                written.append(raws[one])
        return "".join(written)

    def _written(self, run: _Run, translation: Translation, rank: int, raws: Sequence[str]) -> Iterator[str]:
        """A run in its translation, of the `rank`-th hypothesis of each sentence."""
        done, tags_done = 0, 0
        spelling = Spelling.of(run.plain, run.written)
        for sentence in translation.sentences:
            start = run.plain.index(sentence.source, done)
            end = start + len(sentence.source)
            first, last = self._tags_within(run, start, end, tags_done)
            yield self._as_written(run, (done, start), (tags_done, first), raws)
            hypothesis = sentence.hypotheses[min(rank, len(sentence.hypotheses) - 1)]
            if hypothesis.text == sentence.source:
                yield self._as_written(run, (start, end), (first, last), raws)
            else:
                yield from self._translated(run, start, sentence, hypothesis, (first, last), raws, spelling)
            done, tags_done = end, last
        yield self._as_written(run, (done, len(run.written)), (tags_done, len(run.tags)), raws)

    def _tags_within(self, run: _Run, start: int, end: int, first: int) -> tuple[int, int]:
        """The tags, from `first` on, that belong into the sentence run.plain[start:end] and not before or after it."""
        while first < len(run.tags) and run.tags[first].at < start:
            first += 1
        last = first
        while last < len(run.tags) and run.tags[last].at <= end:
            last += 1
        opened = {self._pair(tag): tag.at for tag in run.tags[first:last] if self._kind(tag) is Kind.opening}
        closed = {self._pair(tag): tag.at for tag in run.tags[first:last] if self._kind(tag) is Kind.closing}
        # What surrounds the sentence, or stands at its edge, stays there.
        while first < last and run.tags[first].at == start:
            tag = run.tags[first]
            if self._kind(tag) is Kind.opening and start < closed.get(self._pair(tag), end) < end:
                break
            first += 1
        while last > first and run.tags[last - 1].at == end:
            tag = run.tags[last - 1]
            if self._kind(tag) is Kind.closing and start < opened.get(self._pair(tag), start) < end:
                break
            last -= 1
        return first, last

    def _kind(self, tag: _Placed) -> Kind:
        return self._pieces[tag.piece].kind

    def _pair(self, tag: _Placed) -> int:
        return self._pieces[tag.piece].pair

    @staticmethod
    def _as_written(run: _Run, characters: tuple[int, int], tags: tuple[int, int], raws: Sequence[str]) -> str:
        """Characters and tags of a run, as the source has them."""
        written: list[str] = []
        done = characters[0]
        for tag in run.tags[slice(*tags)]:
            written += run.written[done : tag.at]
            written += (raws[tag.piece], tag.blanks)
            done = max(done, tag.at)
        written += run.written[done : characters[1]]
        return "".join(written)

    def _translated(
        self,
        run: _Run,
        start: int,
        sentence: SentenceTranslation,
        hypothesis: Hypothesis,
        within: tuple[int, int],
        raws: Sequence[str],
        spelling: Spelling,
    ) -> Iterator[str]:
        """A hypothesis with the tags of its sentence."""
        tags = run.tags[slice(*within)]
        characters = self._spelled(run, start, hypothesis.text, spelling)
        placed: list[tuple[int, int]] = []
        if tags:
            placed = place(
                sentence.source,
                hypothesis.text,
                [self._tag(tag, start) for tag in tags],
                source_tokens=sentence.source_tokens,
                target_tokens=hypothesis.tokens,
                attention=hypothesis.attention,
            )
        parts: list[tuple[str, Kind | None]] = []
        done, before = 0, ""  # `before` is the last character that is no tag's
        beside = self._beside(run, tags)
        for order, (at, number) in enumerate(placed):
            tag, after = tags[number], hypothesis.text[at : at + 1]
            parts += [(character, None) for character in characters[done:at]]
            before = hypothesis.text[at - 1] if at > done else before
            if beside[number].needs_blank_before(before):
                parts.append((before := " ", None))
            rewritten = self._pieces[tag.piece].rewritten
            parts.append((raws[tag.piece] if rewritten is None else rewritten, self._kind(tag)))
            if placed[order + 1 : order + 2] == [(at, number + 1)] or beside[number] is ANYWHERE:
                blank = "" if after.isspace() else tag.blanks
            else:
                blank = (tag.blanks or " ") if beside[number].needs_blank_after(after) else ""
            if blank:
                parts.append((blank, None))
                before = " "
            done = at
        parts += [(character, None) for character in characters[done:]]
        if self._format == "markdown" and tags:
            yield from with_readable_emphasis(parts)
        else:
            yield from (part for part, _ in parts)

    def _beside(self, run: _Run, tags: Sequence[_Placed]) -> list[Beside]:
        """What each of `tags` stands beside: marks and elements without a character, at whose ends there was a blank."""
        opened = {self._pair(tag): tag.at for tag in tags if self._kind(tag) is Kind.opening}
        closed = {self._pair(tag): tag.at for tag in tags if self._kind(tag) is Kind.closing}
        found: list[Beside] = []
        after, at = "", -1
        for tag in reversed(tags):
            after = " " if tag.blanks else run.plain[tag.at : tag.at + 1] if tag.at != at else after
            at = tag.at
            before = run.plain[at - 1 : at]
            kind, pair = self._kind(tag), self._pair(tag)
            if kind is Kind.mark and not self._pieces[tag.piece].attached:
                found.append(Beside(before, after))
            elif kind is Kind.opening and closed.get(pair) == at:
                found.append(Beside(before=before))
            elif kind is Kind.closing and opened.get(pair) == at:
                found.append(Beside(after=after))
            else:
                found.append(ANYWHERE)
        return found[::-1]

    def _tag(self, tag: _Placed, start: int) -> Tag:
        piece = self._pieces[tag.piece]
        opens = piece.kind is Kind.opening
        name = _ALONE.match(piece.raw) if opens and self._format != "xml" else None
        return Tag(tag.at - start, piece.pair, opens=opens, name=name[0].lower() if name else "", attached=piece.attached)

    def _spelled(self, run: _Run, start: int, text: str, spelling: Spelling) -> list[str]:
        """Each character of a translation as this format writes it, and the source does."""
        if self._format == "markdown":
            is_first = start <= len(run.plain) - len(run.plain.lstrip())
            spelled = spelled_in_markdown(text, spelling, after=run.plain.lstrip() if is_first else None)
        elif self._format == "text":
            spelled = list(text)
        else:
            spelled = spelled_in_markup(text, spelling)
        return [self._stand_ins.get(character, raw) for character, raw in zip(text, spelled, strict=True)]

    def _shown(self, sentence: SentenceTranslation) -> SentenceTranslation:
        """A sentence without stand-ins."""
        if not self._stand_ins or not any(character in self._stand_ins for character in sentence.source):
            return sentence
        restore = re.compile("|".join(map(re.escape, self._stand_ins)))

        def restored(text: str) -> str:
            return restore.sub(lambda match: self._stand_ins[match[0]], text)

        return SentenceTranslation(
            source=restored(sentence.source),
            source_tokens=tuple(map(restored, sentence.source_tokens)),
            hypotheses=tuple(
                replace(one, text=restored(one.text), tokens=tuple(map(restored, one.tokens))) for one in sentence.hypotheses
            ),
        )


def _with_reading(raw: str, reading: Reading, text: str) -> str:
    """A tag with the translation of a part of it."""
    if reading.escaped:
        signs = re.sub(rf"[{re.escape(reading.escaped)}]", r"\\\g<0>", re.sub(r"\s+", " ", text))
        return raw[: reading.start] + signs + raw[reading.end :]
    quote = reading.quote or '"'
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(quote, "&quot;" if quote == '"' else "&#39;")
    text = re.sub("[\r\n]", lambda match: f"&#{ord(match[0])};", text)  # such as the source must have had
    if not reading.quote:
        text = f'"{text}"'
    return raw[: reading.start] + text + raw[reading.end :]
