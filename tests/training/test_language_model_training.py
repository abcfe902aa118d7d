"""A language model from a recipe to what it does to a translation, as a person makes and uses it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from support.command import output_of
from support.untrained import SENTENCES, write_small_model

from nmt.checkpoint.directory import load_language_model, load_model, read_info
from nmt.config.recipe import load_recipe, read_recipe
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.corpus.prepare import prepare
from nmt.errors import ConfigurationError, CorpusError, InputError, ModelDirectoryError, TrainingError
from nmt.training.run import train
from nmt.training.trainer import Trainer
from nmt.translate.translator import Translator
from service.models import _model_directories

CPU = torch.device("cpu")
# In letters that the vocabulary of `write_small_model` has, so that nothing is unknown.
ENGLISH = (
    "the dog is in the garden.",
    "the horse sleeps in the garden.",
    "the dog sleeps.",
    "he rides a horse.",
    "it is me.",
)
RECIPE: dict[str, Any] = {
    "kind": "language-model",
    "language": "en",
    "description": "a few sentences",
    "licence": "Apache-2.0",
    "preparation": {"train": [{"path": "train.txt"}], "valid": [{"path": "valid.tsv", "column": 2}]},
    "model": {"embedding_size": 16, "layers": 2, "hidden_size": 24},
    "training": {
        "batch_tokens": 200,
        "max_updates": 60,
        "learning_rate": 0.02,
        "warmup_updates": 5,
        "average_decay": 0.9,
        "validate_every": 20,
        "checkpoint_every": 7,
        "precision": "float32",
    },
}


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe beside its text, and a translation model whose vocabulary it has."""
    write_small_model(tmp_path / "tiny-de-en", seed=1)
    tree = {**RECIPE, "preparation": {**RECIPE["preparation"], "vocabulary_of": str(tmp_path / "tiny-de-en")}}
    folder = tmp_path / "tiny-lm-en"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    (folder / "train.txt").write_text("\n".join([*ENGLISH, "", ENGLISH[0], ""]), encoding="utf-8")
    (folder / "valid.tsv").write_text("Der Hund.\tthe dog in the garden sleeps.\n", encoding="utf-8")
    return folder / "recipe.yaml"


def prepared(recipe: Path, directory: Path) -> Path:
    prepare(read_recipe(recipe), corpora=recipe.parent, output=directory / "prepared")
    return directory


def test_text_is_prepared_in_the_vocabulary_of_the_translation_model(recipe: Path, tmp_path: Path) -> None:
    report = prepare(read_recipe(recipe), corpora=recipe.parent, output=tmp_path / "lm" / "prepared")
    valid, train_report = report.corpora
    assert (valid.kept, train_report.read, train_report.kept) == (1, 7, 5)
    assert {name: count for name, count in train_report.dropped.items() if count} == {"empty": 1, "duplicate": 1}
    folder = tmp_path / "lm" / "prepared"
    assert (folder / "train.target").read_text(encoding="utf-8").splitlines() == list(ENGLISH)
    assert (folder / "train.source").read_text(encoding="utf-8") == "\n" * 5
    assert (folder / "tokenizer.model").read_bytes() == (tmp_path / "tiny-de-en" / "tokenizer.model").read_bytes()
    assert "sentences to train on" in str(report)


def test_mistakes_in_a_recipe_are_named(recipe: Path, tmp_path: Path) -> None:
    settings = read_recipe(recipe, ["preparation.vocabulary_of=nowhere"])
    with pytest.raises(ConfigurationError, match=r"vocabulary_of: should be the directory .*nowhere/tokenizer\.model"):
        prepare(settings, corpora=recipe.parent, output=tmp_path / "prepared")
    with pytest.raises(ConfigurationError, match=r"unknown key model\.decoder_layers; did you mean"):
        read_recipe(recipe, ["model.decoder_layers=2"])
    with pytest.raises(ConfigurationError, match=r"kind: .*'translation', not 'language-modal'"):
        read_recipe(recipe, ["kind=language-modal"])
    (recipe.parent / "train.txt").write_text("", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"train\.txt: empty"):
        prepare(read_recipe(recipe), corpora=recipe.parent, output=tmp_path / "prepared")


