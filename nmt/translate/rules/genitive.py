"""Genitives of German names, which a model that translates into English is shown as English writes them: Annas is Anna's.

A model may know a name, but not its form with an s: of Pauls Schlüssel it makes pulse keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nmt.translate.rules.given_names import given_names
from nmt.translate.tidy import Tidied

_NAMES = given_names("de") | {"Christian", "Mama", "Maria", "Oma"}
_WORD = "[A-ZÄÖÜ][a-zäöüßéş]+(?:-[A-ZÄÖÜ][a-zäöüß]+)?"
# No verb after a family name: Peters kaufte Brot.
_ADJECTIVE = r"(?:(?!\w*(?<!s)te[nrms]? )[a-zäöüß]+e[nrms]?|(?:gu|al|bun|net|letz|rech|ech)te[nrms]?) "
_NOUN = rf"(?= (?:und {_WORD}(?:s|['’]s?) )?(?:{_ADJECTIVE}){{0,2}}[A-ZÄÖÜ][a-zäöüß])"
_GIVEN = re.compile(rf"(?<![\w.’'@/-])(?P<name>{_WORD}(?:(?<=[sxzß])['’]|(?<=s))){_NOUN}")
# Elsewhere Frau Peters is the subject, and a noun may follow all the same: weil Frau Peters Zeit hat.
_WITH_TITLE = re.compile(
    r"(?:^|(?<![\w-])(?:[Ii]st|[Ww]ar|[Ii]n|[Aa]n|[Aa]uf|[Ff]ür|[Oo]hne|[Vv]on|[Aa]us|[Bb]ei) )(?:Herrn?|Frau) "
    rf"(?P<name>{_WORD}(?<=[^sxzß]s)(?<![au]chs)){_NOUN}"
)
_NO_GIVEN = re.compile(r"(?<!\w)(?:Sankt|St\.|[Hh]l\.|[Hh]eiligen?|Herrn?|Frau) $")
_OPENING = re.compile(r"(?<!\w)['‘‚]")
_MAY_HAVE = ("s ", "' ", "’ ")


def with_apostrophes(one: Tidied, *, is_kept: Callable[[str], bool] | None = None) -> Tidied:
    """`one`, in German, with 's after names in the genitive before a noun, save those that are to be kept."""
    if not any(end in one.text for end in _MAY_HAVE):
        return one
    return one.written((end - 1, end, "'s") for name, end in _genitives(one.text) if not (is_kept and is_kept(name)))


def _genitives(sentence: str) -> Iterator[tuple[str, int]]:
    """Each with the place where it ends."""
    surnames = {match.start("name") for match in _WITH_TITLE.finditer(sentence)}
    for match in _GIVEN.finditer(sentence):
        name = match["name"]
        is_quoted = not name.endswith("s") and _OPENING.search(sentence, 0, match.start())
        is_given = name[:-1] in _NAMES and name not in _NAMES and not _NO_GIVEN.search(sentence, 0, match.start())
        if match.start() in surnames or (is_given and not is_quoted):
            yield name, match.end("name")
