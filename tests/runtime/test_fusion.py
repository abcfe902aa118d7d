"""Language models: their network against itself and a source of known entropy, fusion against exhaustive search."""

from __future__ import annotations

import math

import pytest
import torch
from support.exhaustive_search import enumerate_all
from support.searching import search
from support.shortlisted_scorer import AllTokens, FewTokens
from support.table_scorer import MeanScorer, TableScorer, batch, same
from torch import Tensor

from nmt.config.network import LanguageModelConfig
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID
from nmt.errors import InputError
from nmt.model.build import build_language_model
from nmt.model.language_model import LanguageModel
from nmt.runtime.ensemble import EnsembleScorer
from nmt.runtime.fusion import FusedScorer
from nmt.search import Scorer

SOURCES = [[4, 5, 4], [5], [4, 4, 4, 4]]


def language_model(vocabulary_size: int = 6, *, seed: int = 1, layers: int = 2, residual: bool = True) -> LanguageModel:
    """Untrained, with weights large enough to have an opinion."""
    torch.manual_seed(seed)
    config = LanguageModelConfig(embedding_size=8, layers=layers, hidden_size=10, residual=residual)
    model = build_language_model(config, vocabulary_size=vocabulary_size).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
    return model


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
@torch.no_grad()
def test_a_loop_of_steps_is_the_whole_sequence_at_once(layers: int, residual: bool) -> None:
    model = language_model(11, layers=layers, residual=residual)
    prefix = torch.randint(4, 11, (3, 6))
    expected = model(prefix)
    state, rows = model.start(3), torch.tensor([2, 0, 1])
    for position in range(6):
        logits, state = model.step(prefix[:, position], state)
        torch.testing.assert_close(logits, expected[:, position])
        state, prefix, expected = state.select(rows), prefix[rows], expected[rows]
    # No prediction knows what comes after it.
    changed = prefix.clone()
    changed[:, 3:] = 4
    torch.testing.assert_close(model(changed)[:, :3], model(prefix)[:, :3])
    assert model.output.weight is model.embedding.weight


def test_it_learns_what_there_is_to_learn() -> None:
    """The loss on a Markov chain comes down to its entropy, which no model can beat."""
    torch.manual_seed(3)
    words = 8
    transitions = torch.randn(words, words).mul(1.5).softmax(dim=1)
    stationary = torch.linalg.matrix_power(transitions, 100)[0]
    entropy = -(stationary[:, None] * transitions * transitions.log()).sum().item()

    def chains(count: int) -> Tensor:
        tokens = [torch.multinomial(stationary, count, replacement=True)]
        for _ in range(20):
            tokens.append(torch.multinomial(transitions[tokens[-1]], 1).squeeze(1))
        return torch.stack(tokens, dim=1) + 4

    config = LanguageModelConfig(
        embedding_size=16, layers=2, hidden_size=24, dropout=0, embedding_dropout=0, output_dropout=0
    )
    model = build_language_model(config, vocabulary_size=words + 4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)

    def loss(text: Tensor) -> Tensor:
        return torch.nn.functional.cross_entropy(model(text[:, :-1]).transpose(1, 2), text[:, 1:])

    for update in range(150):
        optimizer.param_groups[0]["lr"] = 2e-2 * (1 - update / 150)
        optimizer.zero_grad()
        loss(chains(64)).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert loss(chains(2000)).item() == pytest.approx(entropy, rel=0.03)


class SumScorer(TableScorer):
    """What a fused scorer should be, by its definition, the language model read from the beginning each time."""

    def __init__(self, scorer: TableScorer, model: LanguageModel, weight: float) -> None:
        super().__init__(seed=0, vocabulary_size=scorer.vocabulary_size)
        self.scorer, self.model, self.weight = scorer, model, weight

    @torch.no_grad()
    def distribution(self, source: tuple[int, ...], prefix: tuple[int, ...]) -> Tensor:
        fluency = self.model(torch.tensor([prefix]))[0, -1].log_softmax(dim=0)
        return self.scorer.distribution(source, prefix) + self.weight * fluency


@pytest.mark.parametrize("weight", [0.2, 1.5])
@pytest.mark.parametrize("alpha", [0.0, 1.0])
@pytest.mark.parametrize("members", [1, 2])
def test_a_wide_beam_finds_what_exhaustive_search_finds(weight: float, alpha: float, members: int) -> None:
    # Two words and at most five tokens: a beam of 48 prunes nothing.
    options = SearchOptions(beam_size=48, n_best=10, length_penalty=alpha, max_length_ratio=0.5, max_length_offset=3)
    tables, model = [TableScorer(seed=seed) for seed in range(members)], language_model()
    scorer: Scorer = EnsembleScorer(tables) if members > 1 else tables[0]
    results = search(FusedScorer(scorer, model, weight=weight), *batch(SOURCES), options)
    truth = SumScorer(MeanScorer(tables), model, weight)
    for source, candidates in zip(SOURCES, results, strict=True):
        expected = enumerate_all(truth, source, options)[:10]
        assert [tuple(candidate.tokens) for candidate in candidates] == [tokens for _, tokens in expected]
        assert [candidate.score for candidate in candidates] == pytest.approx([score for score, _ in expected], abs=1e-5)
        for candidate in candidates:
            assert candidate.attention is not None
            for position, row in enumerate(torch.from_numpy(candidate.attention)):
                prefix = (BEGIN_ID, *candidate.tokens[:position])
                torch.testing.assert_close(row, truth.scorer.attention(tuple(source), prefix))


@pytest.mark.parametrize("options", [SearchOptions(beam_size=1), SearchOptions(n_best=5), SearchOptions(sampling=True)])
def test_without_weight_it_is_the_scorer_alone(options: SearchOptions) -> None:
    scorer = TableScorer(seed=7, vocabulary_size=9)
    fused = FusedScorer(scorer, language_model(9), weight=0.0)
    for ours, alone in zip(*(search(one, *batch(SOURCES), options) for one in (fused, scorer)), strict=True):
        assert same(ours, alone)


@pytest.mark.parametrize("beam_size", [1, 4])
def test_a_shortlist_has_the_language_models_columns_too(beam_size: int) -> None:
    options = SearchOptions(beam_size=beam_size, n_best=beam_size)
    fused = [
        FusedScorer(kind(seed=3, vocabulary_size=15), language_model(15), weight=0.7) for kind in (FewTokens, AllTokens)
    ]
    few, every = (search(scorer, *batch(SOURCES), options) for scorer in fused)
    for ours, truth in zip(few, every, strict=True):
        assert [c.tokens for c in ours] == [c.tokens for c in truth]
        assert [c.score for c in ours] == pytest.approx([c.score for c in truth], abs=1e-5)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="9 tokens does not fit a vocabulary of 6"):
        FusedScorer(TableScorer(seed=1), language_model(9), weight=0.2)
    for weight in (-0.1, math.nan, math.inf):
        with pytest.raises(InputError, match=f"weight {weight} should be a number from 0"):
            FusedScorer(TableScorer(seed=1), language_model(), weight=weight)
