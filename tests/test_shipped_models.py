"""The models that come with the project: there, small, honest about themselves, and the same in every batch."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nmt import SearchOptions, Translator
from nmt.checkpoint import load_info, verify

ROOT = Path(__file__).parent.parent
MODELS = {
    "broad-de-en": ("Wo ist der Bahnhof?", "Where is the station?"),
    "broad-en-de": ("Where is the station?", "Wo ist der Bahnhof?"),
}


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator.load(ROOT / "checkpoints" / "broad-de-en", device="cpu")


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_model_translates(name: str) -> None:
    text, expected = MODELS[name]
    [translation] = Translator.load(ROOT / "checkpoints" / name, device="cpu").translate([text])
    assert translation.text == expected
    assert translation.score < 0.0
    assert translation.tokens
    assert len(translation.alignment) == len(translation.tokens)


@pytest.mark.parametrize("name", MODELS)
def test_a_card_tells_all(name: str) -> None:
    directory = ROOT / "checkpoints" / name
    verify(directory)
    info = load_info(directory)
    card = (directory / "README.md").read_text(encoding="utf-8")
    assert info.name == name
    assert any(score.test_set == "tatoeba" for score in info.scores)
    for score in info.scores:
        assert score.signature in card
        assert f"| {score.value:.1f} |" in card
    assert info.licence in card
    assert info.training.command in card
    assert all(checksum in card for checksum in info.training.corpora.values())
    mistakes = card.partition("## What it gets wrong")[2]
    assert sum(line.startswith("|") for line in mistakes.splitlines()) >= 3 + 2  # a head and its rule


def test_tracked_models_stay_small() -> None:
    tracked = [path for name in MODELS for path in (ROOT / "checkpoints" / name).iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in tracked) <= 24 * 2**20


def test_five_hundred_sentences_are_translated_alike_in_every_batch(translator: Translator) -> None:
    """Alone, in batches of about 64, and shuffled: not one text may differ."""
    lines = [
        line.split("\t")[0]
        for name in ("train.tsv", "valid.tsv")
        for line in (ROOT / "data" / "sample-de-en" / name).read_text(encoding="utf-8").splitlines()
    ]
    lines += [f"{first[:-1]}, und {second}" for first, second in zip(lines[:40], lines[40:80], strict=True)]
    assert len(lines) >= 500
    options = SearchOptions(beam_size=3)

    def texts(sentences: list[str], *, batch_tokens: int) -> list[str]:
        translations = translator.translate(sentences, options, attention=False, batch_tokens=batch_tokens)
        return [translation.text for translation in translations]

    alone = texts(lines, batch_tokens=1)
    assert texts(lines, batch_tokens=64 * 10 * options.beam_size) == alone
    order = list(range(len(lines)))
    random.Random(7).shuffle(order)
    shuffled = texts([lines[index] for index in order], batch_tokens=1000)
    assert [text for _, text in sorted(zip(order, shuffled, strict=True))] == alone
    assert len(set(alone)) > 300  # translations, not one sentence for all
