"""Text in, text out, with a small untrained network: what holds whatever the weights are."""

from __future__ import annotations

import copy
import gc
import itertools
import math
import random
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.searching import search

from nmt.config.network import ModelConfig
from nmt.config.pytorch import find_device
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.config.yaml import parse
from nmt.errors import ConfigurationError, DeviceError, InputError, ModelDirectoryError
from nmt.model.build import build_seq2seq
from nmt.model.padding import pad
from nmt.runtime.reference import ReferenceScorer
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.translator import Translator

SENTENCES = [
    "Der Hund schläft im Garten.",
    "Am Morgen regnet es oft.",
    "Wir kaufen Brot, Käse und drei Äpfel.",
    "Wo steht mein blaues Fahrrad?",
    "Sie liest jeden Abend ein Buch.",
    "Das Wasser im See ist kalt!",
    "Mein Zug fährt um 7 Uhr.",
    "Ich weiß es nicht genau.",
    "The dog sleeps in the garden.",
    "It often rains in the morning.",
    "Where is my blue bicycle?",
    "My train leaves at 7.",
]
# Short, so that an untrained network, which seldom wants to end, costs little.
QUICK = SearchOptions(beam_size=3, n_best=3, max_length_ratio=1.0, max_length_offset=2)


@pytest.fixture(scope="module")
def translator() -> Translator:
    tokenizer = train_tokenizer(SENTENCES, vocabulary_size=96, kind="bpe", character_coverage=1.0)
    torch.manual_seed(4)
    config = ModelConfig(
        embedding_size=16,
        encoder_hidden_size=24,
        decoder_hidden_size=24,
        attention_size=16,
        encoder_layers=2,
        decoder_layers=2,
    )
    model = build_seq2seq(config, vocabulary_size=tokenizer.vocabulary_size)
    with torch.no_grad():
        # Weights larger than at the start of training, for distributions that differ from each other.
        for parameter in model.parameters():
            parameter.mul_(2.0)
        model.output.bias[END_ID] += 1.0
    return Translator.of(model, tokenizer=tokenizer, name="tiny", source_language="de", target_language="en")


def texts(count: int, seed: int = 0) -> list[str]:
    """Lines of one to three sentences, some empty, some blank."""
    generator = random.Random(seed)
    lines = [" ".join(generator.choices(SENTENCES, k=generator.randint(1, 3))) for _ in range(count)]
    for index in range(0, count, 11):
        lines[index] = generator.choice(["", " ", "\t", "…"])
    return lines


def test_a_translator_that_nobody_holds_is_gone_at_once(translator: Translator) -> None:
    """With its weights: a service that has loaded a model anew does not wait for the garbage collector."""
    own = copy.copy(translator)
    own.translate(["Guten Morgen."], QUICK)
    gone = weakref.ref(own)
    gc.disable()
    try:
        del own
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize("beam_size", [1, 4])
def test_the_size_and_order_of_batches_change_no_text(translator: Translator, beam_size: int) -> None:
    options = SearchOptions(beam_size=beam_size, max_length_ratio=1.0, max_length_offset=3)
    lines = texts(64)
    alone = [translator.translate([line], options)[0].text for line in lines]
    assert len(set(alone)) > 20
    for batch_tokens in (1, 8 * 40 * beam_size, 1_000_000):
        together = translator.translate(lines, options, batch_tokens=batch_tokens)
        assert [translation.text for translation in together] == alone
    order = list(range(len(lines)))
    random.Random(1).shuffle(order)
    shuffled = translator.translate([lines[index] for index in order], options)
    assert [translation.text for translation in shuffled] == [alone[index] for index in order]


def test_lines_come_one_for_one_in_order_from_a_bounded_window(translator: Translator) -> None:
    lines = texts(25)
    taken = 0

    def stream() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += 1
            yield line

    translations = translator.translate_lines(stream(), QUICK, window=4)
    assert taken == 0
    got = [next(translations)]
    assert taken == 4
    got += translations
    assert [translation.source for translation in got] == lines
    assert [translation.text for translation in got] == [t.text for t in translator.translate(lines, QUICK)]
    assert list(translator.translate_lines([], QUICK)) == []


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t \u3000", "---", "🙂", "\x00\x07", "\u200f\u200e", "…?!"])
def test_a_text_with_nothing_to_translate_comes_back(translator: Translator, text: str) -> None:
    (translation,) = translator.translate([text], QUICK)
    assert translation.sentences == ()
    assert translation.texts == (text,)
    assert translation.source == text


