"""docs/service.md is so: its settings are those of the service, its commands run, its files are whole."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.forks import folder_of_nmt
from support.guides import blocks, commands
from support.server import Service

from service.settings import Settings
from service.wire.v1.errors import CODES

GUIDE = (Path(__file__).parents[2] / "docs/service.md").read_text(encoding="utf-8")


COMMANDS = commands(GUIDE)
NMT = f"{sys.executable} -c 'from nmt.cli.program import main; main()'"  # gets a signal


def run(command: str, folder: Path, **variables: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NMT_")}
    return subprocess.Popen(
        ["bash", "-ec", command], cwd=folder, env=kept | variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    folder = tmp_path_factory.mktemp("guide")
    (folder / "checkpoints").symlink_to(models)
    return folder


@pytest.mark.parametrize("command", [command for command in COMMANDS if "nmt serve" not in command])
def test_a_command_of_the_guide(command: str, folder: Path, service: Service) -> None:
    command = re.sub(r"\bnmt keys\b", f"{folder_of_nmt()}/nmt keys", command.replace(":8000/", f":{service.port}/"))
    process = run(command, folder)
    out, problems = process.communicate(timeout=120)
    assert process.returncode == 0, problems
    assert out.strip() or ">" in command


def test_the_python_of_the_guide(folder: Path, service: Service) -> None:
    program = "\n".join(blocks(GUIDE, "python"))
    subprocess.run(["bash", "-c", "echo Hund > letter.txt"], cwd=folder, check=True)
    [upload] = [command for command in COMMANDS if "job.json" in command]
    run(upload.replace(":8000/", f":{service.port}/"), folder).communicate(timeout=60)
    done = subprocess.run(
        [sys.executable, "-c", program.replace(":8000", f":{service.port}")],
        cwd=folder, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("done ")
    assert len(done.stdout.splitlines()) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in COMMANDS if "nmt serve" in command])
def test_the_service_starts_as_the_guide_says(command: str, folder: Path) -> None:
    process = run(command.replace("nmt serve", f"exec {NMT} serve"), folder, NMT_PORT="0", NMT_THREADS="1", NMT_DEVICE="cpu")
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "listening on" in line:
            break
    process.terminate()
    process.communicate(timeout=60)
    assert any("listening on" in line for line in lines), lines


def test_every_setting_is_listed_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `NMT_(\w+)` \| (.*?) \|", GUIDE, flags=re.MULTILINE))
    assert list(rows) == [name.upper() for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        if field.default is None and not field.default_factory:
            assert rows[name.upper()] == "none"
        elif not field.default_factory:  # others depend on the machine
            default = f"{field.default:g}" if isinstance(field.default, float) else field.default
            assert rows[name.upper()] == f"`{default}`"


def test_every_code_of_an_error_is_listed() -> None:
    section = GUIDE.partition("An error is")[2].partition("\n## ")[0]
    known = set(CODES.values()) - {"method_not_allowed", "glossary_not_found", "not_offered", "internal_error"}
    assert set(re.findall(r"`([a-z]+_[a-z_]+)`", section)) == known


def test_every_metric_that_the_guide_names_is_there(service: Service) -> None:
    named = {name for name in re.findall(r"\bnmt_[a-z_]+", GUIDE) if not name.endswith("_")}
    shown = re.findall(r"^# TYPE (nmt_\w+)", service.client.get("/metrics").text, re.M)
    assert len(named) > 6
    assert {name.removesuffix("_bucket") for name in named} <= set(shown)


def test_the_files_of_the_guide_are_whole() -> None:
    compose, kubernetes = blocks(GUIDE, "yaml")
    services = yaml.safe_load(compose)
    assert yaml.safe_load(services["configs"]["prometheus"]["content"])["scrape_configs"][0]["job_name"] == "nmt"
    deployment, cluster = yaml.safe_load_all(kubernetes)
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert cluster["spec"]["ports"][0]["targetPort"] == container["ports"][0]["containerPort"]
    for name in [*services["services"]["nmt"]["environment"], *[one["name"] for one in container["env"]]]:
        assert name.removeprefix("NMT_").lower() in Settings.model_fields
    unit = configparser.ConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    [text] = blocks(GUIDE, "ini")
    unit.read_string(text)
    assert "nmt serve" in unit["Service"]["ExecStart"]
    for word in unit["Service"]["Environment"].split():
        assert word.partition("=")[0].removeprefix("NMT_").lower() in Settings.model_fields
