"""The best target sequences of a batch of sources, for any scorer."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import torch
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.errors import DeviceError
from nmt.search.beam import beam_search
from nmt.search.candidate import Candidate
from nmt.search.constraints import Constraints
from nmt.search.forced import forced_scores
from nmt.search.greedy import greedy_search
from nmt.search.scorer import Scorer, State
from nmt.search.steps import steps_of

__all__ = ["Candidate", "Constraints", "Scorer", "State", "forced_scores", "search"]

_log = logging.getLogger(__name__)


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
    Where the device has too little memory the batch is searched in parts; raises DeviceError where a sentence is too much.

    A sentence has no candidate at all where forbidden tokens leave no way to all that are required, which a beam of at least
    one more than required tokens finds best. Raises ValueError for what `required` does not go with: sampling, groups.
    """
    if len(source) == 0:
        return []
    if int(lengths.min()) < 1:
        raise ValueError("search needs at least one token in each source sentence")
    try:
        return _search(scorer, source, lengths, options, attention, constraints)
    except torch.OutOfMemoryError as error:
        if len(source) == 1:
            size = f"a sentence of {source.shape[1]} tokens with a beam of {options.beam_size}"
            raise DeviceError(f"the device has too little memory for {size}; use a smaller beam, or device cpu") from error
    _log.warning("out of memory with a batch of %d sentences; trying again with halves of it", len(source))
    middle = len(source) // 2
    return [
        *search(scorer, source[:middle], lengths[:middle], options, attention=attention, constraints=constraints[:middle]),
        *search(scorer, source[middle:], lengths[middle:], options, attention=attention, constraints=constraints[middle:]),
    ]


def _search(
    scorer: Scorer,
    source: Tensor,
    lengths: Tensor,
    options: SearchOptions,
    attention: bool,
    constraints: Sequence[Constraints],
) -> list[list[Candidate]]:
    asking = [bool(one.required) for one in constraints]
    required = any(asking)
    if options.beam_size == 1 and required and not all(asking):
        # Greedy search stops at the first end, a beam of one may look further: each sentence has what it has alone.
        found: list[list[Candidate]] = [[]] * len(source)
        for some in (True, False):
            part = [index for index, asks in enumerate(asking) if asks is some]
            own = [constraints[index] for index in part]
            for index, candidates in zip(
                part, _search(scorer, source[part], lengths[part], options, attention, own), strict=True
            ):
                found[index] = candidates
        return found
    if required and (options.sampling or options.diversity_groups > 1):
        raise ValueError("required phrases are for beam search in one group")
    run = greedy_search if (options.beam_size == 1 and not required) or options.sampling else beam_search
    count = len(source)
    with steps_of(scorer, source.device) as steps:
        source, lengths = steps.pad(source, lengths)
        if constraints:
            constraints = [*constraints, *[Constraints()] * (len(source) - count)]
        found = run(scorer, source, lengths, options, attention=attention, steps=steps, constraints=constraints)
    if not required:
        return found[:count]
    return [
        [c for c in each if one.has_required(c.tokens)] for one, each in zip(constraints[:count], found[:count], strict=True)
    ]
