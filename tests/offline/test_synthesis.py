"""Distillation and back-translation: each side in its file, line by line, and a recipe that learns from them."""

from __future__ import annotations

import gzip
import shlex
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from support.command import nmt
from support.untrained import small, write_model
from typer.testing import CliRunner

from nmt.checkpoint.directory import load_info
from nmt.cli.every import app
from nmt.config.preparation import CorpusConfig
from nmt.config.recipe import Recipe, load_recipe
from nmt.config.search import SearchOptions
from nmt.corpus.prepare import prepare
from nmt.errors import ConfigurationError, CorpusError, DeviceError
from nmt.files.places import TextInput
from nmt.offline import synthesis
from nmt.offline.job import TranslationJob
from nmt.offline.run import translate_file
from nmt.offline.synthesis import BACK_TRANSLATED, backtranslate, distill
from nmt.runtime.kernels import AVAILABLE
from nmt.text.tokenizer import Tokenizer, train_tokenizer
from nmt.training.run import train
from nmt.translate.translator import Translator

DATA = Path(__file__).parents[2] / "data" / "sample-de-en"
TEXT = ("Der Kuchen ist schon kalt.", "We missed the ferry again.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, prepared, with untrained models of both directions."""
    folder = tmp_path_factory.mktemp("synthesis")
    prepare(load_recipe(DATA / "recipe.yaml"), corpora=DATA, output=folder / "prepared")
    tokenizer = Tokenizer.load(folder / "prepared" / "tokenizer.model")
    for seed, (source, target) in enumerate((("de", "en"), ("en", "de"))):
        directory = folder / f"{source}-{target}"
        write_model(directory, tokenizer=tokenizer, shape=small(16), seed=seed, source=source, target=target)
    return folder


def job(*models: Path) -> TranslationJob:
    options = SearchOptions(beam_size=2, max_length_ratio=1.0)
    return TranslationJob(models=models, options=options, batch_tokens=2048, device="cpu", threads=1)


@pytest.fixture
def recipe() -> Recipe:
    return load_recipe(DATA / "recipe.yaml")


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def test_a_distilled_pair_is_a_source_and_what_the_teachers_make_of_it(folder: Path, recipe: Recipe, tmp_path: Path) -> None:
    teachers = job(folder / "de-en", folder / "de-en")
    distill(teachers, recipe, prepared=folder / "prepared", output=tmp_path / "new" / "distilled")
    sources, targets = (lines(tmp_path / "new" / "distilled" / f"train.{side}") for side in ("source", "target"))
    assert sources == lines(folder / "prepared" / "train.source")
    translator = Translator.load(*teachers.models, device="cpu", threads=1)
    expected = [line.text for line in translator.translate_lines(sources[:20], teachers.options)]
    assert targets[:20] == expected
    assert len(targets) == len(sources)


@pytest.mark.slow
def test_a_killed_distillation_goes_on(
    folder: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments: dict[str, Any] = {"prepared": folder / "prepared", "resume": True}
    monkeypatch.setattr(synthesis, "translate_file", partial(translate_file, window=50))
    distill(job(folder / "de-en"), recipe, output=tmp_path / "peaceful", **arguments)

    told: list[int] = []

    def stop_in_the_middle(done: int) -> None:
        told.append(done)
        if done and len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        distill(job(folder / "de-en"), recipe, output=tmp_path / "killed", progress=stop_in_the_middle, **arguments)
    assert not (tmp_path / "killed" / "train.target").exists()
    done_before: list[int] = []
    distill(job(folder / "de-en"), recipe, output=tmp_path / "killed", progress=done_before.append, **arguments)
    assert done_before[0] == told[1] > 0
    for side in ("source", "target"):
        expected = (tmp_path / "peaceful" / f"train.{side}").read_bytes()
        assert (tmp_path / "killed" / f"train.{side}").read_bytes() == expected


def test_a_recipe_learns_from_what_was_back_translated(folder: Path, recipe: Recipe, tmp_path: Path) -> None:
    text = tmp_path / "text.en.gz"
    english = [line.split("\t")[1] for line in (DATA / "train.tsv").read_text(encoding="utf-8").splitlines()]
    text.write_bytes(gzip.compress("\r\n".join(english).encode() + b"\r\n"))
    backtranslate(job(folder / "en-de"), recipe, text=TextInput(str(text)), output=tmp_path / "back")
    assert lines(tmp_path / "back" / "train.target") == english
    written = lines(tmp_path / "back" / "train.source")
    assert len(written) == len(english)

    tree = yaml.safe_load((DATA / "recipe.yaml").read_text(encoding="utf-8"))
    (entry,) = tree["preparation"]["train"]
    entry["path"] = str(DATA / entry["path"])
    tree["preparation"]["valid"][0]["path"] = str(DATA / "valid.tsv")
    synthetic = {"source": "back/train.source", "target": "back/train.target", "tag": BACK_TRANSLATED, "origin": "by hand"}
    tree["preparation"]["train"].append(synthetic)
    tree["training"] |= {"max_updates": 3, "validate_every": 3, "validation_sentences": 4}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    both = load_recipe(tmp_path / "recipe.yaml", ["preparation.drop_wrong_script=false"])
    report = prepare(both, corpora=tmp_path, output=tmp_path / "model" / "prepared")

    sources = lines(tmp_path / "model" / "prepared" / "train.source")
    real = report.corpora[1].kept
    assert 0 < real < len(sources)
    assert not any(source.startswith(BACK_TRANSLATED) for source in sources[:real])
    assert all(source.removeprefix(f"{BACK_TRANSLATED} ") in set(written) for source in sources[real:])
    assert all(source.startswith(f"{BACK_TRANSLATED} ") for source in sources[real:])
    tokenizer = Tokenizer.load(tmp_path / "model" / "prepared" / "tokenizer.model")
    pieces = tokenizer.pieces(tokenizer.encode(sources[-1]))
    assert pieces[0] == f"▁{BACK_TRANSLATED}"
    assert pieces[1:] == tokenizer.pieces(tokenizer.encode(sources[-1].removeprefix(f"{BACK_TRANSLATED} ")))

    train(both, name="x", directory=tmp_path / "model", resume=False, device="cpu")
    assert load_info(tmp_path / "model").training.machine_written["back/train.source"] == "by hand"
    assert "Of `back/train.source` a machine wrote one side: `by hand`" in (tmp_path / "model" / "README.md").read_text()


def test_text_that_is_there_is_not_replaced(folder: Path, recipe: Recipe, tmp_path: Path) -> None:
    text, output = tmp_path / "text", tmp_path / "out"
    text.write_text("We missed the ferry.\nThe cake is cold.\n", encoding="utf-8")

    def write(given: Path, **options: Any) -> list[str | None]:
        return backtranslate(job(folder / "en-de"), recipe, text=TextInput(str(given)), output=output, **options)

    output.mkdir()
    (output / "train.target").write_text("By hand.\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"train\.target: holds other text than .*text; name another --output"):
        write(text)
    assert (output / "train.target").read_text(encoding="utf-8") == "By hand.\n"
    (output / "train.target").unlink()
    (output / "train.source").write_text("Von Hand.\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"train\.source: is there already; go on with it by --resume, or name"):
        write(text)
    assert names(output) == ["train.source"]
    (output / "train.source").unlink()

    write(text)
    written = (output / "train.source").read_bytes()
    with pytest.raises(ConfigurationError, match="is there already"):
        write(text)
    _, note = write(text, resume=True, progress=lambda _: 1 / 0)
    assert note is not None
    assert "train.source is complete" in note
    text.write_text("We missed the ferry.\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="holds other text"):
        write(text, resume=True)
    assert (output / "train.source").read_bytes() == written
    (output / "train.source").unlink()
    write(output / "train.target")  # the text itself, of which the other side is missing
    assert (output / "train.source").read_bytes() == written


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_mistakes(folder: Path, recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--teacher .*: translates en to de; .* should translate de to en"):
        distill(job(folder / "de-en", folder / "en-de"), recipe, prepared=folder / "prepared", output=tmp_path / "x")
    with pytest.raises(CorpusError, match=r"train\.source is missing; run `nmt prepare`"):
        distill(job(folder / "de-en"), recipe, prepared=tmp_path, output=tmp_path / "x")
    with pytest.raises(ConfigurationError, match=r"--model .*: translates de to en; .* should translate en to de"):
        backtranslate(job(folder / "de-en"), recipe, text=TextInput("-"), output=tmp_path / "x")
    (tmp_path / "empty").touch()
    with pytest.raises(CorpusError, match="empty; should hold at least one line"):
        backtranslate(job(folder / "en-de"), recipe, text=TextInput(str(tmp_path / "empty")), output=tmp_path / "x")
    assert not list((tmp_path / "x").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="file: is a file; --output should be a folder"):
        distill(job(folder / "de-en"), recipe, prepared=folder / "prepared", output=tmp_path / "file")


@pytest.mark.parametrize("command", ["distill", "backtranslate"])
def test_the_command_prints_what_a_recipe_needs(command: str, folder: Path, tmp_path: Path) -> None:
    given = ["--teacher", folder / "de-en", "--prepared", folder / "prepared"]
    if command == "backtranslate":
        given = ["--model", folder / "en-de", "--input", folder / "prepared" / "valid.target"]
    arguments = [command, DATA / "recipe.yaml", *given, "--output", tmp_path / "out", "--beam-size", 1]
    done = nmt(*arguments, "--resume")
    (entry,) = yaml.safe_load(done.stdout)
    corpus = CorpusConfig.model_validate(entry)
    assert corpus.tag == (None if command == "distill" else BACK_TRANSLATED)
    assert corpus.origin == shlex.join(["nmt", *map(str, arguments)])
    assert corpus.source is not None
    assert corpus.target is not None
    assert len(lines(corpus.source)) == len(lines(corpus.target)) > 10


def command_with_a_model(command: str, folder: Path, *options: str, **shape: Any) -> Result:
    """A command of which nothing but `options` decides what runs its model, on two lines, to `folder`/out."""
    source, target = ("de", "en") if command == "distill" else ("en", "de")
    tokenizer = train_tokenizer(TEXT, vocabulary_size=40, kind="bpe", character_coverage=1.0)
    model = folder / "model"
    shaped = small(32).model_copy(update=shape)  # of a size that both runtimes can run
    write_model(model, tokenizer=tokenizer, shape=shaped, seed=1, source=source, target=target)
    (folder / "train.source").write_text("".join(f"{line}\n" for line in TEXT), encoding="utf-8")
    given = ["--teacher", model, "--prepared", folder]
    if command == "backtranslate":
        given = ["--model", model, "--input", folder / "train.source"]
    arguments = [command, DATA / "recipe.yaml", *given, "--output", folder / "out", "--device", "cpu", *options]
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.mark.skipif(not AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler")
@pytest.mark.parametrize("command", ["distill", "backtranslate"])
def test_runtime_reaches_the_translator(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, load = [], Translator.load

    def watched(*directories: Path, **options: Any) -> Translator:
        translator = load(*directories, **options)
        ran.append(translator.runtime)
        return translator

    monkeypatch.setattr(Translator, "load", watched)
    for runtime in ("auto", "reference", "int8"):
        folder = tmp_path / runtime
        folder.mkdir()
        result = command_with_a_model(command, folder, "--runtime", runtime)
        assert result.exit_code == 0, result.exception
    assert ran == ["int8", "reference", "int8"]

    # What auto would run in PyTorch, int8 refuses.
    result = command_with_a_model(command, tmp_path, "--runtime", "int8", layer_norm=True)
    assert isinstance(result.exception, DeviceError)
    assert "runtime int8 cannot run this model" in str(result.exception)
    assert len(ran) == 3
