"""A network that predicts the number of target tokens from the source, and ends by that."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, softplus

from nmt.model.attention import Memory
from nmt.model.decoder import Decoder, DecoderState
from nmt.model.encoder import Encoder
from nmt.model.end import LengthOutput
from nmt.model.modules import matrix_weights
from nmt.model.network import Products
from nmt.model.seq2seq import Seq2Seq

_LEAST_VARIANCE = 0.01  # of the squared scale, so that no distribution is a single length
_REMAINING = 16  # numbers of remaining tokens that are told apart


@dataclass(frozen=True, slots=True)
class LengthMemory(Memory):
    """Memory of B sentences with the distribution of the length of each translation. A value."""

    length: Tensor  # (B, 2): location and inverse scale, in target tokens


@dataclass(frozen=True, slots=True)
class LengthState:
    """The decoder's state of N partial hypotheses, and the number of tokens in each. Implements DecoderState."""

    decoder: DecoderState
    position: Tensor  # (N,) int64

    def select(self, rows: Tensor) -> LengthState:
        """Implements DecoderState.select."""
        return LengthState(decoder=self.decoder.select(rows), position=self.position[rows])


class LengthPredictor(nn.Module):
    """P(n | source) for n = 0, 1, 2, ...: a logistic distribution in steps of one, with the negative lengths cut off.

    Each source token adds a number of target tokens to the location, its fertility (after Brown et al. 1993), and a share
    to the squared scale: location m = Σ softplus(f_i), scale r = sqrt(Σ softplus(g_i) + 0.01), with f_i and g_i linear
    in the encoder's state of token i. Then P(n >= t) is proportional to sigmoid((m - t + 1/2) / r) for t >= 0.
    """

    def __init__(self, *, state_size: int) -> None:
        """`state_size` H units of an encoder state. Untrained, each token counts about one token, give or take a third."""
        super().__init__()
        self.shares = nn.Linear(state_size, 2)
        nn.init.xavier_uniform_(self.shares.weight)
        with torch.no_grad():
            self.shares.bias.copy_(torch.tensor([1.0, 0.1]).expm1().log())  # softplus gives 1 and 0.1

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Encoder states (B, S, H), mask (B, S) -> location and inverse scale (B, 2)."""
        shares = self.shares(states)
        shares = softplus(shares.to(torch.promote_types(shares.dtype, torch.float32)))
        location, variance = shares.masked_fill(~mask[..., None], 0.0).sum(dim=1).unbind(dim=1)
        return torch.stack((location, (variance + _LEAST_VARIANCE).rsqrt()), dim=1)


def end_log_odds(length: Tensor, position: Tensor) -> Tensor:
    """log(s / (1 - s)) of s = P(n = t | n >= t): length (B, 2), t (B, Q) int64 -> (B, Q).

    By the distribution of LengthPredictor s / (1 - s) is (exp(1 / r) - 1) · sigmoid((t - 1/2 - m) / r).
    """
    location, steepness = length[:, :1], length[:, 1:]
    return steepness.expm1().log() + logsigmoid((position - 0.5 - location) * steepness)


def remaining(length: Tensor, position: Tensor) -> Tensor:
    """P(n - t = j | n >= t) for j from 0 to R - 2, and for all larger j: length (B, 2), t (B, Q) int64 -> (B, Q, R)."""
    location, steepness = length[:, :1, None], length[:, 1:, None]
    later = torch.arange(_REMAINING, device=length.device)
    survival = logsigmoid((location + 0.5 - position[..., None] - later) * steepness)  # log P(n >= t + j), (B, Q, R)
    survival = (survival - survival[..., :1]).exp()
    return torch.cat((survival[..., :-1] - survival[..., 1:], survival[..., -1:]), dim=2)


class LengthSeq2Seq(Seq2Seq):
    """P(n | source) · Π P(token t | the tokens before it, n > t): the end depends on the source and the position alone.

    At each position t the target ends with probability P(n = t | n >= t), and else one of the other tokens comes next, so
    that a search extends hypotheses token by token as with any network. The number of remaining tokens has an embedding,
    whose mean over the distribution is added to the readout: a network that does not know how near the end is stops in
    the middle of a sentence (Goodfellow et al. 2016, section 10.2.3). The features are the readout and the log-odds of the
    end: E + 1 units.
    """

    def __init__(self, *, encoder: Encoder, decoder: Decoder, output: LengthOutput, length: LengthPredictor) -> None:
        super().__init__(encoder=encoder, decoder=decoder, output=output)
        self.length = length
        self.remaining = nn.Linear(_REMAINING, output.in_features, bias=False)
        nn.init.zeros_(self.remaining.weight)

    def encode(self, source: Tensor, lengths: Tensor) -> LengthMemory:
        states, mask, summary = self.encoder(source, lengths)
        memory = self.decoder.remember(states, mask, summary)
        return LengthMemory(
            values=memory.values, keys=memory.keys, mask=mask, summary=summary, length=self.length(states, mask)
        )

    def features(self, source: Tensor, lengths: Tensor, prefix: Tensor) -> tuple[Tensor, Tensor]:
        memory = self.encode(source, lengths)
        readout, attention = self.decoder(prefix, memory)
        positions = torch.arange(prefix.shape[1], device=prefix.device).expand(len(prefix), -1)
        return self._features(readout, memory, positions), attention

    def start(self, memory: Memory) -> LengthState:
        before = torch.zeros(len(memory.summary), dtype=torch.int64, device=memory.summary.device)
        return LengthState(decoder=self.decoder.start(memory), position=before)

    def step(self, tokens: Tensor, state: LengthState, memory: LengthMemory) -> tuple[Tensor, LengthState, Tensor]:
        readout, decoder, attention = self.decoder.step(tokens, state.decoder, memory)
        features = self._features(readout, memory, state.position.view_as(tokens))
        return self.output(features), LengthState(decoder=decoder, position=state.position + 1), attention

    def _features(self, readout: Tensor, memory: LengthMemory, positions: Tensor) -> Tensor:
        """readout (B, Q, E), positions (B, Q) -> features (B, Q, E + 1)."""
        near = self.remaining(remaining(memory.length, positions).to(readout.dtype))
        vectors = self.decoder.output_dropout(readout + near)
        return torch.cat((vectors, end_log_odds(memory.length, positions)[..., None]), dim=2)

    @property
    def products(self) -> Products:
        products = super().products
        return replace(
            products,
            source=products.source + matrix_weights(self.length),
            step=products.step + matrix_weights(self.remaining),
        )
