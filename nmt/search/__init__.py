"""The best target sequences of a batch of sources, for any scorer: `search` is the way in. Whole search needs no PyTorch."""

from nmt.search.candidate import Candidate
from nmt.search.constraints import Constraints
from nmt.search.dropped import Dropped, dropped_of
from nmt.search.front import search
from nmt.search.scorer import Scorer, State
from nmt.search.whole import Searching

__all__ = [
    "Candidate",
    "Constraints",
    "Dropped",
    "Scorer",
    "Searching",
    "State",
    "dropped_of",
    "search",
]
