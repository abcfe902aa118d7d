"""The tasks that a network is trained for, one for each kind of recipe: its network, how it is judged, what is said of it.

The table `TASKS` has them all. The loop, its state and its files are the Trainer's, and know nothing of the kind.
"""

from __future__ import annotations

import itertools
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from nmt.checkpoint.directory import add_shortlist, load_language_model, load_model
from nmt.checkpoint.info import AnyInfo, LanguageModelInfo, ModelInfo, ReportedScore, Training
from nmt.config.recipe import AnyRecipe, LanguageModelRecipe, Recipe
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import PADDING_ID
from nmt.corpus.alignment import learn_shortlist
from nmt.corpus.batching import PairBatch, TrainingText
from nmt.corpus.running import RunningText, windows
from nmt.evaluation.metrics import TestSet, find_metrics
from nmt.model.build import build_language_model, build_seq2seq
from nmt.model.language_model import LanguageModel
from nmt.model.seq2seq import Seq2Seq
from nmt.text.tokenizer import Tokenizer
from nmt.training.loss import activation_penalty
from nmt.translate.language_model import Figures, TextSize
from nmt.translate.translator import Translator

R = TypeVar("R", bound=AnyRecipe)
N = TypeVar("N", bound=torch.nn.Module)
SAMPLES = 5  # translations in the log of each validation
HEAT_MAPS = 2  # of them, with attention
HEAT_TOKENS = 40  # of a sentence, from its beginning, in its attention


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Text that is not trained on; line n of the target belongs to line n of the source."""

    name: str
    """Its name in reported scores."""
    source: list[str]
    target: list[str]
    lanes: int = 1
    """Places at which running text is begun, to be read side by side; one reads it from its beginning to its end."""

    @classmethod
    def read(cls, prepared: Path, split: str, *, name: str, limit: int | None = None) -> HeldOut:
        """The first `limit` lines, or all, of a split of a prepared folder."""
        source, target = (_lines(prepared / f"{split}.{side}", limit) for side in ("source", "target"))
        return cls(name=name, source=source, target=target)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How good a network is on held-out text."""

    scores: tuple[ReportedScore, ...]
    """The first may choose the weights."""
    quality: float
    """The first score as a number of which more is better."""
    perplexity: float
    log: dict[str, Any]
    """Its entries in the training log."""

    def __str__(self) -> str:
        return "\n".join(map(str, self.scores))


Carried = tuple[Tensor, ...]
"""Tensors of a recurrent state, each with the rows of a batch as its first size; none where no state is carried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardPass:
    """What a network makes of a batch in which B sequences have T tokens."""

    features: Tensor  # (B, T, E), from which `network.output` predicts each token of `batch.target` (B, T)
    penalty: Tensor | None = None
    """Added to the mean loss per token."""
    carried: Carried = ()
    """The state after the batch, which the next one may go on from."""


@dataclass(frozen=True, kw_only=True)
class Task(ABC, Generic[R, N]):
    """A kind of recipe R, and its kind of network N with an `output` layer from features to logits."""

    recipe: R
    """With nothing left open."""
    name: str
    tokenizer: Tokenizer

    @property
    def metrics(self) -> dict[str, str]:
        """The scores of a validation beside its perplexity: the key of each in the training log, and its name."""
        return {}

    @abstractmethod
    def network(self) -> N:
        """A new network, its weights drawn from PyTorch's generator."""

    @abstractmethod
    def load(self, directory: Path, device: torch.device) -> N:
        """The network in a model directory, as it is stored. Raises ModelDirectoryError."""

    @abstractmethod
    def forward(self, network: N, batch: PairBatch, carried: Carried = ()) -> ForwardPass:
        """Read a batch; `carried` is the state that the batch before left, where this one continues it."""

    @abstractmethod
    def pairs(self, text: HeldOut) -> list[tuple[list[int], list[int]]]:
        """Token ids of each source and target on which perplexity is measured."""

    @abstractmethod
    def judge(self, network: N, text: HeldOut, *, perplexity: float) -> Judgement:
        """Judge `network`, which has this perplexity on `pairs(text)`."""

    @abstractmethod
    def info(self, training: Training, scores: tuple[ReportedScore, ...]) -> AnyInfo:
        """The information in a model directory."""

    def complete(self, directory: Path, text: TrainingText | RunningText) -> str | None:  # noqa: ARG002
        """Add to a trained model's directory what is learned from its text alone, and name it."""
        return None

    def batches(self, text: HeldOut, size: int = 64) -> Iterator[PairBatch]:
        """`pairs(text)` in batches of like length."""
        pairs = sorted(self.pairs(text), key=lambda pair: (len(pair[0]), len(pair[1])))
        for start in range(0, len(pairs), size):
            yield PairBatch.of(pairs[start : start + size])


