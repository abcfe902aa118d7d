"""A model that is evaluated: its translations, and what it says of them and of the references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nmt.cli.evaluate_texts import Compared
from nmt.cli.progress import track
from nmt.config.search import SearchOptions
from nmt.evaluation.comparison import System
from nmt.evaluation.confidence import AttentionMap, Findings, Forced, confidence, oracle
from nmt.evaluation.metrics import Metric, Score
from nmt.files.output import TextWriter

if TYPE_CHECKING:
    from nmt.translate.translator import Translator


@dataclass(frozen=True)
class Judged:
    """A model with its translations of the source, n for each segment."""

    translator: Translator
    name: str
    texts: tuple[tuple[str, ...], ...]
    """n texts of N segments, the best first."""

    @property
    def system(self) -> System:
        return System(name=self.name, runs=(self.texts[0],))

    def write(self, sink: TextWriter) -> None:
        sink.write("".join(f"{line}\n" for line in self.texts[0]))

    def oracle(self, metric: Metric) -> Score:
        """The score of the best of the n translations of each segment, by the metric itself."""
        scores = [metric.segment_scores(metric.statistics(text)) for text in self.texts]
        return metric.score(oracle(self.texts, scores, higher_is_better=metric.higher_is_better))

    def findings(self, compared: Compared, metrics: Sequence[Metric], *, forced: bool, batch_tokens: int) -> Findings:
        """What there is to say: with `forced`, of each token of the first reference and of the translations, too."""
        several = len(self.texts) > 1
        found, attention = None, []
        if forced:
            assert compared.source is not None
            references, translations = (
                self.translator.force(list(zip(compared.source, text, strict=True)), batch_tokens=batch_tokens)
                for text in (compared.references[0], self.texts[0])
            )
            scores = metrics[0].segment_scores(metrics[0].statistics(self.texts[0]))
            found = confidence(references, translations, scores)
            attention = [
                None if one is None else self._attention(source, text, one)
                for source, text, one in zip(compared.source, self.texts[0], translations, strict=True)
            ]
        return Findings(
            choices=len(self.texts),
            oracle=tuple(self.oracle(metric) for metric in metrics) if several else (),
            confidence=found,
            attention=tuple(attention),
        )

    def _attention(self, source: str, text: str, decoding: Forced) -> AttentionMap:
        """Without the end of the sentence."""
        pieces = self.translator.pieces
        return AttentionMap(tuple(pieces(source)), tuple(pieces(text)), decoding.attention[:-1])


def translated(
    translator: Translator, name: str, compared: Compared, options: SearchOptions, *, batch_tokens: int
) -> Judged:
    """Translate the source."""
    assert compared.source is not None
    assert compared.source_file is not None
    lines = translator.translate_lines(compared.source, options, batch_tokens=batch_tokens)
    rows = []
    for translation in track(lines, of=compared.source_file):
        last = len(translation.texts) - 1
        rows.append([translation.texts[min(rank, last)] for rank in range(options.n_best)])
    return Judged(translator=translator, name=name, texts=tuple(zip(*rows, strict=True)))
