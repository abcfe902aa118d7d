"""Documents that are files of text, taken apart and put together: to the byte where nothing changes, else texts alone.

Libraries that have nothing to do with the converters read the results: polib, srt, webvtt, json and lxml.
"""

from __future__ import annotations

import io
import json
import re
import time
from typing import Any

import polib
import pytest
import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.word_for_word import changed, translated, translated_document

from nmt.check.documents import document
from nmt.errors import InputError
from nmt.translate.documents.formats import ENDINGS, find_format, read_document
from nmt.translate.documents.inline import INLINE, Inline, Tag

JSON = """\ufeff{
  "titel" : "Der Hund schläft.", "zahl": 1.50e3, "leer": "", "titel": "Doppelt",\r
  "liste": ["Eins \\u00e4 \\/ \\n zwei", {"tief": {"name": "Guten Tag", "aus": false}}, null, -0.0, []],
  "zeichen": "\\ud83d\\ude00 \\"so\\" \\t"  }
"""
SRT = """1
00:00:01,000 --> 00:00:03,500 X1:40 X2:600
<i>Guten Morgen</i>, Tom & Anna,
wie geht es {\\an8}euch heute?

2
00:00:04,000 --> 00:00:05.000
- Sehr gut.
- Und dir <3?


3
0:00:06,000 --> 0:00:08,000
♪ ♪

Nach einer leeren Zeile
"""
VTT = """WEBVTT - Ein Film

STYLE
::cue(b) { color: red }

NOTE Das ist eine Notiz
Guten Tag

einleitung
00:01.000 --> 00:03.000 align:start position:0%
<v Roger>Guten <b>Morgen</b> &amp; gute Nacht,
<c.gelb>liebe <00:02.000>Leute</c></v>

01:00:04.000 --> 01:00:05.000
1 &lt; 2
"""
PO = """# Eine Übersetzung.
# Zweite Zeile
msgid ""
msgstr ""
"Project-Id-Version: x 1\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#: main.c:10
#, python-format
msgid "Hallo %(name)s, guten Tag"
msgstr ""

#. Ein Hinweis
msgctxt "menu"
msgid "Datei öffnen"
msgstr ""

msgid "Ein Hund schläft"
msgid_plural "%d Hunde schlafen"
msgstr[0] ""
msgstr[1] ""

msgid "Schon übersetzt"
msgstr "Already there"

#, fuzzy
#| msgid "Alt"
msgid "Ungenau"
msgstr "Inexact"

msgid ""
"Erste Zeile\\n"
"zweite \\"Zeile\\"\\n"
msgstr ""

#~ msgid "Veraltet"
#~ msgstr "Obsolete"
"""
XLIFF_1 = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Kommentar -->
<xliff version='1.2' xmlns="urn:oasis:names:tc:xliff:document:1.2">
  <file original="a.txt"   source-language="de" datatype="plaintext">
    <body>
      <trans-unit id="1" resname="x&amp;y">
        <source>Klicken Sie <g id="1">hier</g>, <x id="2"/> um die &lt;Datei&gt; zu öffnen.</source>
        <note>Guten Tag</note>
      </trans-unit>
      <trans-unit id="2"><source>Schon da</source><target state="final">Already there</target></trans-unit>
      <trans-unit id="3" translate="no"><source>Nicht das</source></trans-unit>
      <group translate="no"><trans-unit id="4"><source>Auch nicht</source></trans-unit></group>
      <trans-unit id="5"><source>Mit <ph id="1">&lt;br&gt;</ph>Code <mrk mtype="protected">Windows</mrk></source>
        <target state="needs-translation" ></target></trans-unit>
      <trans-unit id="6"><source>OK</source><target/></trans-unit>
    </body>
  </file>
</xliff>
"""
XLIFF_2 = """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="de">
 <file id="f1">
  <unit id="u1">
   <originalData><data id="d1">&lt;b&gt;</data></originalData>
   <segment id="s1" state="initial" subState="my:x">
    <source xml:space="preserve">Der <pc id="1" dataRefStart="d1">alte</pc> Hund<ph id="2"/> schläft.</source>
   </segment>
   <ignorable><source> </source></ignorable>
   <segment state="final"><source>Schon da</source><target>Already there</target></segment>
   <segment><source>Einfach <mrk id="m1" translate="no">so</mrk></source></segment>
  </unit>
  <unit id="u2" translate="no"><segment><source>Nicht das</source></segment></unit>
 </file>
