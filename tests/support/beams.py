"""Beam search itself, where `search` would choose another method for a beam of one."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.search import Candidate, Constraints, Scorer
from nmt.search.beam import BeamSearch
from nmt.search.loop import run
from nmt.search.steps import Eager


def beam_search(
    scorer: Scorer,
    source: Tensor,
    lengths: Tensor,
    options: SearchOptions,
    *,
    check_every: int,
    constraints: Sequence[Constraints] = (),
) -> list[list[Candidate]]:
    """Beam search whatever the beam size, with the host reading every so many steps which sentences are finished."""
    method = BeamSearch(scorer, options, attention=True, synchronous=check_every == 1)
    own = constraints or [Constraints()] * len(source)
    return run(method, source, lengths, steps=Eager(check_every), constraints=own)
