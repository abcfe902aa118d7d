"""Documents are taken apart and put together here without a model: what is asked for, and what comes back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.word_for_word import ABILITIES, WORD, answer, changed, translated

from nmt.check.documents import document
from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.translate.ask import Ask, Sentence
from nmt.translate.markup.events import html_events
from nmt.translate.markup.html import html_pieces
from nmt.translate.markup.markdown import markdown_pieces
from nmt.translate.markup.messages import case_texts
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.markup.plain import plain_pieces
from nmt.translate.markup.xml import xml_pieces
from nmt.translate.plan import advance, plan
from nmt.translate.result import Hypothesis, SentenceTranslation

HTML = Markup(format="html", translate_attributes=False)


def asked(text: str, markup: Markup) -> list[str]:
    step = advance(plan([text], SearchOptions(), abilities=ABILITIES, attention=False, markup=markup))
    return [sentence.text for sentence in step.sentences] if isinstance(step, Ask) else []


def tags(text: str) -> Counter[str]:
    return Counter(event.raw for event in html_events(text) if event.kind in ("start", "end", "empty"))


@pytest.mark.parametrize("number", range(500))
def test_a_document_comes_back_to_the_byte_where_nothing_is_changed(number: int) -> None:
    one = document(number, "de")
    assert translated(one.text, Markup(format=one.format)).text == one.text  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [number for number in range(500) if number % 5 < 3])
def test_html_with_other_words_has_the_same_elements(number: int) -> None:
    one = document(number, "de")
    text, found = one.text, translated(one.text, HTML, changed).text
    assert tags(found) == tags(text)
    if one.kind != "broken":
        assert elements(found) == elements(text)
        assert words_of(found) == words_of(text, changed)


def elements(text: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """What a browser makes of a text: elements in order."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    return [(str(one.tag), tuple(sorted(one.attrib.items()))) for one in tree.iter()]


_KEPT = ("code", "script", "style", "pre", "sup")


def words_of(text: str, change: Callable[[str], str] = str) -> list[tuple[str, str]]:
    """Each word that is translated, with the name of its element."""
    found: list[tuple[str, str]] = []

    def visit(element: Any) -> None:
        if element.tag in _KEPT or not isinstance(element.tag, str):
            return
        found.extend((element.tag, change(word)) for word in WORD.findall(element.text or ""))
        for child in element:
            visit(child)
            found.extend((element.tag, change(word)) for word in WORD.findall(child.tail or ""))

    visit(html5lib.parse(text, namespaceHTMLElements=False))
    return found


@pytest.mark.parametrize("number", [number for number in range(500) if number % 5 == 3])
def test_xml_with_other_words_has_the_same_elements_around_them(number: int) -> None:
    text = document(number, "de").text
    found = translated(text, Markup(format="xml"), changed).text

    def content(text: str, change: Callable[[str], str]) -> list[tuple[str, Any, str, str]]:
        parser = etree.XMLParser(resolve_entities=False, strip_cdata=False)
        tree = etree.fromstring(text.encode(), parser)
        plain = [one for one in tree.iter() if isinstance(one.tag, str)]
        return [(one.tag, sorted(one.attrib.items()), words(one.text, change), words(one.tail, change)) for one in plain]

    def words(text: str | None, change: Callable[[str], str]) -> str:
        return " ".join(change(text or "").split())

    raw = re.compile(r"<raw>.*</raw>")
    assert raw.findall(found) == raw.findall(text)
    assert content(raw.sub("", found), str) == content(raw.sub("", text), changed)


