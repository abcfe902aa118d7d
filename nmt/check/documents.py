"""Documents with markup, made by chance: pages, mails and fragments in HTML, strings of programs in XML, Markdown.

Each has inline elements around stretches of its words. The same number makes the same document.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

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
_HTML_KINDS = ("article", "mail", "table", "form", "lists", "broken", "fragment", "teaser", "newsletter")
_XML_KINDS = ("book", "strings", "dialogs")
_FORMATS = ("html", "html", "html", "xml", "markdown")
_BLANK = re.compile(r" (?![^<]*>)")  # of a text, not of a tag
_HTML_ENTITIES = {"ä": "&auml;", "ß": "&szlig;", "ü": "&#252;", "„": "&bdquo;"}
_NOISE = ("<", "</b>", "&", "<b>", "</p><p>", '"', ">")


@dataclass(frozen=True, slots=True)
class Document:
    format: str
    """html, xml or markdown."""
    kind: str
    """What it is: an article, a form ..., or a broken one of them."""
    text: str


def document(number: int, language: str) -> Document:
    """One of any number of documents in "de" or "en": three in five are HTML, one is XML, one Markdown."""
    form = _FORMATS[number % len(_FORMATS)]
    if form == "markdown":
        return Document(form, "page", _markdown(_Maker(number, language)))
    if form == "xml":
        kind = _XML_KINDS[number // len(_FORMATS) % len(_XML_KINDS)]
        return Document(form, kind, _XML[kind](_Maker(number, language)))
    seed = number // len(_FORMATS) * 3 + number % len(_FORMATS)
    kind = _HTML_KINDS[seed % len(_HTML_KINDS)]
    make = _Maker(seed, language)
    return Document(form, kind, _broken(make) if kind == "broken" else _HTML[kind](make))


class _Maker:
    """Sentences, numbers and elements, drawn by chance."""

    def __init__(self, seed: int, language: str) -> None:
        self.chance = random.Random(f"{language} {seed}")
        self.language = language
        self._count = 0

    def number(self) -> int:
        self._count += 1
        return self._count

    def sentence(self) -> str:
        return self.chance.choice(SENTENCES[self.language])

    def label(self) -> str:
        """A sentence as the value of an attribute."""
        return self.sentence().replace('"', "")

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

    def html(self) -> str:
        """A sentence with inline elements, now and then with a picture, a comment, code or a foot-note."""

        def wrap(inner: str, _: int) -> str:
            n = self.number()
            return self.chance.choice(
                [
                    f"<b>{inner}</b>",
                    f'<a href="/seite?a={n}&amp;b=1" title="T{n}">{inner}</a>',
                    f"<em id='e{n}'>{inner}</em>",
                    f'<span class="x y" data-n={n}>{inner}</span>',
                    f"<i>{inner}</i>",
                ]
            )

        found = self.marked(self.sentence(), wrap, lambda text: self.escaped(text, xml=False))
        extra = self.chance.random()
        if extra < 0.08:
            found += f" <code>x &lt; {self.number()}</code>"
        elif extra < 0.16:
            found = _BLANK.sub(f' <img src="{self.number()}.png" alt=""> ', found, count=1)
        elif extra < 0.22:
            found += f"<!-- {self.number()} < & -->"
        elif extra < 0.28 and found[-1] in ".!?":
            found = f'{found[:-1]}<sup><a href="#n{self.number()}">1</a></sup>{found[-1]}'
        elif extra < 0.34:
            found = _BLANK.sub("\n      ", found, count=2)
        return found

    def paragraph(self) -> str:
        return " ".join(self.html() for _ in range(self.chance.randint(1, 3)))

    def xml(self, elements: tuple[str, ...]) -> str:
        """A sentence with `elements`, in which {} is for words and # for a number."""

        def wrap(inner: str, _: int) -> str:
            return self.chance.choice(elements).replace("#", str(self.number())).replace("{}", inner)

        return self.marked(self.sentence(), wrap, lambda text: self.escaped(text, xml=True))


def _article(make: _Maker) -> str:
    body = f"<h1>{make.html()}</h1>\n" + "".join(f"<p class=p{n}>{make.paragraph()}</p>\n" for n in range(3))
    return (
        f'<!DOCTYPE html>\n<html lang="{make.language}">\n<head><meta charset=utf-8><title>{make.sentence()}</title>'
        "<style>p > b { color: red }</style></head>\n<body>\n"
        f"{body}<script>if (a < b) {{ c(); }}</script></body></html>\n"
    )


def _mail(make: _Maker) -> str:
    return "<br>\n<br>\n".join(make.paragraph() for _ in range(3)) + "<br>--<br>Anna"


def _table(make: _Maker) -> str:
    rows = "".join(
        f"<tr><td>{make.html()}</td><td align=right>{make.chance.randint(1, 99)},50&nbsp;€</td></tr>\n" for _ in range(3)
    )
    return f"<table border=1>\n<thead><tr><th>{make.html()}<th>{make.html()}</thead>\n{rows}</table>"


def _form(make: _Maker) -> str:
    fields = "".join(
        f'<label for="f{n}">{make.html()}</label><input id="f{n}" placeholder="{make.label()}">\n' for n in range(3)
    )
    options = f"<select><option>{make.sentence()}</select><button disabled>{make.html()}</button>"
    return f"<form action='/x'>{fields}{options}</form>"


