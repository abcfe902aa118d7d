"""Office documents, made with the libraries that make them, and where these cannot, with members of our own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from docx import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from odf import draw, office, style, text
from odf.namespaces import TEXTNS
from odf.opendocument import OpenDocumentText
from odf.table import Table, TableCell, TableRow
from pptx import Presentation
from pptx.util import Inches

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000"
    "000049454e44ae426082"
)
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_W = nsdecls("w")
_BOX = f"""<w:r {_W} {nsdecls("wp", "a", "r")}
    xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
    xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml">
  <mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><wps:wsp><wps:txbx><w:txbxContent>
    <w:p><w:r><w:t>Ein Kasten mit Text</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp></wp:inline></w:drawing>
    </mc:Choice>
    <mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>Ein Kasten mit Text</w:t></w:r></w:p></w:txbxContent>
    </v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"""


def rewritten(data: bytes, members: Mapping[str, bytes]) -> bytes:
    """A zip file with other contents, or more members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member, members.get(member.filename, old.read(member)))
        for name, content in members.items():
            if name not in old.namelist():
                new.writestr(name, content)
    return stream.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def word_document() -> bytes:
    """Runs, a link, a table, header and footer, a footnote, a comment, a text box, fields, tracked changes, a picture."""
    document = WordDocument()
    document.add_heading("Der alte Hund", 1)
    mixed = document.add_paragraph("Wir haben ")
    mixed.add_run("gestern").bold = True
    mixed.add_run(" ein ")
    large = mixed.add_run("neues Auto")
    large.italic, large.font.size = True, Pt(20)
    mixed.add_run(" gekauft.")
    document.add_comment(mixed.runs[1], text="Stimmt das?", author="Anna", initials="A")

    cut = document.add_paragraph()  # as Word leaves the words that were typed at several times
    for part, revision in (("Das Wet", "1"), ("ter war ", "2"), ("schön.", "3")):
        run = cut.add_run(part)
        run._r.set(qn("w:rsidR"), revision)
        run._r.get_or_add_rPr().append(parse_xml(f'<w:lang {_W} w:val="de-DE"/>'))
        cut._p.append(parse_xml(f'<w:proofErr {_W} w:type="spellStart"/>'))

    link = document.add_paragraph("Bitte ")
    target = document.part.relate_to(
        "https://example.org/a",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    link._p.append(
        parse_xml(
            f'<w:hyperlink {nsdecls("w", "r")} r:id="{target}"><w:r><w:rPr><w:u w:val="single"/></w:rPr>'
            "<w:t>hier klicken</w:t></w:r></w:hyperlink>"
        )
    )
    link.add_run(" für mehr.")

    noted = document.add_paragraph("Siehe die Anmerkung")
    noted._p.append(parse_xml(f'<w:r {_W}><w:footnoteReference w:id="2"/></w:r>'))
    noted.add_run(" unten.")

    broken = document.add_paragraph("Erste Zeile")
    broken.runs[0].add_break()
    broken.runs[0].add_text("Zweite Zeile")
    broken.runs[0].add_tab()
    broken.runs[0].add_text("Nach dem Tabulator")

    field = document.add_paragraph("Seite ")
    for inner in (
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> HYPERLINK "https://example.org" </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
    ):
        field._p.append(parse_xml(f"<w:r {_W}>{inner}</w:r>"))
    field.add_run("unser Verweis")
    field._p.append(parse_xml(f'<w:r {_W}><w:fldChar w:fldCharType="end"/></w:r>'))
    field.add_run(" endet hier")

    tracked = document.add_paragraph("Das ist ")
    tracked._p.append(parse_xml(f'<w:del {_W} w:id="90" w:author="A"><w:r><w:delText>alter</w:delText></w:r></w:del>'))
    tracked._p.append(parse_xml(f'<w:ins {_W} w:id="91" w:author="A"><w:r><w:t>neuer</w:t></w:r></w:ins>'))
    tracked.add_run(" Text.")

    boxed = document.add_paragraph("Vor dem Kasten")
    boxed._p.append(parse_xml(_BOX))
    boxed.add_run(" nach dem Kasten")
    document.add_picture(io.BytesIO(PIXEL), width=Inches(1))
    table = document.add_table(rows=2, cols=2)
    for number, cell in enumerate((*table.rows[0].cells, *table.rows[1].cells)):
        cell.text = f"Zelle {('eins', 'zwei', 'drei', 'vier')[number]}"
    section = document.sections[0]
    section.header.paragraphs[0].text = "Kopfzeile des Buches"
    section.footer.paragraphs[0].text = "Fußzeile des Buches"
    stream = io.BytesIO()
    document.save(stream)
    return _with_footnotes(stream.getvalue())


def _with_footnotes(data: bytes) -> bytes:
    found = members(data)
    types, relations = "[Content_Types].xml", "word/_rels/document.xml.rels"
    note = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<w:footnotes {_W}><w:footnote w:id="2"><w:p><w:r>'
        "<w:footnoteRef/></w:r><w:r><w:t xml:space='preserve'> Eine Fußnote &amp; mehr.</w:t></w:r></w:p></w:footnote>"
        "</w:footnotes>"
    )
    return rewritten(
        data,
        {
            types: found[types].replace(
                b"</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{FOOTNOTES}"/></Types>'.encode()
            ),
            relations: found[relations].replace(
                b"</Relationships>",
                b'<Relationship Id="rIdNotes" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
                b'footnotes" Target="footnotes.xml"/></Relationships>',
            ),
            "word/footnotes.xml": note.encode(),
        },
    )


