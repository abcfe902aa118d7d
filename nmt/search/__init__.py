"""The best target sequences of a batch of sources, for any scorer: `search` is the way in."""

from nmt.search.constraints import Constraints
from nmt.search.forced import forced_scores
from nmt.search.loop import search
from nmt.search.scorer import Scorer, State
from nmt.search.trace import Candidate

__all__ = ["Candidate", "Constraints", "Scorer", "State", "forced_scores", "search"]
