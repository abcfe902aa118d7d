"""Documents that are files of text, taken apart and put together: to the byte where nothing changes, else texts alone.

Libraries that have nothing to do with the converters read the results: srt, webvtt and json.
"""

from __future__ import annotations

import io
import json
import re
import time
from typing import Any

import pytest
import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st
from support.word_for_word import changed, translated_document

from nmt.check.documents import document
from nmt.errors import InputError
from nmt.translate.documents.formats import ENDINGS, find_format, read_document

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
