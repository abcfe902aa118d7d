"""Test suites and clients of other projects, unmodified, against this service in a process of its own.

    python tests/conformance/run.py [SUITE ...]

Each suite has a virtual environment of its own below build/conformance/, and what it needs is downloaded there from the
package index, or taken from the folder that a variable names. Nothing of it is kept in this repository. The service runs
with dictionaries in the place of models (dictionary_service.py). A suite of which fewer tests pass than below fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build/conformance"
DICTIONARY = {"de": "Protonenstrahl", "en": "proton beam", "es": "haz de protones", "fr": "faisceau de protons"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of the tests of one suite, by name."""

    passed: Sequence[str]
    failed: Sequence[str]
    skipped: Sequence[str]


@dataclass(frozen=True, slots=True)
class Suite:
    run: Callable[[Path], Outcome]
    """In a folder of its own."""
    least: int
    """Tests that pass."""


def libretranslate(folder: Path) -> Outcome:
    """LibreTranslate's API tests, out of its wheel, with the fixture `client` over a socket."""
    python = environment(folder, "pytest", "httpx")
    run(python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "libretranslate==1.9.6")
    [wheel] = folder.glob("libretranslate-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if re.search(r"/tests/test_api/test_\w+\.py$", name)]
        archive.extractall(folder, names)
    with service(folder, DICTIONARY) as address:
        tests = folder / "libretranslate/tests/test_api"
        return pytest(python, tests, "--noconftest", "-p", "lt_client", SERVICE_URL=address, PYTHONPATH=str(HERE))


def deep_translator(folder: Path) -> Outcome:
    """deep-translator's client."""
    python = environment(folder, "pytest", "deep-translator==1.11.4")
    with service(folder, DICTIONARY) as address:
        return pytest(python, HERE / "client_deep_translator.py", "--noconftest", SERVICE_URL=address)


def google(folder: Path) -> Outcome:
    """google-cloud-translate's basic client."""
    python = environment(folder, "pytest", "google-cloud-translate==3.28.0")
    with service(folder, DICTIONARY) as address:
        return pytest(python, HERE / "client_google.py", "--noconftest", SERVICE_URL=address)


SUITES: Mapping[str, Suite] = {
    "libretranslate": Suite(libretranslate, least=14),
    "deep-translator": Suite(deep_translator, least=4),
    "google": Suite(google, least=5),
}


def environment(folder: Path, *packages: str) -> Path:
    """The interpreter of a virtual environment with these packages."""
    python = folder / "venv/bin/python"
    if not python.exists():
        run(sys.executable, "-m", "venv", folder / "venv")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    return python


@contextmanager
def service(
    folder: Path, dictionary: Mapping[str, str], *, program: str = "dictionary_service.py", **variables: str
) -> Iterator[str]:
    """A running service with this dictionary; its address."""
    (folder / "dictionary.json").write_text(json.dumps(dictionary), encoding="utf-8")
    (folder / "models").mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NMT_")}
    own = {"NMT_MODELS": str(folder / "models"), "NMT_PORT": "0", "DICTIONARY": str(folder / "dictionary.json")}
    process = subprocess.Popen(
        [sys.executable, str(HERE / program)], env={"PYTHONPATH": str(ROOT)} | kept | own | variables,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    log = (folder / "service.log").open("w", encoding="utf-8")
    try:
        for line in process.stderr:
            log.write(line)
            if match := re.search(r"ready: the page is at (http://\S+),", line):
                break
        else:
            raise SystemExit(f"the service did not start; see {log.name}")
        with subprocess.Popen(["cat"], stdin=process.stderr, stdout=log):  # a full pipe would stop the service
            try:
                yield match[1]
            finally:
                process.terminate()
                process.wait(timeout=60)
    finally:
        process.kill()
        log.close()


def pytest(python: Path, tests: Path, *options: str, **variables: str) -> Outcome:
    """Run pytest on a file or folder, away from the settings of this repository."""
    report = BUILD / "report.xml"
    report.unlink(missing_ok=True)
    root = tests if tests.is_dir() else tests.parent
    arguments = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={root}", f"--junitxml={report}"]
    subprocess.run([python, "-m", "pytest", *arguments, *options, tests], cwd=BUILD, env=os.environ | variables)
    return outcome(report)


def outcome(report: Path) -> Outcome:
    """The tests in a report of JUnit's form."""
    names: dict[str, list[str]] = {"passed": [], "failed": [], "skipped": []}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        tags = {child.tag for child in case}
        state = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
        names[state].append(f"{case.get('classname')}::{case.get('name')}")
    return Outcome(**names)


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)


def main() -> None:
    description, _, _ = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("suites", metavar="SUITE", nargs="*", choices=[*SUITES, []], help=", ".join(SUITES))
    wanted = parser.parse_args().suites or list(SUITES)
    worse = []
    for name in wanted:
        folder = BUILD / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.whl"):
            old.unlink()
        shutil.rmtree(folder / "libretranslate", ignore_errors=True)
        found = SUITES[name].run(folder)
        print(f"{name}: {len(found.passed)} passed, {len(found.failed)} failed, {len(found.skipped)} skipped", flush=True)
        for test in found.failed:
            print(f"  failed: {test}")
        if len(found.passed) < SUITES[name].least:
            worse.append(f"{name}: {len(found.passed)} passed; should be {SUITES[name].least} at least")
    if worse:
        raise SystemExit("\n".join(worse))


if __name__ == "__main__":
    main()
