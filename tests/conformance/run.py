"""Test suites and clients of other projects, unmodified, against this service in a process of its own.

    python tests/conformance/run.py [SUITE ...]

Each suite has a virtual environment of its own below build/conformance/, and what it needs is downloaded there from the
package index and GitHub; the variables DEEPL_PYTHON and DEEPL_OPENAPI name a clone of DeepLcom/deepl-python and a copy of
DeepLcom/openapi's document on this machine instead. Nothing of it is kept in this repository. The service runs with
dictionaries in the place of models (dictionary_service.py). A suite of which fewer tests pass than below fails.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build/conformance"
DEEPL_DOCUMENT = os.environ.get("DEEPL_OPENAPI", "https://raw.githubusercontent.com/DeepLcom/openapi/main/openapi.json")
DEEPL_MOCK = "https://github.com/DeepLcom/deepl-mock"
DEEPL_OFFERS = (
    "supported resources",
    "style_rules",
    "translation_memory",
    "voice exposes",
    "live translate_text feature set",
    "needs_source_support",
    "af supports",
    "inherit features",
    "formality-supporting",
    "Chinese",
)
"""Parts of the names of tests that ask for what DeepL has and this service has not: languages, formality, style rules."""
SUITE = "1.30.0"
"""The version of DeepL's suite."""
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


def deepl(folder: Path, *, client: str, mock: bool) -> Outcome:
    """The tests of DeepL's Python client, out of a clone of its repository or of the folder DEEPL_PYTHON."""
    python = environment(folder, f"deepl=={client}", "pydantic<2", "pytest", "requests", "keyring", "click")
    tests = folder / "suite/tests"
    shutil.rmtree(folder / "suite", ignore_errors=True)
    repository = os.environ.get("DEEPL_PYTHON", "https://github.com/DeepLcom/deepl-python")
    run("git", "clone", "--quiet", "--depth=1", f"--branch=v{SUITE}", repository, folder / "suite")
    texts = example_texts(tests / "conftest.py")
    # As with a real server, markup and glossaries are looked at in translations.
    real = {} if mock else {"MODEL": str(ROOT / "checkpoints/broad-en-de")}
    with proxy() as proxy_port, service(folder, texts, MOCK_HEADERS="1", **real) as address:
        port = address.rpartition(":")[2]
        variables = {
            "DEEPL_SERVER_URL": address,
            "DEEPL_AUTH_KEY": "any",
            "DEEPL_PROXY_URL": f"http://127.0.0.1:{proxy_port}",
        }
        if mock:
            variables |= {"DEEPL_MOCK_SERVER_PORT": port, "DEEPL_MOCK_PROXY_SERVER_PORT": str(proxy_port)}
        return pytest(python, tests, **variables)


def deepl_languages(folder: Path) -> Outcome:
    """The tests of languages that DeepL's mock server has in JavaScript, out of a clone of it or of the folder DEEPL_MOCK.

    The dictionary has the languages that have glossaries at DeepL, with its varieties of them.
    """
    clone, report = folder / "suite", folder / "report.json"
    shutil.rmtree(clone, ignore_errors=True)
    report.unlink(missing_ok=True)
    run("git", "clone", "--quiet", "--depth=1", os.environ.get("DEEPL_MOCK", DEEPL_MOCK), clone)
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix", folder, "jest@30.3.0")
    configuration = clone / "config/languages"
    texts = json.loads((configuration / "mock-translate-texts.json").read_text(encoding="utf-8"))
    tags = json.loads((configuration / "product-glossary.json").read_text(encoding="utf-8"))["SupportedLanguages"]
    others = [tag for tag in texts if "-" in tag and tag.partition("-")[0] in tags]
    with service(folder, {tag: texts[tag] for tag in [*tags, *others]}) as address:
        subprocess.run(
            [folder / "node_modules/.bin/jest", "--json", f"--outputFile={report}", "_languages.test.js",
             "--testNamePattern", f"^(?!.*({'|'.join(DEEPL_OFFERS)}))"],
            cwd=clone, env=os.environ | {"DEEPL_SERVER_URL": address, "DEEPL_AUTH_KEY": "test:fx"}, check=False,
        )  # fmt: skip
    names: dict[str, list[str]] = {"passed": [], "failed": [], "pending": []}
    for file in json.loads(report.read_text(encoding="utf-8"))["testResults"]:
        for test in file["assertionResults"]:
            names[test["status"]].append(test["fullName"])
    return Outcome(passed=names["passed"], failed=names["failed"], skipped=names["pending"])


def schemathesis(folder: Path, *, document: str | None, paths: str) -> Outcome:
    """Requests made up from an OpenAPI document, the service's own or another's: every answer is one that it describes."""
    python = environment(folder, "schemathesis==4.32.5")
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    # Bodies as long as DeepL's document allows.
    with service(folder, DICTIONARY, NMT_MAX_BODY_BYTES=str(1 << 25)) as address:
        checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
        command = ["run", document or f"{address}/openapi.json", "--url", address, "--include-path-regex", paths]
        options = ["--checks", checks, "--max-examples", "25", "--report", "junit", "--report-junit-path", str(report)]
        with (folder / "schemathesis.log").open("w", encoding="utf-8") as log:
            subprocess.run([python.with_name("schemathesis"), *command, *options], cwd=folder, stdout=log, check=False)
    return outcome(report)


def example_texts(conftest: Path) -> dict[str, str]:
    """The words that the suite has in many languages, by their tags."""
    for node in ast.parse(conftest.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "example_text":
            texts: dict[str, str] = ast.literal_eval(node.value)
            return {re.sub("-.*", lambda region: region[0].upper(), tag.lower()): text for tag, text in texts.items()}
    raise SystemExit(f"{conftest}: there is no example_text")


@contextmanager
def proxy() -> Iterator[int]:
    """The port of a proxy for HTTP, which says that it is one in a header."""

    class Forward(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
            request = urllib.request.Request(
                self.path, body or None, headers | {"Forwarded": "for=test"}, method=self.command
            )
            try:
                answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
            except urllib.error.HTTPError as error:
                answer = error
            content = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Forward) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


SUITES: Mapping[str, Suite] = {
    "libretranslate": Suite(libretranslate, least=14),
    "deep-translator": Suite(deep_translator, least=4),
    "google": Suite(google, least=5),
    "deepl-mock": Suite(partial(deepl, client=SUITE, mock=True), least=146),
    "deepl-real": Suite(partial(deepl, client=SUITE, mock=False), least=136),
    "deepl-newest-mock": Suite(partial(deepl, client="1.32.0", mock=True), least=146),
    "deepl-languages": Suite(deepl_languages, least=30),
    "schemathesis": Suite(partial(schemathesis, document=None, paths="."), least=41),
    "schemathesis-deepl": Suite(
        partial(
            schemathesis,
            document=DEEPL_DOCUMENT,
            paths="^/v2/(translate|lang|usage|gloss|document)|^/v3/(gloss|lang)|^/v1/quality",
        ),
        least=22,
    ),
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
        try:
            found = SUITES[name].run(folder)
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            worse.append(f"{name}: {error}")
            continue
        print(f"{name}: {len(found.passed)} passed, {len(found.failed)} failed, {len(found.skipped)} skipped", flush=True)
        for test in found.failed:
            print(f"  failed: {test}")
        if len(found.passed) < SUITES[name].least:
            worse.append(f"{name}: {len(found.passed)} passed; should be {SUITES[name].least} at least")
    if worse:
        raise SystemExit("\n".join(worse))


if __name__ == "__main__":
    main()