TAGS = (
    "<b> </b> <i> </i> <p> </p> <a> </a> <br> <img> <code> </code> <!--x--> <li> <td> </div> <pre> </pre> <sup> </sup> <x/>"
)
SIGNS = (
    "< > & &amp; &lt; &nbsp; &#65; &notit; <! <? </ <script> </script> <![CDATA[ ]]> = * ** _ ` [ ](x) | ~~ ![ $ \\ ( ) \" '"
)
LINES = [
    "\n",
    " ",
    "  ",
    "\t",
    "\x00",
    "[x]: y\n",
    "\n\n",
    "\n# ",
    "\n> ",
    "\n- ",
    "\n1. ",
    "\n---\n",
    "\n```\n",
    "\n: ",
    "\n:::note ",
    '\n!!! note "',
    '"\n    ',
    "\n> [!NOTE]\n> ",
    "\nimport {",
    ". ",
    ", ",
    "!",
]
WORDS_AND_SUCH = [
    "Hund",
    "Haus",
    "der",
    "1",
    "5 €",
    "{name}",
    "A",
    "ß",
    "😀",
    "\U000f0000",
    "<div translate=no>",
    '<a href="x">',
]
PARTS = st.sampled_from([*TAGS.split(), *SIGNS.split(), *LINES, *WORDS_AND_SUCH])
TEXTS = st.lists(PARTS, max_size=30).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.slow
@given(TEXTS, st.sampled_from(["html", "xml", "markdown"]))
@settings(max_examples=1000)
def test_whatever_the_text_is_it_comes_back_to_the_byte(text: str, form: Any) -> None:
    reader = {"html": html_pieces, "xml": xml_pieces, "markdown": markdown_pieces}[form]
    assert "".join(piece.raw for piece in reader(text, Markup(format=form))) == text
    assert translated(text, Markup(format=form)).text == text


@pytest.mark.slow
@given(TEXTS)
@settings(max_examples=1000)
def test_whatever_the_text_is_no_tag_is_lost_or_doubled(text: str) -> None:
    assert tags(translated(text, HTML, changed).text) == tags(text)


XML = Markup(format="xml")
MARKDOWN = Markup(format="markdown")


