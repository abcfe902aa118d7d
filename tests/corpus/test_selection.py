"""Filters that learn from the text: most like a domain, and made of words that translate each other."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.config.recipe import read_recipe
from nmt.corpus.domain import Domain
from nmt.corpus.lexicon import Lexicon
from nmt.corpus.ngrams import BEGIN, END, NgramModel
from nmt.corpus.parallel import SentencePair
from nmt.corpus.prepare import prepare
from nmt.corpus.words import reservoir, words
from nmt.errors import ConfigurationError, CorpusError

# --- trigram models ------------------------------------------------------------------------------------------------------


class Textbook:
    """Witten-Bell interpolation as Chen and Goodman 1999 write it, of tuples in dictionaries."""

    def __init__(self, sentences: list[list[int]], *, vocabulary_size: int) -> None:
        self.size = vocabulary_size
        self.following: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for sentence in sentences:
            padded = [BEGIN, BEGIN, *sentence, END]
            for place in range(2, len(padded)):
                for order in range(3):
                    self.following[tuple(padded[place - order : place])][padded[place]] += 1

    def probability(self, word: int, history: tuple[int, ...]) -> float:
        below = self.probability(word, history[1:]) if history else 1.0 / (self.size - 1)
        counts = self.following.get(history)
        if not counts:
            return below
        return (counts[word] + len(counts) * below) / (counts.total() + len(counts))

    def cross_entropy(self, sentence: list[int]) -> float:
        padded = [BEGIN, BEGIN, *sentence, END]
        logs = [math.log(self.probability(padded[at], tuple(padded[at - 2 : at]))) for at in range(2, len(padded))]
        return -sum(logs) / len(logs)


sentences = st.lists(st.lists(st.integers(2, 7), max_size=6), min_size=1, max_size=12)


@settings(deadline=None)
@given(learned=sentences, judged=sentences)
def test_cross_entropies_are_those_of_the_textbook(learned: list[list[int]], judged: list[list[int]]) -> None:
    model, textbook = NgramModel(learned, vocabulary_size=8), Textbook(learned, vocabulary_size=8)
    expected = [textbook.cross_entropy(sentence) for sentence in judged]
    np.testing.assert_allclose(model.cross_entropies(judged), expected, rtol=1e-9)


@given(learned=sentences, history=st.lists(st.integers(2, 7), max_size=3))
def test_the_probabilities_of_all_words_add_up_to_one(learned: list[list[int]], history: list[int]) -> None:
    """The probability of a sentence is that of its words; sums over the last word are differences of sentences' logs."""
    model = NgramModel(learned, vocabulary_size=8)

    def log_probability(sentence: list[int]) -> float:
        return -float(model.cross_entropies([sentence])[0]) * (len(sentence) + 1)

    textbook = Textbook(learned, vocabulary_size=8)
    padded = [BEGIN, BEGIN, *history]
    total = math.exp(log_probability(history))  # END follows
    for word in range(2, 8):
        after = (padded[-1], word)
        total += math.exp(log_probability([*history, word])) / textbook.probability(END, after)
    prefix = math.exp(
        sum(math.log(textbook.probability(padded[at], tuple(padded[at - 2 : at]))) for at in range(2, len(padded)))
    )
    assert total == pytest.approx(prefix)


# --- words and samples ---------------------------------------------------------------------------------------------------


def test_words_are_runs_of_letters_and_single_signs() -> None:
    assert words("Don't – 3,5 %") == ["don", "'", "t", "–", "3", ",", "5", "%"]
    assert words("日本語 ABC") == ["日", "本", "語", "abc"]


def test_each_item_is_equally_probable_in_a_sample() -> None:
    assert reservoir(range(3), 5) == [0, 1, 2]
    kept = reservoir(range(4000), 1000)
    assert kept == reservoir(range(4000), 1000)
    assert len(set(kept)) == 1000
    for start in range(0, 4000, 1000):  # 250 of each thousand, give or take four standard deviations
        assert sum(start <= item < start + 1000 for item in kept) == pytest.approx(250, abs=48)


# --- most like a domain --------------------------------------------------------------------------------------------------

TOPICS = {
    "sea": ["ship", "wave", "sail", "port", "captain", "deck"],
    "kitchen": ["pan", "salt", "oven", "bread", "butter", "knife"],
}