def test_every_newline_and_space_stays_in_its_place(translator: Translator) -> None:
    text = "  Der Hund schläft.  Wo steht mein Fahrrad?\n\n\n\tIch weiß es nicht.\r\n---\r\n Am Morgen regnet es. \n"
    (translation,) = translator.translate([text], QUICK)
    assert len(translation.sentences) == 4
    a, b, c, d = (sentence.text for sentence in translation.sentences)
    assert translation.text == f"  {a}  {b}\n\n\n\t{c}\r\n---\r\n {d} \n"
    assert len(translation.texts) == 3
    for rank, joined in enumerate(translation.texts):
        a, b, c, d = (
            sentence.hypotheses[min(rank, len(sentence.hypotheses) - 1)].text for sentence in translation.sentences
        )
        assert joined == f"  {a}  {b}\n\n\n\t{c}\r\n---\r\n {d} \n"


hostile = st.text(
    st.one_of(
        st.characters(exclude_categories=()),  # all there are, lone surrogates among them
        st.sampled_from("abcÄß .,!?\n\r\t\x00\x0b\x85\u2028\u200f\u202e\ufeff\ufffd\ud800\udfff🙂👩‍🚀ثم世"),
    ),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(lines=st.lists(hostile, max_size=4))
def test_any_text_in_gives_text_out(translator: Translator, lines: list[str]) -> None:
    translations = translator.translate(lines, QUICK)
    assert [translation.source for translation in translations] == lines
    for line, translation in zip(lines, translations, strict=True):
        for text in translation.texts:
            text.encode("utf-8")
            assert text.count("\n") == line.count("\n")
        assert 1 <= len(translation.texts) <= (3 if translation.sentences else 1)
        for sentence in translation.sentences:
            for hypothesis in sentence.hypotheses:
                assert math.isfinite(hypothesis.score)
                assert len(hypothesis.attention) == len(hypothesis.tokens)
                assert all(len(row) == len(sentence.source_tokens) for row in hypothesis.attention)
                assert all(row.itemsize <= 8 for row in hypothesis.attention)  # a number of Python takes 32 bytes
                assert hypothesis.text == hypothesis.text.strip()
        assert len(translation.alignment) == len(translation.tokens)


@settings(max_examples=40, deadline=None)
@given(sentences=st.lists(hostile, max_size=4))
def test_any_sentence_in_gives_a_sentence_out(translator: Translator, sentences: list[str]) -> None:
    results = translator.translate_sentences(sentences, QUICK, attention=False)
    assert [result.source for result in results] == sentences
    for result in results:
        result.text.encode("utf-8")
        assert all(hypothesis.attention == () for hypothesis in result.hypotheses)


@pytest.mark.parametrize("part", ["Der Hund schläft im Garten, ", "Garten ", "Hund"])
def test_a_line_of_ten_thousand_tokens_is_translated_whole_in_pieces_the_model_can_take(
    translator: Translator, part: str
) -> None:
    line = part * (40_000 // len(part))
    parts = translator.split(line)
    assert parts.join(parts.sentences) == line
    options = SearchOptions(beam_size=1, max_length_ratio=0.1, max_length_offset=1)
    (translation,) = translator.translate_lines([line], options)
    assert [sentence.source for sentence in translation.sentences] == list(parts.sentences)
    sizes = [len(sentence.source_tokens) for sentence in translation.sentences]
    assert max(sizes) <= 250
    assert sum(sizes) >= 10_000
    assert "\n" not in translation.text


def test_score_is_the_log_probability_that_the_beam_found(translator: Translator) -> None:
    options = SearchOptions(beam_size=12, n_best=12, max_length_ratio=0.5, max_length_offset=2)
    pairs, found = [], []
    for sentence in translator.translate_sentences(SENTENCES, options):
        for hypothesis in sentence.hypotheses:
            # Only where the text is tokenised as the beam spelled it is it the same sequence.
            tokens = translator.translate_sentences([hypothesis.text], QUICK)[0].source_tokens
            if tokens == hypothesis.tokens:
                pairs.append((sentence.source, hypothesis.text))
                found.append(hypothesis.log_probability)
    assert sum(bool(target) for _, target in pairs) >= 10
    for batch_tokens in (1, 100, 100_000):
        assert translator.score(pairs, batch_tokens=batch_tokens) == pytest.approx(found, abs=1e-4)


def test_scores_of_pairs_with_an_empty_side(translator: Translator) -> None:
    neither, no_source, no_target = translator.score([("", " "), ("", "It rains."), ("Es regnet.", "")])
    assert neither == 0.0
    assert no_source == -math.inf
    assert -100.0 < no_target < 0.0
    assert translator.score([]) == []


@pytest.mark.parametrize("wiring", ["gnmt", "input-feeding"])
@pytest.mark.parametrize("beam_size", [1, 5])
def test_search_on_the_model_finds_what_teacher_forcing_confirms(wiring: str, beam_size: int) -> None:
    """Reordered states and kept memories are the right ones: each candidate's steps are those of a straight pass."""
    torch.manual_seed(7)
    config = ModelConfig.model_validate(
        {"embedding_size": 12, "encoder_hidden_size": 16, "decoder_hidden_size": 16, "attention_size": 8, "wiring": wiring}
    )
    model = build_seq2seq(config, vocabulary_size=20).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    sources = [[4, 9, 12, 7, 7], [19], [5, 6, 8], [11, 11]]
    source, lengths = pad(sources), torch.tensor([len(tokens) for tokens in sources])
    options = SearchOptions(beam_size=beam_size, n_best=beam_size)
    for tokens, candidates in zip(sources, search(ReferenceScorer(model), source, lengths, options), strict=True):
        assert len(candidates) == beam_size
        for candidate in candidates:
            prefix = torch.tensor([[BEGIN_ID, *candidate.tokens]])
            with torch.inference_mode():
                logits, attention = model(torch.tensor([tokens]), torch.tensor([len(tokens)]), prefix)
            expected = torch.tensor([*candidate.tokens, END_ID])
            total = logits[0].log_softmax(dim=1).gather(1, expected[:, None]).sum()
            assert candidate.log_probability == pytest.approx(float(total), abs=1e-4)
            torch.testing.assert_close(torch.from_numpy(candidate.attention), attention[0, :-1], atol=1e-5, rtol=0)


def test_a_model_in_training_is_put_into_evaluation() -> None:
    tokenizer = train_tokenizer(SENTENCES, vocabulary_size=96, kind="bpe", character_coverage=1.0)
    config = ModelConfig(embedding_size=8, encoder_hidden_size=8, decoder_hidden_size=8, dropout=0.5)
    model = build_seq2seq(config, vocabulary_size=96).train()
    translator = Translator.of(model, tokenizer=tokenizer, name="t", source_language="de", target_language="xx")
    assert not model.training
    assert translator.source_language_name == "German"
    assert translator.target_language_name == "xx"
    scores = [translation.score for translation in translator.translate(SENTENCES, QUICK)]
    assert scores == [translation.score for translation in translator.translate(SENTENCES, QUICK)]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("beam_size", [1, 5])
def test_an_accelerator_finds_what_the_processor_finds(translator: Translator, beam_size: int) -> None:
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length_ratio=1.0)
    there = Translator.of(
        copy.deepcopy(translator._models[0]).cuda(),
        tokenizer=translator._tokenizer,
        name="there",
        source_language="de",
        target_language="en",
    )
    for ours, other in zip(translator.translate(SENTENCES, options), there.translate(SENTENCES, options), strict=True):
        assert other.score == pytest.approx(ours.score, abs=1e-3)
    pairs = list(itertools.pairwise(SENTENCES))
    assert there.score(pairs) == pytest.approx(translator.score(pairs), abs=1e-3)


def test_mistakes_are_told(translator: Translator) -> None:
    with pytest.raises(InputError, match="list of texts"):
        translator.plan("Guten Morgen!")
    with pytest.raises(InputError, match="not int"):
        translator.translate([3])  # type: ignore[list-item]
    with pytest.raises(InputError, match="batch_tokens 0"):
        translator.translate(["Es regnet."], batch_tokens=0)
    with pytest.raises(InputError, match="window 0"):
        list(translator.translate_lines(["Es regnet."], window=0))
    with pytest.raises(InputError, match="threads 0"):
        Translator.load("nowhere", threads=0)
    with pytest.raises(ModelDirectoryError, match="nowhere"):
        Translator.load("nowhere", device="cpu")
    with pytest.raises(DeviceError, match="auto, cpu or cuda"):
        Translator.load("nowhere", device="tpu")


def test_a_device_is_found_or_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("nmt.config.pytorch._DRIVERS", (str(tmp_path),))  # as if there were a driver
    assert find_device("cpu") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device("auto") == "cpu"
    with pytest.raises(DeviceError, match="no CUDA device"):
        find_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert find_device("auto") == find_device("cuda") == "cuda"


def test_settings_and_results_are_there_without_loading_torch() -> None:
    code = "import sys, nmt; nmt.SearchOptions(); nmt.Translation; assert 'torch' not in sys.modules; nmt.Translator.load"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_translation_begins_as_asked(translator: Translator, beam_size: int) -> None:
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length_ratio=1.0, max_length_offset=3)
    prefixes = ["The dog", "", "Where is my blue", "It often rains in the morning. My"]
    lines = [SENTENCES[0], SENTENCES[1], f"{SENTENCES[3]} {SENTENCES[5]}", ""]
    results = translator.translate(lines, options, prefixes=prefixes)
    for translation, prefix in zip(results[:3], prefixes, strict=False):
        assert all(text.startswith(prefix) for text in translation.texts)
        assert translation.sentences[0].hypotheses[0].score > -math.inf
    assert results[3].text == ""
    streamed = translator.translate_lines(lines, options, window=2, prefixes=iter(prefixes))
    assert [translation.texts for translation in streamed] == [translation.texts for translation in results]
    with pytest.raises(InputError, match="fewer prefixes"):
        list(translator.translate_lines(lines, options, window=2, prefixes=prefixes[:2]))
    with pytest.raises(InputError, match="one for each of the 4 texts"):
        translator.translate(lines, options, prefixes=prefixes[:2])
    with pytest.raises(InputError, match="prefix '漢' has a character"):
        translator.translate(["Es regnet."], options, prefixes=["漢"])


