"""A contrastive suite of German and English: sentences with translations, and translations with one mistake.

The kinds of mistakes and how they are made are those of LingEval97 (Sennrich 2017): a polarity is turned, a verb or an
article does not agree, a particle, a number or a name is another, parts of a compound or letters of a name change places.
The sentences are made of words and templates of this program, always the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

EACH = 260
"""Items of each kind and direction."""
_ARTICLES = ("der", "die", "das")


@dataclass(frozen=True, slots=True)
class Item:
    """A source, its translation, and translations that are wrong."""

    kind: str
    source: str
    reference: str
    contrastive: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A sentence in both languages, each with a wrong form."""

    de: str
    wrong_de: str
    en: str
    wrong_en: str


Maker = Callable[[random.Random], _Pair]


def items(source: str) -> list[Item]:
    """All items of a direction; `source` is "de" or "en". No item is there twice."""
    found = []
    for kind, make in MAKERS.items():
        chance = random.Random(kind)
        seen: set[str] = set()
        while len(seen) < EACH:
            pair = make(chance)
            own, reference, wrong = (
                (pair.de, pair.en, pair.wrong_en) if source == "de" else (pair.en, pair.de, pair.wrong_de)
            )
            item = Item(kind, _sentence(own), _sentence(reference), (_sentence(wrong),))
            if repr(item) not in seen:
                seen.add(repr(item))
                found.append(item)
    return found


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(
        files("nmt.evaluation").joinpath("data", "suite.yaml").read_text(encoding="utf-8")
    )
    return words


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


@dataclass(frozen=True, slots=True)
class _Clause:
    """Who does what to what, and when."""

    person: dict[str, Any]
    thing: dict[str, Any]
    verb: dict[str, Any]
    time: dict[str, str]

    @property
    def who(self) -> str:
        article, noun, *_ = self.person["de"]
        return f"{article} {noun}"

    @property
    def what(self) -> str:
        _, noun, article, _ = self.thing["de"]
        return f"{article} {noun}"

    @property
    def english_who(self) -> str:
        return f"the {self.person['en'][0]}"

    @property
    def english_what(self) -> str:
        return f"the {self.thing['en'][0]}"


def _clause(chance: random.Random) -> _Clause:
    words = _words()
    return _Clause(*(chance.choice(words[name]) for name in ("people", "things", "verbs", "times")))


def _polarity_nicht(chance: random.Random, *, negative: bool) -> _Pair:
    one = _clause(chance)
    third, infinitive = one.verb["en"]
    with_not = f"{one.who} {one.verb['de'][0]} {one.what} {one.time['de']} nicht"
    without = f"{one.who} {one.verb['de'][0]} {one.what} {one.time['de']}"
    english_not = f"{one.english_who} does not {infinitive} {one.english_what} {one.time['en']}"
    english = f"{one.english_who} {third} {one.english_what} {one.time['en']}"
    if negative:
        return _Pair(with_not, without, english_not, english)
    return _Pair(without, with_not, english, english_not)


def _nicht_deleted(chance: random.Random) -> _Pair:
    return _polarity_nicht(chance, negative=True)


def _nicht_inserted(chance: random.Random) -> _Pair:
    return _polarity_nicht(chance, negative=False)


def _kein(chance: random.Random) -> _Pair:
    one = _clause(chance)
    ending = {"den": "en", "die": "e", "das": ""}[one.thing["de"][2]]
    noun, english = one.thing["de"][1], one.thing["en"][0]
    article = "an" if english[0] in "aeiou" else "a"
    forms = [f"{one.who} hat {one.time['de']} {word}{ending} {noun}" for word in ("kein", "ein")]
    others = [f"{one.english_who} has {word} {english} {one.time['en']}" for word in ("no", article)]
    return _Pair(*forms, *others)


def _verb_number(chance: random.Random) -> _Pair:
    """A verb of another number than its subject."""
    one = _clause(chance)
    plural = chance.random() < 0.5
    who = f"die {one.person['de'][3]}" if plural else one.who
    english = f"the {one.person['en'][plural]}"
    # Nouns of one form in both numbers are told apart by the article.
    forms = [f"{who} {one.verb['de'][number]} {one.what} {one.time['de']}" for number in (plural, not plural)]
    others = [f"{english} {one.verb['en'][number]} {one.english_what} {one.time['en']}" for number in (plural, not plural)]
    return _Pair(*forms, *others)


