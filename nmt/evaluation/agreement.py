"""The meaning of a difference: how often people would prefer the system that a metric prefers.

Kocmi et al. (2024), "Navigating the Metrics Maze: Reconciling Score Magnitudes and Accuracies", fitted for each metric how
often people agree with the order of two systems whose scores differ by so many points.
"""

from __future__ import annotations

import math

# The asymptote, in percent, and the slope of each fitted curve.
_CURVES = {"BLEU": (88.333333, 0.96639269), "chrF2": (93.0, 1.1142732), "COMET": (96.223741, 2.8359195)}


def share_of_people(curve: str, difference: float) -> float | None:
    """Percent of people who agree that a system is better whose score is `difference` points higher or lower.

    Half of them where there is no difference that people see. `curve` is that of a metric, its `Metric.curve`; None where
    nobody fitted one.
    """
    if curve not in _CURVES:
        return None
    most, slope = _CURVES[curve]
    return max(50.0, most / (1.0 + math.exp(-slope * abs(difference))))