@pytest.mark.parametrize(
    ("text", "markup", "sentences"),
    [
        ("<p>Ein\n  <b>roter</b> Hund.</p><p>Noch einer.</p>", HTML, ["Ein roter Hund.", "Noch einer."]),
        ("<ul><li>Eins<li>Zwei</ul>", HTML, ["Eins", "Zwei"]),
        ("<td>Eins</td><td>Zwei</td>", HTML, ["Eins", "Zwei"]),
        ("Wir <!-- x -->gehen<script>var x = 'Haus';</script> heim.", HTML, ["Wir gehen heim."]),
        ("<pre>Haus</pre><style>Haus</style><textarea>Haus</textarea><svg><text>Haus</text></svg>", HTML, []),
        ('<p translate="no">Haus</p><div class="a notranslate"><b>Hof</b></div>', HTML, []),
        ("A &amp; B &lt;Haus&gt; d&uuml;nn", HTML, ["A & B XX dünn"]),
        ("Guten Tag,<br>wie geht es dir?<br>Deine Tante", HTML, ["Guten Tag, wie geht es dir?", "Deine Tante"]),
        ("Das ist so.<sup>1</sup> Und das<sup><a href=#2>[2]</a></sup> auch.", HTML, ["Das ist so.", "Und das auch."]),
        ("Der <i>neue</i> Mann und <b>un</b>möglich", HTML, ["Der neue Mann und unmöglich"]),
        ("Ein [url=x]Hund[/url] hier", HTML, ["Ein Hund hier"]),
        ("Hund&nbsp; &nbsp;&nbsp;Hof und Haus", HTML, ["Hund", "Hof und Haus"]),
        ("<doc><a>Eins</a><b>Zwei <i>drei</i></b></doc>", XML, ["Eins", "Zwei drei"]),
        ("Zeile eins\nZeile zwei", XML, ["Zeile eins", "Zeile zwei"]),
        ("Ein <x>Haus</x> hier", Markup(format="xml", splitting_tags=("x",)), ["Ein", "Haus", "hier"]),
        ("<r><x>Ein</x> <x>Haus</x></r>", Markup(format="xml", non_splitting_tags=("x",)), ["Ein Haus"]),
        ("<r><x>Ein</x> <x>Haus</x></r>", Markup(format="xml", outline_detection=False), ["Ein Haus"]),
        ("<p>Ein <div>Haus</div></p>", Markup(format="html", non_splitting_tags=("div",)), ["Ein Haus"]),
        ("# Titel\n\nEin *roter*\nHund.\n\n* Eins\n* Zwei\n", MARKDOWN, ["Titel", "Ein roter Hund.", "Eins", "Zwei"]),
        ("| Eins | Zwei |\n|---|---|\n| Drei | `x` |\n", MARKDOWN, ["Eins", "Zwei", "Drei"]),
        ("> [!NOTE]\n> Ein Hund\n\n> [!TIP]- Titel\n> Ein Hof", MARKDOWN, ["Ein Hund", "Titel", "Ein Hof"]),
        (":::note\nEin Hund\n:::\nHof\n::: tip Ein Titel\nHaus\n:::", MARKDOWN, ["Ein Hund", "Hof", "Ein Titel", "Haus"]),
        (":::note[Titel]{a=b}\nHund\n:::\n::::tab{titel='Haus'}\n::::", MARKDOWN, ["Titel", "Hund"]),
        (
            "!!! note\n    Ein Hund\n    hier\n\n        code\n\n    * Hof\n\nHaus",
            MARKDOWN,
            ["Ein Hund hier", "Hof", "Haus"],
        ),
        ('??? tip "Titel"\n\n    Ein Hund\n\n    ```\n    Haus\n\n    Hof\n    ```\n', MARKDOWN, ["Titel", "Ein Hund"]),
        ('=== "Eins"\n\n    Hund\n/// note | Titel\nHof\n///', MARKDOWN, ["Eins", "Hund", "Titel", "Hof"]),
        ("Hund\n: Ein Haus\n: Ein Hof", MARKDOWN, ["Hund", "Ein Haus", "Ein Hof"]),
        ("import A from 'a';\nimport {\n  B\n} from \"b\"\nexport const c = {\n d: 'Haus'\n};\n\nHof", MARKDOWN, ["Hof"]),
        ("{% hint %}\nEin Hund\n{{< /hint >}}\nHof", MARKDOWN, ["Ein Hund", "Hof"]),
        # The same signs within a text, and lines of code.
        (
            "import Hund und\nexport Katze !!! so ::: so\n!!! ja",
            MARKDOWN,
            ["import Hund und export Katze !!! so ::: so !!! ja"],
        ),
        ("```\nimport {\n  A,\n```\nEin Hund", MARKDOWN, ["Ein Hund"]),
        ("---\ntitel: Haus\n---\n```\nHaus\n```\n    Haus\n\n[x]: /haus\n", MARKDOWN, []),
    ],
)
def test_the_sentences_of_a_document(text: str, markup: Markup, sentences: list[str]) -> None:
    assert sorted(asked(text, markup)) == sorted(sentences)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("<a>Haus</a><a>Hof</a>", ["Haus", "Hof"]),
        ("<a>\n Das Haus\n</a>\n<a>\n Der Hof\n</a>", ["Das Haus", "Der Hof"]),
        ("<i><a>Haus</a> | <a><img>Hof</a></i>", ["Haus", "Hof"]),
        ("<span>Heute neu</span><span>Der Hof</span>", ["Heute neu", "Der Hof"]),
        ("<span>Guten</span><span>morgen</span>", ["Guten", "morgen"]),
        ("<span>Preis</span><span>12 €</span><span>Zeit</span><span>Hof</span>", ["Preis", "Zeit", "Hof"]),
        ("<strong>Achtung:</strong><span>Der Hund</span>", ["Achtung:", "Der Hund"]),
        # Words in several elements, and elements of one sentence.
        ("Haus<b>tür</b> und <span>H</span>of", ["Haustür und Hof"]),
        ("<span>D</span><span>as</span> Haus und <span>Java</span><span>Script</span>", ["Das Haus und JavaScript"]),
        ("<span>Das Ha</span><span>us ist rot</span>", ["Das Haus ist rot"]),
        ("<b>You</b><b>Tube</b>", ["YouTube"]),
        ("<span>Das rote </span><span>Haus</span>", ["Das rote Haus"]),
        ("<span>Das rote</span> <span>Haus</span>", ["Das rote Haus"]),
        ("Wir sehen <a>das Haus</a> <a>von dort</a>", ["Wir sehen das Haus von dort"]),
        ("Ein H<sub>2</sub><sub>O</sub> Hof", ["Ein H2O Hof"]),
    ],
)
def test_elements_side_by_side_are_texts_of_their_own_unless_they_are_within_a_word(text: str, sentences: list[str]) -> None:
    assert sorted(asked(text, HTML)) == sorted(sentences)
    assert sorted(asked(f"<r>{text.replace('<img>', '')}</r>", Markup(format="xml", outline_detection=False))) == sorted(
        sentences
    )
    assert translated(text, HTML).text == text