def test_the_perplexity_on_the_card_is_its_definition(recipe: Path, tmp_path: Path) -> None:
    directory = prepared(recipe, tmp_path / "lm")
    info = train(read_recipe(recipe), name="tiny-lm-en", directory=directory, resume=False, device="cpu")
    loaded = load_language_model(directory, device=CPU)
    assert read_info(directory) == loaded.info == info
    tokens = loaded.tokenizer.encode("the dog in the garden sleeps.")
    total, prefix = 0.0, [BEGIN_ID]
    for token in (*tokens, END_ID):
        total -= float(loaded.model(torch.tensor([prefix]))[0, -1].log_softmax(dim=0)[token])
        prefix.append(token)
    score, per_word, per_character = info.scores
    assert per_word.value == pytest.approx(math.exp(total / 7), abs=0.006)  # six words and the end
    assert per_character.value == pytest.approx(total / math.log(2) / 30, abs=6e-5)
    assert score.metric == "perplexity"
    assert score.value == pytest.approx(math.exp(total / (len(tokens) + 1)), abs=0.006)
    assert f"| perplexity | {score.value:.2f} |" in (directory / "README.md").read_text(encoding="utf-8")


def test_a_run_that_dies_goes_on_to_the_same_weights(recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_recipe(recipe)
    directories = [prepared(recipe, tmp_path / name) for name in ("peaceful", "dying")]
    train(settings, name="lm", directory=directories[0], resume=False, device="cpu")

    class DeathError(Exception):
        pass

    update, deaths = Trainer._update, [9, 31, 40]  # before the first save after the start, between two, after a validation

    def mortal(self: Trainer, *arguments: Any) -> None:
        if deaths and self.progress.update > deaths[0]:
            deaths.pop(0)
            raise DeathError
        update(self, *arguments)

    monkeypatch.setattr(Trainer, "_update", mortal)
    for lives in range(3):
        with pytest.raises(DeathError):
            train(settings, name="lm", directory=directories[1], resume=lives > 0, device="cpu")
    train(settings, name="lm", directory=directories[1], resume=True, device="cpu")
    states = [torch.load(directory / "training" / "state.pt", weights_only=True) for directory in directories]
    for part in ("model", "average"):
        assert all(torch.equal(states[0][part][name], states[1][part][name]) for name in states[0][part])
    assert len({(directory / "model.safetensors").read_bytes() for directory in directories}) == 1
    with pytest.raises(TrainingError, match=r"model\.hidden_size was 24"):
        train(read_recipe(recipe, ["model.hidden_size=8"]), name="lm", directory=directories[1], resume=True, device="cpu")


def test_from_a_recipe_to_a_translation(recipe: Path, tmp_path: Path) -> None:
    model, directory = tmp_path / "tiny-de-en", tmp_path / "tiny-lm-en"
    output_of("prepare", recipe, "--output", directory)
    output_of("train", recipe, "--output", directory, "--device", "cpu", "--set", "training.max_updates=150")
    facts = output_of("info", directory)
    assert "language model" in facts
    assert "perplexity" in facts

    source, output = tmp_path / "source", tmp_path / "output"
    source.write_text(f"{SENTENCES[0]}\n{SENTENCES[1]}\n", encoding="utf-8")
    plain = ("translate", "--model", model, "--beam-size", 2, "--input", source, "--output", output, "--format", "jsonl")
    fused = (*plain, "--language-model", directory, "--language-model-weight")

    def translated(*command: object) -> list[dict[str, Any]]:
        output_of(*command)
        return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]

    # A weight so large that the language model alone decides: it says what it has learned by heart, whatever the source.
    # In upper or lower case, for a translation begins with a capital where its source does.
    said = {line["translations"][0]["text"].lower() for line in translated(*fused, 100)}
    assert said <= {sentence.lower() for sentence in ENGLISH}
    assert translated(*fused, 0) == translated(*plain) != translated(*fused, 0.5)
    files = ("--source", source, "--reference", source, "--model", model, "--beam-size", 2)
    evaluate = ("evaluate", *files, "--language-model", directory, "--language-model-weight")
    helped = [output_of(*evaluate, weight) for weight in (0, 100)]
    assert helped[0] == output_of("evaluate", *files) != helped[1]


