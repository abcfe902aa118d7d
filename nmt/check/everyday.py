"""Cases between English and French or Spanish: what models of everyday sentences are known to harm, in such sentences."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from typing import Any

from nmt.check.cases import Case, spans_in, table
from nmt.check.kinds import KINDS, Kind
from nmt.translate.rules.romance.pairs import LANGUAGES, is_romance_pair

_SPANS, _NUMBERS = 120, 60  # cases of each direction
_LIST_MARKS = ("- ", "* ", "a) ", "3) ", "## ")


def kinds_for(source: str, target: str) -> tuple[Kind, ...] | None:
    """The kinds that there are cases of from one language into another; None where there are none."""
    if {source, target} == {"de", "en"}:
        return KINDS
    return _everyday_kinds(target) if is_romance_pair(source, target) else None


def _everyday_kinds(target: str) -> tuple[Kind, ...]:
    """Those of other languages with cases of their own, of which as much is asked, and some more."""
    known = {kind.name: kind for kind in KINDS}
    own: dict[str, Callable[..., Iterable[Case]]] = {
        "protected spans": _spans,
        "numbers": _numbers,
        "times and dates": _times,
        "names of people": _names,
        "quotation marks": _quotes,
        "marks of lists": _lists,
        "ALL CAPS": _capitals,
        "NBSP, soft hyphens": _invisible,
        "ordinary sentences": _sentences,
        "repetition": _sentences,
    }
    same = [replace(kind, cases=partial(own[name], target=target)) for name, kind in known.items() if name in own]
    says = known["times and dates"].is_right
    new = [
        Kind(name, 100, partial(cases, target=target), says)
        for name, cases in (("ordinals", _ordinals), ("names of places", _places), ("forms and signs", _phrases))
    ]
    return (*same, *new, known["nothing to translate"], known["odd texts"])


def _own(name: str) -> Any:
    return table("everyday.yaml")[name]


def _spans(source: str, *, target: str) -> Iterator[Case]:  # noqa: ARG001
    draw, kinds = random.Random(7), table("spans.yaml")
    for template in islice(cycle(_own("spans")[source]), _SPANS):
        yield spans_in(template, kinds, draw)


def _numbers(source: str, *, target: str) -> Iterator[Case]:  # noqa: ARG001
    draw = random.Random(8)
    for template in islice(cycle(_own("numbers")[source]), _NUMBERS):
        yield Case(
            text=template.format(*(draw.randrange(10 ** (size - 1), 10**size) for size in draw.choices((2, 4, 6), k=2)))
        )


def _times(source: str, *, target: str) -> Iterator[Case]:
    for group in _own("times")[source]:
        for frame in group["frames"]:
            yield from (Case(text=frame.format(form), says=says[target]) for form, says in group["says"].items())


def _names(source: str, *, target: str) -> Iterator[Case]:  # noqa: ARG001
    for kind in ("names", "titles"):
        own = _own(kind)[source]
        yield from (Case(text=frame.format(name), keeps=(name,)) for frame in own["frames"] for name in own["names"])


def _places(source: str, *, target: str) -> Iterator[Case]:
    own = _own("places")
    places = [*own["names"], *(own["countries"] if source != "fr" else ())]  # with articles, which melt into other words
    for frame in own[source]:
        for forms in places:
            by_language = dict(zip(LANGUAGES, forms, strict=True))
            name = re.sub(r"^(?:l[ae] |l')", "", by_language[target])
            yield Case(text=frame.format(by_language[source]), says=rf"\b{name}\b")


def _ordinals(source: str, *, target: str) -> Iterator[Case]:
    forms = _own("ordinals")["forms"]
    for frame in _own("ordinals")[source]:
        for form, said in zip(forms[source], forms[target], strict=True):
            number = re.match(r"\d+", said)
            assert number is not None
            yield Case(text=frame.format(form), says={"en": said, "fr": said, "es": rf"\b{number[0]}\.(?:º|ª|er)"}[target])


def _phrases(source: str, *, target: str) -> Iterator[Case]:
    for forms in _own("phrases"):
        by_language = dict(zip(LANGUAGES, forms, strict=True))
        said = re.escape(by_language[target]).replace(r"\ ", r"\s")
        yield Case(text=by_language[source], says=f"^{said}$")


def _quotes(source: str, *, target: str) -> Iterator[Case]:  # noqa: ARG001
    for frame in _own("quotes")[source]:
        for opening, closing in _own("quotes")["pairs"][source]:
            yield Case(text=frame.replace("{", opening).replace("}", closing))


def _lists(source: str, *, target: str) -> Iterator[Case]:  # noqa: ARG001
    for line in _own("lists")[source]:
        yield from (Case(text=mark + line, says=rf"^{re.escape(mark)}[¿¡]?[^\W\d_]") for mark in _LIST_MARKS)


def _sentences(source: str, *, target: str) -> Iterator[Case]:
    for forms in _own("sentences"):
        by_language = dict(zip(LANGUAGES, forms, strict=True))
        yield Case(text=by_language[source], reference=by_language[target])


def _capitals(source: str, *, target: str) -> Iterator[Case]:
    return (Case(text=case.text.upper(), plain=case.text) for case in _sentences(source, target=target))


def _invisible(source: str, *, target: str) -> Iterator[Case]:
    return (Case(text=case.text.replace(" ", "\u00a0"), plain=case.text) for case in _sentences(source, target=target))
