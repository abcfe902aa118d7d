"""Subword tokenisation with SentencePiece: text to ids and back (Kudo and Richardson 2018).

Text is brought to Unicode normal form C and otherwise left as it is, but for runs of spaces, which become one. With a
vocabulary of at least `BYTE_FALLBACK_FROM` pieces, characters never seen in training are spelled in bytes, so that any text
comes back as it went in.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, Self

import sentencepiece

from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID, UNKNOWN_ID
from nmt.errors import ConfigurationError, CorpusError, ModelDirectoryError, VocabularySizeError
from nmt.text.resample import Resampler, resampler
from nmt.text.symbols import SYMBOLS

BYTE_FALLBACK_FROM = 2000
"""Smallest vocabulary that can spare 256 pieces for bytes."""

MAX_CHARACTERS = 0x110000
"""Of Unicode: no vocabulary of characters has more."""
LONG_LINE = 1 << 28
"""Bytes."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_SPECIAL_IDS = (PADDING_ID, UNKNOWN_ID, BEGIN_ID, END_ID)
_SPACE = "\u2581"  # for which SentencePiece writes it

Kind = Literal["bpe", "unigram", "word", "character"]
Unit = Literal["subword", "word", "character"]


class Tokenizer:
    """A trained SentencePiece model. It keeps no state between calls, so that threads may share one."""

    def __init__(self, processor: sentencepiece.SentencePieceProcessor, model_bytes: bytes) -> None:
        self._processor = processor
        self.model_bytes = model_bytes
        self._pieces: list[str] = [processor.IdToPiece(token) for token in range(processor.GetPieceSize())]
        pieces = frozenset(self._pieces)
        self.symbols = tuple(symbol for symbol in SYMBOLS if symbol in pieces)
        """Symbols for spans that this vocabulary has."""
        self.unit: Unit = _unit(self._pieces[len(_SPECIAL_IDS) :])
        """What a piece is."""

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a `tokenizer.model`. Raises ModelDirectoryError naming the file."""
        try:
            model = Path(path).read_bytes()
        except OSError as error:
            raise ModelDirectoryError(f"{path}: tokenizer cannot be read: {error.strerror}") from error
        try:
            return cls.from_bytes(model)
        except ModelDirectoryError as error:
            raise ModelDirectoryError(f"{path}: {error}") from error

    @classmethod
    def from_bytes(cls, model: bytes) -> Self:
        """Raises ModelDirectoryError for bytes that are no SentencePiece model with this system's special ids."""
        processor = sentencepiece.SentencePieceProcessor()
        try:
            processor.LoadFromSerializedProto(model)
        except RuntimeError as error:
            raise ModelDirectoryError("not a SentencePiece model") from error
        if not all(map(math.isfinite, processor.GetScore(list(range(processor.GetPieceSize()))))):
            raise ModelDirectoryError("tokenizer has a piece whose score is not a finite number")
        special = (processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id())
        if special != _SPECIAL_IDS:
            raise ModelDirectoryError(
                f"tokenizer has padding, unknown, begin and end at ids {special}; they should be {_SPECIAL_IDS}"
            )
        try:
            return cls(processor, model)
        except UnicodeDecodeError as error:
            raise ModelDirectoryError(f"tokenizer has a piece that is not UTF-8: {error.object!r}") from error

    @property
    def vocabulary_size(self) -> int:
        """Number of pieces, the four special ones included."""
        return int(self._processor.GetPieceSize())

    def encode(self, text: str) -> list[int]:
        """Ids of the pieces of `text`, without begin and end."""
        normal = normalise(text)
        # SentencePiece makes one unknown piece of several in a row; a word or a character is one, known or not.
        if self.unit == "word":
            return [self._processor.PieceToId(_SPACE + word) for word in normal.split()]
        if self.unit == "character":
            return [self._processor.PieceToId(character) for character in normal.replace(" ", _SPACE)]
        ids: list[int] = self._processor.EncodeAsIds(normal)
        return ids

    def resampler(self, *, strength: float) -> Resampler:
        """What segments sentences of ids anew, at random; `strength` is TrainingConfig.subword_sampling."""
        return resampler(self._processor, strength=strength)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The pieces as SentencePiece writes them: "▁" stands for a space, "<0x0A>" for a byte."""
        return [self._pieces[token] for token in ids]

    def is_spelled_in_letters(self, ids: Sequence[int]) -> bool:
        """Whether all pieces are letters, and the vocabulary could spell them in bytes."""
        has_bytes = self._processor.IsByte(self._processor.PieceToId("<0x00>"))
        return has_bytes and all(self._pieces[token].removeprefix("\u2581").isalpha() for token in ids)

    def in_bytes(self, token: int) -> list[int]:
        """Ids of the bytes that spell the piece `token`, in UTF-8."""
        piece = self._pieces[token]
        text = piece.removeprefix("\u2581")
        blank = [self._processor.PieceToId("\u2581")] if piece != text else []
        return blank + [self._processor.PieceToId(f"<0x{byte:02X}>") for byte in text.encode()]

    def decode(self, ids: Sequence[int]) -> str:
        """Text of `ids`. Special ids, the unknown piece among them, leave no trace."""
        text: str = self._processor.DecodeIds([int(token) for token in ids if token not in _SPECIAL_IDS])
        return text


def _unit(pieces: Sequence[str]) -> Unit:
    """The unit of a vocabulary: one of subwords has single characters among longer pieces, to spell any text."""
    if pieces and all(piece.startswith(_SPACE) and len(piece) > 1 for piece in pieces):
        return "word"
    return "character" if pieces and all(len(piece) == 1 for piece in pieces) else "subword"


def normalise(text: str) -> str:
    """`text` in Unicode normal form C, in which a letter and its accents are one character where that exists.

    A lone surrogate becomes U+FFFD.
    """
    normal = unicodedata.normalize("NFC", text)
    return normal if normal.isascii() else without_surrogates(normal)


def without_surrogates(text: str) -> str:
    """`text` with U+FFFD in place of each lone surrogate, which is no character and has no UTF-8."""
    return _SURROGATES.sub("\ufffd", text)


def train_tokenizer(
    sentences: Iterable[str],
    *,
    vocabulary_size: int,
    kind: Kind,
    character_coverage: float,
    words: Sequence[str] = (),
    symbols: Sequence[str] = (),
    split_digits: bool = False,
    long_lines: bool = False,
) -> Tokenizer:
    """Learn a vocabulary of `vocabulary_size` pieces from `sentences`. The same sentences give the same bytes.

    "word" takes the most frequent words, which stand between spaces, and "character" all characters, spaces as they stand;
    neither spells anything in bytes. With `long_lines`, sentences of more than 4,192 bytes count, too.

    Each of `words` is a piece of its own, whatever the sentences are, and each of `symbols` (see nmt.text.symbols) is two:
    with a blank before it and without. With `split_digits`, no piece has more than one digit.

    A vocabulary of another kind than "bpe" becomes smaller where the text cannot fill it.
    Raises VocabularySizeError where "bpe" cannot fill it, or where it has no room for the characters of the text;
    CorpusError where there is no sentence.
    """
    model = io.BytesIO()
    stream = _Counted(sentences)
    in_subwords, in_characters = kind in ("bpe", "unigram"), kind == "character"
    if in_characters:
        vocabulary_size = MAX_CHARACTERS
    try:
        sentencepiece.SentencePieceTrainer.Train(
            sentence_iterator=iter(stream),
            model_writer=model,
            vocab_size=vocabulary_size,
            model_type="char" if in_characters else kind,
            character_coverage=1.0 if kind == "word" else character_coverage,
            pad_id=PADDING_ID,
            unk_id=UNKNOWN_ID,
            bos_id=BEGIN_ID,
            eos_id=END_ID,
            normalization_rule_name="identity",
            add_dummy_prefix=not in_characters,
            remove_extra_whitespaces=not in_characters,
            user_defined_symbols=[*(f"\u2581{word}" for word in (*words, *symbols)), *symbols],
            split_digits=split_digits,
            byte_fallback=in_subwords and vocabulary_size >= BYTE_FALLBACK_FROM,
            hard_vocab_limit=kind == "bpe",
            max_sentence_length=LONG_LINE if long_lines else 4192,
            input_sentence_size=0,
            shuffle_input_sentence=False,
            num_threads=1,  # the sums of unigram training depend on how the text is dealt out to threads
            minloglevel=2,
        )
    except (RuntimeError, OSError) as error:
        if stream.count == 0:
            raise CorpusError("there is no sentence to learn a vocabulary from") from error
        raise _explain(str(error), vocabulary_size, extra=256 + 2 * len(symbols)) from error
    return Tokenizer.from_bytes(model.getvalue())


class _Counted:
    def __init__(self, sentences: Iterable[str]) -> None:
        self._sentences = sentences
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for sentence in self._sentences:
            self.count += 1
            yield normalise(sentence)


def _explain(message: str, vocabulary_size: int, *, extra: int) -> ConfigurationError:
    """The error for a size that the text does not fit. A large vocabulary has `extra` pieces that a small one lacks."""
    too_high = re.search(r"value <= (\d+)", message)
    if too_high:
        largest = int(too_high[1])
        if largest < BYTE_FALLBACK_FROM <= vocabulary_size:
            largest -= extra
        return VocabularySizeError(
            f"preparation.vocabulary_size: {vocabulary_size} is more than this text can fill; at most {largest}",
            possible=largest,
        )
    too_low = re.search(r"smaller than required_chars\. \d+ vs (\d+)", message)
    if too_low:
        smallest = int(too_low[1])
        if vocabulary_size < BYTE_FALLBACK_FROM <= smallest:
            smallest += extra
        return VocabularySizeError(
            f"preparation.vocabulary_size: {vocabulary_size} has no room for every character of this text; "
            f"at least {smallest}, or a smaller preparation.character_coverage",
            possible=smallest,
        )
    return ConfigurationError(f"preparation.tokenizer: SentencePiece says: {' '.join(message.split())}")
