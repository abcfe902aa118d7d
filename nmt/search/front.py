"""The way into every search: a whole one by the model itself, where it can, and all others step by step."""

from __future__ import annotations

from collections.abc import Sequence

from nmt.config.pytorch import require_pytorch
from nmt.config.search import SearchOptions
from nmt.search.candidate import Candidate
from nmt.search.constraints import UNCONSTRAINED, Constraints
from nmt.search.dropped import Dropped, dropped_of
from nmt.search.scorer import Scorer
from nmt.search.whole import Searching, WholeSearch


def search(
    scorer: Scorer | Searching,
    sources: Sequence[Sequence[int]],
    options: SearchOptions,
    *,
    device: str = "cpu",
    attention: bool = True,
    constraints: Sequence[Constraints] = (),
    dropped: Dropped | None = None,
) -> list[list[Candidate]]:
    """The `n_best` candidates of each sentence, best first; fewer only where fewer exist.

    `sources` are token ids, each at least one: an empty source is for the caller to answer. A sentence's candidates do not
    depend on the rest of its batch, where the scorer's numbers do not: on int8 to the bit, elsewhere but for rounding. With
    beam_size 1 the search is greedy; with sampling the candidates are drawn, and may be alike. `constraints` has one for
    each sentence, or is empty. `device` is where the scorer computes.
    Where the device has too little memory the batch is searched in parts; raises DeviceError where a sentence is too much,
    and MissingPackageError where the search goes step by step and PyTorch is not installed.

    Sentences that are `dropped` leave the batch between two steps, without a candidate; the others stay as they are.

    A sentence has no candidate at all where forbidden tokens leave no way to all that are required, which a beam of at least
    one more than required tokens finds best. Raises ValueError for what `required` does not go with: sampling, groups.
    """
    if not sources:
        return []
    if min(map(len, sources)) < 1:
        raise ValueError("search needs at least one token in each source sentence")
    if any(one.required for one in constraints) and (options.sampling or options.diversity_groups > 1):
        raise ValueError("required phrases are for beam search in one group")
    if dropped is not None and dropped() >= set(range(len(sources))):
        return [[]] * len(sources)
    constraints = constraints or [UNCONSTRAINED] * len(sources)
    greedy = options.sampling or options.beam_size == 1
    # Greedy search stops at the first END. A required phrase needs a beam, be it of one, which may look further.
    by_beam = [not greedy or bool(one.required) for one in constraints]
    found: list[list[Candidate]] = [[]] * len(sources)
    for method in sorted(set(by_beam)):
        rows = [row for row, own in enumerate(by_beam) if own is method]
        candidates = _search(
            scorer,
            [sources[row] for row in rows],
            options,
            by_beam=method,
            device=device,
            attention=attention,
            constraints=[constraints[row] for row in rows],
            dropped=dropped_of(dropped, rows),
        )
        for row, own in zip(rows, candidates, strict=True):
            found[row] = [one for one in own if constraints[row].has_required(one.tokens)]
    return found


def _search(
    scorer: Scorer | Searching,
    sources: Sequence[Sequence[int]],
    options: SearchOptions,
    *,
    by_beam: bool,
    device: str,
    attention: bool,
    constraints: Sequence[Constraints],
    dropped: Dropped | None,
) -> list[list[Candidate]]:
    """As `search`, by one method, and candidates may lack what is required."""
    if isinstance(scorer, Searching):
        lengths = [len(source) for source in sources]
        whole = WholeSearch.of(options, lengths, constraints, greedy=not by_beam, attention=attention)
        if whole is not None:
            return scorer.search(sources, whole, dropped)
        require_pytorch("sampling" if options.sampling else "diversity_groups")
        scorer = scorer.stepwise
    from nmt.search.loop import search_by_steps  # takes a second to load, with PyTorch

    return search_by_steps(
        scorer,
        sources,
        options,
        by_beam=by_beam,
        device=device,
        attention=attention,
        constraints=constraints,
        dropped=dropped,
    )
