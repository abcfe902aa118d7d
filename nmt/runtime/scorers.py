"""Models on a runtime, as a Translator asks them; and the runtime that needs no PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from nmt.config.machine import RuntimeName
from nmt.config.search import SearchOptions
from nmt.errors import DeviceError
from nmt.model.blueprint import Blueprint
from nmt.model.shortlist import Shortlist
from nmt.runtime.int8 import Int8Network
from nmt.runtime.kernels import Floats
from nmt.search import Constraints, Scorer, Searching


def check_runtime(name: str) -> None:
    """Raises DeviceError for the name of no runtime."""
    if name not in get_args(RuntimeName):
        raise DeviceError(f"runtime {name!r} should be one of {', '.join(get_args(RuntimeName))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorers:
    """Networks on a runtime, as their Translator asks them. Threads may share one."""

    runtime: str
    """"reference" (PyTorch in float32), "int8", "graphs" (half precision on a CUDA device), or two of them, joined by +."""
    arithmetic: str
    """All that numbers depend on besides weights and runtime: "exact", as on every CPU, or PyTorch and its processor."""
    device: str
    """"cpu" or "cuda"."""
    slow_because: str | None = None
    """Reason for which "auto" fell back to the reference on a CPU; None where it did not, or was not asked to choose."""
    whole: Scorer | Searching
    """Scorer for any search: over the whole vocabulary, helped by the language model."""
    listed: Scorer | Searching | None
    """Scorer where no token must come and there is a shortlist: over a sentence's own list of tokens, helped likewise."""
    translation: Scorer | Searching
    """Scorer for given translations: over the whole vocabulary, of the translation models alone."""

    def of(self, options: SearchOptions, constraints: Constraints) -> Scorer | Searching:
        """The scorer for a sentence: its own constraints decide, never those of its batch."""
        if self.listed is None or options.sampling or constraints.fixes:
            return self.whole
        return self.listed

    def batches_at_once(self, threads: int) -> int:
        """Batches to run at the same time: int8 has one thread for each, the other runtimes use all `threads` for one."""
        return threads if self.runtime == "int8" else 1


def stepwise(scorer: Scorer | Searching) -> Scorer:
    """The scorer for searches that go step by step."""
    return scorer.stepwise if isinstance(scorer, Searching) else scorer


def int8_scorers(blueprint: Blueprint, weights: Mapping[str, Floats], shortlist: Shortlist | None) -> Scorers:
    """A network on int8. Raises CannotExport where the kernel is not there, or cannot run it."""
    network = Int8Network.of(blueprint, weights)
    listed = None if shortlist is None else network.restricted(shortlist, blueprint, weights)
    return Scorers(runtime="int8", arithmetic="exact", device="cpu", whole=network, listed=listed, translation=network)
