"""The manual is so: its commands are run, its Python works, its tables are the program's, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from support.guides import blocks, commands
from support.search_reference import FILE, MARK, reference
from test_readme import NOT_SHIPPED, ROOT, run_command, serving, shipped_service, workspace

__all__ = ["serving", "shipped_service", "workspace"]  # fixtures

DOCS = ROOT / "docs"
# Others have tests of their own, or commands that need corpora.
PAGES = ("index", "install", "translate", "offline", "search", "train", "moving", "how-it-works", "faq", "python")


TEXTS = {page: (DOCS / f"{page}.md").read_text(encoding="utf-8") for page in PAGES}
COMMANDS = [(page, line) for page, text in TEXTS.items() for line in commands(text)]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_command_of_the_manual(page: str, command: str, workspace: Path, request: pytest.FixtureRequest) -> None:  # noqa: ARG001
    run_command(command, workspace, request)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(blocks(TEXTS["python"], "python"))))
def test_the_python_of_the_manual(number: int, workspace: Path) -> None:
    if not (ROOT / "checkpoints/broad-de-en/manifest.json").is_file():
        pytest.skip(NOT_SHIPPED)
    (workspace / "text.de").write_text("Guten Morgen!\n", encoding="utf-8")
    code = blocks(TEXTS["python"], "python")[number]
    done = subprocess.run([sys.executable, "-c", code], cwd=workspace, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_manual_has_every_search_option() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.partition(MARK)[2] == reference(), "run `python tests/support/search_reference.py`"


def test_the_recipe_of_the_manual_is_that_of_the_readme() -> None:
    assert blocks(TEXTS["train"], "yaml")[0] in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_of_a_page_lead_to_files_and_headings(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for target, _, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(#([^)\s]*))?\)", prose):
        path = DOCS / (target or page)
        assert path.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{target}#{anchor}"
    for file in re.findall(r"\b(?:nmt|service|tests)/[\w/.-]+\.\w+", text):
        assert (ROOT / file).exists(), file


def test_every_page_is_in_the_navigation() -> None:
    def pages(tree: object) -> list[str]:
        if isinstance(tree, dict):
            return [page for value in tree.values() for page in pages(value)]
        return [page for value in tree for page in pages(value)] if isinstance(tree, list) else [str(tree)]

    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(pages(settings["nav"])) == sorted(path.name for path in DOCS.glob("*.md"))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mkdocs") is None, reason="the extra `manual` is not installed")
def test_the_manual_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "python" / "index.html").read_text(encoding="utf-8")
    assert "translate_lines" in page
    assert "batch_tokens" in page  # from the docstring
