"""Scorers made of networks: the only place that knows which runtimes there are, and which networks each can run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import torch

from nmt.config.machine import DeviceName, RuntimeName
from nmt.config.search import LANGUAGE_MODEL_WEIGHT, SearchOptions
from nmt.errors import DeviceError
from nmt.model.language_model import LanguageModel
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.runtime.cpu import CannotExport, CpuScorer
from nmt.runtime.cuda import captured, half_scorer
from nmt.runtime.ensemble import EnsembleScorer
from nmt.runtime.fusion import FusedScorer
from nmt.runtime.reference import ReferenceScorer
from nmt.search import Constraints, Scorer


def find_device(name: str) -> torch.device:
    """The device called "auto", "cpu" or "cuda". Raises DeviceError where it is not there."""
    if name not in get_args(DeviceName):
        raise DeviceError(f"device {name!r} should be auto, cpu or cuda")
    if name == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if name == "cuda":
        raise DeviceError("device cuda was asked for, but PyTorch finds no CUDA device here; use cpu or auto")
    return torch.device("cpu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorers:
    """Networks on a runtime, as their Translator asks them. Threads may share one."""

    runtime: str
    """"reference" (PyTorch in float32), "int8", "graphs" (half precision on a CUDA device), or two of them, joined by +."""
    arithmetic: str
    """All that numbers depend on besides weights and runtime: "exact", as on every CPU, or PyTorch and its processor."""
    slow_because: str | None
    """Reason for which "auto" fell back to the reference on a CPU; None where it did not, or was not asked to choose."""
    whole: Scorer
    """Scorer for any search: over the whole vocabulary, helped by the language model."""
    listed: Scorer | None
    """Scorer for a plain search, where there is a shortlist: over a sentence's own list of tokens, helped likewise."""
    forced: Scorer
    """Scorer for given translations: over the whole vocabulary, of the translation models alone."""

    def of(self, options: SearchOptions, constraints: Constraints) -> Scorer:
        """The scorer for a sentence: its own constraints decide, never those of its batch."""
        if self.listed is None or options.sampling or constraints.fixes:
            return self.whole
        return self.listed

    def batches_at_once(self, threads: int) -> int:
        """Batches to run at the same time: int8 has one thread for each, the other runtimes use all `threads` for one."""
        return threads if self.runtime == "int8" else 1


def build_scorers(
    networks: Sequence[Seq2Seq],
    *,
    runtime: RuntimeName = "auto",
    shortlist: Shortlist | None = None,
    language_model: LanguageModel | None = None,
    language_model_weight: float = LANGUAGE_MODEL_WEIGHT,
) -> Scorers:
    """`networks`, on one device and in evaluation mode, on the runtime called "reference", "int8", or "auto": the fastest.

    Several networks are an ensemble. The shortlist is for one network on int8; another runtime leaves it out. Raises
    DeviceError where the runtime is not there or cannot run a network, InputError where networks do not fit each other.
    """
    if runtime not in get_args(RuntimeName):
        raise DeviceError(f"runtime {runtime!r} should be one of {', '.join(get_args(RuntimeName))}")
    device = next(networks[0].parameters()).device
    # A graph's tensors have the same shapes in each step, so that a state that grows has no place in one.
    graphs = device.type == "cuda" and runtime == "auto" and not any(network.decoder.state_grows for network in networks)
    chosen = [_choose(network, runtime, graphs=graphs) for network in networks]
    scorers: list[Scorer] = [scorer for scorer, _ in chosen]
    forced = EnsembleScorer(scorers) if len(scorers) > 1 else scorers[0]
    listed = None
    if shortlist is not None and len(scorers) == 1 and isinstance(scorers[0], CpuScorer):
        listed = scorers[0].restricted(shortlist, networks[0].output)

    def helped(scorer: Scorer) -> Scorer:
        return scorer if language_model is None else FusedScorer(scorer, language_model, weight=language_model_weight)

    whole = helped(forced)
    names = dict.fromkeys("int8" if isinstance(scorer, CpuScorer) else "reference" for scorer in scorers)
    return Scorers(
        runtime="graphs" if graphs else "+".join(names),
        arithmetic="exact" if list(names) == ["int8"] and language_model is None else _arithmetic(device),
        slow_because="; ".join(dict.fromkeys(reason for _, reason in chosen if reason)) or None,
        whole=captured(whole) if graphs else whole,
        listed=None if listed is None else helped(listed),
        forced=forced,
    )


def _arithmetic(device: torch.device) -> str:
    """PyTorch sums in another order on another processor, and in another version."""
    processor = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    return f"PyTorch {torch.__version__} on {processor}"


def _choose(network: Seq2Seq, runtime: RuntimeName, *, graphs: bool) -> tuple[ReferenceScorer | CpuScorer, str | None]:
    """A scorer, and the reason if it is not the one that "auto" would rather have on a CPU."""
    device = next(network.parameters()).device
    if runtime == "reference":
        return ReferenceScorer(network), None
    if device.type == "cuda" and runtime == "auto":
        return half_scorer(network) if graphs else ReferenceScorer(network), None
    try:
        if device.type != "cpu":
            raise CannotExport(f"it is for a CPU, and the model is on {device.type}")
        return CpuScorer(network), None
    except CannotExport as reason:
        if runtime == "int8":
            raise DeviceError(f"runtime int8 cannot run this model: {reason}; use auto or reference") from None
        return ReferenceScorer(network), str(reason)