def _lists(make: _Maker) -> str:
    inner = f"<ol><li>{make.html()}</li><li>{make.paragraph()}</ol>"
    return f"<ul>\n  <li>{make.html()}\n    {inner}\n  <li>{make.html()}</ul>\n<pre>  {make.html()}\n</pre>"


def _fragment(make: _Maker) -> str:
    """A part of a page as an editor of a content management system stores it."""
    n = make.number()
    return (
        f'<div class="block block-{n}" data-type="text"><!-- block {n} -->\n'
        f'<h2 style="text-align:center"><span style="color:#c00">{make.html()}</span></h2>\n<p>{make.paragraph()}</p>\n'
        f'<figure><img src="/media/{n}.jpg" alt="{make.label()}" width=640 height=480>'
        f"<figcaption>{make.html()}</figcaption></figure>\n<p>&nbsp;</p>\n"
        f'<blockquote cite="/q?n={n}&amp;x">{make.html()}</blockquote></div>'
    )


def _teaser(make: _Maker) -> str:
    """A sentence or two in a link, as a list of news has them."""
    n = make.number()
    return (
        f'<article id=t{n}><a href="/news/{n}" class="teaser"><h3>{make.escaped(make.sentence(), xml=False)}</h3></a>'
        f'<p>{make.html()} <a href="/news/{n}" rel="nofollow">{make.label()}</a></p>'
        f'<time datetime="2026-05-0{n}">0{n}.05.2026</time></article>'
    )


def _newsletter(make: _Maker) -> str:
    """A mail laid out with tables."""
    n = make.number()
    cells = "\n".join(
        f'<tr><td width="300" style="padding:8px;font-family:Arial,sans-serif">{make.paragraph()}<br/>'
        f'<a href="https://example.com/c?id={n}&amp;u={{user}}" target="_blank"><b>{make.sentence()}</b></a></td></tr>'
        for _ in range(2)
    )
    return (
        f'<center><table width="600" cellpadding="0" cellspacing="0"><tbody>\n{cells}\n</tbody></table></center>\n'
        f'<hr/><small>{make.html()} <a href="{{unsubscribe}}">{make.label()}</a></small>'
        f'<img src="https://example.com/o.gif?m={n}" width="1" height="1" alt=""/>'
    )


def _broken(make: _Maker) -> str:
    """One of the others with signs of markup thrown in."""
    whole = make.chance.choice([*_HTML.values()])(make)
    for _ in range(3):
        place = make.chance.randrange(len(whole))
        whole = whole[:place] + make.chance.choice(_NOISE) + whole[place + make.chance.randrange(4) :]
    return whole


def _book(make: _Maker) -> str:
    elements = ("<em>{}</em>", '<ref id="#">{}</ref>', "<x:hi\n a='1'>{}</x:hi>")

    def text() -> str:
        found = make.xml(elements)
        return _BLANK.sub(f' <ph n="{make.number()}"/> ', found, count=1) if make.chance.random() < 0.2 else found

    items = "".join(f"  <item n='{n}'>{text()} {text()}</item>\n" for n in range(3))
    has_head = make.chance.random() < 0.5
    head = '<?xml version="1.0"?>\n<!DOCTYPE doc [<!ENTITY firma "Müller">]>\n' if has_head else ""
    raw = "<raw><![CDATA[<b>]]></raw>"
    return f'{head}<doc xmlns:x="urn:x">\n<title>{text()}</title>\n<!-- n {make.number()} --><?p q?>\n{items}{raw}</doc>\n'


def _strings(make: _Maker) -> str:
    """The strings of a program for telephones."""
    elements = ("<b>{}</b>", '<xliff:g id="v#">{}</xliff:g>', '<annotation font="f#">{}</annotation>')
    entries = "".join(f'    <string name="s{n}">{make.xml(elements)}</string>\n' for n in range(3))
    plural = "".join(f'        <item quantity="{q}">{make.xml(elements)}</item>\n' for q in ("one", "other"))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<resources xmlns:xliff="urn:oasis:names:tc:xliff:document:1.2">\n'
        f'{entries}    <plurals name="p">\n{plural}    </plurals>\n</resources>\n'
    )


def _dialogs(make: _Maker) -> str:
    """The windows of a program for desktops."""
    elements = ("<i>{}</i>", '<a href="help:#">{}</a>', '<font size="#">{}</font>')
    rows = "".join(
        f'  <row id="r{n}" enabled="true">\n    <label>{make.xml(elements)}</label>\n'
        f'    <hint key="Ctrl+{n}">{escape(make.sentence(), quote=False)}</hint>\n    <value/>\n  </row>\n'
        for n in range(3)
    )
    return f'<dialog name="d{make.number()}">\n{rows}  <!-- {make.number()} -->\n</dialog>'


def _markdown(make: _Maker) -> str:
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


_HTML: dict[str, Callable[[_Maker], str]] = {
    "article": _article,
    "mail": _mail,
    "table": _table,
    "form": _form,
    "lists": _lists,
    "fragment": _fragment,
    "teaser": _teaser,
    "newsletter": _newsletter,
}
_XML: dict[str, Callable[[_Maker], str]] = {"book": _book, "strings": _strings, "dialogs": _dialogs}
