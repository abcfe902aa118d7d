"""The best target sequences of a batch of sources, for any scorer: `search` is the way in."""

from nmt.search.constraints import Constraints
from nmt.search.dropped import Dropped, dropped_of
from nmt.search.forced import ForcedDecoding, forced_decodings, forced_scores
from nmt.search.loop import search
from nmt.search.scorer import Scorer, State
from nmt.search.trace import Candidate

__all__ = [
    "Candidate",
    "Constraints",
    "Dropped",
    "ForcedDecoding",
    "Scorer",
    "State",
    "dropped_of",
    "forced_decodings",
    "forced_scores",
    "search",
]
