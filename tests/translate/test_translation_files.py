"""Files of translators, gettext and XLIFF: their translations are put in, and all else is as it was.

Libraries that have nothing to do with the converters read the results: polib and lxml.
"""

from __future__ import annotations

import re
from typing import Any

import polib
import pytest
from lxml import etree
from support.word_for_word import changed, translated_document

from nmt.translate.documents.formats import read_document

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


def test_xliff_writes_references_to_what_its_encoding_has_not() -> None:
    unit = "<trans-unit><source>x</source></trans-unit>"
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?><xliff version="1.2"><file>{unit}</file></xliff>'
    found = read_document("x.xlf", text.encode("latin-1")).written(["ö 漢"])
    assert "".join(etree.fromstring(found).find(".//target").itertext()) == "ö 漢"