def test_models_that_do_not_fit_are_named(recipe: Path, tmp_path: Path) -> None:
    directory = prepared(recipe, tmp_path / "tiny-lm-en")
    train(read_recipe(recipe, ["training.max_updates=1"]), name="lm", directory=directory, resume=False, device="cpu")
    french = write_small_model(tmp_path / "french", seed=1, target="fr")
    other = write_small_model(tmp_path / "other", seed=1, sentences=(*SENTENCES, "zzz zzz qqq qqq zzz"))
    with pytest.raises(InputError, match=r"tiny-lm-en cannot help .*french: one is of en, the other translates to fr"):
        Translator.load(french, device="cpu", language_model=directory)
    with pytest.raises(InputError, match=r"tiny-lm-en cannot help .*other: their vocabularies"):
        Translator.load(other, device="cpu", language_model=directory)
    with pytest.raises(InputError, match=r"language_model_weight -1\.0 should be"):
        Translator.load(tmp_path / "tiny-de-en", device="cpu", language_model=directory, language_model_weight=-1.0)
    with pytest.raises(InputError, match=r"language_model_weight 0\.5 needs a language_model"):
        Translator.load(tmp_path / "tiny-de-en", device="cpu", language_model_weight=0.5)
    with pytest.raises(ModelDirectoryError, match="french is a translation model"):
        Translator.load(tmp_path / "tiny-de-en", device="cpu", language_model=french)
    with pytest.raises(ModelDirectoryError, match="tiny-lm-en is a language model, which translates nothing; give"):
        output_of("translate", "--model", directory)
    with pytest.raises(ConfigurationError, match=r"recipe\.yaml: is the recipe of a language model"):
        load_recipe(recipe)
    assert _model_directories(tmp_path) == [french, other, tmp_path / "tiny-de-en"]  # what the service would load


def test_scores_are_the_translation_models_own(recipe: Path, tmp_path: Path) -> None:
    directory = prepared(recipe, tmp_path / "tiny-lm-en")
    train(read_recipe(recipe, ["training.max_updates=1"]), name="lm", directory=directory, resume=False, device="cpu")
    model, pairs = tmp_path / "tiny-de-en", [(SENTENCES[0], SENTENCES[3])]
    helped = Translator.load(model, device="cpu", runtime="reference", language_model=directory, language_model_weight=0.7)
    assert helped.score(pairs) == Translator.load(model, device="cpu", runtime="reference").score(pairs)

    # Of a translation the sum is reported.
    (sentence,) = helped.translate_sentences([SENTENCES[0]])
    loaded, fluent = load_model(model, device=CPU), load_language_model(directory, device=CPU).model
    pieces = {loaded.tokenizer.pieces([token])[0]: token for token in range(loaded.tokenizer.vocabulary_size)}
    tokens = [pieces[piece] for piece in sentence.hypotheses[0].tokens]
    source, prefix = torch.tensor([loaded.tokenizer.encode(SENTENCES[0])]), torch.tensor([[BEGIN_ID, *tokens]])
    logits = loaded.model(source, torch.tensor([source.shape[1]]), prefix)[0][0], fluent(prefix)[0]
    own, fluency = (some.log_softmax(dim=1)[range(len(tokens) + 1), [*tokens, END_ID]].sum().item() for some in logits)
    assert sentence.hypotheses[0].log_probability == pytest.approx(own + 0.7 * fluency, abs=1e-3)
