"""Scorers made of networks in PyTorch: the only place that knows which runtimes there are, and which each can run."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from nmt.config.machine import RuntimeName
from nmt.config.search import LANGUAGE_MODEL_WEIGHT
from nmt.errors import DeviceError
from nmt.model.blueprint import CannotExport
from nmt.model.export import blueprint
from nmt.model.language_model import LanguageModel
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.runtime.cuda import captured, half_scorer
from nmt.runtime.ensemble import EnsembleScorer
from nmt.runtime.fusion import FusedScorer
from nmt.runtime.int8 import Int8Network
from nmt.runtime.kernels import Floats
from nmt.runtime.reference import ReferenceScorer
from nmt.runtime.scorers import Scorers, check_runtime, stepwise
from nmt.search import Scorer, Searching


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
    check_runtime(runtime)
    device = next(networks[0].parameters()).device
    # A graph's tensors have the same shapes in each step, so that a state that grows has no place in one.
    graphs = device.type == "cuda" and runtime == "auto" and not any(network.decoder.state_grows for network in networks)
    chosen = [_choose(network, runtime, graphs=graphs) for network in networks]
    scorers = [scorer for scorer, _ in chosen]
    translation = EnsembleScorer([stepwise(scorer) for scorer in scorers]) if len(scorers) > 1 else scorers[0]
    listed = None
    if shortlist is not None and len(scorers) == 1 and isinstance(scorers[0], Int8Network):
        listed = scorers[0].restricted(shortlist, blueprint(networks[0]), _weights(networks[0]))

    def helped(scorer: Scorer | Searching) -> Scorer | Searching:
        if language_model is None:
            return scorer
        return FusedScorer(stepwise(scorer), language_model, weight=language_model_weight)

    whole = helped(translation)
    names = dict.fromkeys("int8" if isinstance(scorer, Int8Network) else "reference" for scorer in scorers)
    return Scorers(
        runtime="graphs" if graphs else "+".join(names),
        arithmetic="exact" if list(names) == ["int8"] and language_model is None else _arithmetic(device),
        device=device.type,
        slow_because="; ".join(dict.fromkeys(reason for _, reason in chosen if reason)) or None,
        whole=captured(stepwise(whole)) if graphs else whole,
        listed=None if listed is None else helped(listed),
        translation=translation,
    )


def _arithmetic(device: torch.device) -> str:
    """PyTorch sums in another order on another processor, and in another version."""
    processor = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    return f"PyTorch {torch.__version__} on {processor}"


def _choose(network: Seq2Seq, runtime: RuntimeName, *, graphs: bool) -> tuple[Scorer | Int8Network, str | None]:
    """A scorer, and the reason if it is not the one that "auto" would rather have on a CPU."""
    device = next(network.parameters()).device
    if runtime == "reference":
        return ReferenceScorer(network), None
    if device.type == "cuda" and runtime == "auto":
        return half_scorer(network) if graphs else ReferenceScorer(network), None
    try:
        if device.type != "cpu":
            raise CannotExport(f"it is for a CPU, and the model is on {device.type}")
        return Int8Network.of(blueprint(network), _weights(network)), None
    except CannotExport as reason:
        if runtime == "int8":
            raise DeviceError(f"runtime int8 cannot run this model: {reason}; use auto or reference") from None
        return ReferenceScorer(network), str(reason)


def _weights(network: Seq2Seq) -> dict[str, Floats]:
    """Weights by name, which share their memory with the network's."""
    return {name: parameter.detach().float().numpy() for name, parameter in network.named_parameters()}
