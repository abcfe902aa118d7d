"""Tokenisation: text comes back, special ids stay where the model expects them, training repeats itself."""

import math
import random
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID, UNKNOWN_ID
from nmt.errors import ConfigurationError, CorpusError, ModelDirectoryError, VocabularySizeError
from nmt.text.tokenizer import Tokenizer, normalise, train_tokenizer

KINDS = ("bpe", "unigram")


def sentences(count: int) -> list[str]:
    """Words of random syllables, so that there is always one more piece to learn."""
    generator = random.Random(7)
    syllables = [first + second for first in "bdfgklmnprstwzä" for second in "aeiouü"]
    return [
        " ".join("".join(generator.choices(syllables, k=generator.randint(1, 4))) for _ in range(6)) + "."
        for _ in range(count)
    ]


@pytest.fixture(scope="module", params=KINDS)
def with_bytes(request: pytest.FixtureRequest) -> Tokenizer:
    return train_tokenizer(sentences(1500), vocabulary_size=2000, kind=request.param, character_coverage=1.0)


@pytest.fixture(scope="module", params=KINDS)
def without_bytes(request: pytest.FixtureRequest) -> Tokenizer:
    return train_tokenizer(sentences(300), vocabulary_size=150, kind=request.param, character_coverage=1.0)


def as_it_comes_back(text: str) -> str:
    """What a round trip may change: normal form, runs of spaces, and the character that stands for a space in pieces."""
    return re.sub(" +", " ", normalise(text).replace("▁", " ")).strip(" ")


@given(text=st.text(max_size=60))
def test_any_text_survives_a_round_trip(with_bytes: Tokenizer, text: str) -> None:
    ids = with_bytes.encode(text)
    assert with_bytes.decode(ids) == as_it_comes_back(text)
    assert UNKNOWN_ID not in ids
    assert all(3 < token < with_bytes.vocabulary_size for token in ids)


@pytest.mark.parametrize(
    "text", ["ﬁne ＡＢＣ ½ ①", "你好世界", "👩‍👩‍👧 🇩🇪", "שלום", "a\u200fb\u00a0c", "tab\there", "nul\x00byte", "ẞ"]
)
def test_compatibility_characters_are_left_as_they_are(with_bytes: Tokenizer, text: str) -> None:
    assert with_bytes.decode(with_bytes.encode(text)) == text


def test_letter_and_accent_become_one_character(with_bytes: Tokenizer) -> None:
    decomposed = unicodedata.normalize("NFD", "bäfü")
    assert with_bytes.encode(decomposed) == with_bytes.encode("bäfü")


def test_a_lone_surrogate_is_replaced(with_bytes: Tokenizer) -> None:
    assert with_bytes.decode(with_bytes.encode("a\ud800b")) == "a\ufffdb"


def test_special_ids_have_their_places(with_bytes: Tokenizer) -> None:
    names = with_bytes.pieces([PADDING_ID, UNKNOWN_ID, BEGIN_ID, END_ID])
    assert names == ["<pad>", "<unk>", "<s>", "</s>"]


def test_pieces_spell_the_text(with_bytes: Tokenizer) -> None:
    ids = with_bytes.encode("bada kilo")
    assert "".join(with_bytes.pieces(ids)) == "▁bada▁kilo"


def test_pieces_are_those_of_sentencepiece(with_bytes: Tokenizer) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=with_bytes.model_bytes)
    text = "Ein BUS hält um 7 Uhr. ½"
    assert with_bytes.pieces(with_bytes.encode(text)) == processor.EncodeAsPieces(text)


@pytest.mark.parametrize("kind", KINDS)
def test_sampled_segmentations_spell_the_same_text(kind: str) -> None:
    tokenizer = train_tokenizer(sentences(200), vocabulary_size=120, kind=kind, character_coverage=1.0, words=["<bt>"])
    texts = ["<bt> " + sentence for sentence in sentences(50)]
    ids = [tokenizer.encode(text) for text in texts]
    resample = tokenizer.resampler(strength=0.3)
    drawn = resample(ids, seed=5)
    assert [tokenizer.decode(sentence) for sentence in drawn] == texts
    assert drawn != ids
    assert all(sentence[0] == ids[0][0] for sentence in drawn)  # the user's word is whole
    assert resample(ids, seed=6) != drawn
    assert tokenizer.resampler(strength=0.3)(ids, seed=5) == drawn


