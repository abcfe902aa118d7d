"""The table of search options in docs/search.md, from the options themselves: `python tests/support/search_reference.py`."""

from __future__ import annotations

from pathlib import Path

from nmt.config.search import SearchOptions
from support.recipe_reference import table

FILE = Path(__file__).parents[2] / "docs" / "search.md"
MARK = "<!-- From here on written by tests/support/search_reference.py -->\n"


def reference() -> str:
    """Every option with its default and what it is for, as Markdown."""
    return f"\n## All options\n\n{table(SearchOptions)}"


if __name__ == "__main__":
    text = FILE.read_text(encoding="utf-8")
    FILE.write_text(text.partition(MARK)[0] + MARK + reference(), encoding="utf-8")
