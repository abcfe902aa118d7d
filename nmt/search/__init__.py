"""The best target sequences of a batch of sources, for any scorer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nmt.config import SearchOptions
from nmt.search.beam import beam_search
from nmt.search.candidate import Candidate
from nmt.search.constraints import Constraints
from nmt.search.greedy import greedy_search
from nmt.search.scorer import Scorer, State

__all__ = ["Candidate", "Constraints", "Scorer", "State", "search"]

# Looking at what is done makes the host wait for an accelerator, so there it is done less often.
_CHECK_EVERY_ON_ACCELERATOR = 4


@torch.inference_mode()
def search(
    scorer: Scorer,
    source: Tensor,
    lengths: Tensor,
    options: SearchOptions,
    *,
    attention: bool = True,
    constraints: Sequence[Constraints] = (),
) -> list[list[Candidate]]:
    """The `n_best` candidates of each sentence, best first; fewer only where fewer exist.

    source (B, S) int64 padded with PADDING_ID, lengths (B,) int64, each at least 1: an empty source is for the caller
    to answer. A sentence's candidates do not depend on the rest of its batch. With beam_size 1 the search is greedy;
    with sampling the candidates are drawn, and may be alike. `constraints` has one for each sentence, or is empty.
    """
    if len(source) == 0:
        return []
    if int(lengths.min()) < 1:
        raise ValueError("search needs at least one token in each source sentence")
    check_every = 1 if source.device.type == "cpu" else _CHECK_EVERY_ON_ACCELERATOR
    run = greedy_search if options.beam_size == 1 or options.sampling else beam_search
    return run(scorer, source, lengths, options, attention=attention, check_every=check_every, constraints=constraints)