def test_sampling_leaves_what_is_spelled_in_bytes_and_what_is_unknown(with_bytes: Tokenizer) -> None:
    ids = with_bytes.encode("你好 bada")
    (drawn,) = with_bytes.resampler(strength=0.5)([ids], seed=5)
    assert with_bytes.decode(drawn) == "你好 bada"
    assert with_bytes.resampler(strength=0.5)([[UNKNOWN_ID], []], seed=5) == [[UNKNOWN_ID], []]


@pytest.mark.parametrize("kind", KINDS)
def test_every_process_samples_the_same(kind: str, tmp_path: Path) -> None:
    """SentencePiece's own generator, since version 0.2.2, does not."""
    tokenizer = train_tokenizer(sentences(200), vocabulary_size=120, kind=kind, character_coverage=1.0)
    (tmp_path / "tokenizer.model").write_bytes(tokenizer.model_bytes)
    text = sentences(1)[0]
    script = f"""
from nmt.text.tokenizer import Tokenizer
tokenizer = Tokenizer.load({str(tmp_path / "tokenizer.model")!r})
print(tokenizer.resampler(strength=0.5)([tokenizer.encode({text!r})] * 9, seed=3))
"""
    there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60).stdout
    assert there == f"{tokenizer.resampler(strength=0.5)([tokenizer.encode(text)] * 9, seed=3)}\n"


def drawn_shares(tokenizer: Tokenizer, word: str, *, strength: float, times: int = 20_000) -> dict[str, float]:
    """How often each segmentation of a word comes up."""
    drawn = tokenizer.resampler(strength=strength)([tokenizer.encode(word)] * times, seed=1)
    return {form: count / times for form, count in Counter(" ".join(tokenizer.pieces(ids)) for ids in drawn).items()}


def test_bpe_dropout_is_that_of_the_paper() -> None:
    """Against the algorithm as the paper has it: each possible merge of each step is left out with that probability."""
    tokenizer = train_tokenizer(["ababc abab abc ab bc"] * 9, vocabulary_size=13, kind="bpe", character_coverage=1.0)
    ranks = {tokenizer.pieces([token])[0]: token for token in range(4, tokenizer.vocabulary_size)}
    generator = random.Random(7)

    def paper() -> str:
        symbols = list("▁ababc")
        while True:
            merges = [
                (ranks[left + right], at)
                for at, (left, right) in enumerate(pairwise(symbols))
                if left + right in ranks and generator.random() >= 0.3
            ]
            if not merges:
                return " ".join(symbols)
            _, at = min(merges)
            symbols[at : at + 2] = ["".join(symbols[at : at + 2])]

    expected = {form: count / 20_000 for form, count in Counter(paper() for _ in range(20_000)).items()}
    found = drawn_shares(tokenizer, "ababc", strength=0.3)
    assert len(expected) > 4
    for form in expected.keys() | found.keys():
        share = expected.get(form, 0.0)
        assert abs(found.get(form, 0.0) - share) < 5 * (2 * max(share, 1e-3) / 20_000) ** 0.5, form


def test_unigram_segmentations_come_as_often_as_their_probability_says() -> None:
    tokenizer = train_tokenizer(sentences(200), vocabulary_size=150, kind="unigram", character_coverage=1.0)
    processor = tokenizer._processor
    word = max(sentences(2)[0].split(), key=len)
    every = processor.NBestEncodeAsIds(word, 512)
    weights = {
        " ".join(tokenizer.pieces(ids)): math.exp(0.3 * sum(processor.GetScore(token) for token in ids)) for ids in every
    }
    found = drawn_shares(tokenizer, word, strength=0.3)
    assert 4 < len(weights) < 512
    for form in weights.keys() | found.keys():
        share = weights.get(form, 0.0) / sum(weights.values())
        assert abs(found.get(form, 0.0) - share) < 5 * (max(share, 1e-3) / 20_000) ** 0.5, form


