"""The results of a check for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nmt.check.judge import Result


def table(results: Sequence[Result]) -> str:
    """A line for each kind. Of `cases` those are `told` that there is a verdict on."""
    lines = [f"{'kind':<22} {'cases':>5} {'told':>5} {'%':>6} {'asked':>6}"]
    for result in results:
        value = "-" if result.value is None else f"{result.value:.1f}"
        note = "" if result.is_kept else "  less than asked"
        lines.append(f"{result.kind.name:<22} {result.count:>5} {result.told:>5} {value:>6} {result.kind.asked:>6.1f}{note}")
    return "\n".join(lines)


def figures(
    results: Sequence[Result], masks: Mapping[str, float], *, translator: str, source: str, target: str
) -> dict[str, Any]:
    """For JSON: the figures of each kind with all translations that failed, and how often words are copied."""
    return {
        "translator": translator,
        "source": source,
        "target": target,
        "kept": all(result.is_kept for result in results),
        "kinds": [
            {
                "kind": result.kind.name,
                "cases": result.count,
                "told": result.told,
                "measure": "per cent" if result.kind.form is None else "BLEU",
                "value": result.value,
                "asked": result.kind.asked,
                "kept": result.is_kept,
                "failures": [{"text": failure.case.text, "translation": failure.translation} for failure in result.failures],
            }
            for result in results
        ],
        "copied": dict(masks),
    }