</xliff>
"""
MARKDOWN = (
    "---\ntitle: x\n---\n# Der Hund\n\n* Eins **zwei** [drei](a.md)\n\n```\ncode\n```\n| a | b |\n|---|---|\n| c | d |\n"
)
HTML = '<!DOCTYPE html>\n<html><body class=x>\n<p>Guten <b>Tag</b> &amp; <a href="x?a=1&b=2">mehr</a>.<br>\n</body>'
TEXT = "\ufeffGuten Tag.\r\n\r\n  Der Hund\tschläft.  \n\x0c\nEnde"
SOURCES = {
    "a.txt": TEXT,
    "a.md": MARKDOWN,
    "a.html": HTML,
    "a.json": JSON,
    "a.srt": SRT,
    "b.srt": "\ufeff" + SRT.replace("\n", "\r\n"),
    "a.vtt": VTT,
    "b.vtt": VTT.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_document_of_which_nothing_is_changed_is_the_same_to_the_byte(name: str) -> None:
    data = SOURCES[name].encode()
    assert read_document(name, data).segments
    assert translated_document(name, data) == data


@pytest.mark.parametrize("name", [name for name in SOURCES if find_format(name) not in map(find_format, ("a.md", "a.html"))])
def test_so_is_one_in_utf_16(name: str) -> None:
    data = SOURCES[name].removeprefix("\ufeff").encode("utf-16")
    assert translated_document(name, data) == data
    assert (
        translated_document(name, data, changed).decode("utf-16")
        == translated_document(name, SOURCES[name].removeprefix("\ufeff").encode(), changed).decode()
    )


@pytest.mark.parametrize("number", range(0, 60, 3))
def test_made_html_and_markdown_are_the_same_to_the_byte(number: int) -> None:
    one = document(number, "de")
    if one.format != "xml":
        data = one.text.encode()
        assert translated_document(f"x.{'md' if one.format == 'markdown' else one.format}", data) == data


def test_lines_of_text() -> None:
    found = translated_document("a.TXT", TEXT.encode(), changed).decode()
    assert found == "\ufeffGutenq Tagq.\r\n\r\n  Derq Hundq\tschläftq.  \n\x0c\nEndeq"


def test_strings_of_json_are_translated_and_all_else_is_as_it_was() -> None:
    found = translated_document("a.json", JSON.encode(), changed).decode()
    before, after = (json.loads(text.removeprefix("\ufeff"), object_pairs_hook=list) for text in (JSON, found))
    assert after == with_strings(before)
    assert '"Einsq ä / \\n zweiq"' not in found, "the source writes ä as \\u00e4"
    string = re.compile(r'"(?:[^"\\]|\\.)*"')
    assert string.sub('""', found) == string.sub('""', JSON)


def with_strings(value: Any) -> Any:
    """JSON, objects being lists of pairs, with each string that is a value changed."""
    if isinstance(value, str):
        return changed(value)
    if isinstance(value, list):
        return [(one[0], with_strings(one[1])) if isinstance(one, tuple) else with_strings(one) for one in value]
    return value


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=VALUES, is_ascii=st.booleans(), indent=st.none() | st.integers(0, 3))
def test_any_json(value: Any, is_ascii: bool, indent: int | None) -> None:
    try:
        data = json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()
    except UnicodeEncodeError:
        return
    found = read_document("x.json", data)
    assert found.written(found.segments) == data
    assert json.loads(found.written([f'{segment}\u0001"é' for segment in found.segments])) == marked(value)


def marked(value: Any) -> Any:
    if isinstance(value, str) and value.strip():
        return f'{value}\u0001"é'
    if isinstance(value, list):
        return [marked(one) for one in value]
    return {name: marked(one) for name, one in value.items()} if isinstance(value, dict) else value


def cues(text: str) -> list[tuple[Any, ...]]:
    return [(one.index, one.start, one.end, one.proprietary) for one in srt.parse(text)]


def test_texts_of_subrip_are_translated_in_as_many_lines() -> None:
    found = translated_document("a.srt", SRT.encode(), changed).decode()
    assert cues(found) == cues(SRT)
    assert [one.content.strip() for one in srt.parse(found)] == [
        "<i>Gutenq Morgenq</i>, Tom & Anna,\nwieq gehtq esq {\\an8}euchq heuteq?",
        "- Sehrq gutq.\n- Undq dirq <3?",
        "♪ ♪\n\nNachq einerq leerenq Zeileq",
    ]


def test_a_cue_is_one_text_across_its_lines() -> None:
    assert read_document("a.srt", SRT.encode()).segments[0].endswith("Tom &amp; Anna, wie geht es <x4/>euch heute?")


@pytest.mark.parametrize(
    ("cue", "texts"),
    [
        ("- Ja.\n- Nein,\ndas nicht.", ["- Ja.", "- Nein, das nicht."]),
        ("&gt;&gt; Wer?\n&gt;&gt; Ich.", ["&gt;&gt; Wer?", "&gt;&gt; Ich."]),
        ("ANNA: Wer?\nMANN 2: Ich\nnicht.", ["ANNA: Wer?", "MANN 2: Ich nicht."]),
        ("<v Anna>Wer?\n<v Tom>Ich.", ["<x0/>Wer?", "<x0/>Ich."]),
        ("<i>♪ Wer ♪\n♪ bin ich ♪</i>", ["<x0/>♪ Wer ♪", "♪ bin ich ♪<x1/>"]),
        ("♪ Wer ♪\nIch.", ["♪ Wer ♪", "Ich."]),
        ("(Tür)\n<b>[Musik]</b>\nIch.", ["(Tür)", "<g0>[Musik]</g0>", "Ich."]),
        # One text across its lines.
        ("♪ Wer bin\nich ♪", ["♪ Wer bin ich ♪"]),
        ("Er sagte (leise),\n(aber gut), dass:\nNein: nein", ["Er sagte (leise), (aber gut), dass: Nein: nein"]),
        ("Er <i>ist\nA: da</i>", ["Er <g1>ist A: da</g1>"]),
    ],
)
def test_lines_of_several_speakers_songs_and_noises_are_texts_of_their_own(cue: str, texts: list[str]) -> None:
    assert list(read_document("x.vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000\n{cue}\n".encode()).segments) == texts


def test_texts_of_webvtt_are_translated_and_no_notes_styles_or_settings() -> None:
    found = translated_document("a.vtt", VTT.encode(), changed).decode()
    before, after = webvtt.from_string(VTT), webvtt.from_string(found)
    assert [(one.start, one.end, one.identifier) for one in after] == [
        (one.start, one.end, one.identifier) for one in before
    ]
    assert [one.raw_text for one in after] == [
        "<v Roger>Gutenq <b>Morgenq</b> &amp; guteq Nachtq,\n<c.gelb>liebeq <00:02.000>Leuteq</c></v>",
        "1 &lt; 2",
    ]
    assert found.splitlines()[:10] == VTT.splitlines()[:10]


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=12)
CUES = st.lists(st.lists(LINE, min_size=1, max_size=3), max_size=5)


@given(texts=CUES, newline=st.sampled_from(("\n", "\r\n")), kind=st.sampled_from(("srt", "vtt")))
def test_any_subtitles(texts: list[list[str]], newline: str, kind: str) -> None:
    lines = ["WEBVTT", ""] if kind == "vtt" else []
    for number, own in enumerate(texts, 1):
        lines += [str(number), f"00:00:0{number}.000 --> 00:00:0{number}.500", *own, ""]
    data = newline.join(lines).encode()
    if kind == "srt" and not texts:
        return
    found = read_document(f"x.{kind}", data)
    assert found.written(found.segments) == data
    other = found.written([f"{segment} ," for segment in found.segments]).decode()
    assert [line for line in other.split(newline) if "-->" in line] == [line for line in lines if "-->" in line]
    assert other.count(newline) == data.decode().count(newline)


def entries(text: str) -> list[tuple[Any, ...]]:
    return [
        (one.msgctxt, one.msgid, one.msgid_plural, one.flags, one.comment, one.occurrences, one.obsolete, one.previous_msgid)
        for one in polib.pofile(text)
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_messages_without_a_translation_get_one(newline: str) -> None:
    source = PO.replace("\n", newline)
    found = translated_document("x.po", source.encode(), changed).decode()
    before, after = polib.pofile(source), polib.pofile(found)
    assert entries(found) == entries(source)
    assert (after.metadata, after.header) == (before.metadata, before.header)
    assert [one.msgstr_plural or one.msgstr for one in after] == [
        "Halloq %(name)s, gutenq Tagq",
        "Dateiq öffnenq",
        {0: "Einq Hundq schläftq", 1: "%d Hundeq schlafenq"},
        "Already there",
        "Inexact",
        'Ersteq Zeileq\nzweiteq "Zeileq"\n',
        "Obsolete",
    ]
    kept = [line for line in source.split(newline) if not line.startswith("msgstr")]
    rest = iter(found.split(newline))
    assert all(line in rest for line in kept), "all other lines are there, in order"


def test_messages_are_as_they_were_but_for_the_new_translations() -> None:
    found = translated_document("x.po", PO.encode()).decode()
    assert (
        re.sub(r'^(msgstr(?:\[\d\])?) "(?:Hallo|Datei|Ein|%d).*"$', r'\1 ""', found, flags=re.MULTILINE).replace(
            '""\n"Erste Zeile\\n"\n"zweite \\"Zeile\\"\\n"\n\n#~', '""\n\n#~'
        )
        == PO
    )


def test_the_charset_of_messages_counts() -> None:
    data = PO.replace("UTF-8", "ISO-8859-1").encode("iso-8859-1")
    assert "Dateiq öffnenq" in translated_document("x.po", data, changed).decode("iso-8859-1")


@pytest.mark.parametrize(("own", "expected"), [("", " en"), (" ", " en"), (" de", " de")])
def test_messages_without_a_language_are_in_the_target_language(own: str, expected: str) -> None:
    source = 'msgid ""\nmsgstr ""\n"Language:{}\\n"\n"X: y\\n"\n\nmsgid "Hund"\nmsgstr "{}"\n'
    found = translated_document("x.po", source.format(own, "").encode(), changed).decode()
    assert found == source.format(expected, "Hundq")
    assert translated_document("x.po", source.format(own, "dog").encode()).decode() == source.format(own, "dog")


@pytest.mark.parametrize(
    ("message", "asked", "answer", "written"),
    [
        ("&Datei öffnen", "Datei öffnen", "Open file", "&Open file"),
        ("Datei &öffnen", "Datei öffnen", "Open file", "&Open file"),
        ("_Alle", "Alle", "%s all", "%s _all"),
        ("Seite _löschen", "Seite löschen", "Delete page", "_Delete page"),
        ("Be&arbeiten…", "Bearbeiten…", "{all} Edit…", "{all} &Edit…"),
        ("&Ja", "Ja", "5", "5"),
        *(
            (text, text, f"{text}.", f"{text}.")
            for text in ("R&D", "Q & A", "Tom &amp; Anna", "&Ja && &Nein", "AT&T", "schwarz&weiß")
        ),
        *((text, text, f"{text}.", f"{text}.") for text in ("a_b", "_blank", "__init__", "Drucken (&P)", "_Das_ ist")),
    ],
)
def test_the_sign_of_an_access_key_is_before_its_letter(message: str, asked: str, answer: str, written: str) -> None:
    document = read_document("x.po", f'msgid "{message}"\nmsgstr ""\n'.encode())
    assert document.segments == (asked,)
    [entry] = polib.pofile(f"\n{document.written([answer]).decode()}")
    assert (entry.msgid, entry.msgstr) == (message, written)


def units(text: str) -> Any:
    return etree.fromstring(text.encode())


def test_segments_of_xliff_1_get_a_target_with_its_state() -> None:
    found = translated_document("x.xlf", XLIFF_1.encode(), changed).decode()
    targets = {one.getparent().get("id"): one for one in units(found).iter("{*}target")}
    assert {number: "".join(one.itertext()) for number, one in targets.items()} == {
        "1": "Klickenq Sieq hierq,  umq dieq <Datei> zuq öffnenq.",
        "2": "Already there",
        "5": "Mitq <br>Codeq Windows",
        "6": "OKq",
    }
    assert [one.tag.rpartition("}")[2] for one in targets["1"]] == ["g", "x"]
    assert targets["1"][0].text == "hierq"
    assert dict(targets["1"].attrib) == {"state": "translated", "state-qualifier": "mt-suggestion"}
    assert dict(targets["2"].attrib) == {"state": "final"}
    assert units(found)[0].get("target-language") == "en"


def test_xliff_is_as_it_was_but_for_the_new_targets() -> None:
    found = translated_document("x.xliff", XLIFF_1.encode()).decode()
    kept = re.sub(r'\s*<target state="translated".*?</target>', "", found).replace(' target-language="en"', "")
    assert kept == re.sub(r'\s*<target(?: state="needs-translation" ></target>|/>)', "", XLIFF_1)
    again = translated_document("x.xliff", found.encode(), changed).decode()
    assert again == found, "what has a translation is not translated again"


HALVES = {
    "1.2": ['<bpt id="1">&lt;b&gt;</bpt>|<ept id="1">&lt;/b&gt;</ept>', '<bx id="1"/>|<ex id="2" rid="1"/>'],
    "2.0": ['<sc id="1"/>|<ec startRef="1"/>', '<sm id="1" type="x"/>|<em startRef="1"/>'],
}


@pytest.mark.parametrize(("version", "halves"), [(version, one) for version in HALVES for one in HALVES[version]])
def test_halves_of_a_pair_in_xliff_stay_around_their_words(version: str, halves: str) -> None:
    start, end = halves.split("|")
    source = f"<source>Morgen {start}gehe ich{end} heim.<it id='9'/></source>"
    unit = f"<trans-unit>{source}</trans-unit>" if version == "1.2" else f"<unit><segment>{source}</segment></unit>"
    document = read_document("x.xlf", f'<xliff version="{version}"><file>{unit}</file></xliff>'.encode())
    assert document.segments == ("Morgen <g1>gehe ich</g1> heim.<x5/>",)
    found = document.written(["<g1>I go</g1> home tomorrow.<x5/>"]).decode()
    assert f">{start}I go{end} home tomorrow.<it id='9'/></target>" in found


def test_segments_of_xliff_2_get_a_target_and_their_state() -> None:
    found = translated_document("x.xlf", XLIFF_2.encode(), changed).decode()
    root = units(found)
    segments = list(root.iter("{*}segment"))
    assert [(one.get("state"), one.get("subState")) for one in segments] == [
        ("translated", None),
        ("final", None),
        ("translated", None),
        (None, None),
    ]
    targets = ["".join(one.itertext()) for one in root.iter("{*}target")]
    assert targets == ["Derq alteq Hundq schläftq.", "Already there", "Einfachq so"]
    assert [one.get("id") for one in segments[0].find("{*}target")] == ["1", "2"]
    assert segments[0].find("{*}target").get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
    assert root.get("trgLang") == "en"


PIECES = st.lists(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
    | st.sampled_from(("der Hund ", " schläft.", "<g1>", "&amp;", "</x2>", "<b>"))
    | st.sampled_from((Tag("open", "("), Tag("close", ")"), Tag("mark", "*")))
    | st.sampled_from([Tag(kind, sign, key) for kind, sign in (("start", "["), ("end", "]")) for key in "ab"]),
    max_size=10,
)


@given(pieces=PIECES)
def test_any_text_with_any_tags_comes_back_from_the_plan(pieces: list[str | Tag[str]]) -> None:
    inline = Inline(pieces)

    def written(text: str) -> str:
        return "".join(one if isinstance(one, str) else one.content for one in inline.translated(text))

    source = "".join(one if isinstance(one, str) else one.content for one in pieces)
    assert written(inline.segment) == source
    assert written(translated(inline.segment, INLINE).text) == source
    found = list(inline.translated(translated(inline.segment, INLINE, changed).text))
    assert sorted(one.content for one in found if isinstance(one, Tag)) == sorted(
        one.content for one in pieces if isinstance(one, Tag)
    )


@pytest.mark.parametrize(
    ("signs", "segment"),
    [
        ("x[x]x", "x<g1>x</g1>x"),
        ("x[x{x}]x", "x<g1>x<g3>x</g3></g1>x"),
        ("x[x{x]x}", "x<x1/>x<g3>x<x5/>x</g3>"),  # of two that cross, one is a pair
        ("x(x[x)x]", "x<g1>x<x3/>x</g1>x<x7/>"),  # nothing crosses an element
        ("x[]x", "x<x1/><x2/>x"),
        ("[x][x]", "<x0/>x<x2/><g3>x</g3>"),  # two elements would be two texts
        ("[x[x]x]", "<x0/>x<g2>x</g2>x<x6/>"),
        ("x]x[x", "x<x1/>x<x3/>x"),
        ("x{x]x", "x<x1/>x<x3/>x"),
    ],
)
def test_a_start_and_its_end_are_a_pair_beside_text(signs: str, segment: str) -> None:
    kinds: dict[str, Any] = {
        "(": ("open", ""),
        ")": ("close", ""),
        "[": ("start", "a"),
        "]": ("end", "a"),
        "{": ("start", "b"),
        "}": ("end", "b"),
    }
    tags = {sign: Tag(kind, sign, key) for sign, (kind, key) in kinds.items()}
    assert Inline(tags.get(sign, sign) for sign in signs).segment == segment


CHARSETS = {
    "a meta tag": ('<meta charset="ISO-8859-1">', "cp1252"),
    "what HTML 4 had": ('<meta http-equiv=Content-Type content="text/html; charset=windows-1250">', "cp1250"),
    "XHTML": ("<?xml version='1.0' encoding='iso-8859-15'?>", "iso-8859-15"),
    "UTF-8 that says to be Latin-1": ("<meta charset=latin1>", "utf-8"),
    "an unknown name": ("<meta charset=klingon>", "utf-8"),
    "one that cannot be": ("<meta charset=utf-16>", "utf-8"),
    "one that is no text": ("<meta charset=base64>", "utf-8"),
    "one in which ASCII is another": ("<meta charset=utf-7>", "utf-8"),
    "none": ("<meta name=x>", "utf-8"),
}


@pytest.mark.parametrize("kind", CHARSETS)
def test_a_page_is_read_and_written_in_the_encoding_that_it_names(kind: str) -> None:
    head, encoding = CHARSETS[kind]
    source = f"{head}<p>Schön</p>"
    assert translated_document("x.html", source.encode(encoding), changed).decode(encoding) == f"{head}<p>Schönq</p>"
    assert translated_document("x.html", source.encode(encoding)) == source.encode(encoding)
    found = read_document("x.html", f"{head}<p>x</p>".encode()).written([f"{head}<p>ö 漢</p>"])
    is_any = encoding == "utf-8" and kind != "UTF-8 that says to be Latin-1"
    assert found == f"{head}<p>ö {'漢' if is_any else '&#28450;'}</p>".encode(
        "cp1252" if not is_any and encoding == "utf-8" else encoding
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('<!DOCTYPE html>\n<html lang="de-DE" dir=ltr>', '<!DOCTYPE html>\n<html lang="en" dir=ltr>'),
        ("<!-- x > y --><HTML class='a lang=de' lang=de>", "<!-- x > y --><HTML class='a lang=de' lang=en>"),
        (
            "<html xml:lang='de' lang='de'><head></head>\n<body lang=DE>",
            "<html xml:lang='en' lang='en'><head></head>\n<body lang=en>",
        ),
        ('<html lang="en-GB">', '<html lang="en-GB">'),
        ('<html lang=""><body lang>', '<html lang=""><body lang>'),
        ("<html>", "<html>"),
        ("<script>a = '<html lang=de>'</script>", "<script>a = '<html lang=de>'</script>"),
        ('<html-x lang="de">', '<html-x lang="de">'),
    ],
)
def test_a_translated_page_says_that_it_is_in_the_target_language(source: str, expected: str) -> None:
    inner = '<p lang="fr">Haus</p>'
    found = translated_document("x.html", f"{source}{inner}".encode(), changed).decode()
    assert found == f"{expected}{inner.replace('Haus', 'Hausq')}"
    assert translated_document("x.html", f"{source}{inner}".encode()).decode() == f"{source}{inner}"
    assert read_document("x.html", f"{source}x".encode()).written([f"{source}y"]).decode() == f"{source}y"


def test_xliff_writes_references_to_what_its_encoding_has_not() -> None:
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?><xliff version="1.2">{UNIT}</xliff>'
    found = read_document("x.xlf", text.encode("latin-1")).written(["ö 漢"])
    assert "".join(etree.fromstring(found).find(".//target").itertext()) == "ö 漢"


LONG = 200_000
UNIT = "<file><trans-unit><source>x</source></trans-unit></file>"
SLOW = {
    "a line of blanks": ("x.txt", " " * LONG),
    "a cue of blanks": ("x.srt", "1\n00:00:01,000 --> 00:00:02,000\n" + " " * LONG + "x\n"),
    "a cue of openings": ("x.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<b>" * 5000 + "x\n"),
    "blanks in a tag": (
        "x.xlf",
        f'<xliff{" " * LONG}version="1.2">{UNIT}</xliff>',
    ),
    "blanks before a source": (
        "x.xlf",
        f'<xliff version="1.2">{UNIT.replace("<source>", " " * LONG + "<source>")}</xliff>',
    ),
    "blanks before messages": ("x.po", "\n" * 100 + " " * LONG + '\nmsgid "x"\nmsgstr ""\n'),
    "many lines of a message": ("x.po", 'msgid ""\n' + '"x"\n' * 20_000 + 'msgstr ""\n'),
    "many strings": ("x.json", json.dumps(["x"] * 20_000)),
}


@pytest.mark.parametrize("kind", SLOW)
def test_the_time_grows_with_the_length_alone(kind: str) -> None:
    """Ten seconds are many times what each takes; in time that grows with the square, it would be hours."""
    name, text = SLOW[kind]
    started = time.process_time()
    document = read_document(name, text.encode(), target_language="en")
    document.written([f"{segment} ä" for segment in document.segments])
    assert time.process_time() - started < 10


WRONG = {
    "a.json": (b'{"a": "b"', "is not valid JSON"),
    "b.json": (b"[" * 100_000, "is nested too deep|is not valid JSON"),
    "a.srt": (b"Guten Tag", "holds no cue of SubRip"),
    "a.vtt": (b"1\n00:00.000 --> 00:01.000\nx", "should begin with WEBVTT"),
    "a.po": (b"Guten Tag", "is no file of gettext messages"),
    "b.po": (b"/etc/hostname", "is no file of gettext messages"),
    "a.xliff": (b"<html/>", "should have the root <xliff"),
    "b.xliff": (b"<xliff version='1.2'>", "is no well-formed XML"),
    "c.xliff": (b'<!DOCTYPE xliff [<!ENTITY a "b">]><xliff version="1.2">&a;</xliff>', "declares or uses entities"),
    "d.xliff": (
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xliff version="1.2">&a;</xliff>',
        "declares or uses entities",
    ),
    "e.xliff": (b'<xliff version="1.2">' + b"<a>" * 100_000, "is nested deeper"),
    "f.xliff": (b'<?xml version="1.0" encoding="klingon"?><xliff version="1.2"/>', "unknown encoding"),
    "a.txt": (b"Gr\xfc\xdfe", "is not UTF-8 at byte 2"),
    "b.txt": (b"PK\x03\x04\x00\x00", "holds zero bytes"),
    "a.html": (b"\xff\xfe\x00", "is not UTF-16"),
    "a.pdf": (b"%PDF", "has no ending of a document: .txt, .md"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_document_of_its_ending_is_refused_on_one_line(name: str) -> None:
    data, message = WRONG[name]
    with pytest.raises(InputError, match=message) as raised:
        read_document(name, data)
    assert str(raised.value).startswith(f"{name}: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_bytes_at_all_end_in_anything_but_an_error_on_one_line(ending: str) -> None:
    for data in (b"", b"\n", b"\x00", b"\xff", b"<", b"{", b"PK\x03\x04", io.BytesIO(b"x" * 100).getvalue()):
        try:
            found = read_document(f"x{ending}", data)
        except InputError:
            continue
        assert found.written(found.segments) == data


@given(data=st.binary(max_size=200) | st.text().map(str.encode), ending=st.sampled_from(ENDINGS))
def test_nor_do_any_others(data: bytes, ending: str) -> None:
    try:
        found = read_document(f"x{ending}", data)
    except InputError:
        return
    assert found.written(found.segments) == data or ending in (".po", ".pot", ".xliff", ".xlf")


def test_as_many_translations_as_segments_are_asked_for() -> None:
    with pytest.raises(ValueError, match="1 translations for 3 segments"):
        read_document("x.txt", b"a\nb\nc").written(["x"])
