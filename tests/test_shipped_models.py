"""The models that come with the project: there, small, honest about themselves, and the same in every batch."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest
import torch

from nmt import SearchOptions, Translator
from nmt.checkpoint.card import model_card
from nmt.checkpoint.directory import load, load_info, verify
from nmt.config.machine import RuntimeName
from nmt.config.recipe import load_recipe
from nmt.model.statistics import statistics
from nmt.runtime import kernels
from nmt.text.tokenizer import Tokenizer
from nmt.translate.ask import Ask, Sentence

ROOT = Path(__file__).parent.parent
MODELS = {
    "broad-de-en": ("Wo ist der Bahnhof?", "Where's the station?"),
    "broad-en-de": ("Where is the station?", "Wo ist der Bahnhof?"),
    "broad-de-en-fast": ("Wo ist mein Hund?", "Where's my dog?"),
    "broad-en-de-fast": ("Where is the station?", "Wo ist der Bahnhof?"),
    "everyday-fr-en": ("Il fait froid ce matin.", "It's cold this morning."),
    "everyday-en-fr": ("It is cold this morning.", "Il fait froid ce matin."),
    "everyday-es-en": ("Hace frío esta mañana.", "It's cold this morning."),
    "everyday-en-es": ("It is cold this morning.", "Hace frío esta mañana."),
}


@cache
def loaded(name: str, runtime: RuntimeName = "auto") -> Translator:
    return Translator.load(ROOT / "checkpoints" / name, device="cpu", runtime=runtime)


needs_kernel = pytest.mark.skipif(
    not kernels.AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler"
)


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_model_translates(name: str) -> None:
    text, expected = MODELS[name]
    [translation] = loaded(name).translate([text])
    assert translation.text == expected
    assert translation.score < 0.0
    assert translation.tokens
    assert len(translation.alignment) == len(translation.tokens)


SIGNS = {
    "en": [
        "It costs ${}.",
        "It is -{} degrees.",
        "Up to {}% off!",
        "See issue #{}.",
        "Smith & Sons has {} workers.",
        "2 + {} = x",
    ],
    "de": [
        "Es kostet {} $.",
        "Es sind -{} Grad.",
        "Bis zu {} % Rabatt!",
        "Siehe Ticket #{}.",
        "Müller & Sohn hat {} Leute.",
    ],
    "fr": ["Ça coûte {} $.", "Il fait -{} degrés.", "Jusqu'à {} % de remise !", "Voir le ticket #{}.", "2 + {} = x"],
    "es": ["Cuesta {} $.", "Hace -{} grados.", "Hasta un {} % menos.", "Mira el tique #{}.", "2 + {} = x"],
}
IN_WORDS = {
    "$": r"d[oó]l+ar",
    "%": "per ?cent|prozent|pour ?cent|por ?ciento",
    "-": "minus|below|moins|menos",
    "&": "and|und|et|y",
}


@pytest.mark.parametrize("name", MODELS)
def test_no_shipped_model_loses_a_sign_beside_a_number(name: str) -> None:
    texts = [text.format(number) for text in SIGNS[name.split("-")[1]] for number in (7, 12, 640)]
    for text, translation in zip(texts, loaded(name).translate(texts), strict=True):
        for sign in set(text) & set("$%#+=&-"):
            found = re.findall(f"{re.escape(sign)}|{IN_WORDS.get(sign, re.escape(sign))}", translation.text, re.IGNORECASE)
            assert len(found) >= text.count(sign), f"{sign}: {text} -> {translation.text}"


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
        assert f"| {score.value:.2f} |" in card
    assert info.licence in card
    assert info.training.command in card
    assert all(checksum in card for checksum in info.training.corpora.values())
    mistakes = card.partition("## What it gets wrong")[2]
    assert sum(line.startswith("|") for line in mistakes.splitlines()) >= 3 + 2  # a head and its rule


@pytest.mark.parametrize("name", MODELS)
def test_a_card_is_the_one_that_the_program_writes(name: str) -> None:
    stored = load(ROOT / "checkpoints" / name, device=torch.device("cpu"))
    limitations = load_recipe(ROOT / "data" / name / "recipe.yaml").limitations
    written = model_card(stored.info, cost=statistics(stored.model), limitations=limitations)
    assert (ROOT / "checkpoints" / name / "README.md").read_text(encoding="utf-8") == written


def test_tracked_models_stay_small() -> None:
    tracked = [path for name in MODELS for path in (ROOT / "checkpoints" / name).iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in tracked) <= 36 * 2**20


@pytest.mark.slow
@pytest.mark.parametrize(("runtime", "count"), [pytest.param("int8", 400, marks=needs_kernel), ("reference", 40)])
def test_sentences_are_translated_alike_in_every_batch(runtime: RuntimeName, count: int) -> None:
    """Alone, in batches of about 8 and 64, and shuffled: not one text may differ."""
    translator = loaded("broad-de-en", runtime)
    lines = _sentences()[-count:]
    assert len(lines) == count
    options = SearchOptions(beam_size=3)

    def texts(sentences: list[str], *, batch_tokens: int) -> list[str]:
        translations = translator.translate(sentences, options, attention=False, batch_tokens=batch_tokens)
        return [translation.text for translation in translations]

    alone = texts(lines, batch_tokens=1)
    for size in (8, 64):
        assert texts(lines, batch_tokens=size * 10 * options.beam_size) == alone
    order = list(range(len(lines)))
    random.Random(7).shuffle(order)
    shuffled = texts([lines[index] for index in order], batch_tokens=1000)
    assert [text for _, text in sorted(zip(order, shuffled, strict=True))] == alone
    assert len(set(alone)) > 0.5 * count  # translations, not one sentence for all


@needs_kernel
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_every_instruction_set_translates_the_same(name: str) -> None:
    """Texts, scores and alignments, to the bit: a file translated on two machines is one file."""
    from nmt.runtime import _kernel

    translator = loaded(name, "int8")
    lines = _sentences(0 if name.startswith("broad-de-en") else 1)[::25][:40]
    found = {}
    for instructions in _kernel.names():
        _kernel.choose(instructions)
        found[instructions] = [(one.text, one.score, one.alignment) for one in translator.translate(lines)]
    _kernel.choose(_kernel.names()[0])
    assert len(lines) == 40
    assert all(one == found[_kernel.names()[0]] for one in found.values())


@pytest.mark.slow
@needs_kernel
@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("broad")])
def test_int8_and_a_shortlist_cost_next_to_nothing(name: str) -> None:
    """By the reference's own log-probabilities: on average what they find is as good as what the reference finds."""
    column = 0 if name.startswith("broad-de-en") else 1
    lines = _sentences(column)[:200]
    reference, fast = (loaded(name, runtime) for runtime in ("reference", "int8"))
    texts = [[one.text for one in translator.translate(lines, attention=False)] for translator in (reference, fast)]
    scores = [reference.score(list(zip(lines, found, strict=True))) for found in texts]
    lengths = [sum(len(text.split()) for text in found) for found in texts]
    per_word = [sum(score) / length for score, length in zip(scores, lengths, strict=True)]
    assert per_word[1] > per_word[0] - 0.05
    assert 0.95 < lengths[1] / lengths[0] < 1.05


