"""Documents of several kinds, made by chance from sentences of our own: for tests of markup.

Each has inline elements around stretches of its words. The same seed makes the same document.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

SENTENCES = {
    "de": [
        "Der Hund schläft unter dem Tisch.",
        "Wir haben gestern ein neues Auto gekauft.",
        "Bitte schließen Sie das Fenster, bevor Sie gehen!",
        "Wo ist der Bahnhof?",
        "Meine Schwester arbeitet in einem Krankenhaus in Hamburg.",
        "Das Wetter war am Montag sehr schön, aber kalt.",
        "Klicken Sie auf den Namen, um die Datei zu öffnen.",
        "Ich glaube, dass er morgen nicht kommt.",
        "Die Bestellung wird in drei Tagen geliefert.",
        "Vielen Dank für Ihre Hilfe.",
        "Im Garten stehen alte Bäume & viele Blumen.",
        "Das Buch, das auf dem Tisch liegt, gehört mir.",
        "Kinder unter 12 Jahren zahlen nichts.",
        "Er sagte: „Das ist kein Problem.“",
    ],
    "en": [
        "The dog is sleeping under the table.",
        "We bought a new car yesterday.",
        "Please close the window before you leave!",
        "Where is the station?",
        "My sister works in a hospital in Hamburg.",
        "The weather was very nice on Monday, but cold.",
        "Click on the name to open the file.",
        "I think that he will not come tomorrow.",
        "The order will be delivered in three days.",
        "Thank you very much for your help.",
        "There are old trees & many flowers in the garden.",
        "The book that is lying on the table belongs to me.",
        "Children under 12 pay nothing.",
        'He said: "That is not a problem."',
    ],
}
_BLANK = re.compile(r" (?![^<]*>)")  # of a text, not of a tag
_HTML_ENTITIES = {"ä": "&auml;", "ß": "&szlig;", "ü": "&#252;", "„": "&bdquo;"}


class _Maker:
    def __init__(self, seed: int, language: str) -> None:
        self.chance = random.Random(f"{language} {seed}")
        self.language = language
        self.count = 0

    def number(self) -> int:
        self.count += 1
        return self.count

    def sentence(self) -> str:
        return self.chance.choice(SENTENCES[self.language])

    def escaped(self, text: str, *, xml: bool) -> str:
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        if not xml and self.chance.random() < 0.2:
            for character, reference in _HTML_ENTITIES.items():
                text = text.replace(character, reference)
        return text

    def marked(self, text: str, wrap: Callable[[str, int], str], spell: Callable[[str], str], depth: int = 0) -> str:
        """`text` with elements around some stretches of its words."""
        words = text.split(" ")
        if depth > 2 or len(words) < 2 or self.chance.random() < 0.3:
            return spell(text)
        first = self.chance.randrange(len(words))
        last = self.chance.randint(first + 1, min(len(words), first + 4))
        before, inner, after = (" ".join(part) for part in (words[:first], words[first:last], words[last:]))
        parts = [spell(before)] if before else []
        parts.append(wrap(self.marked(inner, wrap, spell, depth + 1), depth))
        if after:
            parts.append(self.marked(after, wrap, spell, depth + 1))
        return " ".join(parts)


def html_document(seed: int, language: str) -> str:
    """Articles, mails, tables, forms, nested lists, and broken ones."""
    make = _Maker(seed, language)
    chance = make.chance
    kind = ("article", "mail", "table", "form", "lists", "broken")[seed % 6]

    def wrap(inner: str, _: int) -> str:
        n = make.number()
        return chance.choice(
            [
                f"<b>{inner}</b>",
                f'<a href="/seite?a={n}&amp;b=1" title="T{n}">{inner}</a>',
                f"<em id='e{n}'>{inner}</em>",
                f'<span class="x y" data-n={n}>{inner}</span>',
                f"<i>{inner}</i>",
            ]
        )

    def text() -> str:
        found = make.marked(make.sentence(), wrap, lambda text: make.escaped(text, xml=False))
        extra = chance.random()
        if extra < 0.08:
            found += f" <code>x &lt; {make.number()}</code>"
        elif extra < 0.16:
            found = _BLANK.sub(f' <img src="{make.number()}.png" alt=""> ', found, count=1)
        elif extra < 0.22:
            found += f"<!-- {make.number()} < & -->"
        elif extra < 0.28 and found[-1] in ".!?":
            found = f'{found[:-1]}<sup><a href="#n{make.number()}">1</a></sup>{found[-1]}'
        elif extra < 0.34:
            found = _BLANK.sub("\n      ", found, count=2)
        return found

    def paragraph() -> str:
        return " ".join(text() for _ in range(chance.randint(1, 3)))

    if kind == "article":
        body = f"<h1>{text()}</h1>\n" + "".join(f"<p class=p{n}>{paragraph()}</p>\n" for n in range(3))
        return (
            f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset=utf-8><title>{make.sentence()}</title>'
            "<style>p > b { color: red }</style></head>\n<body>\n"
            f"{body}<script>if (a < b) {{ c(); }}</script></body></html>\n"
        )
    if kind == "mail":
        return "<br>\n<br>\n".join(paragraph() for _ in range(3)) + "<br>--<br>Anna"
    if kind == "table":
        rows = "".join(
            f"<tr><td>{text()}</td><td align=right>{chance.randint(1, 99)},50&nbsp;€</td></tr>\n" for _ in range(3)
        )
        return f"<table border=1>\n<thead><tr><th>{text()}<th>{text()}</thead>\n{rows}</table>"
    if kind == "form":
        fields = "".join(
            f'<label for="f{n}">{text()}</label><input id="f{n}" placeholder="{make.sentence().replace(chr(34), "")}">\n'
            for n in range(3)
        )
        return (
            f"<form action='/x'>{fields}<select><option>{make.sentence()}</select><button disabled>{text()}</button></form>"
        )
    if kind == "lists":
        inner = f"<ol><li>{text()}</li><li>{paragraph()}</ol>"
        return f"<ul>\n  <li>{text()}\n    {inner}\n  <li>{text()}</ul>\n<pre>  {text()}\n</pre>"
    whole = html_document(seed * 6, language)
    for _ in range(3):
        place = chance.randrange(len(whole))
        whole = (
            whole[:place]
            + chance.choice(["<", "</b>", "&", "<b>", "</p><p>", '"', ">"])
            + whole[place + chance.randrange(4) :]
        )
    return whole


def xml_document(seed: int, language: str) -> str:
    make = _Maker(seed, language)

    def wrap(inner: str, _: int) -> str:
        return make.chance.choice(
            [f"<em>{inner}</em>", f'<ref id="{make.number()}">{inner}</ref>', f"<x:hi\n a='1'>{inner}</x:hi>"]
        )

    def text() -> str:
        found = make.marked(make.sentence(), wrap, lambda text: make.escaped(text, xml=True))
        return _BLANK.sub(f' <ph n="{make.number()}"/> ', found, count=1) if make.chance.random() < 0.2 else found

    items = "".join(f"  <item n='{n}'>{text()} {text()}</item>\n" for n in range(3))
    head = '<?xml version="1.0"?>\n<!DOCTYPE doc [<!ENTITY firma "Müller">]>\n' if seed % 2 else ""
    raw = "<raw><![CDATA[<b>]]></raw>"
    return f'{head}<doc xmlns:x="urn:x">\n<title>{text()}</title>\n<!-- n {seed} --><?p q?>\n{items}{raw}</doc>\n'


def markdown_document(seed: int, language: str) -> str:
    make = _Maker(seed, language)

    def wrap(inner: str, depth: int) -> str:
        # A link within a link, or ** within **, is none.
        link = f'[{inner}](https://example.com/{make.number()} "T")'
        return make.chance.choice(([f"**{inner}**", f"~~{inner}~~"], [link], [f"<u>{inner}</u>", f"*{inner}*"])[depth])

    def text() -> str:
        found = make.marked(make.sentence(), wrap, lambda text: text)
        return f"{found} `x = {make.number()}`" if make.chance.random() < 0.2 else found

    cell = make.sentence().replace("|", "")
    return f"""---
title: x
---
# {text()}

{text()}
{text()}

> {text()}
> {text()}

1. {text()}
2. {text()}
   * {text()}

| {cell} | b |
|---|--:|
| {text()} | **{make.number()}** |

```python
print("Hallo")
```

<div class="x">{make.sentence()}</div>

[1]: https://example.com "T"
"""


def document(number: int, language: str) -> tuple[str, str]:
    """The format and the text of one of any number of documents: three in five are HTML, one is XML, one Markdown."""
    form = ("html", "html", "html", "xml", "markdown")[number % 5]
    makers = {"html": html_document, "xml": xml_document, "markdown": markdown_document}
    return form, makers[form](number // 5 * 3 + number % 5 if form == "html" else number, language)