def test_elements_side_by_side_are_one_text_where_a_user_says_so() -> None:
    assert asked("<a>Haus</a><a>Hof</a>", Markup(format="html", non_splitting_tags=("a",))) == ["HausHof"]


@pytest.mark.parametrize(
    ("text", "markup", "expected"),
    [
        ("A &amp; B &lt;b&gt; d&uuml;nn ü", HTML, "Aq &amp; Bq &lt;b&gt; dünnq üq"),
        ("d&uuml;nn", HTML, "d&uuml;nnq"),
        ("Nimm <code>a &amp; b</code>!", HTML, "Nimmq <code>a &amp; b</code>!"),
        ('<img alt="Ein &quot;Hof&quot;" title=Haus>', Markup(format="html"),
         '<img alt="Einq &quot;Hofq&quot;" title="Hausq">'),
        ('<meta name="description" content="Haus"><meta name=author content="Haus">', Markup(format="html"),
         '<meta name="description" content="Hausq"><meta name=author content="Haus">'),
        ("<b>Haus. Hof</b> da. <i>Ganz. Neu.</i>", HTML, "<b>Hausq. Hofq</b> daq. <i>Ganzq. Neuq.</i>"),
        ('Hallo <x id="7"></x>, du', Markup(format="xml", ignore_tags=("x",)), 'Halloq <x id="7"></x>, duq'),
        ("Haus & <X>Hof <x a=1>da</X>", Markup(format="xml", ignore_tags=("X",)), "Hausq &amp; <X>Hof <x a=1>da</X>"),
        ("Firma &firma; &#228; und <!-- & -->", XML, "Firmaq &firma; &#228;q undq <!-- & -->"),
        ("Siehe [Haus] und [Hof][].\n\n[Haus]: /a\n[Hof]: /b\n", MARKDOWN,
         "Sieheq [Hausq][Haus] undq [Hofq][Hof].\n\n[Haus]: /a\n[Hof]: /b\n"),
        ("<textarea placeholder=Haus>Hof</textarea><optgroup label=Haus><option label=Hof value=a><label label=x>",
         Markup(format="html"),
         '<textarea placeholder="Hausq">Hof</textarea><optgroup label="Hausq"><option label="Hofq" value=a><label label=x>'),
        ("<textarea placeholder=Haus translate=no></textarea>", Markup(format="html"),
         "<textarea placeholder=Haus translate=no></textarea>"),
        ("**Haus**, `x` ![Hund](a.png) <b>Hof</b>  \nneu", MARKDOWN, "**Hausq**, `x` ![Hundq](a.png) <b>Hofq</b>  \nneuq"),
        ('![Ein Hund](<a b.png> "Ein [Haus]") und [Hof](/c "Haus \\" x")', MARKDOWN,
         '![Einq Hundq](<a b.png> "Einq [Hausq]") undq [Hofq](/c "Haus \\" x")'),
        ("[![Hund](a.png)](/b 'Der Hof')", MARKDOWN, "[![Hundq](a.png)](/b 'Derq Hofq')"),
        ("![Hund][] ![Hof *da*](a) ![Haus][Hund] ![](b) ![5](c)\n\n[Hund]: /a", MARKDOWN,
         "![Hund][] ![Hof *da*](a) ![Hausq][Hund] ![](b) ![5](c)\n\n[Hund]: /a"),
        ("1\\. Haus \\* Hof", MARKDOWN, "1\\. Hausq \\* Hofq"),
        ("> Haus\n> und Hof\n", MARKDOWN, "> Hausq undq Hofq\n"),
    ],
)  # fmt: skip
def test_what_is_written(text: str, markup: Markup, expected: str) -> None:
    assert translated(text, markup, changed).text == expected