def made_up(topic: str, count: int, seed: int) -> list[SentencePair]:
    """Sentences of a topic, the target a word-for-word translation."""
    generator = random.Random(seed)
    lines = [generator.choices([*TOPICS[topic], "the", "a", "is"], k=generator.randint(3, 8)) for _ in range(count)]
    return [SentencePair(" ".join(line), " ".join(f"{word}en" for word in line)) for line in lines]


def test_the_kept_pairs_are_those_with_the_least_difference() -> None:
    """Moore and Lewis 2010, section 3, with both sides as in Axelrod et al. 2011, by the textbook's trigrams."""
    domain = made_up("sea", 40, seed=1)
    text = [
        *made_up("sea", 15, seed=2),
        *made_up("kitchen", 25, seed=3),
        SentencePair("", "salten"),
        SentencePair("salt", ""),
    ]
    kept = Domain(domain, sides=(0, 1)).most_like(lambda: iter(text), 0.3)
    totals = np.zeros(len(text))
    for side in (0, 1):
        counts = Counter(word for pair in domain for word in pair[side].split())
        ids = {word: number for number, word in enumerate((w for w, count in counts.items() if count >= 2), 3)}

        def encode(sentence: str, ids: dict[str, int] = ids) -> list[int]:
            return [ids.get(word, 2) for word in sentence.split()]

        sample = reservoir(text, len(domain))
        models = [Textbook([encode(pair[side]) for pair in some], vocabulary_size=len(ids) + 3) for some in (domain, sample)]
        for number, pair in enumerate(text):
            own, general = (model.cross_entropy(encode(pair[side])) for model in models)
            totals[number] += own - general if pair[side] else math.inf
    expected = set(np.argsort(totals, kind="stable")[: round(0.3 * len(text))].tolist())
    assert set(np.flatnonzero(kept).tolist()) == expected
    assert kept[:15].sum() >= 11, "most of them are of the domain"


def test_the_share_is_of_all_pairs_and_the_same_each_time() -> None:
    text = made_up("sea", 101, seed=4)
    domain = Domain(made_up("sea", 40, seed=1), sides=(0,))
    kept = domain.most_like(lambda: iter(text), 0.5)
    assert kept.sum() == 50
    assert (kept == domain.most_like(lambda: iter(text), 0.5)).all()
    assert domain.most_like(lambda: iter(text), 1.0).all()


# --- words that translate each other -------------------------------------------------------------------------------------


def shared(pair: SentencePair) -> float:
    """The share of words with a translation, of the worse side of a pair in the made-up languages."""
    source, target = pair.source.split(), [word.removesuffix("en") for word in pair.target.split()]
    return min(sum(word in there for word in own) / len(own) for own, there in ((source, target), (target, source)))


def test_pairs_that_are_no_translations_have_few_translated_words() -> None:
    pairs = [*made_up("sea", 300, seed=1), *made_up("kitchen", 300, seed=2)]
    lexicon = Lexicon(pairs)
    for topic, other in (("sea", "kitchen"), ("kitchen", "sea")):
        right, wrong = made_up(topic, 20, seed=3), made_up(other, 20, seed=4)
        assert all(lexicon.translated(pair) == 1.0 for pair in right)
        for pair, target in zip(right, wrong, strict=True):
            crossed = SentencePair(pair.source, target.target)
            assert lexicon.translated(crossed) == pytest.approx(shared(crossed))


def test_words_that_are_seldom_met_and_words_that_stay_say_nothing_against_a_pair() -> None:
    lexicon = Lexicon([*made_up("sea", 300, seed=1), SentencePair("zyx zyx ship", "qqq qqq shipen")])
    assert lexicon.translated(SentencePair("ship wave port zyx abc", "shipen waveen porten something else")) == 1.0
    assert lexicon.translated(SentencePair("zyx abc", "else")) == 1.0
    assert lexicon.translated(SentencePair("ship wave", "decken")) == 1.0, "two words are too few to be judged"
    assert lexicon.translated(SentencePair("ship wave sail", "ship wave sail")) == 1.0, "words that stay as they are"
    assert lexicon.translated(SentencePair("ship wave sail", "")) == 0.0


def test_a_text_without_known_words_has_no_lexicon() -> None:
    with pytest.raises(CorpusError, match="no pair of sentences has 1 to 200 tokens on both sides"):
        Lexicon([SentencePair("a b", "c d")])


# --- in a recipe ---------------------------------------------------------------------------------------------------------