def presentation() -> bytes:
    """Titles, runs, a link, a line break, a table, a group in a group, notes, a picture."""
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text = "Der alte Hund"
    frame = slide.placeholders[1].text_frame
    frame.text = "Wir haben "
    bold = frame.paragraphs[0].add_run()
    bold.text, bold.font.bold = "gestern", True
    link = frame.paragraphs[0].add_run()
    link.text, link.hyperlink.address = " hier geklickt", "https://example.org/b"
    second = frame.add_paragraph()
    second.text = "Erste Zeile\vZweite Zeile"
    table = slide.shapes.add_table(1, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Zelle eins", "Zelle zwei"
    group = slide.shapes.add_group_shape().shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(1), Inches(2), Inches(1)).text_frame.text = "Text in der Gruppe"
    slide.notes_slide.notes_text_frame.text = "Notiz für den Redner"
    slide.shapes.add_picture(io.BytesIO(PIXEL), Inches(1), Inches(1))
    stream = io.BytesIO()
    slides.save(stream)
    return stream.getvalue()


def open_document() -> bytes:
    """Spans, a link, a note, a comment, a text box, spaces, breaks, a table, header and footer, and spans of revisions."""
    document = OpenDocumentText()
    bold = style.Style(name="B", family="text")
    bold.addElement(style.TextProperties(fontweight="bold"))
    document.automaticstyles.addElement(bold)
    revision = style.Style(name="R", family="text")
    revision.addElement(style.TextProperties(qattributes={(_OOO, "rsid"): "001"}))
    document.automaticstyles.addElement(revision)
    heading = text.H(outlinelevel=1, text="Der alte Hund")
    document.text.addElement(heading)
    mixed = text.P(text="Wir haben ")
    mixed.addElement(text.Span(stylename=bold, text="gestern"))
    mixed.addText(" ein ")
    link = text.A(href="https://example.org/c")
    link.addText("neues Auto")
    mixed.addElement(link)
    mixed.addText(" gekauft.")
    document.text.addElement(mixed)
    cut = text.P(text="Das Wet")
    cut.addElement(text.Span(stylename=revision, text="ter"))
    cut.addText(" war schön.")
    document.text.addElement(cut)
    noted = text.P(text="Siehe die Anmerkung")
    note = text.Note(noteclass="footnote")
    note.addElement(text.NoteCitation(text="1"))
    body = text.NoteBody()
    body.addElement(text.P(text="Eine Fußnote & mehr."))
    note.addElement(body)
    noted.addElement(note)
    noted.addText(" unten.")
    comment = office.Annotation()
    comment.addElement(text.P(text="Stimmt das?"))
    noted.addElement(comment)
    document.text.addElement(noted)
    deletions = text.TrackedChanges()
    region = text.ChangedRegion(qattributes={(TEXTNS, "id"): "c1"}, check_grammar=False)
    deletion = text.Deletion()
    deletion.addElement(text.P(text="Gelöschter Text"))
    region.addElement(deletion)
    deletions.addElement(region)
    document.text.insertBefore(deletions, heading)
    spaced = text.P(text="Mit  einer ")
    spaced.addElement(text.Bookmark(name="m"))
    spaced.addText(" Marke")
    spaced.addElement(text.S(c=1))
    spaced.addElement(text.Bookmark(name="n"))
    spaced.addText(" und noch einer")
    document.text.addElement(spaced)
    broken = text.P(text="Erste Zeile")
    broken.addElement(text.LineBreak())
    broken.addText("Zweite")
    broken.addElement(text.S(c=3))
    broken.addText("Zeile")
    broken.addElement(text.S(c=10))
    broken.addText("Datum")
    document.text.addElement(broken)
    boxed = text.P(text="Vor dem Kasten")
    frame = draw.Frame(width="3cm", height="2cm")
    box = draw.TextBox()
    box.addElement(text.P(text="Ein Kasten mit Text"))
    frame.addElement(box)
    boxed.addElement(frame)
    document.text.addElement(boxed)
    table = Table(name="Tabelle")
    row = TableRow()
    for name in ("eins", "zwei"):
        cell = TableCell()
        cell.addElement(text.P(text=f"Zelle {name}"))
        row.addElement(cell)
    table.addElement(row)
    document.text.addElement(table)
    layout = style.PageLayout(name="L")
    document.automaticstyles.addElement(layout)
    page = style.MasterPage(name="Standard", pagelayoutname=layout)
    header = style.Header()
    header.addElement(text.P(text="Kopfzeile des Buches"))
    page.addElement(header)
    document.masterstyles.addElement(page)
    document.addPicture("pixel.png", "image/png", PIXEL)
    stream = io.BytesIO()
    document.write(stream)
    return stream.getvalue()


_OOO = "http://openoffice.org/2009/office"