@pytest.mark.parametrize(
    "options", [QUICK, QUICK.model_copy(update={"sampling": True}), QUICK.model_copy(update={"n_best": 1})]
)
def test_forbidden_phrases_do_not_come_however_they_are_spelled(translator: Translator, options: SearchOptions) -> None:
    before = translator.translate_sentences(SENTENCES[:4], options)
    words = [word for sentence in before for word in sentence.hypotheses[0].text.split()[:2]]
    forbidden = tuple(dict.fromkeys(words))
    assert forbidden
    strict = options.model_copy(update={"forbidden": forbidden})
    for sentence in translator.translate_sentences(SENTENCES[:4], strict):
        for hypothesis in sentence.hypotheses:
            assert not any(word.startswith(forbidden) for word in hypothesis.text.split())
    with pytest.raises(InputError, match="has the forbidden phrase"):
        translator.translate(["Es regnet."], strict, prefixes=[f"It {words[0]}"])
    for wrong, says in (("漢", "forbidden phrase '漢' has a character"), (" ", "should not be empty")):
        with pytest.raises(InputError, match=says):
            translator.translate(["Es regnet."], options.model_copy(update={"forbidden": (wrong,)}))


REQUIRED = (("blue garden",), ("My",), ("dog", "train leaves"), ("ains",), (", drei Äpfel.", "7"))