@dataclass(frozen=True, kw_only=True)
class TranslationTask(Task[Recipe, Seq2Seq]):
    """Translation, judged by the recipe's metrics on what beam search finds."""

    def __post_init__(self) -> None:
        find_metrics(self.recipe.training.metrics)

    @property
    def metrics(self) -> dict[str, str]:
        return {key: metric.name for key, metric in find_metrics(self.recipe.training.metrics).items()}

    def network(self) -> Seq2Seq:
        return build_seq2seq(self.recipe.model, vocabulary_size=self.tokenizer.vocabulary_size)

    def load(self, directory: Path, device: torch.device) -> Seq2Seq:
        return load_model(directory, device=device).model

    def forward(self, network: Seq2Seq, batch: PairBatch, carried: Carried = ()) -> ForwardPass:  # noqa: ARG002
        features, _ = network.features(batch.source, batch.lengths, batch.prefix)
        return ForwardPass(features=features)

    def pairs(self, text: HeldOut) -> list[tuple[list[int], list[int]]]:
        return [
            (source, self.tokenizer.encode(target))
            for line, target in zip(text.source, text.target, strict=True)
            if (source := self.tokenizer.encode(line))
        ]

    def judge(self, network: Seq2Seq, text: HeldOut, *, perplexity: float) -> Judgement:
        """Score what the search alone finds for the text, in words as suits the target language."""
        translator = Translator.of(
            network,
            tokenizer=self.tokenizer,
            name=self.name,
            source_language=self.recipe.source_language,
            target_language=self.recipe.target_language,
            is_plain=True,
        )
        options = SearchOptions().for_model(self.recipe.search)
        hypotheses = [line.text for line in translator.translate_lines(text.source, options)]
        test_set = TestSet(references=(text.target,), language=self.recipe.target_language)
        metrics = {key: kind(test_set) for key, kind in find_metrics(self.recipe.training.metrics).items()}
        scores = {key: metric.score(hypotheses) for key, metric in metrics.items()}
        first = next(iter(metrics))
        return Judgement(
            scores=tuple(
                ReportedScore(
                    test_set=text.name,
                    metric=score.name,
                    value=round(score.value, 2),
                    signature=score.signature,
                    beam_size=options.beam_size,
                    note=score.note,
                    options=_options_of(options),
                )
                for score in scores.values()
            ),
            quality=scores[first].value if metrics[first].higher_is_better else -scores[first].value,
            perplexity=perplexity,
            log={
                **{key: score.value for key, score in scores.items()},
                "signatures": {score.name: score.signature for score in scores.values()},
                "notes": [score.note for score in scores.values() if score.note],
                "perplexity": perplexity,
                "samples": _samples(translator, text, hypotheses),
            },
        )

    def info(self, training: Training, scores: tuple[ReportedScore, ...]) -> ModelInfo:
        return ModelInfo(
            name=self.name,
            source_language=self.recipe.source_language,
            target_language=self.recipe.target_language,
            description=self.recipe.description,
            licence=self.recipe.licence,
            sources=self.recipe.sources,
            model=self.recipe.model,
            search=self.recipe.search,
            training=training,
            scores=scores,
        )

    def complete(self, directory: Path, text: TrainingText | RunningText) -> str:
        """A shortlist."""
        began = time.perf_counter()
        size = self.tokenizer.vocabulary_size
        add_shortlist(directory, learn_shortlist(text.source, text.target, vocabulary_size=size))
        return f"shortlist learned in {time.perf_counter() - began:.0f} s"