def test_the_text_and_the_title_of_a_picture_are_written_so_that_they_end_where_they_end() -> None:
    found = translated("![Hund](a.png 'Hof')", MARKDOWN, lambda text: f"{text}]' \\").text
    assert found == "![Hund\\]' \\\\](a.png 'Hof]\\' \\\\')"
    assert found in [piece.raw for piece in markdown_pieces(found, MARKDOWN)]


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("Sie haben <x/> neue Post", XML),
        ("Seite <x/> von <x/>", XML),
        ("Ein <x/> <y/> Haus", XML),
        ("Ein <x/><y/> Haus", XML),
        ("Ein <x></x> Haus", XML),
        ("Ein<x/> Haus", XML),
        ("Ein <x/>Haus", XML),
        ("Hallo <x/>, du", XML),
        ("Hallo <img>, du", HTML),
        ("Hallo<img>, du", HTML),
        ("Danke <span></span>!", HTML),
        ("Ein (<img> links) Haus", HTML),
        ("Ein <b>rotes <img></b> Haus", HTML),
        ("Hallo ![x](y), du", MARKDOWN),
    ],
)
def test_a_mark_has_its_blanks_where_a_translation_has_only_one(text: str, markup: Markup) -> None:
    def tidied(text: str) -> str:
        """As models write: one blank at the most, and none before punctuation."""
        return re.sub(" +([,!])", r"\1", re.sub(" +", " ", changed(text)))

    assert translated(text, markup, tidied).text.replace("q", "") == text


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Bitte <0>hier klicken</0>, ja", ["Bitte hier klicken, ja"]),
        ("Das ist <b>der <i>rote</i> Hund</b>.\nUnd <a href='x'>die Katze</a>", ["Das ist der rote Hund.", "Und die Katze"]),
        ("Sie haben <strong>{n}</strong> neue <b>Nachrichten</b>", ["Sie haben XX neue Nachrichten"]),
        ("Ein <b>Hund <br> und <i></b> eine</i> Katze", ["Ein Hund XX und ABC eine XML Katze"]),
        ("Ein <b>Hund\nund</b> eine Katze", None),
        ("Ein Hund </b> und <b> eine Katze <x/>", None),
        ("Ein `<b>Hund</b>` und {{ '<b>Katze</b>' }}", None),
        ("Ein <0></0> Hund und <b>5</b>", None),
        ("Ein [b]roter [url=http://x.de]Hund[/url][/b]!", ["Ein roter Hund!"]),
        ("[quote author=Bob]Ein Hund. Eine Katze.[/quote]", ["Ein Hund.", "Eine Katze."]),
        ("<b>Ein [b]Hund</b> hier[/b]", ["Ein XX Hund hier ABC"]),
    ],
)
def test_tags_in_pairs_around_words_are_markup_of_plain_text(text: str, sentences: list[str] | None) -> None:
    assert any(piece.pair >= 0 for piece in plain_pieces(text)) == (sentences is not None)
    assert sentences is None or sorted(asked(text, PLAIN)) == sorted(sentences)
    assert translated(text, PLAIN).text == text
    assert tags(translated(text, PLAIN, changed).text) == tags(text)


@pytest.mark.parametrize(
    "expected",
    [
        "{n, plural, one {# Dateiq istq daq} other {# Dateienq. Vieleq!}}",
        " {g, select, male{Erq} other{{n,plural,offset:1 =0 {Keinq} other {Sieq undq {a} # }}}}!",
        "{n, plural, one {<b>Hundq</b> hierq} other {\n  Hundeq\n}}",
    ],
)
def test_texts_of_the_cases_of_a_message_are_translated(expected: str) -> None:
    source = expected.replace("q", "")
    assert translated(source, Markup()).text == source
    assert translated(source, Markup(), changed).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "{n, plural, one {Hund}",
        "{n, plural, one Hund}",
        "{n, plural, }",
        "{n, number, integer}",
        "{n, plural, other {'{' Hund}}",
        "Hund {n, plural, one {Hund} other {Hunde}}",
        "{n, plural, one {Hund} other {Hunde}} Hund",
        "{n, select, a {Hund} b {Hof}} {m, select, a {Haus}}",
    ],
)
def test_what_is_no_message_or_has_words_around_it_is_not_taken_apart(text: str) -> None:
    assert case_texts(text) == []


@given(
    st.lists(
        st.sampled_from(["{n, plural, ", "one {", "other{", "}", "=1 {", " ", "Hund", "#", "{x}", ",", "<b>", "</b>"]),
        max_size=16,
    )
)
def test_any_message_comes_back(parts: list[str]) -> None:
    text = "".join(parts)
    assert "".join(piece.raw for piece in plain_pieces(text)) == text
    assert translated(text, Markup()).text == text
    found = translated(text, Markup(), changed).text
    assert found.count("{") == text.count("{")
    assert found.count("}") == text.count("}")


