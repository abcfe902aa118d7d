"""Lines of Markdown that generators of pages take for directives: a parser of Markdown is shown headings in their places.

:::tip A title          #      A title          !!! note "A title"      - #        A title
Text                    Text                        Text                    Text
:::                     #
"""

from __future__ import annotations

import re

_MAY_BE = re.compile(r"^[ \t>]*(?:\[!|:::|///|!!! |\?\?\?|===[!+]? |\{[{%]|import\b|export\b)", re.MULTILINE)
_MARGIN = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*")
_CALLOUT = re.compile(r"\[!\w+\][+-]?(?:[ \t]+(.+))?$")
"""Of GitHub and Obsidian, in a quotation."""
_BLOCK = re.compile(
    r":{3,}[ \t]*[\w-]*(?:\{[^}]*\})?(?:\[(.+)\](?:\{[^}]*\})?|[ \t]+(.+))?$"  # Docusaurus, VitePress, Pandoc
    r"|/{3,}(?:[ \t]*[\w-]+(?:[ \t]*\|[ \t]*(.+))?)?$"  # MkDocs
    r"|(?:\{%.*%\}|\{\{[<%].*[>%]\}\})$"  # GitBook, Jekyll, Hugo
)
_ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?)[ \t]+[a-z][\w-]*(?: [a-z-]+)*(?:[ \t]+\"(.*)\")?$|===[!+]?[ \t]+\"(.*)\"$")
"""Of MkDocs; its text is indented on the lines after it."""
_INDENTED = re.compile(r"(?: {4}|\t)[ \t]*\S")
_MODULE = re.compile(
    r"import\s+(?:[\w$*{].*\sfrom\s+)?(?:'[^']+'|\"[^\"]+\");?$|import\s*\{[^}]*$"
    r"|export\s+(?:(?:const|let|var)\s+[\w${\[].*=|(?:default\s+)?(?:async\s+)?(?:function\b.*\(|class\s+\w+.*\{)"
    r"|default\s+[\w$.]+;?$|[{*])"
)
"""Lines of JavaScript in MDX, which go on until their brackets are closed."""
_END = re.compile(r"[ \t>]*(?:```|~~~)|</(?:script|style|pre)\b", re.IGNORECASE)
"""What ends code, of which no line goes on after it."""


def without_directives(source: str) -> str:
    """`source` with directives as headings, at the same places: titles are theirs, and the rest is blank."""
    if not _MAY_BE.search(source):
        return source
    lines = source.split("\n")
    depth = 0  # of the brackets of a module that goes on
    for number, line in enumerate(lines):
        text = line.rstrip()
        depth = 0 if not text or _END.match(text) else max(depth, 0)
        start = _MARGIN.match(text).end()  # type: ignore[union-attr]
        if depth > 0 or _MODULE.match(text):
            depth += sum((character in "({[") - (character in ")}]") for character in text)
            lines[number] = _as_heading(line, 0, "#", len(text), len(text))
            continue
        after = next((_without_margin(one, start) for one in lines[number + 1 : number + 3] if one.strip(" \t\r>")), "")
        match, mark = None, "#"
        if ">" in text[:start]:
            match = _CALLOUT.match(text, start)
        if match is None:
            match = _BLOCK.match(text, start)
        if match is None and _INDENTED.match(after):
            match, mark = _ADMONITION.match(text, start), "- #"
        if match is not None:
            title = match.span(match.lastindex) if match.lastindex else (len(text), len(text))
            lines[number] = _as_heading(line, start, mark, *title)
    return "\n".join(lines)


def _without_margin(line: str, width: int) -> str:
    return line[width:] if not line[:width].strip(" \t>") else ""


def _as_heading(line: str, start: int, mark: str, title: int, end: int) -> str:
    """`line` with a heading from `start` on, whose words are line[title:end]."""
    if title < start + len(mark):
        return line
    stop = len(line.rstrip())
    return line[:start] + mark.ljust(title - start) + line[title:end] + " " * (stop - end) + line[stop:]