@pytest.mark.parametrize("runtime", [pytest.param("int8", marks=needs_kernel), "reference"])
def test_a_score_is_that_of_forced_decoding(runtime: RuntimeName) -> None:
    """To 1e-4, where the search had the whole vocabulary; a shortlist's log-probabilities are over its own tokens."""
    translator = loaded("broad-de-en", runtime)
    tokenizer = Tokenizer.load(ROOT / "checkpoints" / "broad-de-en" / "tokenizer.model")
    lines = _sentences()[:40]
    found = translator.answer(Ask(tuple(Sentence(line, prefix="The") for line in lines), SearchOptions(), attention=False))
    pairs = [(line, one.hypotheses[0].text) for line, one in zip(lines, found, strict=True)]
    same = 0
    for score, one in zip(translator.score(pairs), found, strict=True):
        best = one.hypotheses[0]
        # A text that another segmentation gave is no text of these tokens.
        if list(best.tokens) == tokenizer.pieces(tokenizer.encode(best.text)):
            same += 1
            assert score == pytest.approx(best.log_probability, abs=1e-4)
    assert same > 30


def _sentences(column: int = 0) -> list[str]:
    """Our own sample's, and pairs of them joined."""
    lines = [
        line.split("\t")[column]
        for name in ("train.tsv", "valid.tsv")
        for line in (ROOT / "data" / "sample-de-en" / name).read_text(encoding="utf-8").splitlines()
    ]
    joint = ", und " if column == 0 else ", and "
    pairs = zip(lines, lines[1:] + lines[:1], strict=True)
    more = zip(lines, lines[7:] + lines[:7], strict=True)
    return lines + [f"{first[:-1]}{joint}{second}" for first, second in (*pairs, *more)]