@given(st.lists(st.sampled_from(["<b>", "</b>", "<0>", "</0>", "Hund", "5 ", " ", ", ", "\n", ". ", "{x}"]), max_size=16))
def test_pairs_of_plain_text_stay_pairs(parts: list[str]) -> None:
    text = "".join(parts)
    assert "".join(piece.raw for piece in plain_pieces(text)) == text
    assert translated(text, PLAIN).text == text
    found = translated(text, PLAIN, changed).text
    assert Counter(re.findall("<.*?>", found)) == Counter(re.findall("<.*?>", text))
    if [piece.raw for piece in plain_pieces(text) if piece.pair >= 0] == re.findall("<.*?>", text):
        assert not re.search(r"<(.)></\1>", found)


def test_a_translation_cannot_add_markup() -> None:
    def evil(text: str) -> str:
        return f"{text} <script>*a* & [b](c) | `d`"

    assert translated("<p>Haus</p>", HTML, lambda text: evil(text) if text == "Haus" else text).text == (
        "<p>Haus &lt;script&gt;*a* &amp; [b](c) | `d`</p>"
    )
    found = translated("Haus\n", MARKDOWN, lambda text: evil(text) if text == "Haus" else text).text
    assert found == "Haus \\<script>\\*a\\* & \\[b\\](c) \\| \\`d\\`\n"


def test_a_required_phrase_is_for_one_part_of_a_document() -> None:
    steps = plan(
        ["<p>Haus</p><p>Hof</p>"], SearchOptions(required=("yard",)), abilities=ABILITIES, attention=False, markup=HTML
    )
    step = advance(steps)
    assert isinstance(step, Ask)
    step = advance(steps, [answer(sentence, str) for sentence in step.sentences])
    assert isinstance(step, Ask)
    assert sorted(sentence.required for sentence in step.sentences) == [(), ("yard",)]


def test_sentences_of_a_document_are_shown_without_what_stands_in() -> None:
    [sentence] = translated("Nimm <code>ls</code> da", HTML, changed).sentences
    assert sentence.source == "Nimm <code>ls</code> da"
    assert sentence.text == "Nimmq <code>ls</code> daq"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "docx"}, "markup format 'docx' should be one of text, html, xml, markdown"),
        ({"format": "xml", "ignore_tags": ("<x>",)}, "ignore_tags: '<x>' should be the name of a tag, such as 'x'"),
        ({"format": "xml", "ignore_tags": "x"}, "ignore_tags should be a list of names of tags"),
        ({"ignore_tags": ("x",)}, "ignore_tags is for the formats html and xml, not for text"),
        (
            {"format": "xml", "splitting_tags": ("x",), "non_splitting_tags": ("x",)},
            "'x' should be one of splitting_tags or",
        ),
    ],
)
def test_markup_that_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Markup(**options)


def backwards(sentence: Sentence) -> SentenceTranslation:
    """The words from the last to the first, each looking at its own."""
    words = sentence.text.split()
    count = len(words)
    tokens = tuple(f"\u2581{word}" for word in words)
    attention = tuple(tuple(float(row + column == count - 1) for column in range(count)) for row in range(count))
    whole = Hypothesis(" ".join(words[::-1]), score=-1.0, log_probability=-1.0, tokens=tokens[::-1], attention=attention)
    return SentenceTranslation(source=sentence.text, source_tokens=tokens, hypotheses=(whole,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>Eins</b> zwei <i>drei</i>", "<i>drei</i> zwei <b>Eins</b>"),
        ("<b>Eins zwei</b> drei", "drei <b>zwei Eins</b>"),
        ("<p><b>Eins <i>zwei</i> drei</b></p>", "<p><b>drei <i>zwei</i> Eins</b></p>"),
        ("Eins zwei <b>drei", "<b>drei zwei Eins"),
    ],
)
def test_elements_follow_their_words(text: str, expected: str) -> None:
    steps = plan([text], SearchOptions(), abilities=ABILITIES, attention=False, markup=HTML)
    step = advance(steps)
    while isinstance(step, Ask):
        step = advance(steps, [backwards(sentence) for sentence in step.sentences])
    assert step[0].text == expected