def write_table(path: Path, pairs: list[SentencePair]) -> None:
    path.write_text("".join(f"{pair.source}\t{pair.target}\n" for pair in pairs), encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> dict[str, Any]:
    sea, kitchen = made_up("sea", 200, seed=5), made_up("kitchen", 200, seed=6)
    crossed = [SentencePair(one.source, other.target) for one, other in zip(sea[:20], kitchen[:20], strict=True)]
    write_table(tmp_path / "web.tsv", [*sea, *kitchen, *crossed])
    write_table(tmp_path / "sea.tsv", made_up("sea", 100, seed=7))
    write_table(tmp_path / "valid.tsv", made_up("sea", 10, seed=8))
    return {
        "source_language": "en",
        "target_language": "de",
        "description": "made up",
        "licence": "none",
        "preparation": {
            "train": [{"path": "web.tsv"}],
            "valid": [{"path": "valid.tsv"}],
            "vocabulary_size": 60,
            "drop_duplicates": False,
        },
    }


def prepared(tree: dict[str, Any], folder: Path) -> tuple[dict[str, int], list[str]]:
    (folder / "recipe.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    report = prepare(read_recipe(folder / "recipe.yaml"), corpora=folder, output=folder / "out" / "prepared")
    dropped = next(corpus.dropped for corpus in report.corpora if corpus.name.startswith("train"))
    return dropped, (folder / "out" / "prepared" / "train.target").read_text(encoding="utf-8").splitlines()


def test_a_share_of_a_corpus_is_kept_that_is_like_the_domain(tree: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_table(tmp_path / "more.tsv", [SentencePair(f"more {pair.source}", pair.target) for pair in made_up("sea", 10, 9)])
    tree["preparation"]["train"] = [{"path": "web.tsv", "domain_share": 0.4}, {"path": "more.tsv"}]
    tree["preparation"]["domain"] = [{"path": "sea.tsv"}]
    dropped, lines = prepared(tree, tmp_path)
    assert not any(count for name, count in dropped.items() if name != "unlike the domain")
    assert dropped["unlike the domain"] == 420 - round(0.4 * 420)
    kitchen = sum(any(f"{word}en" in line.split() for word in TOPICS["kitchen"]) for line in lines)
    assert kitchen <= 8
    assert len(lines) == round(0.4 * 420) + 10, "the second corpus is kept whole, and the domain is not in the text"
    _, again = prepared(tree, tmp_path)
    assert again == lines
    assert '"sea.tsv": "' in (tmp_path / "out" / "prepared" / "report.json").read_text(encoding="utf-8")


def test_pairs_of_other_words_are_dropped(tree: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    tree["preparation"] |= {"min_translated_words": 0.9, "max_length_ratio": 100}
    dropped, lines = prepared(tree, tmp_path)
    sea, kitchen = made_up("sea", 200, seed=5), made_up("kitchen", 200, seed=6)
    crossed = [SentencePair(one.source, other.target) for one, other in zip(sea[:20], kitchen[:20], strict=True)]
    alike = [pair.target for pair in crossed if shared(pair) >= 0.9]
    assert len(alike) < 5
    assert dropped["words without translation"] == 20 - len(alike)
    assert lines == [*(pair.target for pair in (*sea, *kitchen)), *alike]


@pytest.mark.usefixtures("tree")
def test_lines_of_a_language_model_are_chosen_too(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    text = {
        "kind": "language-model",
        "language": "en",
        "description": "made up",
        "licence": "none",
        "preparation": {
            "train": [{"path": "web.tsv", "column": 1, "domain_share": 0.3}],
            "valid": [{"path": "valid.tsv", "column": 1}],
            "domain": [{"path": "sea.tsv", "column": 1}],
            "tokenizer": "word",
            "drop_duplicates": False,
        },
    }
    dropped, lines = prepared(text, tmp_path)
    assert dropped["unlike the domain"] == 420 - 126
    assert not any(word in line.split() for word in TOPICS["kitchen"] for line in lines)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"train": [{"path": "web.tsv", "domain_share": 0.4}]}, "domain_share needs domain, the text that"),
        ({"domain": [{"path": "sea.tsv"}]}, "domain is for training texts with a domain_share below 1"),
        ({"min_translated_words": 1.5}, r"min_translated_words: .* less than or equal to 1, not 1\.5"),
        ({"train": [{"path": "web.tsv", "domain_share": 0}]}, r"domain_share: .* greater than 0, not 0"),
    ],
)
def test_mistakes_are_named(tree: dict[str, Any], tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    tree["preparation"] |= settings
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        read_recipe(tmp_path / "recipe.yaml")
