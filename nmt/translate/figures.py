"""What a model is shown in digits, since it copies those, and what a rule says better: times, dates and numbers in words."""

from __future__ import annotations

from nmt.text.spans import Span
from nmt.translate.clock import times_of_day
from nmt.translate.dates import dates
from nmt.translate.number_words import number_words


def find_figures(sentence: str, *, source: str, target: str) -> list[Span]:
    """The times of day, dates and numbers in words of `sentence`, in order and apart, each as `target` says it.

    Of those that overlap, the first is found: half past 9 p.m., and not 9 p.m.
    """
    found = [span for find in (times_of_day, dates, number_words) for span in find(sentence, source=source, target=target)]
    apart: list[Span] = []
    for span in sorted(found, key=lambda span: span.start):
        if not apart or apart[-1].end <= span.start:
            apart.append(span)
    return apart
