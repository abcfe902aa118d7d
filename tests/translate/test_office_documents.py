"""Office documents: member for member the same where nothing changes, else texts alone; and hostile ones.

python-docx, python-pptx, odfpy, lxml and zipfile read the results. The converters use none of them but zipfile.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from docx import Document as WordDocument
from lxml import etree
from odf import opendocument, teletype
from odf import text as odf_text
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from support.office_documents import members, open_document, presentation, rewritten, word_document
from support.word_for_word import WORD, changed, translated_document

from nmt.errors import InputError
from nmt.translate.documents import package, tree
from nmt.translate.documents.formats import read_document

MAKERS: dict[str, Callable[[], bytes]] = {"x.docx": word_document, "x.pptx": presentation, "x.odt": open_document}
RUNS = ("w:r", "w:rPr", "w:t", "w:lang", "w:proofErr", "a:r", "a:rPr", "a:t", "s")
WITH_TEXT = {
    "x.docx": ["word/document.xml", "word/comments.xml", "word/header1.xml", "word/footer1.xml", "word/footnotes.xml"],
    "x.pptx": ["ppt/slides/slide1.xml", "ppt/notesSlides/notesSlide1.xml"],
    "x.odt": ["styles.xml", "content.xml"],
}


@pytest.fixture(scope="module", params=MAKERS)
def sample(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    return request.param, MAKERS[request.param]()


def headers(data: bytes) -> list[tuple[Any, ...]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [
            (one.filename, one.date_time, one.compress_type, one.external_attr, one.create_system, one.comment, one.extra)
            for one in archive.infolist()
        ]


def test_a_document_of_which_nothing_is_changed_has_the_same_members(sample: tuple[str, bytes]) -> None:
    name, data = sample
    found = translated_document(name, data)
    assert members(found) == members(data)
    assert headers(found) == headers(data)


def test_only_members_with_text_change(sample: tuple[str, bytes]) -> None:
    name, data = sample
    before, after = members(data), members(translated_document(name, data, changed))
    assert [one for one in before if before[one] != after[one]] == [one for one in before if one in WITH_TEXT[name]]
    assert set(WITH_TEXT[name]) <= set(before)


def names_of(root: Any) -> list[str]:
    prefixes = {"wordprocessingml": "w", "drawingml/2006/main": "a"}

    def short(tag: str) -> str:
        space, _, local = tag[1:].rpartition("}")
        return next((f"{prefix}:{local}" for part, prefix in prefixes.items() if part in space), local)

    return [short(one.tag) for one in root.iter() if isinstance(one.tag, str)]


def test_all_elements_but_runs_are_there_in_order_with_their_attributes(sample: tuple[str, bytes]) -> None:
    name, data = sample
    before, after = members(data), members(translated_document(name, data, changed))
    for member in WITH_TEXT[name]:
        roots = [etree.fromstring(found[member]) for found in (before, after)]
        kept = [
            [
                (tag, dict(one.attrib))
                for tag, one in zip(names_of(root), root.iter(etree.Element), strict=True)
                if tag not in RUNS and not (tag == "span" and "R" in one.attrib.values())
            ]
            for root in roots
        ]
        if name == "x.docx":  # what stood in one run with text has runs of its own
            kept = [[one for one in found if one[0] not in ("w:b", "w:i", "w:sz", "w:u")] for found in kept]
        if name == "x.pptx":
            kept = [[one for one in found if one[0] != "hlinkClick"] for found in kept]
        assert kept[0] == kept[1]


Characters = list[tuple[str, tuple[Any, ...]]]


def words(characters: Characters) -> list[tuple[str, tuple[Any, ...]]]:
    """Words with the format of their first characters."""
    text = "".join(character for character, _ in characters)
    return [(match[0], characters[match.start()][1]) for match in WORD.finditer(text)]


def word_paragraphs(data: bytes) -> Iterator[Characters]:
    document = WordDocument(io.BytesIO(data))
    found = [*document.paragraphs, *(cell.paragraphs[0] for row in document.tables[0].rows for cell in row.cells)]
    found += [document.sections[0].header.paragraphs[0], document.sections[0].footer.paragraphs[0]]
    found += [paragraph for comment in document.comments for paragraph in comment.paragraphs]
    for paragraph in found:
        characters: Characters = []
        for part in paragraph.iter_inner_content():
            address = getattr(part, "address", "")
            for run in part.runs if address else [part]:
                style = (run.bold, run.italic, run.font.size, run.underline, address)
                characters += [(character, style) for character in run.text]
        yield characters


def slide_paragraphs(data: bytes) -> Iterator[Characters]:
    def frames(shapes: Any) -> Iterator[Any]:
        for shape in shapes:
            if shape.has_text_frame:
                yield shape.text_frame
            elif getattr(shape, "has_table", False) and shape.has_table:
                yield from (cell.text_frame for row in shape.table.rows for cell in row.cells)
            elif hasattr(shape, "shapes"):
                yield from frames(shape.shapes)

    slide = Presentation(io.BytesIO(data)).slides[0]
    for frame in (*frames(slide.shapes), slide.notes_slide.notes_text_frame):
        for paragraph in frame.paragraphs:
            characters: Characters = []
            runs = iter(paragraph.runs)
            for child in paragraph._p:
                if child.tag.endswith("}br"):
                    characters.append(("\n", ()))
                elif child.tag.endswith("}r"):
                    run = next(runs)
                    characters += [(character, (run.font.bold, run.hyperlink.address)) for character in run.text]
            yield characters


@pytest.mark.parametrize(("name", "paragraphs"), [("x.docx", word_paragraphs), ("x.pptx", slide_paragraphs)])
def test_each_word_has_the_format_of_its_source(name: str, paragraphs: Callable[[bytes], Iterator[Characters]]) -> None:
    data = MAKERS[name]()
    before = [words(one) for one in paragraphs(data)]
    after = [words(one) for one in paragraphs(translated_document(name, data, changed))]
    assert sum(map(len, before)) > 10
    assert after == [[(changed(word), style) for word, style in own] for own in before]


def test_words_of_open_document() -> None:
    data = open_document()
    found = translated_document("x.odt", data, changed)

    def paragraphs(data: bytes) -> list[str]:
        document = opendocument.load(io.BytesIO(data))
        elements = [*document.getElementsByType(odf_text.H), *document.getElementsByType(odf_text.P)]
        return [re.sub(" +", " ", teletype.extractText(one)) for one in elements]

    assert len(paragraphs(data)) == 14
    assert [one.replace("q", "") for one in paragraphs(found)] == paragraphs(data)
    content = members(found)["content.xml"].decode()
    assert re.search(
        r'<text:span text:style-name="B">gesternq</text:span> einq <text:a [^>]*>neuesq Autoq</text:a>', content
    )
    assert "<text:p>Dasq Wetterq warq schönq.</text:p>" in content
    assert "Gelöschter Text" in content
    spaced = 'Mitq einerq <text:bookmark text:name="m"/>Markeq <text:bookmark text:name="n"/><text:s/>undq nochq einerq<'
    assert spaced in content
    assert "Ersteq Zeileq<text:line-break/>Zweiteq <text:s/><text:s/>Zeileq<text:s" in content
    assert 'text:c="10"/>Datumq' in content


def test_spaces_that_open_document_would_swallow_are_tags() -> None:
    document = read_document("x.odt", open_document())
    translations = [" With <x1/> a  mark<x4/>" if "Marke" in one else one for one in document.segments]
    content = members(document.written(translations))["content.xml"].decode()
    first, second = (f'<text:bookmark text:name="{name}"/>' for name in "mn")
    assert f"<text:p><text:s/>With {first}<text:s/>a <text:s/>mark{second}</text:p>" in content


def test_texts_of_notes_boxes_fields_and_tracked_changes() -> None:
    found = {
        name: data.decode(errors="replace")
        for name, data in members(translated_document("x.docx", word_document(), changed)).items()
    }
    assert '<w:t xml:space="preserve"> Eineq Fußnoteq &amp; mehrq.</w:t>' in found["word/footnotes.xml"]
    document = found["word/document.xml"]
    assert document.count("Einq Kastenq mitq Textq") == 2
    assert re.search(r'w:instrText[^>]*> HYPERLINK "https://example.org" <', document)
    assert "Seite <g1>unser Verweis</g1> endet hier" in read_document("x.docx", word_document()).segments
    order = ["Seiteq", '"begin"', "HYPERLINK", '"separate"', "unserq Verweisq", '"end"', "endetq hierq"]
    assert [document.index(one) for one in order] == sorted(document.index(one) for one in order)
    assert "<w:delText>alter</w:delText>" in document
    assert re.search(r"<w:ins [^>]*><w:r><w:t>neuerq</w:t></w:r></w:ins>", document)
    assert "<w:t>Dasq Wetterq warq schönq.</w:t>" in document, "three runs of one formatting are one"
    assert re.search(
        r"Ersteq Zeileq</w:t></w:r><w:r><w:br/></w:r><w:r><w:t>Zweiteq Zeileq</w:t></w:r><w:r><w:tab/>", document
    )


def reordered(text: str) -> str:
    """The words of a text backwards, as in a language whose order is another."""
    return " ".join(reversed(text.split(" ")))


def test_tags_go_where_the_words_went() -> None:
    data = word_document()
    document = read_document("x.docx", data)
    [number] = [number for number, segment in enumerate(document.segments) if "neues Auto" in segment]
    translations = list(document.segments)
    translations[number] = "<g8>new car</g8> a <g1><g2>yesterday</g2></g1><x6/> bought."
    paragraph = WordDocument(io.BytesIO(document.written(translations))).paragraphs[1]
    assert [(run.text, run.bold, run.italic) for run in paragraph.runs if run.text] == [
        ("new car", None, True),
        (" a ", None, None),
        ("yesterday", True, None),
        (" bought.", None, None),
    ]


def test_a_translation_that_lost_a_tag_is_no_document() -> None:
    document = read_document("x.docx", word_document())
    with pytest.raises(InputError, match="should have each tag of 'Bitte <g1>hier"):
        document.written([re.sub(r"<g1>hier|</g1> für", "", segment) for segment in document.segments])


RUN = '<w:r>{}<w:t xml:space="preserve">{}</w:t></w:r>'
FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
CONTROL = '<w:sdt><w:sdtPr><w:id w:val="1"/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>'
SIMPLE = '<w:fldSimple w:instr=" DATE ">{}</w:fldSimple>'
LINK = '<w:hyperlink w:anchor="x">{}<w:r><w:br/></w:r></w:hyperlink>'
BOLD = "<w:rPr><w:b/></w:rPr>"


def test_content_controls_simple_fields_and_odd_characters() -> None:
    def paragraph(q: str, *, spaces: str) -> str:
        """Texts that end in `q`; new runs say that their spaces count only where these are at their ends."""

        def run(text: str, properties: str = "") -> str:
            found = RUN.format(properties, text)
            return found if text != text.strip() else found.replace(' xml:space="preserve"', spaces)

        parts = (
            run(f"Ein{q} "),
            CONTROL.format(run(f"Feld{q} zum{q} Füllen{q}")),
            run(" "),
            SIMPLE.format(run(f"heute{q}")),
            run(f" Karten{q}\u2011Haus{q} ") if q else run(" Karten") + "<w:r><w:noBreakHyphen/></w:r>" + run("Haus "),
            FIELD.format("begin"),
            "<w:r><w:instrText>PAGE</w:instrText></w:r>",
            FIELD.format("end"),
            run(f"fett{q}", BOLD),
            run(" "),
            LINK.format(run(f"fetter{q}", BOLD) + run(f" Link{q}")),
            FIELD.format("begin"),
        )
        return f"<w:p>{''.join(parts)}</w:p>"

    data = word_document()
    document = members(data)["word/document.xml"].decode()
    start = document.index("<w:body>") + len("<w:body>")
    source = paragraph("", spaces=' xml:space="preserve"')
    given = rewritten(data, {"word/document.xml": f"{document[:start]}{source}{document[start:]}".encode()})
    assert members(translated_document("x.docx", given)) == members(given)
    found = members(translated_document("x.docx", given, changed))["word/document.xml"].decode()
    assert found[start : found.index("</w:p>", start) + len("</w:p>")] == paragraph("q", spaces="")


def with_paragraphs(name: str, paragraphs: str) -> tuple[bytes, str]:
    """A document with these paragraphs, and the member that has them."""
    data = MAKERS[name]()
    member, before = {
        "x.docx": ("word/document.xml", "<w:body>"),
        "x.pptx": ("ppt/slides/slide1.xml", "<a:lstStyle/>"),
        "x.odt": ("content.xml", "</text:tracked-changes>"),
    }[name]
    start, _, rest = members(data)[member].decode().partition(before)
    return rewritten(data, {member: f"{start}{before}{paragraphs}{rest}".encode()}), member


def word_field(instruction: str, result: str) -> str:
    begin, separate, end = map(FIELD.format, ("begin", "separate", "end"))
    return f"{begin}<w:r><w:instrText>{instruction}</w:instrText></w:r>{separate}{result}{end}"


def short_run(text: str) -> str:
    return f"<w:r>{'<w:tab/>' if text == TAB else f'<w:t>{text}</w:t>'}</w:r>"


TAB = "\t"
ENTRY = ("1.1", TAB, "ZieleQ derQ ArbeitQ", TAB)
IN_LINKS = {  # entries of tables of contents, as office programs write them
    "x.docx": f'<w:p><w:hyperlink w:anchor="_Toc1">{"".join(map(short_run, ENTRY))}{word_field("PAGEREF", short_run("12"))}'
    f"</w:hyperlink></w:p><w:p>{word_field('TOC', ''.join(map(short_run, ENTRY)))}</w:p>"
    f'<w:p><w:ins w:id="1" w:author="A">{short_run("NameQ:")}{short_run(TAB)}</w:ins>{short_run("AltQ")}</w:p>',
    "x.odt": '<text:p><text:a xlink:href="#1"><text:span text:style-name="B">1.1</text:span><text:tab/>ZieleQ derQ ArbeitQ'
    "<text:tab/>12</text:a></text:p><text:p><text:span>ErsteQ<text:line-break/>zweiteQ</text:span></text:p>",
}


@pytest.mark.parametrize("name", IN_LINKS)
def test_a_tab_in_a_link_parts_texts_as_one_outside_of_it_does(name: str) -> None:
    given, member = with_paragraphs(name, IN_LINKS[name].replace("Q", ""))
    assert IN_LINKS[name].replace("Q", "q") in members(translated_document(name, given, changed))[member].decode()
    assert "Ziele der Arbeit" in read_document(name, given).segments


LANGUAGES = {
    "x.docx": '<w:p><w:r><w:rPr><w:lang w:eastAsia="ja-JP" w:val="{}"/></w:rPr><w:t>{}</w:t></w:r></w:p>',
    "x.pptx": '<a:p><a:r><a:rPr altLang="de-DE" lang="{}" sz="1"/><a:t>{}</a:t></a:r></a:p>',
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_translated_words_are_in_the_target_language_for_a_spelling_checker(name: str) -> None:
    def paragraphs(*languages: str, text: str) -> str:
        return "".join(LANGUAGES[name].format(language, text) for language in languages)

    given, member = with_paragraphs(name, paragraphs("de-DE", "de", "en-GB", "x-none", text="Haus"))
    found = members(translated_document(name, given, changed))[member].decode()
    assert paragraphs("en-US", "en-US", "en-GB", "x-none", text="Hausq") in found
    assert members(translated_document(name, given))[member] == members(given)[member]


def test_words_without_a_language_are_in_the_target_language_by_default() -> None:
    word, text = word_document(), open_document()
    styles = members(word)["word/styles.xml"].replace(b'w:val="en-US"', b'w:val="de-DE"')
    written = translated_document("x.docx", rewritten(word, {"word/styles.xml": styles}), changed)
    assert members(written)["word/styles.xml"] == styles.replace(b'w:val="de-DE"', b'w:val="en-US"')
    languages = ('fo:language="de" fo:country="DE"', 'fo:language="none" fo:country="none"')
    default = "<style:default-style><style:text-properties {} style:language-asian='ja'/></style:default-style>"
    styles = members(text)["styles.xml"].replace(
        b"<office:styles/>", f"<office:styles>{''.join(map(default.format, languages))}</office:styles>".encode()
    )
    written = translated_document("x.odt", rewritten(text, {"styles.xml": styles}), changed)
    found = members(written)["styles.xml"].decode()
    assert default.format('fo:language="en" fo:country="US"') + default.format(languages[1]) in found


def test_what_is_read_to_those_who_cannot_see_a_picture_is_translated() -> None:
    paragraph = (
        '<w:p><w:r><w:drawing><wp:docPr xmlns:wp="x" name="Bild descr=1" descr=\'Ein "Hund" &amp;&#10;mehr\' title="a.png"/>'
        "</w:drawing></w:r><w:r><w:t>Siehe oben</w:t></w:r></w:p>"
    )
    given, member = with_paragraphs("x.docx", paragraph)
    found = members(translated_document("x.docx", given, changed))[member].decode()
    expected = 'name="Bild descr=1" descr=\'Einq &#34;Hundq&#34; &amp;&#10;mehrq\' title="a.png"/>'
    assert expected in found
    assert "<w:t>Sieheq obenq</w:t>" in found
    [shape] = etree.fromstring(found.encode()).iter("{x}docPr")
    assert shape.get("descr") == 'Einq "Hundq" &\nmehrq'
    given, member = with_paragraphs(
        "x.odt",
        "<text:p><draw:frame><svg:title>Ein Hund</svg:title><svg:desc>Er &lt; bellt</svg:desc></draw:frame></text:p>",
    )
    found = members(translated_document("x.odt", given, changed))[member].decode()
    assert "<svg:title>Einq Hundq</svg:title><svg:desc>Erq &lt; belltq</svg:desc>" in found


def test_labels_of_a_chart_are_translated_and_its_numbers_and_cells_stay() -> None:
    slides = Presentation()
    data = CategoryChartData()
    data.categories = ["Deutschland", "Frankreich", "2024"]
    data.add_series("Umsatz & Gewinn", (1, 2.5, 3))
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, Inches(1), Inches(1), Inches(4), Inches(3), data)
    stream = io.BytesIO()
    slides.save(stream)
    written = translated_document("x.pptx", stream.getvalue(), changed)
    [shape] = Presentation(io.BytesIO(written)).slides[0].shapes
    [plot] = shape.chart.plots  # type: ignore[attr-defined]
    assert list(plot.categories) == ["Deutschlandq", "Frankreichq", "2024"]
    assert [(series.name, tuple(series.values)) for series in plot.series] == [("Umsatzq & Gewinnq", (1.0, 2.5, 3.0))]
    cells = "ppt/embeddings/Microsoft_Excel_Sheet1.xlsx"
    assert members(written)[cells] == members(stream.getvalue())[cells]


STARTS = {
    "comments": ("x.docx", '<w:commentRangeStart w:id="5"/>', '<w:commentRangeEnd w:id="5"/>'),
    "bookmarks": ("x.docx", '<w:bookmarkStart w:id="5" w:name="_Ref"/>', '<w:bookmarkEnd w:id="5"/>'),
    "comments of OpenDocument": (
        "x.odt",
        '<office:annotation office:name="a"/>',
        '<office:annotation-end office:name="a"/>',
    ),
    "changes of OpenDocument": ("x.odt", '<text:change-start text:change-id="c"/>', '<text:change-end text:change-id="c"/>'),
}


@pytest.mark.parametrize("kind", STARTS)
def test_a_start_and_its_end_are_a_pair_around_their_words(kind: str) -> None:
    name, start, end = STARTS[kind]
    given, member = with_paragraphs(
        name,
        f"<text:p>Morgen {start}gehe ich{end} heim.</text:p>"
        if name == "x.odt"
        else f"<w:p>{RUN.format('', 'Morgen ')}{start}{RUN.format(BOLD, 'gehe ich')}{end}{RUN.format('', ' heim.')}</w:p>",
    )
    document = read_document(name, given)
    [segment] = [one for one in document.segments if "Morgen" in one]
    assert re.sub(r"</?g2>", "", segment) == "Morgen <g1>gehe ich</g1> heim."
    translations = [
        segment.replace("Morgen ", "").replace("gehe ich", "I go").replace(" heim", " home tomorrow")
        for segment in document.segments
    ]
    found = members(document.written(translations))[member].decode()
    assert re.search(f"{start}(<w:r>{BOLD}<w:t>)?I go(</w:t></w:r>)?{end}", found)


def test_a_space_behind_a_field_of_open_document_is_seen_and_one_behind_an_anchor_is_not() -> None:
    field, note = (
        '<text:page-number text:select-page="current">1</text:page-number>',
        "<text:note><text:note-body/></text:note>",
    )
    anchor = '<text:reference-mark-start text:name="r"/>'
    given, member = with_paragraphs("x.odt", f"<text:p>Seite {field} von {note} zehn {anchor} hier</text:p>")
    assert "Seite <x1/> von <x3/> zehn <x5/>hier" in read_document("x.odt", given).segments
    found = members(translated_document("x.odt", given, changed))[member].decode()
    assert f"<text:p>Seiteq {field}<text:s/>vonq {note}<text:s/>zehnq {anchor}hierq</text:p>" in found


# --- hostile ones -------------------------------------------------------------------------------------------------------


def with_flag(data: bytes, flag: int) -> bytes:
    """A zip whose members have this flag, in both of their headers."""
    found = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := found.find(signature, place + 1)) >= 0:
            [flags] = struct.unpack_from("<H", found, place + offset)
            struct.pack_into("<H", found, place + offset, flags | flag)
    return bytes(found)


def with_overlap(data: bytes) -> bytes:
    """A zip of which each member of a large one is the same bytes."""
    found = bytearray(data)
    [count] = struct.unpack_from("<H", found, len(found) - 12)
    first = found.index(b"PK\x01\x02")
    size = len(found) - 22 - first
    directory = bytes(found[first : first + size])
    names = [directory.replace(b"word/document.xml", b"word/%08d.xml" % number) for number in range(200)]
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count * 200, count * 200, size * 200, first, 0)
    return bytes(found[:first]) + b"".join(names) + end


def small(name: str = "word/document.xml", content: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content or bytes(100_000))
    return stream.getvalue()


def macro_types(data: bytes) -> bytes:
    types = members(data)["[Content_Types].xml"]
    return types.replace(
        b"vnd.openxmlformats-officedocument.wordprocessingml.document.main", b"vnd.ms-word.document.macroEnabled.main"
    )


BOMB = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w>&b;</w>'
OUTSIDE = b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a zip bomb by its ratio": (
        "x.docx",
        lambda: rewritten(word_document(), {"word/media/x.bin": bytes(8 << 20)}),
        "unpacks to more than 200 times its size: word/media/x.bin",
    ),
    "a zip bomb by overlapping members": ("x.docx", lambda: with_overlap(small()), "overlap"),
    "two members of one name": ("x.odt", lambda: with_overlap(small("a")), "two members of one name"),
    "XML that expands": (
        "x.docx",
        lambda: rewritten(word_document(), {"word/document.xml": BOMB}),
        "declares or uses entities",
    ),
    "XML that reads files": (
        "x.odt",
        lambda: rewritten(open_document(), {"content.xml": OUTSIDE}),
        "declares or uses entities",
    ),
    "XML that is deep": (
        "x.pptx",
        lambda: rewritten(presentation(), {"ppt/slides/slide1.xml": b"<a>" * 5000}),
        "ppt/slides/slide1.xml is nested deeper than 200",
    ),
    "macros by their type": (
        "x.docx",
        lambda: rewritten(word_document(), {"[Content_Types].xml": macro_types(word_document())}),
        "has macros",
    ),
    "macros by their member": ("x.pptx", lambda: rewritten(presentation(), {"ppt/vbaProject.bin": b"x"}), "has macros"),
    "macros of OpenDocument": ("x.odt", lambda: rewritten(open_document(), {"Basic/Standard/M.xml": b"<x/>"}), "has macros"),
    "an encrypted zip": ("x.docx", lambda: with_flag(word_document(), 1), "is encrypted; save it without"),
    "an encrypted document of Word": (
        "x.docx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "is encrypted, or",
    ),
    "an encrypted document of OpenDocument": (
        "x.odt",
        lambda: rewritten(open_document(), {"META-INF/manifest.xml": b"<m:manifest><m:encryption-data/></m:manifest>"}),
        "is encrypted",
    ),
    "a document cut short": ("x.docx", lambda: word_document()[:-500], "is no whole office document"),
    "a damaged member": (
        "x.docx",
        lambda: (
            word_document().replace(members(word_document())["[Content_Types].xml"][:1], b"\x00", 1)[:40]
            + bytes(100)
            + word_document()[140:]
        ),
        "is damaged|is no whole|has no member",
    ),
    "a text with the ending of Word": ("x.docx", lambda: b"Guten Tag", "is no whole office document"),
    "slides with the ending of Word": ("x.docx", presentation, "is no .docx document"),
    "Word with the ending of slides": ("x.pptx", word_document, "is no .pptx document"),
    "Word with the ending of OpenDocument": ("x.odt", word_document, "is no .odt document"),
    "a zip of something else": ("x.docx", lambda: small("a.txt", b"a"), r"has no member \[Content_Types\].xml"),
    "too many members": (
        "x.docx",
        lambda: rewritten(small("a", b"b"), {str(number): b"" for number in range(10_001)}),
        "should have 10000 at the most",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_document_is_refused_on_one_line(kind: str) -> None:
    name, make, message = HOSTILE[kind]
    with pytest.raises(InputError, match=message) as raised:
        read_document(name, make())
    assert str(raised.value).startswith(f"{name}: ")
    assert "\n" not in str(raised.value)


def test_a_zip_bomb_by_its_total_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = word_document()
    total = sum(map(len, members(data).values()))
    monkeypatch.setattr(package, "_MOST_BYTES", total)
    assert read_document("x.docx", data).segments
    monkeypatch.setattr(package, "_MOST_BYTES", total - 1)
    with pytest.raises(InputError, match="unpacks to"):
        read_document("x.docx", data)


def test_xml_of_too_many_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_MOST_ELEMENTS", 1000)
    assert read_document("x.xlf", b'<xliff version="1.2">' + b"<a/>" * 999 + b"</xliff>").segments == ()
    with pytest.raises(InputError, match="has more than 1,000 elements"):
        read_document("x.xlf", b'<xliff version="1.2">' + b"<a/>" * 1000 + b"</xliff>")


@pytest.mark.parametrize("name", MAKERS)
def test_a_document_cut_short_anywhere_is_refused(name: str) -> None:
    data = MAKERS[name]()
    for size in range(1, len(data), len(data) // 20):
        with pytest.raises(InputError):
            read_document(name, data[:size])


@pytest.mark.parametrize("name", MAKERS)
def test_a_document_with_a_wrong_byte_anywhere_is_refused_or_read(name: str) -> None:
    data = MAKERS[name]()
    for place in range(0, len(data), len(data) // 200):
        broken = bytearray(data)
        broken[place] ^= 0x55
        try:
            found = read_document(name, bytes(broken))
        except InputError:
            continue
        found.written(found.segments)
