"""The learning rate of each update."""

from __future__ import annotations

import math

from nmt.config.training import TrainingConfig


def learning_rate(config: TrainingConfig, update: int) -> float:
    """The learning rate of update 1, 2, …: a linear warm-up to `config.learning_rate`, then the schedule.

    "linear" and "cosine" (Loshchilov and Hutter 2017, equation 5, one cycle) reach zero after `max_updates`;
    "inverse-sqrt" falls with the square root of the update (Vaswani et al. 2017, equation 3). "plateau" falls when
    validations say so (Denkowski and Neubig 2017, section 3.1); RunProgress.rate_factor counts how far.
    """
    warmup = max(1, config.warmup_updates)
    if update < warmup:
        return config.learning_rate * update / warmup
    progress = (update - warmup) / max(1, config.max_updates + 1 - warmup)
    factor = {
        "constant": 1.0,
        "plateau": 1.0,
        "linear": 1.0 - progress,
        "cosine": 0.5 * (1.0 + math.cos(math.pi * progress)),
        "inverse-sqrt": math.sqrt(warmup / update),
    }[config.schedule]
    return config.learning_rate * factor
