"""The plan of a network as data: kinds of layers, and the names of their weights. It needs no PyTorch to be read.

A runtime that has code of its own for some networks builds them by it. `nmt.model.export` draws it up from the modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from nmt.config.yaml import Settings

Kind = Literal["lstm", "ssru", "feed-forward"]


_NO_WEIGHTS = ("kind", "summary")  # fields of strings that name no weight


class CannotExport(Exception):
    """Tells why a runtime cannot run a network, in a few words."""


class Linear(Settings):
    """y = W x + b: the names of W (N, I) and b (N,)."""

    weight: str
    bias: str | None = None


class Norm(Settings):
    """Layer normalisation (Ba et al. 2016): the names of its weight and bias, (H,) each."""

    weight: str
    bias: str
    epsilon: float


class LSTM(Settings):
    """The names of W (4H, I), U (4H, H) and their biases (4H,); gates in PyTorch's order i, f, g, o."""

    kind: Literal["lstm"] = "lstm"
    input_weight: str
    recurrent_weight: str
    input_bias: str
    recurrent_bias: str


class Normalised(Settings):
    """A layer of one product and a normalisation: an SSRU with its gates (2H, I), or a feed-forward one (H, I)."""

    kind: Literal["ssru", "feed-forward"]
    product: Linear
    norm: Norm


Layer = Annotated[LSTM | Normalised, Field(discriminator="kind")]


class EncoderPlan(Settings):
    """The embedding (V, E), and for each layer the forward LSTM and, where there is one, the backward LSTM."""

    embedding: str
    layers: tuple[tuple[LSTM, ...], ...]
    residual: bool
    summary: Literal["last", "mean"]


class AttentionPlan(Settings):
    """Products of an attention; a query, keys or values without one are compared and averaged as they are.

    Scores are dot products, divided by sqrt(A / heads) with `heads`, or additive with a `vector` (1, A).
    """

    query: Linear | None = None
    keys: Linear | None = None
    values: Linear | None = None
    vector: str | None = None
    heads: int | None = None


class DecoderPlan(Settings):
    """The embedding (V, E), the layers from the lowest on, recurrent ones first, and the readout of state and context."""

    embedding: str
    layers: tuple[Layer, ...]
    readout: Linear
    initial: Linear | None
    """Of the summary; without it the decoder begins with zeros."""
    residual: bool
    feeding: bool
    """Whether the readout is fed to the next step."""


class Blueprint(Settings):
    """The plan of an encoder-attention-decoder network."""

    encoder: EncoderPlan
    attention: AttentionPlan
    decoder: DecoderPlan
    output: Linear

    @property
    def names(self) -> set[str]:
        """The names of all weights."""
        return set(_names(self.model_dump()))


def _names(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if isinstance(value, str) and key not in _NO_WEIGHTS:
                yield value
            yield from _names(value)
    elif isinstance(tree, tuple | list):
        for value in tree:
            yield from _names(value)