def test_unknown_characters_leave_no_trace(without_bytes: Tokenizer) -> None:
    ids = without_bytes.encode("bada 你 kilo")
    assert UNKNOWN_ID in ids
    assert without_bytes.decode(ids).split() == ["bada", "kilo"]
    assert without_bytes.decode([BEGIN_ID, *without_bytes.encode("bada"), END_ID, PADDING_ID]) == "bada"
    assert without_bytes.decode([]) == ""


@given(st.lists(st.integers(0, 149), max_size=20))
def test_any_ids_decode_without_an_unknown_sign(without_bytes: Tokenizer, ids: list[int]) -> None:
    ids = [token for token in ids if token < without_bytes.vocabulary_size]
    assert "⁇" not in without_bytes.decode(ids)


@given(st.lists(st.integers(0, 1999), max_size=20))
def test_any_bytes_decode_to_text(with_bytes: Tokenizer, ids: list[int]) -> None:
    with_bytes.decode([token for token in ids if token < with_bytes.vocabulary_size]).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_sentences_give_the_same_bytes(kind: str) -> None:
    first, second = (
        train_tokenizer(sentences(200), vocabulary_size=120, kind=kind, character_coverage=1.0).model_bytes for _ in range(2)
    )
    assert first == second


def test_saved_and_loaded_it_is_the_same(without_bytes: Tokenizer, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(without_bytes.model_bytes)
    loaded = Tokenizer.load(path)
    assert loaded.model_bytes == without_bytes.model_bytes
    assert loaded.encode("bada kilo.") == without_bytes.encode("bada kilo.")


@pytest.mark.parametrize("content", [b"", b"not a model", None])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "tokenizer.model"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelDirectoryError, match=r"tokenizer\.model"):
        Tokenizer.load(path)


def test_a_truncated_model_is_refused(without_bytes: Tokenizer) -> None:
    with pytest.raises(ModelDirectoryError):
        Tokenizer.from_bytes(without_bytes.model_bytes[:-50])


@pytest.mark.parametrize("asked", [1900, 5000])
def test_the_largest_possible_vocabulary_is_named_and_works(asked: int) -> None:
    text = sentences(20)
    with pytest.raises(ConfigurationError, match=rf"preparation.vocabulary_size: {asked} is more") as caught:
        train_tokenizer(text, vocabulary_size=asked, kind="bpe", character_coverage=1.0)
    largest = int(re.findall(r"at most (\d+)", str(caught.value))[0])
    assert train_tokenizer(text, vocabulary_size=largest, kind="bpe", character_coverage=1.0).vocabulary_size == largest


def test_a_unigram_vocabulary_shrinks_to_what_there_is() -> None:
    assert (
        train_tokenizer(sentences(20), vocabulary_size=1900, kind="unigram", character_coverage=1.0).vocabulary_size < 1900
    )


@pytest.mark.parametrize("lines", [10, 210])
@pytest.mark.parametrize("kind", KINDS)
def test_a_vocabulary_smaller_than_the_alphabet_says_what_is_needed(kind: str, lines: int) -> None:
    alphabet = ["".join(chr(0x4E00 + 10 * line + column) for column in range(10)) for line in range(lines)] * 3
    with pytest.raises(VocabularySizeError, match=r"preparation.vocabulary_size: 50 has no room .* at least \d+,") as caught:
        train_tokenizer(alphabet, vocabulary_size=50, kind=kind, character_coverage=1.0)
    smallest = caught.value.possible
    assert f"at least {smallest}," in str(caught.value)
    train_tokenizer(alphabet, vocabulary_size=smallest, kind=kind, character_coverage=1.0)
    with pytest.raises(VocabularySizeError, match="no room"):
        train_tokenizer(alphabet, vocabulary_size=smallest - 1, kind=kind, character_coverage=1.0)


def test_no_sentence_is_an_error() -> None:
    with pytest.raises(CorpusError, match="no sentence"):
        train_tokenizer([], vocabulary_size=50, kind="bpe", character_coverage=1.0)
