"""Networks on int8 by their modules, and a way to keep one from running a whole search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nmt.model.export import blueprint
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.search import Scorer

if TYPE_CHECKING:
    from nmt.runtime.int8 import Int8Network


def int8(network: Seq2Seq, lists: Shortlist | None = None) -> Int8Network:
    """The network on int8, restricted to `lists` where there are some."""
    from nmt.runtime.int8 import Int8Network

    plan = blueprint(network)
    weights = {name: parameter.detach().numpy() for name, parameter in network.named_parameters()}
    whole = Int8Network.of(plan, weights)
    return whole if lists is None else whole.restricted(lists, plan, weights)


def int8_steps(network: Seq2Seq, lists: Shortlist | None = None) -> Scorer:
    """The scorer of the same numbers, step by step."""
    return int8(network, lists).stepwise
