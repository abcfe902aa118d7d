"""German typed without its letters: of fuer, koennen and groesser a model is shown für, können and größer.

A keyboard without ä, ö, ü and ß makes words that models spell in pieces of others, so that they lose whole clauses. What
the vocabulary has in fewer pieces with these letters was meant with them: neue, Bauer, Israel and individuell were not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from nmt.translate.rules.german import is_capitalised
from nmt.translate.rules.names import names

_LETTERS = re.compile("[äöüßÄÖÜ]")
# Neither neue and Quelle nor individuell, Michael and incertae.
_DIGRAPH = re.compile(r"(?<![aeiouqyAEIOUQY])[aouAOU]e(?!ll|l(?![^\W\d_])|(?<=ae)(?![^\W\d_]))")
# Behind these ss is ß, whatever the vocabulary prefers; only where the text lacks other letters, for the Swiss have no ß.
_SHARP = re.compile(
    "((?:[Gg]r|[Ss]|[Ff]|[Bb])ü|[Gg]rö|[Gg]ro|[Ss]tra|[Ss]to|hei|[Ww]ei|[Dd]rau|[Ff]lei|mä|[Gg]ie|[Ss]chlie|[Ss]pa)ss"
)
_WORD = re.compile(r"(?<![\w@./#-])(?![Zz]ue|[Ss]oe)[^\W\d_]+(?![\w@/-]|\.\w)")
_WRITTEN = {"ae": "ä", "oe": "ö", "ue": "ü", "Ae": "Ä", "Oe": "Ö", "Ue": "Ü"}
_GREETING = re.compile(r"\bGruesse")
_MOST = 4  # digraphs of a word, each of which may be a letter or two
_SURE = 2  # pieces of a noun that is sure, and how many fewer these are


def umlauts(text: str, encode: Callable[[str], Sequence[int]]) -> Iterator[tuple[int, int, str]]:
    """The words of the German `text` that lack letters: from where to where each is, and what it is with them.

    None where the text has such letters elsewhere, or no word that surely lacks them. A noun alone may be a name: Caesar.
    """
    if _LETTERS.search(text) or _DIGRAPH.search(text) is None:
        return
    people = list(names(text, language="de"))
    words = [match for match in _WORD.finditer(text) if not any(name.overlaps(*match.span()) for name in people)]
    found = [(match, *_with_letters(match[0], encode)) for match in words]
    if _GREETING.search(text) or any(_is_sure(written, pieces, fewer) for _, written, pieces, fewer in found):
        for match, written, _, _ in found:
            if written != match[0]:
                yield (*match.span(), written)


def _is_sure(written: str, pieces: int, fewer: int) -> bool:
    is_noun = is_capitalised([written.lower()], 0, is_last=False) is not False
    return fewer >= _SURE and pieces <= _SURE if is_noun and not written.islower() else fewer > 0


def _with_letters(word: str, encode: Callable[[str], Sequence[int]]) -> tuple[str, int, int]:
    """The word as it was meant, if these letters were: with its number of pieces, and how many fewer these are."""
    places = list(_DIGRAPH.finditer(word))
    found = (len(encode(word)), word) if places else (0, word)
    as_it_is = found[0]
    for chosen in product((False, True), repeat=len(places)) if 0 < len(places) <= _MOST else ():
        parts, last = [], 0
        for match, is_letter in zip(places, chosen, strict=True):
            parts += [word[last : match.start()], _WRITTEN[match[0]] if is_letter else match[0]]
            last = match.end()
        written = _SHARP.sub(r"\1ß", "".join((*parts, word[last:])))
        # Of two with as many pieces, the one with more of these letters.
        found = min((len(encode(written)), written), found, key=lambda one: one[0])
    pieces, written = found
    return written if places else _SHARP.sub(r"\1ß", word), pieces, as_it_is - pieces
