"""Forms in which translations are written: plain text, with the words that belong together, tables, JSON lines."""

from __future__ import annotations

import json
from enum import StrEnum

from nmt.translate.result import Translation


class Format(StrEnum):
    text = "text"
    tsv = "tsv"
    jsonl = "jsonl"
    pharaoh = "pharaoh"

    @property
    def has_alignment(self) -> bool:
        """Whether it needs the model's attention."""
        return self in (Format.jsonl, Format.pharaoh)


def render(translation: Translation, form: Format, *, number: int, ending: str) -> str:
    """The output, newlines included, of input line `number` (from 1) whose line ended in `ending` and a newline."""
    if form is Format.text:
        return f"{one_line(translation.text)}{ending}\n"
    if form is Format.pharaoh:
        from nmt.translate.links import word_links  # not at the top: `nmt --help` reads this file and should answer at once

        links = " ".join(f"{source}-{target}" for source, target in word_links(translation))
        return f"{one_line(translation.text)} ||| {links}{ending}\n"
    if form is Format.tsv:
        scores = map(translation.score_of, range(len(translation.texts)))
        ranked = enumerate(zip(translation.texts, scores, strict=True), 1)
        return "".join(f"{number}\t{rank}\t{score:.6f}\t{_one_cell(text)}\n" for rank, (text, score) in ranked)
    return json.dumps({"line": number, **translation.to_dict()}, ensure_ascii=False) + "\n"


def one_line(text: str) -> str:
    """`text` with a space for each newline."""
    return text.replace("\n", " ")


def _one_cell(text: str) -> str:
    # Readers of tables take "\r" for the end of a row.
    return one_line(text).replace("\t", " ").replace("\r", " ")