def _gender(chance: random.Random) -> _Pair:
    """An article (German) or a pronoun (English) of another gender than its noun."""
    one = _clause(chance)
    person = chance.choice([one for one in _words()["people"] if one["en"][0] in _PRONOUNS])
    article, noun, *_ = person["de"]
    wrong = chance.choice([other for other in _ARTICLES if other != article])
    own, other = _PRONOUNS[person["en"][0]]
    possessive = "ihr" if article == "die" else "sein"
    ending = {"den": "en", "die": "e", "das": ""}[one.thing["de"][2]]
    rest = f"{one.verb['de'][0]} {one.time['de']} {possessive}{ending} {one.thing['de'][1]}"
    english = f"the {person['en'][0]} {one.verb['en'][0]}"
    return _Pair(
        f"{article} {noun} {rest}",
        f"{wrong} {noun} {rest}",
        f"{english} {own} {one.thing['en'][0]} {one.time['en']}",
        f"{english} {other} {one.thing['en'][0]} {one.time['en']}",
    )


_PRONOUNS = {
    "woman": ("her", "his"),
    "girl": ("her", "his"),
    "aunt": ("her", "his"),
    "brother": ("his", "her"),
    "salesman": ("his", "her"),
}


def _number(chance: random.Random) -> _Pair:
    """Two figures of a number change places, or one is another."""
    one = _clause(chance)
    figures = str(chance.randint(12, 9899))
    wrong = figures[1] + figures[0] + figures[2:]
    if wrong == figures or wrong.startswith("0"):
        wrong = figures[:-1] + str((int(figures[-1]) + chance.randint(1, 8)) % 10)
    forms = [f"{one.who} {one.verb['de'][0]} {one.time['de']} {number} {one.thing['de'][3]}" for number in (figures, wrong)]
    others = [
        f"{one.english_who} {one.verb['en'][0]} {number} {one.thing['en'][1]} {one.time['en']}"
        for number in (figures, wrong)
    ]
    return _Pair(*forms, *others)


def _name(chance: random.Random) -> _Pair:
    """A person or a town of another name."""
    words, one = _words(), _clause(chance)
    person, city = chance.choice(words["names"]), chance.choice(words["cities"])
    if chance.random() < 0.5:
        wrong = chance.choice([name for name in words["names"] if name != person]), city
    else:
        wrong = person, chance.choice([name for name in words["cities"] if name != city])
    in_english = words["city_in_english"]
    forms = [f"{name} {one.verb['de'][0]} {one.what} in {town}" for name, town in ((person, city), wrong)]
    others = [
        f"{name} {one.verb['en'][0]} {one.english_what} in {in_english.get(town, town)}"
        for name, town in ((person, city), wrong)
    ]
    return _Pair(*forms, *others)


def _particle(chance: random.Random) -> _Pair:
    """A particle that makes another verb."""
    one, found = _clause(chance), chance.choice(_words()["particles"])
    verb, what, *particles = found["de"]
    english, thing, *others = found["en"]
    forms = [f"{one.who} {verb} {one.time['de']} {what} {particle}" for particle in particles]
    pairs = [f"{one.english_who} {english} {thing} {particle} {one.time['en']}" for particle in others]
    return _Pair(*forms, *pairs)


def _compound(chance: random.Random) -> _Pair:
    """The parts of a compound change places."""
    one, found = _clause(chance), chance.choice(_words()["compounds"])
    article, first, second = found["de"]
    turned = f"{second.capitalize()}{first.lower()}"
    forms = [f"{one.who} {one.verb['de'][0]} {one.time['de']} {article} {word}" for word in (f"{first}{second}", turned)]
    parts = found["en"]
    others = [
        f"{one.english_who} {one.verb['en'][0]} the {' '.join(words)} {one.time['en']}" for words in (parts, parts[::-1])
    ]
    return _Pair(*forms, *others)


def _transliteration(chance: random.Random) -> _Pair:
    """Two letters of a seldom name change places."""
    one, name = _clause(chance), chance.choice(_words()["surnames"])
    places = [place for place in range(1, len(name) - 1) if name[place] != name[place + 1]]
    place = chance.choice(places)
    wrong = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    title, english = chance.choice((("Herr", "Mr"), ("Frau", "Ms")))
    forms = [f"{title} {word} {one.verb['de'][0]} {one.what} {one.time['de']}" for word in (name, wrong)]
    others = [f"{english} {word} {one.verb['en'][0]} {one.english_what} {one.time['en']}" for word in (name, wrong)]
    return _Pair(*forms, *others)


MAKERS: dict[str, Maker] = {
    "polarity: nicht/not deleted": _nicht_deleted,
    "polarity: nicht/not inserted": _nicht_inserted,
    "polarity: kein/no deleted": _kein,
    "agreement: number of the verb": _verb_number,
    "agreement: gender": _gender,
    "number": _number,
    "name": _name,
    "particle": _particle,
    "compound": _compound,
    "transliteration": _transliteration,
}
