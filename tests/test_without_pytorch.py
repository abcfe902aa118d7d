"""An installation without PyTorch: the command, the library and the service in processes that cannot import it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.office_documents import word_document
from support.server import Service, start_service, stop_service
from support.untrained import small, write_model
from support.untrusted import seal
from support.waiting import wait_until

from nmt.checkpoint.directory import NETWORK
from nmt.runtime import kernels
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.glossary import Glossary
from nmt.translate.translator import Translator

pytestmark = pytest.mark.skipif(not kernels.AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler")

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "checkpoints" / "broad-de-en-fast"
TEXTS = ["Wo ist der Bahnhof?", "Der Hund schläft im Garten. Am Morgen regnet es oft."]
NEEDED = "needs PyTorch, which is not installed: pip install 'recurrent-nmt[train]'"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """That of processes in which `import torch` fails, those that they start included."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['torch'] = None\n", encoding="utf-8")
    path = os.pathsep.join([str(folder), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NMT_")}
    environment |= {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    found = subprocess.run(
        [sys.executable, "-c", "import torch"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert "ModuleNotFoundError" in found.stderr
    return environment


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained ones: with a plan, without one, and of a shape that int8 has no code for."""
    folder = tmp_path_factory.mktemp("models")
    tokenizer = train_tokenizer(TEXTS, vocabulary_size=48, kind="bpe", character_coverage=1.0)
    write_model(folder / "planned", tokenizer=tokenizer, shape=small(32), seed=1)
    write_model(folder / "narrow", tokenizer=tokenizer, shape=small(24), seed=1)
    (shutil.copytree(folder / "planned", folder / "plain") / NETWORK).unlink()
    seal(folder / "plain")
    return folder


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator.load(MODEL, device="cpu")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "text").write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    return tmp_path / "text"


def nmt(environment: dict[str, str], *arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nmt", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, done.stderr
    return done


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["models"], ["translate", "--help"], ["train", "--help"]])
def test_commands_tell_about_themselves(environment: dict[str, str], arguments: list[str]) -> None:
    assert nmt(environment, *arguments).stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["broad-de-en-fast", "everyday-fr-en"])
def test_a_model_is_described_as_with_pytorch(environment: dict[str, str], name: str, tmp_path: Path) -> None:
    """Without its plan, the modules are asked."""
    model = ROOT / "checkpoints" / name
    plain = shutil.copytree(model, tmp_path / name)
    (plain / NETWORK).unlink()
    seal(plain)
    with_pytorch = nmt({**os.environ, "PYTHONPATH": str(ROOT)}, "info", plain).stdout
    assert nmt(environment, "info", model).stdout == with_pytorch


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_is_translated(environment: dict[str, str], translator: Translator, text: Path, workers: int) -> None:
    output = text.with_name("output")
    nmt(environment, "translate", "-m", MODEL, text, "-o", output, "--workers", workers)
    assert output.read_text(encoding="utf-8").splitlines() == [one.text for one in translator.translate_lines(TEXTS)]


def test_alternatives_and_alignments_are_written(environment: dict[str, str], translator: Translator, text: Path) -> None:
    done = nmt(environment, "translate", "-m", MODEL, text, "--format", "jsonl", "--n-best", 3)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    expected = translator.translate(TEXTS, n_best=3)
    assert [[one["text"] for one in row["translations"]] for row in rows] == [list(one.texts) for one in expected]
    assert all(row["sentences"] if "sentences" in row else row["tokens"] for row in rows)
    aligned = nmt(environment, "translate", "-m", MODEL, text, "--alignment").stdout.splitlines()
    assert [line.partition(" ||| ")[0] for line in aligned] == [one.text for one in translator.translate_lines(TEXTS)]
    assert all(re.fullmatch(r"\d+-\d+(?: \d+-\d+)*", line.partition(" ||| ")[2]) for line in aligned)


def test_a_document_is_translated(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "letter.docx").write_bytes(word_document())
    nmt(environment, "translate", "-m", MODEL, tmp_path / "letter.docx", "-o", tmp_path / "output.docx")
    assert (tmp_path / "output.docx").stat().st_size


FEATURES: list[dict[str, Any]] = [
    {"beam_size": 4, "n_best": 2},
    {"required": ["depot"]},
    {"prefixes": ["The train", "A dog"]},
    {"forbidden": ["station"], "min_length": 9, "no_repeat_ngram": 3, "max_repeats": 1, "coverage_penalty": 0.2},
    {"formality": "prefer_more", "localise_numbers": True},
]
HARD = [
    "Siehe https://example.org/a?b=1, schreiben Sie an hans@example.org, Nummer 4711-22 oder {name} %s 1.234,56.",
    "WIE ALT BIST DU? Ja, ja, ja, nein, nein, nein, das ist es, das ist es.",
]


def test_what_a_user_may_ask_for_is_translated(environment: dict[str, str], translator: Translator) -> None:
    code = f"""
import json, nmt
translator = nmt.load({str(MODEL)!r})
print(json.dumps([[one.texts for one in translator.translate({HARD!r}, **options)] for options in {FEATURES!r}]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    expected = [[list(one.texts) for one in translator.translate(HARD, **options)] for options in FEATURES]
    assert json.loads(done.stdout) == expected


@pytest.mark.slow
def test_texts_that_translation_harms_are_tried(environment: dict[str, str]) -> None:
    """They ask for spans, numbers, repetition and more in all ways that the program has."""
    assert "HTML documents" in nmt(environment, "check", "--model", MODEL, "--every", "3").stdout


def test_the_library_translates(environment: dict[str, str], translator: Translator) -> None:
    code = f"""
import json, sys, nmt
from nmt import Glossary, Markup, NmtError, SearchOptions, Translation, Translator
translator = nmt.load({str(MODEL)!r})
glossary = Glossary.parse("Bahnhof\\tdepot", "tsv")
texts = {TEXTS!r}
found = [
    translator.translate(texts, beam_size=4, n_best=2),
    translator.translate(["<p>Der <b>Hund</b> schläft.</p>"], markup=Markup(format="html")),
    translator.translate(texts[:1], glossary=glossary),
]
print(json.dumps([[one.texts for one in texts] for texts in found]))
print(json.dumps(translator.score([("Guten Morgen!", "Good morning!")])))
try:
    translator.translate(texts[:1], sampling=True)
except NmtError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    found, scores, message = done.stdout.splitlines()
    glossary = Glossary.parse("Bahnhof\tdepot", "tsv")
    best, _, term = json.loads(found)
    assert best == [list(one.texts) for one in translator.translate(TEXTS, beam_size=4, n_best=2)]
    assert term == [list(one.texts) for one in translator.translate(TEXTS[:1], glossary=glossary)]
    assert json.loads(scores) == translator.score([("Guten Morgen!", "Good morning!")])
    assert message == f"sampling {NEEDED}"


@pytest.mark.parametrize(
    ("arguments", "purpose"),
    [
        (["--sampling"], "sampling"),
        (["--sampling", "--workers", "2"], "sampling"),
        (["--beam-size", "4", "--diversity-groups", "2"], "diversity_groups"),
        (["-m", MODEL], "an ensemble of models"),
        (["--language-model", MODEL], "a language model"),
        (["--device", "cuda"], "device cuda"),
        (["--runtime", "reference"], "runtime reference"),
    ],
)
def test_a_translation_that_needs_pytorch_says_so(
    environment: dict[str, str], text: Path, arguments: list[str], purpose: str
) -> None:
    done = nmt(environment, "translate", "-m", MODEL, text, *arguments, status=2)
    assert (done.stdout, done.stderr.splitlines()) == ("", [f"nmt: error: {purpose} {NEEDED}"])


@pytest.mark.parametrize("name", ["plain", "narrow"])
@pytest.mark.parametrize("command", ["translate", "info"])
def test_a_model_that_int8_does_not_run_says_so(
    environment: dict[str, str], models: Path, text: Path, name: str, command: str
) -> None:
    arguments = ["info", models / name] if command == "info" else ["translate", "-m", models / name, text]
    if (command, name) == ("info", "narrow"):
        found = nmt(environment, *arguments).stdout
        assert "no runtime: 12 units of encoder layers are not a multiple of 16; PyTorch" in found
        return
    reason = {
        "plain": ", which has no plan of its network for int8,",
        "narrow": ", which int8 cannot run (12 units of encoder layers are not a multiple of 16),",
    }[name]
    [line] = nmt(environment, *arguments, status=2).stderr.splitlines()
    assert line.endswith(f"{models / name}{reason} {NEEDED}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", ROOT / "data" / "sample-de-en" / "recipe.yaml"],
        ["lm", "score", "--model", MODEL, ROOT / "README.md"],
        ["bench", "--model", MODEL],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_that_needs_pytorch_says_so(environment: dict[str, str], arguments: list[object]) -> None:
    [line] = nmt(environment, *arguments, status=2).stderr.splitlines()
    assert line.startswith("nmt: error: ")
    assert line.endswith(NEEDED)


def test_without_the_kernel_pytorch_is_needed(environment: dict[str, str], tmp_path: Path, text: Path) -> None:
    blocked = "import sys\nsys.modules['torch'] = sys.modules['nmt.runtime._kernel'] = None\n"
    (tmp_path / "sitecustomize.py").write_text(blocked, encoding="utf-8")
    environment = environment | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{environment['PYTHONPATH']}"}
    [line] = nmt(environment, "translate", "-m", MODEL, text, status=2).stderr.splitlines()
    assert line == f"nmt: error: {kernels_missing(environment)}; without it, translating {NEEDED}"
    assert "C compiler" in line


def kernels_missing(environment: dict[str, str]) -> str:
    code = "from nmt.runtime.kernels import MISSING; print(MISSING)"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "workers"])
def service(
    request: pytest.FixtureRequest, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(MODEL, folder / "models" / MODEL.name)
    settings: dict[str, Any] = {"workers": 2, "state": folder / "state"} if request.param == 2 else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", environment["PYTHONPATH"])
        service = start_service(folder / "models", program="service", admin_token="secret of tests", **settings)
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert "Traceback" not in log, log
    assert service.process.returncode == 0, log


PAIR = {"source": "de", "target": "en"}
FACES = {
    "/v1/translate": PAIR | {"text": TEXTS[0], "alignment": True},
    "/translate": PAIR | {"q": TEXTS[0], "alternatives": 2},
    "/detect": {"q": TEXTS[0]},
    "/v2/translate": {"text": TEXTS[:1], "target_lang": "EN"},
    "/language/translate/v2": PAIR | {"q": TEXTS[0]},
    "/deeplx/translate": {"text": TEXTS[0], "source_lang": "DE", "target_lang": "EN"},
    "/mtran/translate": {"text": TEXTS[0], "from": "de", "to": "en"},
    "/imme": {"text_list": TEXTS[:1], "source_lang": "de", "target_lang": "en"},
}


@pytest.mark.parametrize("path", FACES)
def test_every_wire_format_answers(service: Service, path: str) -> None:
    answer = service.client.post(path, json=FACES[path])
    assert answer.status_code == 200, answer.text
    assert ("station" in answer.text) is (path != "/detect")


def test_a_document_is_translated_by_the_service(service: Service) -> None:
    created = service.client.post("/v1/documents", data=PAIR, files={"file": ("letter.docx", word_document())})
    assert created.status_code == 202, created.text
    address, key = f"/v1/documents/{created.json()['id']}", created.json().get("key")
    asked = {"headers": {"X-Document-Key": key}} if key else {}
    wait_until(lambda: service.client.get(address, **asked).json()["status"] in ("done", "error"))
    assert service.client.get(address, **asked).json()["status"] == "done"


def test_a_request_for_words_and_formality_is_answered(service: Service) -> None:
    fields = {"required": ["where"], "forbidden": ["station"], "formality": "prefer_more", "glossary": {"Bahnhof": "depot"}}
    answer = service.translate("Sagen Sie mir, wo der Bahnhof ist!", beam_size=8, **fields)
    assert answer.status_code == 200, answer.text
    assert {"where", "depot"} <= set(re.findall(r"\w+", answer.json()["translations"][0]["text"]))


@pytest.mark.parametrize("fields", [{"sampling": True}, {"beam_size": 4, "diversity_groups": 2}])
def test_a_request_that_needs_pytorch_is_not_offered(service: Service, fields: dict[str, Any]) -> None:
    answer = service.translate(TEXTS, **fields)
    assert answer.status_code == 501
    assert f"{next(name for name in fields if name != 'beam_size')} {NEEDED}" in answer.text
    assert service.translate(TEXTS[0]).status_code == 200


def test_models_are_loaded_again(service: Service) -> None:
    answer = service.client.post("/admin/reload", headers={"Authorization": "Bearer secret of tests"})
    assert answer.status_code in (200, 202), answer.text
    assert service.translate(TEXTS[0]).status_code == 200


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the system does not tell what a process has loaded")
def test_a_service_loads_pytorch_where_a_search_needs_it(tmp_path: Path) -> None:
    """It is installed here."""
    shutil.copytree(MODEL, tmp_path / MODEL.name)
    service = start_service(tmp_path, program="service", device="auto")
    service.wait_until_ready()
    maps = Path(f"/proc/{service.process.pid}/maps")
    loaded = ["libtorch" in maps.read_text(encoding="utf-8")]
    for fields in ({"required": ["where"], "alignment": True}, {"sampling": True}):
        assert service.translate(TEXTS[0], **fields).status_code == 200
        loaded.append("libtorch" in maps.read_text(encoding="utf-8"))
    log = stop_service(service)
    assert "Traceback" not in log, log
    assert loaded == [False, False, True]


def test_a_service_says_which_model_it_cannot_load(environment: dict[str, str], models: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", environment["PYTHONPATH"])
        service = start_service(models, program="service")
    service.wait_until_ready()
    log = stop_service(service)
    assert f"plain, which has no plan of its network for int8, {NEEDED}" in log
    assert "Traceback" not in log, log
