"""Text in, text out: the facade that everybody uses."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from nmt.checkpoint.together import load_ensemble, load_helper
from nmt.config.search import BATCH_TOKENS, LANGUAGE_MODEL_WEIGHT, SearchOptions
from nmt.config.vocabulary import END_ID
from nmt.errors import InputError
from nmt.model.language_model import LanguageModel
from nmt.model.padding import pad
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.runtime.build import Runtime, find_device, find_scorer, uses_graphs
from nmt.runtime.cpu import CpuScorer
from nmt.runtime.cuda import captured
from nmt.runtime.ensemble import EnsembleScorer
from nmt.runtime.fusion import FusedScorer
from nmt.search import Candidate, Constraints, Scorer, forced_scores, search
from nmt.text.language import language_name
from nmt.text.segment import Segmentation, segment
from nmt.text.tokenizer import Tokenizer
from nmt.translate.batching import batches
from nmt.translate.constraints import Demands
from nmt.translate.placement import place, trials
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation

WINDOW = 2000
MAX_TOKENS = 250  # of a sentence: about the most that the 500 characters of a training sentence come to

_SURROGATES = re.compile("[\ud800-\udfff]")
# What would end a line or steer a terminal. A vocabulary with byte pieces can spell any of it.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Translator:
    """One model for one direction, or an ensemble of several. It keeps nothing between calls, so that threads may share one.

    `options` default to SearchOptions(). `batch_tokens` bounds a batch by its padded source tokens times hypotheses;
    it changes speed and memory, never the translations.
    """

    def __init__(
        self,
        *,
        model: Seq2Seq,
        tokenizer: Tokenizer,
        name: str,
        source_language: str,
        target_language: str,
        others: Sequence[Seq2Seq] = (),
        runtime: Runtime = "reference",
        shortlist: Shortlist | None = None,
        language_model: LanguageModel | None = None,
        language_model_weight: float = LANGUAGE_MODEL_WEIGHT,
    ) -> None:
        """From parts, on the device of `model`, which is put into evaluation mode. `others` are for an ensemble with it.

        Runtimes and language models are as in `load`. Raises InputError where one does not fit these models.
        """
        self.name = name
        self.source_language = source_language
        self.target_language = target_language
        self._tokenizer = tokenizer
        self._device = next(model.parameters()).device
        scorers = [find_scorer(member.eval(), runtime) for member in (model, *others)]
        int8 = all(isinstance(scorer, CpuScorer) for scorer in scorers)
        self.runtime = "graphs" if uses_graphs(self._device, runtime) else "int8" if int8 else "reference"
        """What runs the models, where `runtime` leaves that open; "graphs" is half precision on a CUDA device."""
        self._scorer: Scorer = EnsembleScorer(scorers) if others else scorers[0]
        # For what needs every token, sampling, prefixes and ensembles, there is the whole vocabulary.
        alone = scorers[0] if not others else None
        self._restricted = alone.restricted(shortlist, model.output) if isinstance(alone, CpuScorer) and shortlist else None
        self._language_model = language_model and language_model.eval()
        self._language_model_weight = language_model_weight
        self._searched = self._helped(self._scorer)  # raises InputError where the two do not fit
        if uses_graphs(self._device, runtime):
            self._searched = captured(self._searched)

    @classmethod
    def load(
        cls,
        *directories: str | Path,
        device: str = "auto",
        threads: int | None = None,
        runtime: Runtime = "auto",
        language_model: str | Path | None = None,
        language_model_weight: float = LANGUAGE_MODEL_WEIGHT,
    ) -> Self:
        """The model in a directory, on "cpu", on "cuda", or ("auto") on the latter where there is one.

        Several directories make an ensemble, whose probabilities are averaged: for one direction, with one vocabulary.
        `threads` sets how many CPU threads PyTorch uses in this process. `runtime` is "reference" (PyTorch in float32),
        "int8" (on a CPU; with the model's shortlist, where it has one), or "auto": the fastest that runs the model, on
        "cuda" in half precision with the steps of search captured as graphs.

        `language_model`, a directory, helps to choose each token: its log-probability, times `language_model_weight`, is
        added to that of the translation (shallow fusion, Gulcehre et al. 2015). A hypothesis' `log_probability` is then
        this sum, no longer that of a probability; `score` leaves it out. It has the target language and the vocabulary of
        the model.
        Raises ModelDirectoryError, DeviceError, InputError.
        """
        if threads is not None:
            if threads < 1:
                raise InputError(f"threads {threads} should be at least 1")
            torch.set_num_threads(threads)
        place = find_device(device)
        loaded, *others = load_ensemble(directories, device=place)
        if language_model is None and language_model_weight != LANGUAGE_MODEL_WEIGHT:
            raise InputError(f"language_model_weight {language_model_weight:g} needs a language_model")
        helper = None
        if language_model is not None:
            helper = load_helper(language_model, helped=loaded, helped_directory=directories[0], device=place)
        return cls(
            model=loaded.model,
            tokenizer=loaded.tokenizer,
            name="+".join(one.info.name for one in (loaded, *others)),
            source_language=loaded.info.source_language,
            target_language=loaded.info.target_language,
            others=[other.model for other in others],
            runtime=runtime,
            shortlist=loaded.shortlist,
            language_model=None if helper is None else helper.model,
            language_model_weight=language_model_weight,
        )

    @property
    def source_language_name(self) -> str:
        """In English, such as "German"."""
        return language_name(self.source_language)

    @property
    def target_language_name(self) -> str:
        """In English, such as "German"."""
        return language_name(self.target_language)

    def translate(
        self,
        texts: Sequence[str],
        options: SearchOptions | None = None,
        *,
        attention: bool = True,
        batch_tokens: int = BATCH_TOKENS,
        prefixes: Sequence[str] = (),
    ) -> list[Translation]:
        """One translation for each text, in order. Each is split into sentences and rejoined, every newline in its place.

        `prefixes`, one for each text or none at all, are what the translation of its first sentence begins with.
        A text of several sentences has each of `options.required` in the one whose log-probability suffers least from it;
        to find out, all are translated once more for each phrase.
        A text without a letter or digit comes back as it is. A lone surrogate is read as U+FFFD. Raises InputError.
        """
        if isinstance(texts, str):
            raise InputError("texts should be a list of texts, not one text; write translate([text])")
        options = options or SearchOptions()
        segmentations = [self.split(text) for text in texts]
        sentences = [sentence for segmentation in segmentations for sentence in segmentation.sentences]
        beginnings: list[str] = []
        for segmentation, prefix in zip(segmentations, _one_each(prefixes, len(texts), of="texts"), strict=True):
            if segmentation.sentences:
                beginnings += [prefix, *[""] * (len(segmentation.sentences) - 1)]
        sizes = [len(segmentation.sentences) for segmentation in segmentations]
        tried = [
            self.translate_sentences(sentences, trial, attention=False, batch_tokens=batch_tokens, prefixes=beginnings)
            for trial in trials(options, sizes)
        ]
        required = place(options, sizes, tried)
        found = self.translate_sentences(
            sentences, options, attention=attention, batch_tokens=batch_tokens, prefixes=beginnings, required=required
        )
        translated = iter(found)
        return [
            self.assemble(text, segmentation, list(itertools.islice(translated, len(segmentation.sentences))))
            for text, segmentation in zip(texts, segmentations, strict=True)
        ]

    def translate_lines(
        self,
        lines: Iterable[str],
        options: SearchOptions | None = None,
        *,
        attention: bool = False,
        batch_tokens: int = BATCH_TOKENS,
        window: int = WINDOW,
        prefixes: Iterable[str] | None = None,
    ) -> Iterator[Translation]:
        """One translation for each line, in order, while reading: no more than `window` lines are held at a time.

        `prefixes`, where given, has one for each line, as `translate` has them.
        """
        if window < 1:
            raise InputError(f"window {window} should be at least 1 line")
        stream, beginnings = iter(lines), itertools.repeat("") if prefixes is None else iter(prefixes)
        while held := list(itertools.islice(stream, window)):
            begins = list(itertools.islice(beginnings, len(held)))
            if len(begins) < len(held):
                raise InputError("there are fewer prefixes than lines; there should be one for each")
            yield from self.translate(held, options, attention=attention, batch_tokens=batch_tokens, prefixes=begins)

    def split(self, text: str) -> Segmentation:
        """The sentences of `text` and what stands between them.

        What is longer than sentences to train on are is split further, until it has at most 500 characters and 250 tokens.
        """
        if not isinstance(text, str):
            raise InputError(f"a text should be a string, not {type(text).__name__}")
        return segment(_SURROGATES.sub("\ufffd", text), language=self.source_language, fits=self._fits)

    def _fits(self, sentence: str) -> bool:
        return len(self._tokenizer.encode(sentence)) <= MAX_TOKENS

    def translate_sentences(
        self,
        sentences: Sequence[str],
        options: SearchOptions | None = None,
        *,
        attention: bool = True,
        batch_tokens: int = BATCH_TOKENS,
        prefixes: Sequence[str] = (),
        required: Sequence[Sequence[str]] | None = None,
    ) -> list[SentenceTranslation]:
        """One result for each sentence, in order. One without tokens is its own translation, with probability 1.

        `prefixes`, one for each sentence or none at all, are what translations begin with. `required` are the phrases of
        each sentence; without it, each has all of `options.required`. Raises InputError for a prefix or a phrase that the
        vocabulary cannot write, or where one contradicts another.
        """
        options = options or SearchOptions()
        demands = Demands(
            self._tokenizer,
            prefixes=_one_each(prefixes, len(sentences), of="sentences"),
            required=[options.required] * len(sentences) if required is None else required,
            forbidden=options.forbidden,
        )
        sources = [self._tokenizer.encode(sentence) for sentence in sentences]
        results = [_itself(sentence) for sentence in sentences]
        lengths = [len(source) for source in sources]
        waiting = list(range(len(sentences)))
        while waiting:
            again = []
            for scorer, members in self._shares(waiting, lengths, demands.constraints, options, batch_tokens):
                source, source_lengths = self._on_device([sources[member] for member in members])
                asked = [demands.constraints[member] for member in members]
                found = search(scorer, source, source_lengths, options, attention=attention, constraints=asked)
                for member, candidates in zip(members, found, strict=True):
                    results[member] = SentenceTranslation(
                        source=sentences[member],
                        source_tokens=tuple(self._tokenizer.pieces(sources[member])),
                        hypotheses=tuple(self._hypothesis(candidate) for candidate in candidates),
                    )
                    demands.check(member, results[member])
                    if demands.tighten(member, sentences[member], [candidate.tokens for candidate in candidates]):
                        again.append(member)
            waiting = again
        return results

    def _shares(
        self,
        members: Sequence[int],
        lengths: Sequence[int],
        constraints: Sequence[Constraints],
        options: SearchOptions,
        batch_tokens: int,
    ) -> Iterator[tuple[Scorer, list[int]]]:
        """Batches of `members`, each with its scorer, which a sentence's own wishes decide and not its neighbours'."""
        restricted = self._helped(self._restricted) if self._restricted and not options.sampling else None
        for scorer, wants_all in ((restricted, False), (self._searched, True)):
            if scorer is None:
                continue
            group = [member for member in members if restricted is None or constraints[member].fixes == wants_all]
            for places in batches([(lengths[member],) for member in group], budget=batch_tokens, copies=options.hypotheses):
                yield scorer, [group[place] for place in places]

    def _helped(self, scorer: Scorer) -> Scorer:
        """`scorer` with the language model, where there is one."""
        if self._language_model is None:
            return scorer
        return FusedScorer(scorer, self._language_model, weight=self._language_model_weight)

    def assemble(self, text: str, segmentation: Segmentation, sentences: Sequence[SentenceTranslation]) -> Translation:
        """The translation of `text` from those of `segmentation.sentences`, `segmentation` being `split(text)`."""
        n_best = max((len(sentence.hypotheses) for sentence in sentences), default=1)
        texts = tuple(
            segmentation.join([sentence.hypotheses[min(rank, len(sentence.hypotheses) - 1)].text for sentence in sentences])
            for rank in range(n_best)
        )
        return Translation(source=text, sentences=tuple(sentences), texts=texts)

    @torch.inference_mode()
    def score(self, pairs: Sequence[tuple[str, str]], *, batch_tokens: int = BATCH_TOKENS) -> list[float]:
        """Natural log-probability of each target, its end included, given its source; each pair is read as one sentence.

        It is the translation model's alone, whether there is a language model or not.
        A source without tokens is its own translation: 0 if the target has none either, otherwise minus infinity.
        `batch_tokens` bounds padded source and target tokens together.
        """
        sources = [self._tokenizer.encode(source) for source, _ in pairs]
        targets = [self._tokenizer.encode(target) for _, target in pairs]
        results = [-math.inf if target else 0.0 for target in targets]
        sizes = [
            (len(source), len(target) + 1) if source else (0, 0) for source, target in zip(sources, targets, strict=True)
        ]
        for members in batches(sizes, budget=batch_tokens, copies=1):
            source, lengths = self._on_device([sources[member] for member in members])
            expected, _ = self._on_device([[*targets[member], END_ID] for member in members])  # (B, T)
            scores = forced_scores(self._scorer, source, lengths, expected)
            for member, score in zip(members, scores.tolist(), strict=True):
                results[member] = score
        return results

    def _on_device(self, sentences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Token ids (B, longest) and lengths (B,), int64, where the model is."""
        lengths = torch.tensor([len(sentence) for sentence in sentences], device=self._device)
        return pad(sentences).to(self._device), lengths

    def _hypothesis(self, candidate: Candidate) -> Hypothesis:
        rows = [] if candidate.attention is None else candidate.attention.tolist()
        return Hypothesis(
            text=_CONTROLS.sub(" ", self._tokenizer.decode(candidate.tokens)).strip(),
            score=candidate.score,
            log_probability=candidate.log_probability,
            tokens=tuple(self._tokenizer.pieces(candidate.tokens)),
            attention=tuple(tuple(row) for row in rows),
        )


def _one_each(prefixes: Sequence[str], count: int, *, of: str) -> Sequence[str]:
    if isinstance(prefixes, str) or len(prefixes) not in (0, count):
        raise InputError(f"prefixes should be a list with one for each of the {count} {of}, or empty")
    return prefixes or [""] * count


def _itself(sentence: str) -> SentenceTranslation:
    text = _SURROGATES.sub("\ufffd", sentence)
    return SentenceTranslation(sentence, (), (Hypothesis(text, 0.0, 0.0, (), ()),))
