"""Text in, text out: the facade that everybody uses."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

from nmt.checkpoint.directory import load_plan
from nmt.checkpoint.names import find_model
from nmt.checkpoint.together import load_ensemble, load_helper
from nmt.config.formality import Formality
from nmt.config.language import base_language
from nmt.config.machine import RuntimeName
from nmt.config.process import set_threads
from nmt.config.pytorch import find_device, require_pytorch
from nmt.config.search import BATCH_TOKENS, LANGUAGE_MODEL_WEIGHT, GivenOptions, ModelSearch, SearchOptions
from nmt.config.sentences import Split
from nmt.errors import InputError
from nmt.model.blueprint import CannotExport
from nmt.runtime import kernels
from nmt.runtime.scorers import Scorers, check_runtime, int8_scorers
from nmt.search import Dropped
from nmt.text.language import language_name
from nmt.text.segment import Segmentation
from nmt.text.spans import Characters, characters_of
from nmt.text.tokenizer import Tokenizer, normalise
from nmt.translate.ask import Ask, Sentence
from nmt.translate.constraints import Demands
from nmt.translate.cost import SearchSize, search_sizes
from nmt.translate.decoding import Decoder
from nmt.translate.given import check_names, each_of, iterated, pairs_of
from nmt.translate.glossary import Glossary
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.markup.options import Format as MarkupFormat
from nmt.translate.plan import Plan, advance, checked, split
from nmt.translate.plan import plan as plan_texts
from nmt.translate.result import SentenceTranslation, Translation
from nmt.translate.shown import Abilities

if TYPE_CHECKING:
    from nmt.model.language_model import LanguageModel
    from nmt.model.seq2seq import Seq2Seq
    from nmt.model.shortlist import Shortlist
    from nmt.search.forced_decoding import ForcedDecoding

WINDOW = 2000
MAX_TOKENS = 250  # of a sentence: about the most that the 500 characters of a training sentence come to


@dataclass(frozen=True, slots=True)
class PairScore:
    """The probability of a given translation."""

    log_probability: float
    """Natural logarithm; minus infinity where the translation is impossible."""
    tokens: int
    """Of the translation, its end included."""

    @property
    def is_possible(self) -> bool:
        return self.log_probability > -math.inf

    @property
    def mean_probability(self) -> float:
        """Geometric mean over the tokens, from 0 to 1."""
        return math.exp(self.log_probability / self.tokens)


class Translator:
    """One model for one direction, or an ensemble of several. It keeps nothing between calls, so that threads may share one.

    Examples:
        >>> translator = nmt.load("broad-de-en-fast")
        >>> translator.translate("Wo ist der Bahnhof?").text
        'Where is the station?'

    `options` default to the model's own `search`, and to SearchOptions(). `batch_tokens` bounds a batch by its padded source
    tokens times hypotheses; it changes speed and memory, never the translations.
    """

    def __init__(
        self,
        *,
        scorers: Scorers,
        tokenizer: Tokenizer,
        name: str,
        source_language: str,
        target_language: str,
        search: ModelSearch | None = None,
        is_plain: bool = False,
    ) -> None:
        """From parts; `load` and `of` make the scorers. `search` has the model's own options, where nobody gives others.

        A plain one gives what the search finds for each sentence as it is: spans that are no language are not protected,
        capitals are not changed, and nothing is asked for again.
        """
        self.name = name
        self.source_language = source_language
        self.target_language = target_language
        self.search = search or ModelSearch()
        self._tokenizer = tokenizer
        self._is_plain = is_plain
        self._decoder = Decoder(tokenizer, scorers)

    @classmethod
    def of(
        cls,
        model: Seq2Seq,
        *others: Seq2Seq,
        tokenizer: Tokenizer,
        name: str,
        source_language: str,
        target_language: str,
        runtime: RuntimeName = "reference",
        shortlist: Shortlist | None = None,
        language_model: LanguageModel | None = None,
        language_model_weight: float = LANGUAGE_MODEL_WEIGHT,
        search: ModelSearch | None = None,
        is_plain: bool = False,
    ) -> Self:
        """A network, or an ensemble with `others`, on its device; it is put into evaluation mode.

        Runtimes and language models are as in `load`. Raises InputError where one does not fit these models.
        """
        from nmt.runtime.build import build_scorers

        scorers = build_scorers(
            [member.eval() for member in (model, *others)],
            runtime=runtime,
            shortlist=shortlist,
            language_model=language_model and language_model.eval(),
            language_model_weight=language_model_weight,
        )
        return cls(
            scorers=scorers,
            tokenizer=tokenizer,
            name=name,
            source_language=source_language,
            target_language=target_language,
            search=search,
            is_plain=is_plain,
        )

    @classmethod
    def load(
        cls,
        *directories: str | Path,
        device: str = "auto",
        threads: int | None = None,
        runtime: RuntimeName = "auto",
        language_model: str | Path | None = None,
        language_model_weight: float = LANGUAGE_MODEL_WEIGHT,
        is_plain: bool = False,
    ) -> Self:
        """The model in a directory, or of a name that `nmt models` lists.

        Examples:
            >>> nmt.load("broad-de-en-fast", device="cpu")
            <Translator broad-de-en-fast: German to English, int8>

        `device` is "cpu", "cuda", or "auto": a GPU where there is one.
        Several directories make an ensemble, whose probabilities are averaged: for one direction, with one vocabulary.
        `threads` sets how many CPU threads compute in this process. `runtime` is "reference" (PyTorch in float32),
        "int8" (on a CPU; with the model's shortlist, where it has one), or "auto": the fastest that runs the model, on
        "cuda" in half precision with the steps of search captured as graphs.

        `language_model`, a directory, helps to choose each token: its log-probability, times `language_model_weight`, is
        added to that of the translation (shallow fusion, Gulcehre et al. 2015). A hypothesis' `log_probability` is then
        this sum, no longer that of a probability; `score` leaves it out. It has the target language and the vocabulary of
        the model.

        A plain translator, `is_plain`, gives what the search finds for each sentence: nothing is done before and after it
        for placeholders, names, numbers, capitals and the like. So training judges models.
        Raises ModelDirectoryError, DeviceError, InputError, and MissingPackageError for all but one model on int8 where
        PyTorch is not installed.
        """
        if threads is not None:
            set_threads(threads)
        place = find_device(device)
        check_runtime(runtime)
        directories = tuple(map(find_model, directories))
        if language_model is None and language_model_weight != LANGUAGE_MODEL_WEIGHT:
            raise InputError(f"language_model_weight {language_model_weight:g} needs a language_model")
        try:
            _require_int8(directories, device=place, runtime=runtime, language_model=language_model)
            return cls._by_plan(Path(directories[0]), is_plain=is_plain)
        except CannotExport as reason:
            require_pytorch(str(reason))
        import torch  # takes a second, which a model with a plan is spared

        loaded, *others = load_ensemble(directories, device=torch.device(place))
        helper = None
        if language_model is not None:
            helper = load_helper(
                find_model(language_model),
                helped=loaded,
                helped_directory=directories[0],
                device=torch.device(place),
            )
        return cls.of(
            loaded.model,
            *(other.model for other in others),
            tokenizer=loaded.tokenizer,
            name="+".join(one.info.name for one in (loaded, *others)),
            source_language=loaded.info.source_language,
            target_language=loaded.info.target_language,
            search=loaded.info.search,
            runtime=runtime,
            shortlist=loaded.shortlist,
            language_model=None if helper is None else helper.model,
            language_model_weight=language_model_weight,
            is_plain=is_plain,
        )

    @classmethod
    def _by_plan(cls, directory: Path, *, is_plain: bool) -> Self:
        """The model in a directory on int8, by its plan. Raises CannotExport where it has none that the kernel can run."""
        if kernels.MISSING:
            raise CannotExport(f"{kernels.MISSING}; without it, translating")
        if (loaded := load_plan(directory)) is None:
            raise CannotExport(f"{directory}, which has no plan of its network for int8,")
        try:
            scorers = int8_scorers(loaded.blueprint, loaded.weights, loaded.shortlist)
        except CannotExport as reason:
            raise CannotExport(f"{directory}, which int8 cannot run ({reason}),") from None
        return cls(
            scorers=scorers,
            tokenizer=loaded.tokenizer,
            name=loaded.info.name,
            source_language=loaded.info.source_language,
            target_language=loaded.info.target_language,
            search=loaded.info.search,
            is_plain=is_plain,
        )

    def __repr__(self) -> str:
        languages = f"{language_name(self.source_language)} to {language_name(self.target_language)}"
        return f"<Translator {self.name}: {languages}, {self.runtime}>"

    @property
    def runtime(self) -> str:
        """What runs the models: "int8", "reference", or "graphs", which is half precision on a CUDA device."""
        return self._decoder.scorers.runtime

    @property
    def device(self) -> str:
        """Where it computes: "cpu" or "cuda"."""
        return self._decoder.scorers.device

    @property
    def arithmetic(self) -> str:
        """What its numbers depend on besides weights and runtime: "exact", or PyTorch's version and the processor."""
        return self._decoder.scorers.arithmetic

    @property
    def slow_because(self) -> str | None:
        """Why runtime "auto" on a CPU is the reference, which takes several times as long as int8; None where it is not."""
        return self._decoder.scorers.slow_because

    @property
    def complaint(self) -> str | None:
        """`slow_because` as a sentence for the user."""
        return self.slow_because and f"{self.name} runs in PyTorch, several times slower than on int8: {self.slow_because}"

    def batches_at_once(self, threads: int) -> int:
        """How many batches, each translated in a thread of its own, a machine of so many threads runs fastest."""
        return self._decoder.scorers.batches_at_once(threads)

    @property
    def source_language_name(self) -> str:
        """In English, such as "German"."""
        return language_name(self.source_language)

    @property
    def target_language_name(self) -> str:
        """In English, such as "German"."""
        return language_name(self.target_language)

    @overload
    def translate(
        self,
        texts: str,
        options: GivenOptions = None,
        *,
        attention: bool = True,
        batch_tokens: int = BATCH_TOKENS,
        prefixes: Sequence[str] = (),
        markup: Markup | MarkupFormat = PLAIN,
        glossary: Glossary | Mapping[str, str] | None = None,
        formality: Formality = "default",
        split_sentences: Split = "sentences",
        localise_numbers: bool = False,
        **search: Any,
    ) -> Translation: ...

    @overload
    def translate(
        self,
        texts: Iterable[str],
        options: GivenOptions = None,
        *,
        attention: bool = True,
        batch_tokens: int = BATCH_TOKENS,
        prefixes: Sequence[str] = (),
        markup: Markup | MarkupFormat = PLAIN,
        glossary: Glossary | Mapping[str, str] | None = None,
        formality: Formality = "default",
        split_sentences: Split = "sentences",
        localise_numbers: bool = False,
        **search: Any,
    ) -> list[Translation]: ...

    def translate(
        self,
        texts: str | Iterable[str],
        options: GivenOptions = None,
        *,
        attention: bool = True,
        batch_tokens: int = BATCH_TOKENS,
        prefixes: Sequence[str] = (),
        markup: Markup | MarkupFormat = PLAIN,
        glossary: Glossary | Mapping[str, str] | None = None,
        formality: Formality = "default",
        split_sentences: Split = "sentences",
        localise_numbers: bool = False,
        **search: Any,
    ) -> Translation | list[Translation]:
        """The translation of a text; or of each of several, in order.

        Each text is split into sentences and rejoined, every newline in its place.

        Examples:
            >>> translator.translate("Wo ist der Bahnhof?").text
            'Where is the station?'
            >>> [translation.text for translation in translator.translate(["Guten Morgen!", "Gute Nacht!"])]
            ['Good morning!', 'Good night!']
            >>> translator.translate("Wo ist der Bahnhof?", n_best=2).texts
            ('Where is the station?', "Where's the station?")

        `options` are those of the search: SearchOptions, or a mapping of some; `search` are some by their names.
        `prefixes`, one for each text or none at all, are what the translation of its first sentence begins with.
        A text of several sentences has each of `options.required` in the one whose log-probability suffers least from it;
        to find out, all are translated once more for each phrase.
        Terms of `glossary`, or of a dict, get the translations it has for them; other sentences are the same as without it.
        `formality` "more" or "less" tells how people are addressed, in German as Sie or as du; a language that has only one
        way is a mistake, and none with "prefer_more" and "prefer_less".
        `markup`, or the name of one, tells the format of the texts: tags stay, and go to the words that they belonged to.
        `split_sentences` tells where sentences end: "none" at line ends only; "sentences" there and at ends of sentence;
        "nonewlines" at ends of sentence and of paragraph, for text whose lines are wrapped. With `localise_numbers` numbers
        that can be read in one way only get the form of the target language: 1.234,56 becomes 1,234.56.
        A text without a letter or digit comes back as it is. A lone surrogate is read as U+FFFD.
        Raises InputError, ConfigurationError.
        """
        check_names(search, self.translate)
        plan = self.plan(
            [texts] if isinstance(texts, str) else each_of(texts, "texts", of="strings"),
            SearchOptions.of(options, search, where="options"),
            attention=attention,
            prefixes=prefixes,
            markup=markup,
            glossary=glossary,
            formality=formality,
            split_sentences=split_sentences,
            localise_numbers=localise_numbers,
        )
        step = advance(plan)
        while isinstance(step, Ask):
            step = advance(plan, self.answer(step, batch_tokens=batch_tokens))
        return step[0] if isinstance(texts, str) else step

    def plan(
        self,
        texts: Sequence[str],
        options: SearchOptions | None = None,
        *,
        attention: bool = True,
        prefixes: Sequence[str] = (),
        markup: Markup | MarkupFormat = PLAIN,
        glossary: Glossary | Mapping[str, str] | None = None,
        formality: Formality = "default",
        split_sentences: Split = "sentences",
        localise_numbers: bool = False,
        left_in: Sequence[str] = (),
    ) -> Plan:
        """The plan that `translate` drives, for a driver of another kind: see `nmt.translate.plan`. Raises InputError."""
        if isinstance(texts, str):
            raise InputError("texts should be a list of texts, not one text; write plan([text])")
        terms = None if glossary is None or glossary == {} else Glossary.of(glossary)
        if terms is not None:
            terms.require_pair(self.source_language, self.target_language)
        return plan_texts(
            texts,
            (options or SearchOptions()).for_model(self.search),
            abilities=self._abilities,
            attention=attention,
            prefixes=each_of(prefixes, "prefixes", of="strings"),
            markup=Markup.of(markup),
            glossary=terms,
            formality=formality,
            split_sentences=split_sentences,
            localise_numbers=localise_numbers,
            left_in=left_in,
        )

    def translate_lines(
        self,
        lines: Iterable[str],
        options: GivenOptions = None,
        *,
        attention: bool = False,
        window: int = WINDOW,
        prefixes: Iterable[str] | None = None,
        **settings: Any,
    ) -> Iterator[Translation]:
        """One translation for each line, in order, while reading: no more than `window` lines are held at a time.

        Examples:
            >>> lines = (f"Er hat {number} Bücher." for number in range(2, 1_000_000))
            >>> next(translator.translate_lines(lines, window=8, beam_size=1)).text
            'He has 2 books.'

        `prefixes`, where given, has one for each line. All other `settings` are those of `translate`.
        """
        if isinstance(lines, str):
            raise InputError("lines should be an iterable of lines, not one text; write translate(text)")
        if not isinstance(window, int) or window < 1:
            raise InputError(f"window {window!r} should be at least 1 line")
        stream = iterated(lines, "lines", of="strings")
        beginnings = itertools.repeat("") if prefixes is None else iterated(prefixes, "prefixes", of="strings")
        while held := list(itertools.islice(stream, window)):
            begins = list(itertools.islice(beginnings, len(held)))
            if len(begins) < len(held):
                raise InputError("there are fewer prefixes than lines; there should be one for each")
            yield from self.translate(held, options, attention=attention, prefixes=begins, **settings)

    def split(self, text: str) -> Segmentation:
        """The sentences of `text` and what stands between them, each short enough for the model: MAX_TOKENS tokens.

        Examples:
            >>> translator.split("Guten Morgen! Wo ist der Bahnhof?").sentences
            ('Guten Morgen!', 'Wo ist der Bahnhof?')
        """
        return split(checked(text), language=base_language(self.source_language), fits=self._fits)

    @cached_property
    def _characters(self) -> Characters:
        return characters_of(self._tokenizer.pieces(range(self._tokenizer.vocabulary_size)))

    @property
    def _abilities(self) -> Abilities:
        # Made anew for each plan: kept, it would keep this translator, which is then freed late, with all of its weights.
        return Abilities(
            source_language=base_language(self.source_language),
            target_language=base_language(self.target_language),
            encode=self._tokenizer.encode,
            is_plain=self._is_plain,
            fits=self._fits,
            characters=self._characters,
            symbols=self._tokenizer.symbols,
            can_write=lambda word: self._tokenizer.decode(self._tokenizer.encode(word)) == word,
        )

    def _fits(self, sentence: str) -> bool:
        # Each token but the first, which may be a space alone, spells one byte at least.
        if len(normalise(sentence).encode()) < MAX_TOKENS:
            return True
        return len(self._tokenizer.encode(sentence)) <= MAX_TOKENS

    def translate_sentences(
        self,
        sentences: Sequence[str],
        options: SearchOptions | None = None,
        *,
        attention: bool = True,
        batch_tokens: int = BATCH_TOKENS,
    ) -> list[SentenceTranslation]:
        """One result for each sentence, in order. One without tokens is its own translation, with probability 1.

        Each translation has all of `options.required`. Raises InputError for a phrase that the vocabulary cannot write, or
        where one contradicts another.
        """
        options = (options or SearchOptions()).for_model(self.search)
        asked = tuple(Sentence(text, required=options.required) for text in sentences)
        options = options.model_copy(update={"required": ()})
        return self.answer(Ask(asked, options, attention), batch_tokens=batch_tokens)

    def answer(self, ask: Ask, *, batch_tokens: int = BATCH_TOKENS) -> list[SentenceTranslation]:
        """One result for each sentence of `ask`, in order, for its plan. Raises InputError as `translate_sentences`."""
        demands = Demands(self._tokenizer, ask.sentences, forbidden=ask.options.forbidden)
        if demands.failures:
            raise demands.failures[min(demands.failures)]
        results = []
        for outcome in self._decoder.outcomes(ask, demands, batch_tokens=batch_tokens):
            if isinstance(outcome, InputError):
                raise outcome
            results.append(outcome)
        return results

    def attempt(
        self, ask: Ask, *, batch_tokens: int = BATCH_TOKENS, dropped: Dropped | None = None
    ) -> list[SentenceTranslation | InputError]:
        """As `answer`, for sentences of several askers: one that cannot be translated has the reason, and harms no other.

        Sentences that are `dropped` are no longer translated, and have any result. Raises InputError for `forbidden`.
        """
        demands = Demands(self._tokenizer, ask.sentences, forbidden=ask.options.forbidden)
        return self._decoder.outcomes(ask, demands, batch_tokens=batch_tokens, dropped=dropped)

    def sizes(self, ask: Ask) -> list[SearchSize]:
        """The size of the search for each sentence of `ask`."""
        return search_sizes(ask, self._tokenizer.encode, vocabulary_size=self._tokenizer.vocabulary_size)

    def score(self, pairs: Iterable[tuple[str, str]], *, batch_tokens: int = BATCH_TOKENS) -> list[float]:
        """Natural log-probability of each target, its end included, given its source; each pair is read as one sentence.

        Examples:
            >>> good, bad = translator.score([("Guten Morgen!", "Good morning!"), ("Guten Morgen!", "Good night!")])
            >>> good > bad
            True

        It is the translation model's alone, whether there is a language model or not.
        A source without tokens is its own translation: 0 if the target has none either, otherwise minus infinity.
        `batch_tokens` bounds padded source and target tokens together. Raises InputError for what is no pair of texts.
        """
        return self._decoder.score(pairs_of(pairs), batch_tokens=batch_tokens)

    def force(self, pairs: Iterable[tuple[str, str]], *, batch_tokens: int = BATCH_TOKENS) -> list[ForcedDecoding | None]:
        """The probabilities of each target's tokens given its source, as `score` reads them.

        Examples:
            >>> decoding = translator.force([("Wo ist der Bahnhof?", "Where is the station?")])[0]
            >>> len(decoding.log_probabilities)  # of four words, "?" and the end
            6

        None for a source without tokens. Raises InputError for what is no pair of texts.
        """
        return self._decoder.force(pairs_of(pairs), batch_tokens=batch_tokens)

    def target_lengths(self, targets: Sequence[str]) -> list[int]:
        """Tokens of each target, its end included: as many as `score` sums up the log-probabilities of."""
        return [len(self._tokenizer.encode(target)) + 1 for target in targets]

    def score_pairs(self, pairs: Iterable[tuple[str, str]]) -> list[PairScore]:
        """As `score`, with the number of tokens of each target."""
        pairs = pairs_of(pairs)
        lengths = self.target_lengths([target for _, target in pairs])
        scores = zip(self.score(pairs), lengths, strict=True)
        return [PairScore(log_probability=score, tokens=length) for score, length in scores]

    def pieces(self, text: str) -> list[str]:
        """The tokens of a text, as `force` and `score` read it; "▁" stands for a space.

        Examples:
            >>> translator.pieces("Where is the station?")
            ['▁Where', '▁is', '▁the', '▁station', '?']
        """
        return self._tokenizer.pieces(self._tokenizer.encode(checked(text)))


def _require_int8(
    directories: Sequence[str | Path], *, device: str, runtime: RuntimeName, language_model: str | Path | None
) -> None:
    """Raises CannotExport, which names it, where something is asked for that is not one model on int8."""
    if len(directories) != 1:
        raise CannotExport("an ensemble of models")
    if language_model is not None:
        raise CannotExport("a language model")
    if device != "cpu":
        raise CannotExport(f"device {device}")
    if runtime == "reference":
        raise CannotExport(f"runtime {runtime}")
