"""Decoding by one model, between text and tensors: the best translations of sentences, the probabilities of given ones."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import END_ID
from nmt.errors import InputError
from nmt.runtime.scorers import Scorers
from nmt.search import Candidate, Constraints, Dropped, Scorer, Searching, dropped_of, search
from nmt.search.forced import forced_decodings, forced_scores
from nmt.text.tokenizer import Tokenizer, without_surrogates
from nmt.translate.ask import Ask
from nmt.translate.batching import batches
from nmt.translate.constraints import Demands
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.sentences import unchanged

if TYPE_CHECKING:
    from nmt.search.forced_decoding import ForcedDecoding

# What would end a line or steer a terminal. A vocabulary with byte pieces can spell any of it.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Decoder:
    """The scorers of a model or an ensemble, with its vocabulary. Threads may share one."""

    tokenizer: Tokenizer
    scorers: Scorers

    def outcomes(
        self, ask: Ask, demands: Demands, *, batch_tokens: int, dropped: Dropped | None = None
    ) -> list[SentenceTranslation | InputError]:
        """For each sentence of `ask` its translations, or the reason why it has none. `demands` are those of the sentences.

        Sentences that are `dropped` are no longer translated, and have any result.
        """
        sentences, options = ask.sentences, ask.options
        sources = [self.tokenizer.encode(sentence.text) for sentence in sentences]
        results: list[SentenceTranslation | InputError] = [
            demands.failures.get(number) or unchanged(without_surrogates(sentence.text))
            for number, sentence in enumerate(sentences)
        ]
        lengths = [len(source) for source in sources]
        waiting = [number for number in range(len(sentences)) if number not in demands.failures]
        while waiting:
            again = []
            for scorer, members in self._shares(waiting, lengths, demands.constraints, options, batch_tokens):
                found = search(
                    scorer,
                    [sources[member] for member in members],
                    options,
                    device=self.scorers.device,
                    attention=ask.attention,
                    constraints=[demands.constraints[member] for member in members],
                    dropped=dropped_of(dropped, members),
                )
                gone = dropped() if dropped is not None else ()
                for member, candidates in zip(members, found, strict=True):
                    if member in gone:
                        continue
                    result = SentenceTranslation(
                        source=sentences[member].text,
                        source_tokens=tuple(self.tokenizer.pieces(sources[member])),
                        hypotheses=tuple(self._hypothesis(candidate) for candidate in candidates),
                    )
                    try:
                        demands.check(member, result)
                        if demands.tighten(member, [candidate.tokens for candidate in candidates]):
                            again.append(member)
                        results[member] = result
                    except InputError as error:
                        results[member] = error
            waiting = again
        return results

    def _shares(
        self,
        members: Sequence[int],
        lengths: Sequence[int],
        constraints: Sequence[Constraints],
        options: SearchOptions,
        batch_tokens: int,
    ) -> Iterator[tuple[Scorer | Searching, list[int]]]:
        """Batches of `members`, each with its scorer."""
        scorers = {member: self.scorers.of(options, constraints[member]) for member in members}
        for scorer in (self.scorers.listed, self.scorers.whole):
            group = [member for member in members if scorers[member] is scorer]
            for places in batches([(lengths[member],) for member in group], budget=batch_tokens, copies=options.hypotheses):
                yield scorers[group[0]], [group[place] for place in places]

    def score(self, pairs: Sequence[tuple[str, str]], *, batch_tokens: int) -> list[float]:
        """As `Translator.score`."""
        results = [-math.inf if self.tokenizer.encode(target) else 0.0 for _, target in pairs]
        for members, batch in self._forced_batches(pairs, batch_tokens):
            scores = forced_scores(self.scorers.translation, *batch, device=self.scorers.device)
            for member, score in zip(members, scores, strict=True):
                results[member] = score
        return results

    def force(self, pairs: Sequence[tuple[str, str]], *, batch_tokens: int) -> list[ForcedDecoding | None]:
        """As `Translator.force`."""
        results: list[ForcedDecoding | None] = [None] * len(pairs)
        for members, batch in self._forced_batches(pairs, batch_tokens):
            decodings = forced_decodings(self.scorers.translation, *batch, device=self.scorers.device)
            for member, decoding in zip(members, decodings, strict=True):
                results[member] = decoding
        return results

    def _forced_batches(
        self, pairs: Sequence[tuple[str, str]], batch_tokens: int
    ) -> Iterator[tuple[list[int], tuple[list[list[int]], list[list[int]]]]]:
        """Batches of pairs: their numbers, and sources and targets for forced decoding."""
        sources = [self.tokenizer.encode(source) for source, _ in pairs]
        targets = [self.tokenizer.encode(target) for _, target in pairs]
        sizes = [
            (len(source), len(target) + 1) if source else (0, 0) for source, target in zip(sources, targets, strict=True)
        ]
        for members in batches(sizes, budget=batch_tokens, copies=1):
            yield members, ([sources[member] for member in members], [[*targets[member], END_ID] for member in members])

    def _hypothesis(self, candidate: Candidate) -> Hypothesis:
        rows = () if candidate.attention is None else candidate.attention  # (T, S)
        return Hypothesis(
            text=_CONTROLS.sub(" ", self.tokenizer.decode(candidate.tokens)).strip(),
            score=candidate.score,
            log_probability=candidate.log_probability,
            tokens=tuple(self.tokenizer.pieces(candidate.tokens)),
            attention=tuple(array("f", row.tobytes()) for row in rows),
        )