@pytest.mark.parametrize("required", REQUIRED, ids=str)
def test_required_phrases_are_in_every_translation(translator: Translator, required: tuple[str, ...]) -> None:
    options = QUICK.model_copy(update={"required": required, "no_repeat_ngram": 2})
    lines = [*SENTENCES[:3], " ".join(SENTENCES[3:6]), f"{SENTENCES[0]}\n---\n{SENTENCES[1]}", "", "…"]
    results = translator.translate(lines, options)
    assert [translation.source for translation in results] == lines
    for translation in results[:-2]:
        assert all(phrase in text for phrase in required for text in translation.texts)
        for sentence in translation.sentences:
            scores = [hypothesis.score for hypothesis in sentence.hypotheses]
            assert scores == sorted(scores, reverse=True)
            assert len({hypothesis.tokens for hypothesis in sentence.hypotheses}) == len(scores)
    assert [translation.text for translation in results[-2:]] == lines[-2:]
    assert [one.text for one in translator.translate_lines(lines, options, window=3)] == [one.text for one in results]


def test_a_phrase_goes_where_it_costs_least(translator: Translator) -> None:
    text = " ".join(SENTENCES[3:6])
    (plain,) = translator.translate([text], QUICK)
    for place, sentence in enumerate(plain.sentences):
        word = next(word for word in sentence.text.split() if word.isalpha() and plain.text.count(word) == 1)
        (translation,) = translator.translate([text], QUICK.model_copy(update={"required": (word,)}))
        assert word in translation.sentences[place].text


def test_required_phrases_that_cannot_be_met_are_told(translator: Translator) -> None:
    for required, forbidden, says in (
        (("漢",), (), "required phrase '漢' has a character"),
        (("  ",), (), "should not be empty"),
        (("The dog sleeps",), ("dog",), "required phrase 'The dog sleeps' has the forbidden phrase 'dog'"),
    ):
        options = QUICK.model_copy(update={"required": required, "forbidden": forbidden})
        with pytest.raises(InputError, match=says):
            translator.translate(["Es regnet."], options)
    for other in ({"sampling": True}, {"diversity_groups": 5}):
        with pytest.raises(ConfigurationError, match="required phrases are for plain beam search"):
            parse(SearchOptions, {"required": ["dog"], **other}, where="options")
