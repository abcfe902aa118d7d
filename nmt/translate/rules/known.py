"""What a rule says better than a model: times, dates, numbers in words, short forms, Room 312, and names of people."""

from __future__ import annotations

from collections.abc import Sequence

from nmt.text.spans import Span, apart
from nmt.translate.rules.clock import times_of_day
from nmt.translate.rules.dates import dates
from nmt.translate.rules.ellipsis import ellipses
from nmt.translate.rules.greetings import greetings
from nmt.translate.rules.measures import measures
from nmt.translate.rules.names import names
from nmt.translate.rules.number_words import number_words
from nmt.translate.rules.numbered import numbered
from nmt.translate.rules.places import places
from nmt.translate.rules.romance.dates import romance_dates
from nmt.translate.rules.romance.measures import romance_measures
from nmt.translate.rules.romance.openings import openings
from nmt.translate.rules.romance.ordinals import ordinals
from nmt.translate.rules.romance.pairs import is_romance_pair
from nmt.translate.rules.romance.people import owners, with_stand_ins
from nmt.translate.rules.romance.periods import romance_periods
from nmt.translate.rules.romance.phrases import phrases
from nmt.translate.rules.romance.placeholders import numbers_to_come
from nmt.translate.rules.romance.places import romance_places
from nmt.translate.rules.romance.titles import titles
from nmt.translate.rules.short_forms import short_forms
from nmt.translate.rules.slashes import slashes

_WITH_GERMAN = (
    times_of_day,
    dates,
    number_words,
    short_forms,
    greetings,
    slashes,
    numbered,
    ellipses,
    places,
    measures,
)
"""Between English and German. Of two that find the same words, the first counts."""
_WITH_ROMANCE = (
    phrases,
    openings,
    times_of_day,
    romance_dates,
    romance_periods,
    romance_measures,
    romance_places,
    ordinals,
    numbers_to_come,
)
"""Between English and French or Spanish."""


def find_known(sentence: str, *, source: str, target: str) -> list[Span]:
    """What the rules of this module know in `sentence`, in order and apart.

    Each is as `target` says it. A name is left to the model, as is a noun with a number, and is to be looked for in what it
    makes. Of those that overlap, the first is found: half past 9 p.m., and not 9 p.m.
    """
    is_romance = is_romance_pair(source, target)
    finders = _WITH_ROMANCE if is_romance else _WITH_GERMAN
    found = [span for find in finders for span in find(sentence, source=source, target=target)]
    people: Sequence[Span] = names(sentence, language=source)
    if is_romance:
        people = [*people, *owners(sentence, source=source, target=target)]
        found += titles(sentence, people, source=source, target=target)
        people = with_stand_ins(people, sentence, source=source, target=target)
    return apart([*found, *people])
