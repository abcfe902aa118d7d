"""The options of a search that a model brings with it, where a caller gives none, others, or the usual ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.server import SENTENCES, Service, start_service, stop_service
from support.untrained import small, write_model
from support.waiting import wait_until

from nmt.checkpoint.directory import load_info, reseal
from nmt.config.recipe import read_recipe
from nmt.config.search import ModelSearch, SearchOptions
from nmt.errors import ConfigurationError
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.translator import Translator

OWN = ModelSearch(length_penalty=0.0, coverage_penalty=0.5)
LINES = [*SENTENCES, "Der Hund kauft am Morgen drei Äpfel, und sie liest.", "Wo ist es kalt?", "Brot"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tokenizer = train_tokenizer(SENTENCES, vocabulary_size=96, kind="bpe", character_coverage=1.0)
    # Random weights, but large, so that hypotheses end at different lengths.
    write_model(folder / "x-de-en", tokenizer=tokenizer, shape=small(16), seed=1, scale=5.0)
    info = load_info(folder / "x-de-en")
    assert "search" not in yaml.safe_load((folder / "x-de-en" / "config.yaml").read_text()), "the usual way is not written"
    reseal(folder / "x-de-en", info=info.model_copy(update={"search": OWN}), card="# For tests\n")
    return folder


@pytest.fixture(scope="module")
def translator(folder: Path) -> Translator:
    return Translator.load(folder / "x-de-en", device="cpu", threads=1)


@pytest.fixture(scope="module")
def texts(translator: Translator) -> dict[str, list[str]]:
    """Translations of LINES with the model's options, and with the usual ones, each given by name."""
    given = {"own": OWN.model_dump(), "usual": {"length_penalty": 1.0, "coverage_penalty": 0.0}}
    found = {name: [one.text for one in translator.translate(LINES, **options)] for name, options in given.items()}
    assert found["own"] != found["usual"], "the test would not see whose options are used"
    return found


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    service = start_service(folder)
    service.wait_until_ready()
    yield service
    stop_service(service)


def test_python_takes_a_models_options_where_none_are_given(translator: Translator, texts: dict[str, list[str]]) -> None:
    def translated(options: SearchOptions | dict[str, float] | None) -> list[str]:
        return [one.text for one in translator.translate(LINES, options)]

    assert translated(None) == translated({}) == translated(SearchOptions(beam_size=5)) == texts["own"]
    assert translated({"length_penalty": 1.0, "coverage_penalty": 0.0}) == texts["usual"]
    usual = SearchOptions(length_penalty=1.0, coverage_penalty=0.0)
    assert translated(usual) == [one.text for one in translator.translate(LINES, usual, n_best=1)] == texts["usual"]
    sentences = (
        translator.translate_sentences(LINES),
        translator.translate_sentences(LINES, SearchOptions(**OWN.model_dump())),
    )
    assert sentences[0] == sentences[1]


def test_one_option_given_leaves_the_other_to_the_model(translator: Translator) -> None:
    mixed = {"length_penalty": 1.0, "coverage_penalty": 0.5}
    assert translator.translate(LINES, length_penalty=1.0) == translator.translate(LINES, mixed)
    assert SearchOptions().for_model(ModelSearch()) == SearchOptions(), (
        "the usual options stand in two places, and are the same"
    )
    assert SearchOptions(n_best=2).for_model(OWN) == SearchOptions(n_best=2, **OWN.model_dump())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "kind"),
    [([], "own"), (["--length-penalty", "1", "--coverage-penalty", "0"], "usual"), (["--n-best", "1"], "own")],
)
def test_the_command_line_takes_them_but_for_what_is_given(
    folder: Path, tmp_path: Path, texts: dict[str, list[str]], flags: list[str], kind: str
) -> None:
    (tmp_path / "in.txt").write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "nmt",
        "translate",
        "-q",
        "-m",
        str(folder / "x-de-en"),
        *flags,
        "in.txt",
        "-o",
        "out.txt",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").splitlines() == texts[kind]


def test_nmt_info_shows_them(folder: Path) -> None:
    command = [sys.executable, "-m", "nmt", "info", str(folder / "x-de-en")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert "length penalty 0, coverage penalty 0.5" in shown


def test_the_service_takes_them_but_for_what_is_given(service: Service, texts: dict[str, list[str]]) -> None:
    def answered(**options: float) -> list[str]:
        request = {"text": LINES, "source": "de", "target": "en", **options}
        return [one["text"] for one in service.client.post("/v1/translate", json=request).json()["translations"]]

    assert answered() == answered(beam_size=5) == texts["own"]
    assert answered(length_penalty=1.0, coverage_penalty=0.0) == texts["usual"]
    libretranslate = service.client.post("/translate", json={"q": LINES, "source": "de", "target": "en"})
    assert libretranslate.json()["translatedText"] == texts["own"]


def test_a_document_takes_them(service: Service, texts: dict[str, list[str]]) -> None:
    files = {"file": ("in.txt", "".join(f"{line}\n" for line in LINES).encode())}
    order = service.client.post("/v1/documents", data={"source": "de", "target": "en"}, files=files).json()
    address = f"/v1/documents/{order['id']}"
    wait_until(lambda: service.client.get(address).json()["status"] == "done")
    assert service.client.post(f"{address}/result").text.splitlines() == texts["own"]


def test_a_recipe_names_only_what_a_model_may_bring(tmp_path: Path) -> None:
    recipe = yaml.safe_load(Path("data/sample-de-en/recipe.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({**recipe, "search": {"coverage_penalty": 0.03}}), encoding="utf-8")
    assert read_recipe(path).search == ModelSearch(coverage_penalty=0.03)  # type: ignore[union-attr]
    path.write_text(yaml.safe_dump({**recipe, "search": {"beam_size": 8}}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"search\.beam_size"):
        read_recipe(path)
