"""What the README says is so: each command in it is run, each setting is listed, each score is the model's own.

The commands run as they stand, in a folder that looks like the checkout; only the recipes in it are cut short, and the files
that would be downloaded are written from the sample corpus.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from support.forks import folder_of_nmt
from support.guides import blocks, commands

from nmt.checkpoint.directory import load_info
from nmt.config.recipe import load_recipe

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHIPPED = (
    *("broad-de-en", "broad-en-de", "broad-de-en-fast", "broad-en-de-fast"),
    *("everyday-fr-en", "everyday-en-fr"),
    *("everyday-es-en", "everyday-en-es"),
)
NOT_SHIPPED = "the model is not in checkpoints/ yet"

# How each command is checked, by the program that it calls first; a new program needs a line here.
RUN, SERVE, ASK, DRY = "run it", "start it and wait until it is ready", "ask a running service", "make -n"
WAYS = {"source": RUN, "echo": RUN, "printf": RUN, "ln": RUN, "nmt": RUN, "nmt serve": SERVE, "curl": ASK, "make": DRY}
SKIPPED = {
    "git": "needs the network; its files are laid out from the sample",
    "docker": "needs a Docker engine",
    "pip": "tests/test_package.py installs the wheels",
}


COMMANDS = commands(README)


def environment() -> dict[str, str]:
    """Of a shell in which `nmt` is a fork of a process that has loaded the libraries."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NMT_")}
    kept["PATH"] = os.pathsep.join([str(folder_of_nmt()), str(Path(sys.executable).parent), kept["PATH"]])
    return {"OMP_NUM_THREADS": "1", "NMT_THREADS": "1"} | kept


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose recipes train for a few updates on the sample."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "data", folder / "data")
    sample = yaml.safe_load((ROOT / "data/sample-de-en/recipe.yaml").read_text(encoding="utf-8"))
    sample["training"] |= {"max_updates": 20, "validate_every": 10, "checkpoint_every": 10, "validation_sentences": 10}
    for name in ("sample-de-en", "multi30k-de-en"):
        path = folder / "data" / name / "recipe.yaml"
        recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
        recipe["preparation"]["vocabulary_size"] = sample["preparation"]["vocabulary_size"]
        recipe |= {"model": sample["model"], "training": sample["training"]}
        path.write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    path = folder / "data/sample-lm-en/recipe.yaml"
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(recipe | {"training": sample["training"]}), encoding="utf-8")
    raw = folder / "corpora/dataset/data/task1/raw"
    raw.mkdir(parents=True)
    for split, table in (("train", "train.tsv"), ("val", "valid.tsv"), ("test_2016_flickr", "valid.tsv")):
        rows = [line.split("\t") for line in (ROOT / "data/sample-de-en" / table).read_text(encoding="utf-8").splitlines()]
        for column, language in enumerate(("de", "en")):
            with gzip.open(raw / f"{split}.{language}.gz", "wt", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{row[column]}\n" for row in rows)
    (folder / "checkpoints").mkdir()
    for name in SHIPPED:
        if (ROOT / "checkpoints" / name / "manifest.json").is_file():
            (folder / "checkpoints" / name).symlink_to(ROOT / "checkpoints" / name)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


@contextmanager
def serving(command: str, folder: Path) -> Iterator[int]:
    """The port of a service that is ready."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    with subprocess.Popen(
        ["bash", "-c", f"exec {Path(sys.executable).parent}/{command}"],  # which gets a signal at the end
        cwd=folder,
        env=environment() | {"NMT_PORT": str(port)},
    ) as process:
        try:
            for _ in range(600):
                assert process.poll() is None
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5)
                    break
                except (urllib.error.URLError, TimeoutError):
                    time.sleep(0.1)
            else:
                raise AssertionError(f"{command} was not ready in time")
            yield port
        finally:
            process.send_signal(signal.SIGINT)


@pytest.fixture(scope="module")
def shipped_service() -> Iterator[int]:
    if any(not (ROOT / "checkpoints" / name / "manifest.json").is_file() for name in SHIPPED):
        pytest.skip(NOT_SHIPPED)
    with serving("nmt serve", ROOT) as port:
        yield port


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme(command: str, workspace: Path, request: pytest.FixtureRequest) -> None:
    run_command(command, workspace, request)


def run_command(command: str, workspace: Path, request: pytest.FixtureRequest) -> None:
    """Check a command of the documentation, in the way of its program."""
    words = command.split()
    if words[0] in SKIPPED:
        pytest.skip(SKIPPED[words[0]])
    for name in re.findall(r"checkpoints/(broad-\S+)", command):
        if not (workspace / "checkpoints" / name).exists():
            pytest.skip(NOT_SHIPPED)
    way = WAYS.get(" ".join(words[:2])) or WAYS[words[0]]
    if way == SERVE:
        with serving(command, workspace):
            return
    if way == ASK:
        if not shutil.which(words[0]):
            pytest.skip(f"{words[0]} is not installed")
        command = command.replace(":8000/", f":{request.getfixturevalue('shipped_service')}/").replace(" -s ", " -sf ")
    if way == DRY:
        command = command.replace("make", "make --dry-run")
    folder = ROOT if way == DRY else workspace
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=environment(), capture_output=True, timeout=300, text=True
    )
    assert done.returncode == 0, done.stderr
    if words[0] in ("echo", "curl") or words[:2] in (["nmt", "evaluate"], ["nmt", "info"]):
        # A model whose training was cut short may well translate to nothing; that is still a line.
        assert done.stdout.strip() or ("sample-de-en" in command and done.stdout == "\n") or ">" in command


def test_the_python_of_the_readme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    if not (ROOT / "checkpoints/broad-de-en/manifest.json").is_file():
        pytest.skip(NOT_SHIPPED)
    monkeypatch.chdir(ROOT)
    for block in blocks(README, "python"):
        exec(block, {})
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_the_recipe_of_the_readme(tmp_path: Path) -> None:
    [recipe] = blocks(README, "yaml")
    path = tmp_path / "recipe.yaml"
    path.write_text(recipe, encoding="utf-8")
    assert load_recipe(path).recipe == "auto"


@pytest.mark.parametrize("name", SHIPPED)
def test_scores_in_the_readme_are_the_models_own(name: str) -> None:
    directory = ROOT / "checkpoints" / name
    if not (directory / "manifest.json").is_file():
        pytest.skip(NOT_SHIPPED)
    [row] = [line for line in README.splitlines() if line.startswith(f"| [`{name}`]")]
    own = {f"{score.value:.1f}" for score in load_info(directory).scores if score.metric == "BLEU"}
    figures = re.findall(r"\b\d+\.\d\b", row)
    assert figures
    assert set(figures) <= own


def test_scores_below_the_table_are_the_models_own() -> None:
    found = re.search(
        r"German → English\s+has (\S+) on ordinary prose .*? and (\S+) on newstest2013, English → German (\S+) and (\S+)\.",
        README,
    )
    assert found
    directories = [ROOT / "checkpoints" / name for name in ("broad-de-en", "broad-en-de")]
    if not all((directory / "manifest.json").is_file() for directory in directories):
        pytest.skip(NOT_SHIPPED)
    scores = [
        f"{score.value:.1f}"
        for directory in directories
        for test in ("spoken", "newstest2013")
        for score in load_info(directory).scores
        if score.metric == "BLEU" and score.test_set == test
    ]
    assert list(found.groups()) == scores


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(document: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / document).read_text(encoding="utf-8"))
    coming = {"docs/page.png"} | {f"checkpoints/{name}/README.md" for name in SHIPPED}
    missing = [target for target in targets if not (ROOT / target).exists()]
    if missing and set(missing) <= coming:
        pytest.skip(f"{', '.join(missing)}: not there yet")
    assert missing == []


@pytest.mark.parametrize(
    "path", re.findall(r"`((?:nmt|service|tests|data)/[\w./-]+)`", (ROOT / "CONTRIBUTING.md").read_text())
)
def test_files_that_contributing_names_are_there(path: str) -> None:
    assert (ROOT / path).exists()