@dataclass(frozen=True, kw_only=True)
class LanguageModelTask(Task[LanguageModelRecipe, LanguageModel]):
    """Language modelling, judged by perplexity."""

    def network(self) -> LanguageModel:
        return build_language_model(self.recipe.model, vocabulary_size=self.tokenizer.vocabulary_size)

    def load(self, directory: Path, device: torch.device) -> LanguageModel:
        return load_language_model(directory, device=device).model

    @property
    def metrics(self) -> dict[str, str]:
        return {"perplexity_per_word": "perplexity per word", "bits_per_character": "bits per character"}

    def forward(self, network: LanguageModel, batch: PairBatch, carried: Carried = ()) -> ForwardPass:
        state = network.start(len(batch.prefix)).of_tensors(carried) if carried else None
        reading, config = network.read(batch.prefix, state), self.recipe.training
        running = self.recipe.preparation.running_text
        return ForwardPass(
            features=reading.features,
            penalty=activation_penalty(
                reading.features,
                reading.vectors,
                batch.target != PADDING_ID,
                alpha=config.activation_regularisation,
                beta=config.temporal_activation_regularisation,
            ),
            carried=tuple(tensor.detach() for tensor in reading.state.tensors()) if running else (),
        )

    def pairs(self, text: HeldOut) -> list[tuple[list[int], list[int]]]:
        return [([], tokens) for line in text.target if (tokens := self.tokenizer.encode(line))]

    def batches(self, text: HeldOut, size: int = 64) -> Iterator[PairBatch]:
        if not self.recipe.preparation.running_text:
            return super().batches(text, size)
        return windows([self.tokenizer.encode(line) for line in text.target], lanes=text.lanes, length=size)

    def judge(self, network: LanguageModel, text: HeldOut, *, perplexity: float) -> Judgement:  # noqa: ARG002
        running = self.recipe.preparation.running_text
        size = TextSize.of(text.target if running else filter(self.tokenizer.encode, text.target), self.tokenizer)
        figures = Figures(log_probability=-size.tokens * math.log(perplexity), size=size)
        ends = "ends of lines counted" if running else "ends of sentences counted"
        unit = f"{self.tokenizer.unit} of {self.tokenizer.vocabulary_size}"
        values = {
            "perplexity": (round(perplexity, 2), f"per {unit}, {ends}"),
            "perplexity per word": (round(figures.perplexity_per_word, 2), f"{size.words:,} words, {ends}"),
            "bits per character": (round(figures.bits_per_character, 4), f"{size.characters:,} characters, {ends}"),
        }
        scores = tuple(
            ReportedScore(
                test_set=text.name, metric=metric, value=value, signature=signature, beam_size=None, note=size.note
            )
            for metric, (value, signature) in values.items()
        )
        log = {
            "perplexity": perplexity,
            "perplexity_per_word": figures.perplexity_per_word,
            "bits_per_character": figures.bits_per_character,
        }
        return Judgement(scores=scores, quality=-perplexity, perplexity=perplexity, log=log)

    def info(self, training: Training, scores: tuple[ReportedScore, ...]) -> LanguageModelInfo:
        return LanguageModelInfo(
            name=self.name,
            language=self.recipe.language,
            running_text=self.recipe.preparation.running_text,
            description=self.recipe.description,
            licence=self.recipe.licence,
            sources=self.recipe.sources,
            model=self.recipe.model,
            training=training,
            scores=scores,
        )


def _options_of(options: SearchOptions) -> str:
    """The options by which `nmt evaluate --model` does what `judge` does, whatever the model brings with it."""
    return (
        f"--plain --runtime reference --beam-size {options.beam_size} --length-penalty {options.length_penalty:g} "
        f"--coverage-penalty {options.coverage_penalty:g}"
    )


def _samples(translator: Translator, text: HeldOut, hypotheses: list[str]) -> list[dict[str, Any]]:
    """Sentences from all parts of `text` with their translations, the first few of them with attention."""
    lines = range(0, len(text.source), max(1, len(text.source) // SAMPLES))[:SAMPLES]
    samples: list[dict[str, Any]] = [
        {"source": text.source[line], "reference": text.target[line], "hypothesis": hypotheses[line]} for line in lines
    ]
    drawn = samples[:HEAT_MAPS]
    for sample, found in zip(drawn, translator.translate([sample["source"] for sample in drawn]), strict=True):
        if not found.sentences:
            continue
        sentence, best = found.sentences[0], found.sentences[0].hypotheses[0]
        sample["source_tokens"] = sentence.source_tokens[:HEAT_TOKENS]
        sample["tokens"] = best.tokens[:HEAT_TOKENS]
        sample["attention"] = [[round(w, 3) for w in row[:HEAT_TOKENS]] for row in best.attention[:HEAT_TOKENS]]
    return samples


TASKS: dict[type[AnyRecipe], type[Task[Any, Any]]] = {Recipe: TranslationTask, LanguageModelRecipe: LanguageModelTask}
"""The task of each kind of recipe."""


def task_of(recipe: AnyRecipe, *, name: str, tokenizer: Tokenizer) -> Task[Any, Any]:
    """The task of `recipe`. Raises ConfigurationError for a metric that there is not."""
    return TASKS[type(recipe)](recipe=recipe, name=name, tokenizer=tokenizer)


def _lines(path: Path, limit: int | None) -> list[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n") for line in itertools.islice(file, limit)]
