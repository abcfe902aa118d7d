"""A language model with its vocabulary: how probable a text is, and texts drawn from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from nmt.checkpoint.directory import LoadedLanguageModel, load_language_model
from nmt.config.pytorch import find_device
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID, UNKNOWN_ID
from nmt.errors import InputError
from nmt.model.language_model import LanguageModelState
from nmt.model.padding import pad
from nmt.search.sampling import sample
from nmt.search.scorer import forbid_
from nmt.text.tokenizer import Tokenizer, normalise

WINDOW = 256  # tokens of a line whose logits are in memory at once
LINES_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSize:
    """Counts by which the probability of a text is divided; the end of a line counts as a token, a word and a character."""

    tokens: int
    words: int
    """Parts between spaces."""
    characters: int
    unknown: int
    """Tokens that the vocabulary does not have."""

    @classmethod
    def of(cls, lines: Iterable[str], tokenizer: Tokenizer) -> Self:
        tokens = words = characters = unknown = 0
        for line in lines:
            ids = tokenizer.encode(line)
            tokens += len(ids) + 1
            words += len(line.split()) + 1
            characters += len(normalise(line)) + 1
            unknown += ids.count(UNKNOWN_ID)
        return cls(tokens=tokens, words=words, characters=characters, unknown=unknown)

    def __add__(self, other: TextSize) -> TextSize:
        return TextSize(
            tokens=self.tokens + other.tokens,
            words=self.words + other.words,
            characters=self.characters + other.characters,
            unknown=self.unknown + other.unknown,
        )

    @property
    def note(self) -> str:
        """A warning for figures that are too good, since a model of all words has more to choose from; empty without."""
        if not self.unknown:
            return ""
        return f"{self.unknown:,} of {self.tokens:,} tokens are not in the vocabulary and count as one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The probability of a text, per unit of it."""

    log_probability: float
    """Natural logarithm."""
    size: TextSize

    @property
    def perplexity(self) -> float:
        """Inverse of the geometric mean of the tokens' probabilities."""
        return _exp(-self.log_probability / self.size.tokens)

    @property
    def perplexity_per_word(self) -> float:
        """The same over words, whatever the tokens are: comparable between vocabularies."""
        return _exp(-self.log_probability / self.size.words)

    @property
    def nats_per_character(self) -> float:
        return -self.log_probability / self.size.characters

    @property
    def bits_per_character(self) -> float:
        return self.nats_per_character / math.log(2.0)


def _exp(value: float) -> float:
    return math.exp(value) if value < 700.0 else math.inf


class LanguageReader:
    """A language model that reads and writes text."""

    def __init__(self, loaded: LoadedLanguageModel, *, device: torch.device) -> None:
        self.network, self.tokenizer, self.info = loaded.model, loaded.tokenizer, loaded.info
        self._device = device

    @classmethod
    def load(cls, directory: str | Path, *, device: str = "auto") -> Self:
        """Raises ModelDirectoryError, also for another kind of model, and DeviceError."""
        where = torch.device(find_device(device))
        return cls(load_language_model(directory, device=where), device=where)

    def log_probabilities(self, lines: Iterable[str]) -> Iterator[float]:
        """Natural log-probability of each line, its end included, in float64.

        A model of running text reads on from line to line, and one of sentences begins each line anew.
        """
        given, state = iter(lines), None
        while some := [self.tokenizer.encode(line) for line in islice(given, LINES_AT_ONCE)]:
            if self.info.running_text:
                stream = [*chain.from_iterable((*line, END_ID) for line in some)]
                values, state = self._read(torch.tensor([stream]), state)
                yield from (part.sum().item() for part in torch.split(values[0], [len(line) + 1 for line in some]))
            else:
                values, _ = self._read(pad([[*line, END_ID] for line in some]), None)
                yield from values.sum(dim=1).tolist()

    @torch.inference_mode()
    def _read(self, target: Tensor, state: LanguageModelState | None) -> tuple[Tensor, LanguageModelState | None]:
        """Log-probability of each token of target (B, T), zero for padding, (B, T) float64; and the state after them."""
        values, before = [], target.new_full((len(target), 1), BEGIN_ID)
        for window in torch.split(target.to(self._device), WINDOW, dim=1):
            prefix = _inputs(torch.cat((before.to(self._device), window[:, :-1]), dim=1))
            reading = self.network.read(prefix, state)
            scores = self.network.output(reading.features).float().log_softmax(dim=2)  # (B, T, V)
            own = scores.gather(2, window[:, :, None])[:, :, 0].double()
            values.append(own.masked_fill(window == PADDING_ID, 0.0).cpu())
            before, state = window[:, -1:], reading.state
        return torch.cat(values, dim=1), state

    @torch.inference_mode()
    def sample(self, beginning: str, *, count: int, length: int, options: SearchOptions) -> list[str]:
        """`count` texts that begin with `beginning` and go on with at most `length` tokens, drawn as `options` say.

        A model of running text goes on from line to line, and one of sentences stops at the end of its sentence.
        Raises InputError for a beginning that the vocabulary cannot write, or of several lines for a model of sentences.
        """
        given = self._beginning(beginning)
        generator = torch.Generator().manual_seed(options.seed)
        draws = torch.rand(length, count, dtype=torch.float64, generator=generator).to(self._device)
        state = self.network.start(count)
        tokens = torch.tensor([BEGIN_ID, *given], device=self._device)
        for token in _inputs(tokens[:-1]).tolist():
            _, state = self.network.step(tokens.new_full((count,), token), state)
        latest, drawn = tokens[-1].expand(count), []
        open_rows = torch.ones(count, dtype=torch.bool, device=self._device)
        for step in range(length):
            logits, state = self.network.step(_inputs(latest), state)  # (N, V)
            scores = forbid_(logits.float().log_softmax(dim=1)[None], None)
            latest = sample(scores, draws[step][None], options)[0]
            drawn.append(torch.where(open_rows, latest, PADDING_ID))
            if not self.info.running_text:
                open_rows = open_rows & (latest != END_ID)
                if not open_rows.any():
                    break
        rows = torch.stack(drawn, dim=1).tolist() if drawn else [[]] * count
        return [self._text([*given, *row]) for row in rows]

    def _beginning(self, text: str) -> list[int]:
        lines = normalise(text).split("\n")
        if len(lines) > 1 and not self.info.running_text:
            raise InputError("the beginning has several lines, and this model knows sentences alone; give one line")
        ids = [token for line in lines for token in (*self.tokenizer.encode(line), END_ID)][:-1]
        if UNKNOWN_ID in ids:
            parts = text.split() if self.tokenizer.unit == "word" else [*text.replace("\n", "")]
            unknown = [part for part in dict.fromkeys(parts) if UNKNOWN_ID in self.tokenizer.encode(part)]
            shown = ", ".join(repr(part) for part in unknown[:5])
            kind = "word" if self.tokenizer.unit == "word" else "character"
            raise InputError(
                f"the vocabulary cannot write {shown} of the beginning; give {kind}s that the model was trained on"
            )
        return ids

    def _text(self, tokens: Sequence[int]) -> str:
        lines: list[list[int]] = [[]]
        for token in tokens:
            if token == END_ID:
                lines.append([])
            elif token != PADDING_ID:
                lines[-1].append(token)
        text = "\n".join(map(self.tokenizer.decode, lines))
        return text if self.info.running_text else text.removesuffix("\n")


def _inputs(tokens: Tensor) -> Tensor:
    """Tokens as the network reads them: behind the end of a line it is at a beginning."""
    return tokens.masked_fill(tokens == END_ID, BEGIN_ID)
