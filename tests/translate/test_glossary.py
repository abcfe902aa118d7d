"""Glossaries: how they are read, which terms they find, and that translations have them."""

from __future__ import annotations

import csv
import itertools
import pickle
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt import Translator
from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.translate.glossary import MAX_CHARACTERS, MAX_ENTRIES, Entry, Form, Glossary, Term, with_articles
from nmt.translate.markup.options import Markup

ROOT = Path(__file__).parents[2]
DE_EN = {
    "Bahnhof": "depot",
    "Hund": "hound",
    "Fahrrad": "velocipede",
    "Auto": "vehicle",
    "Brief": "missive",
    "Lehrer": "tutor",
    "Schlüssel": "latchkey",
    "Stadtplan": "town map",
    "Vertrag": "covenant",
    "rote Tasche": "crimson satchel",
    "gestern": "the day before",
}
EN_DE = {
    "station": "Haltepunkt",
    "dog": "Vierbeiner",
    "bicycle": "Drahtesel",
    "car": "Kraftwagen",
    "letter": "Schreiben",
    "teacher": "Lehrkraft",
    "key": "Öffner",
    "city map": "Ortsplan",
    "contract": "Kontrakt",
    "red bag": "Reisetasche",
    "yesterday": "am Vortag",
}
# One place, two and three for terms that are things.
DE_FRAMES = [
    "Wo ist der {0}?",
    "Ich sehe einen {0}.",
    "Der {0} ist neu.",
    "Das ist mein {0}, nicht deiner.",
    "Hast du den {0} gesehen?",
    "{0} und {1} sind hier.",
    "Wir haben den {0} und den {1} gefunden.",
    "Der {0} steht neben dem {1}.",
    "Wenn der {0} kommt, nehmen wir den {1}.",
    "Der {0} war {2} bei dem {1}.",
]
EN_FRAMES = [
    "Where is the {0}?",
    "I can see a {0}.",
    "The {0} is new.",
    "This is my {0}, not yours.",
    "Have you seen the {0}?",
    "{0} and {1} are here.",
    "We found the {0} and the {1}.",
    "The {0} is next to the {1}.",
    "If the {0} comes, we will take the {1}.",
    "The {0} was at the {1} {2}.",
]

words = st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F), min_size=1, max_size=8)
sides = st.lists(words, min_size=1, max_size=3).map(" ".join)
cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Mn"], max_codepoint=0x2FFF), min_size=1, max_size=20
).filter(lambda text: any(map(str.isalnum, text)) and text == text.strip())


def test_tabs_or_commas_stand_between_a_term_and_its_translation() -> None:
    tabs = Glossary.parse('Haus\thouse\n\n"Zur Post"\tthe "Post Inn"\r\n', "tsv")
    assert tabs.entries == (Entry("Haus", "house"), Entry('"Zur Post"', 'the "Post Inn"'))
    commas = Glossary.parse('Haus,house\r\n"Zur Post, links","the ""Post Inn"""\n', "csv")
    assert commas.entries == (Entry("Haus", "house"), Entry("Zur Post, links", 'the "Post Inn"'))


@pytest.mark.parametrize("header", ["source\ttarget", "Source\tTarget", "de\ten", "DE\tEN-US"])
def test_a_header_is_no_entry(header: str) -> None:
    glossary = Glossary.parse(f"{header}\nHaus\thouse", "tsv")
    assert glossary.entries == (Entry("Haus", "house"),)


def test_languages_in_a_header_or_a_column_are_those_of_the_glossary() -> None:
    for glossary in (Glossary.parse("de\ten-GB\nHaus\thouse", "tsv"), Glossary.parse("Haus,house,DE,EN", "csv")):
        glossary.require_pair("de", "en")
        with pytest.raises(InputError, match="the glossary is for de-en"):
            glossary.require_pair("en", "de")
    with pytest.raises(InputError, match="line 2 is for fr-en"):
        Glossary.parse("Haus,house,de,en\nmaison,house,fr,en", "csv")


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        ("", "tsv", "has no entries"),
        ("source\ttarget\n", "tsv", "has no entries"),
        ("Haus\thouse\nHund", "tsv", "line 2 has 1 column"),
        ("Haus\thouse\nHund\tdog\thound", "tsv", "line 2 has 3 columns"),
        ("Haus\thouse\n\n\tdog", "tsv", "line 3 has no term"),
        ("Haus\thouse\nHund\t ", "tsv", "line 2 has no translation"),
        ("Haus\thouse\nHund\tdog\nHaus\tbuilding", "tsv", "lines 1 and 3 have two translations of 'Haus'"),
        ("Mu\u0308ller\tMuller\nM\u00fcller\tMiller", "tsv", "lines 1 and 2 have two translations"),
        (f"Haus\t{'x' * (MAX_CHARACTERS + 1)}", "tsv", "line 1 has a translation of 201 characters"),
        ('"Haus,house\nHund,dog', "csv", "line 1 cannot be read as CSV"),
        ('Haus,house\n"H\nund",dog', "csv", "line 2 has a term with a line end"),
        ("Haus\t\ud800", "tsv", "line 1 has a translation with a line end, another control character or a lone surrogate"),
    ],
)
def test_a_mistake_in_a_glossary_is_named_with_its_line(text: str, form: Form, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Glossary.parse(text, form)


def test_a_glossary_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "terms.tsv").write_bytes(b"Haus\thouse\nT\xfcr\tdoor\n")
    with pytest.raises(InputError, match=r"terms\.tsv: line 2 is not valid UTF-8"):
        Glossary.read(tmp_path / "terms.tsv")


def test_an_entry_that_comes_twice_counts_once() -> None:
    assert Glossary.parse("Haus\thouse\nHaus\thouse", "tsv").entries == (Entry("Haus", "house"),)


@given(st.dictionaries(cells, cells, min_size=1, max_size=8), st.sampled_from(["tsv", "csv"]))
def test_a_written_glossary_is_read_as_it_was(terms: dict[str, str], form: Form) -> None:
    entries = tuple(Entry(source, target) for source, target in terms.items())
    try:
        glossary = Glossary(entries)
    except InputError:  # two terms that differ in nothing but invisible characters
        return
    assert Glossary.parse(glossary.text(form), form) == glossary


@given(st.dictionaries(sides, sides, min_size=1, max_size=5))
def test_a_written_csv_is_what_another_reader_reads(terms: dict[str, str]) -> None:
    glossary = Glossary(tuple(Entry(source, target) for source, target in terms.items()))
    rows = list(csv.reader(glossary.text("csv").splitlines()))
    assert [row for row in rows if row != ["source", "target"]] == [
        list(one) for one in terms.items() if one != ("source", "target")
    ]


def found(glossary: dict[str, str], sentence: str, *, inflect: bool = False, language: str = "de") -> list[str]:
    entries = tuple(Entry(source, target) for source, target in glossary.items())
    terms = Glossary(entries, inflect=inflect).terms(sentence, language=language)
    return [f"{sentence[term.start : term.end]}={term.target}" for term in terms]


def test_terms_stand_on_word_boundaries() -> None:
    glossary = {"Haus": "house", "C++": "C plus plus"}
    assert found(glossary, "Das Haus, ein Haushalt, Kaufhaus; ein Haus-Tier in C++.") == [
        "Haus=house",
        "Haus=house",
        "C++=C plus plus",
    ]


def test_the_longest_of_overlapping_terms_counts() -> None:
    glossary = {"a b": "1", "b c d": "2", "d": "3", "b": "4"}
    assert found(glossary, "x a b c d b") == ["b c d=2", "b=4"]


def test_case_counts_but_for_the_capital_of_a_sentence() -> None:
    glossary = {"depot": "Bahnhof", "US": "USA"}
    assert found(glossary, "„Depot and Depot and depot, us and US", language="en") == [
        "Depot=Bahnhof",
        "depot=Bahnhof",
        "US=USA",
    ]


def test_a_term_with_the_capital_of_its_own_comes_first() -> None:
    assert found({"polish": "polieren", "Polish": "polnisch"}, "Polish it", language="en") == ["Polish=polnisch"]


def test_endings_are_accepted_where_asked_for() -> None:
    glossary = {"Haus": "house", "Hund": "dog"}
    sentence = "Die Farbe des Hauses und die Hunde, ein Haushalt, Hausen."
    assert found(glossary, sentence) == []
    assert found(glossary, sentence, inflect=True) == ["Hauses=house", "Hunde=dog", "Hausen=house"]
    assert found({"depot": "Bahnhof"}, "the depots, depot's, depotism", inflect=True, language="en") == [
        "depots=Bahnhof",
        "depot's=Bahnhof",
    ]


@pytest.mark.parametrize(
    ("term", "forms", "others"),
    [
        ("schnell", "schnelle schnellem schneller schnellste schnelleres", "Schnelligkeit schnells schnellt"),
        ("leise", "leiser leisem leises leisen leisere", "leiset leisens"),
        ("neu", "neues neueste neueren", "neun neuns Neuheit"),
        ("schwer verletzt", "schwer\u00a0verletzten", ""),
        ("Bus", "Busse Busses Bussen", "Bussard Busch"),
        ("Ergebnis", "Ergebnisse Ergebnisses", "Ergebnissuche"),
        ("Kunde", "Kunden", "Kundendienst kunden"),
        ("speichern", "speichert speichere speicherte speicherst", "Speicher speicher speicherung gespeichert"),
        ("drucken", "druckt drucke druckten druckende", "Druck Drucker druck"),
        ("sammeln", "sammle sammelt sammelten", "Sammler sammel"),
        ("dunkel", "dunkles dunklen dunkler", "dunkl"),
        ("teuer", "teures teure", "teur"),
    ],
)
def test_german_words_have_their_endings(term: str, forms: str, others: str) -> None:
    for form in (term, *forms.split(" ")):
        form = form.replace("\u00a0", " ")
        assert found({term: "x"}, f"und {form} dazu", inflect=True) == [f"{form}=x"]
    for other in others.split():
        assert found({term: "x"}, f"und {other} dazu", inflect=True) == []


def test_a_german_verb_may_begin_a_sentence_and_other_languages_have_no_german_endings() -> None:
    assert found({"klicken": "click"}, "Klicke hier.", inflect=True) == ["Klicke=click"]
    assert found({"klicken": "click"}, "Das Klicke hier.", inflect=True) == []
    assert found({"drucken": "print", "druckt": "prints"}, "er druckt", inflect=True) == ["druckt=prints"]
    assert found({"drucken": "print"}, "er druckt", inflect=True, language="nl") == []
    assert found({"drucken": "print"}, "er druckt") == []


def test_letters_with_accents_are_found_in_both_forms() -> None:
    assert found({"Mu\u0308ller": "Miller"}, "Herr M\u00fcller") == ["M\u00fcller=Miller"]


def test_languages_without_blanks_have_terms_anywhere() -> None:
    assert found({"東京": "Tokyo"}, "私は東京に行く", language="ja") == ["東京=Tokyo"]
    assert found({"東京": "Tokyo"}, "私は東京に行く", language="de") == []


@given(
    st.sets(st.text("ab ", min_size=1, max_size=4).map(str.strip).filter(bool), min_size=1, max_size=6),
    st.text("ab .", max_size=20),
)
def test_terms_are_those_of_brute_force(terms: set[str], sentence: str) -> None:
    glossary = Glossary(tuple(Entry(term, term.upper()) for term in sorted(terms)))
    left = sentence
    expected = []
    for length in range(len(sentence), 0, -1):
        for start in range(len(sentence) - length + 1):
            own = left[start : start + length]
            alone = not re.search(r"\w", sentence[max(start - 1, 0) : start]) and not re.search(
                r"\w", sentence[start + length :][:1]
            )
            if own in terms and alone:
                expected.append(Term(start, start + length, own.upper()))
                left = left[:start] + "\x00" * length + left[start + length :]
    assert glossary.terms(sentence, language="xx") == sorted(expected, key=lambda term: term.start)


@given(st.sets(sides, min_size=1, max_size=6), st.lists(sides, max_size=6).map(" ".join), st.booleans())
def test_terms_never_overlap(terms: set[str], rest: str, inflect: bool) -> None:
    glossary = Glossary(tuple(Entry(term, "x") for term in sorted(terms)), inflect=inflect)
    sentence = f"{' '.join(sorted(terms))} {rest}"
    spans = [(term.start, term.end) for term in glossary.terms(sentence, language="de")]
    assert spans
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_thousands_of_entries_cost_a_sentence_nothing_to_speak_of() -> None:
    glossary = Glossary(tuple(Entry(f"Wort{number}", "word") for number in range(50_000)))
    sentence = "Das ist ein Satz mit Wort49999 und sonst nichts, was in einem Glossar stünde."
    assert len(glossary.terms(sentence, language="de")) == 1
    began = time.process_time()
    for _ in range(100):
        glossary.terms(sentence, language="de")
    assert time.process_time() - began < 0.1  # a loop over all entries takes seconds


def test_a_glossary_has_limits() -> None:
    with pytest.raises(InputError, match="more than 100,000 entries"):
        Glossary(tuple(Entry(f"Wort{number}", "word") for number in range(MAX_ENTRIES + 1)))


def test_a_glossary_goes_to_another_process() -> None:
    glossary = Glossary((Entry("Haus", "house"),))
    glossary.terms("Haus", language="de")
    copy = pickle.loads(pickle.dumps(glossary))
    assert copy == glossary
    assert copy.sha256 == glossary.sha256
    assert copy.terms("Haus", language="de") == [Term(0, 4, "house")]
    assert Glossary(glossary.entries, inflect=True).sha256 != glossary.sha256


def sentences(glossary: dict[str, str], frames: list[str]) -> list[tuple[str, list[str]]]:
    """150 sentences, each with its terms."""
    *things, when = glossary
    made = []
    for number in range(150):
        frame = frames[number % len(frames)]
        first = number // len(frames) * 3 + number % len(frames)
        places = things[first % len(things)], things[(first + 1 + number // 50) % len(things)], when
        terms = [place for position, place in enumerate(places) if f"{{{position}}}" in frame]
        text = frame.format(*places)
        made.append((text[0].upper() + text[1:], terms))
    return made


@pytest.mark.parametrize("suffix", ["", pytest.param("-fast", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("direction", "terms", "frames"), [("de-en", DE_EN, DE_FRAMES), ("en-de", EN_DE, EN_FRAMES)])
def test_every_term_has_its_translation_in_150_sentences(
    direction: str, terms: dict[str, str], frames: list[str], suffix: str
) -> None:
    translator = Translator.load(ROOT / "checkpoints" / f"broad-{direction}{suffix}", device="cpu", threads=1)
    glossary = Glossary(tuple(Entry(source, target) for source, target in terms.items()))
    asked = sentences(terms, frames)
    assert len({text for text, _ in asked}) > 90
    translations = translator.translate([text for text, _ in asked], glossary=glossary, attention=False)
    for (text, own), translation in zip(asked, translations, strict=True):
        for term in own:
            target = terms[term]
            there = re.findall(rf"(?<!\w)(?:{target}|^{target[0].upper()}{target[1:]})(?!\w)", translation.text)
            assert len(there) >= sum(one == term for one in own), f"{text} -> {translation.text}: {target}"


@pytest.fixture(scope="module")
def german() -> Translator:
    return Translator.load(ROOT / "checkpoints" / "broad-de-en", device="cpu", threads=1)


TERMS = Glossary(tuple(Entry(source, target) for source, target in DE_EN.items()))


def test_a_sentence_without_a_term_is_translated_as_without_a_glossary(german: Translator) -> None:
    texts = [
        "Guten Morgen!",
        "Wir haben heute 3 Briefe von {name} bekommen.",
        "Die Katze schläft. BITTE NICHT STÖREN",
        "12 €",
        "",
    ]
    assert german.translate(texts, glossary=TERMS) == german.translate(texts)
    beside = german.translate([*texts, "Wo ist der Bahnhof?"], glossary=TERMS)
    assert [one.text for one in beside[:-1]] == [one.text for one in german.translate(texts)]


def test_a_term_is_translated_as_often_as_it_is_there(german: Translator) -> None:
    [translation] = german.translate(["Auto, Auto, Auto!"], glossary=TERMS)
    assert translation.text.lower().count("vehicle") == 3


def test_a_term_within_a_protected_span_is_left_alone(german: Translator) -> None:
    [translation] = german.translate(["Schreib an Bahnhof@example.com, der Bahnhof ist zu."], glossary=TERMS)
    assert "Bahnhof@example.com" in translation.text
    assert "depot" in translation.text


def test_a_term_in_capitals_is_translated_in_capitals(german: Translator) -> None:
    [translation] = german.translate(["DER BAHNHOF IST HEUTE GESCHLOSSEN."], glossary=TERMS)
    assert "DEPOT" in translation.text


def test_a_sentence_keeps_its_capital(german: Translator) -> None:
    big, small = german.translate(["Bahnhof und Auto.", "bahnhof oder Bahnhof"], glossary=TERMS)
    assert big.text.startswith("Depot")
    assert "depot" in small.text
    assert not small.text.startswith("Depot")


def test_a_translation_that_the_vocabulary_cannot_write_is_no_obstacle(german: Translator) -> None:
    glossary = Glossary((Entry("Bahnhof", "駅 ‡ Łódź"),))
    [translation] = german.translate(["Wo ist der Bahnhof?"], glossary=glossary)
    assert "駅 ‡ Łódź" in translation.text


def test_all_words_may_be_terms(german: Translator) -> None:
    glossary = Glossary((Entry("Wo ist der Bahnhof", "Whither the depot"),))
    [translation] = german.translate(["Wo ist der Bahnhof?"], glossary=glossary)
    assert "Whither the depot" in translation.text


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("Bahnhof", "depot"),
        ("(Bahnhof)", "(depot)"),
        ("Bahnhof, {name}!", "depot, {name}!"),
        ("Bahnhof – Bahnhof", "depot – depot"),
        ("BAHNHOF", "DEPOT"),
        ("Bahnhof 12", "depot 12"),
    ],
)
def test_a_text_of_terms_alone_is_their_translations(german: Translator, text: str, translation: str) -> None:
    [found] = german.translate([text], glossary=Glossary((Entry("Bahnhof", "depot"),)))
    assert found.text in (translation, translation[0].upper() + translation[1:])


def test_more_terms_than_masks_are_all_there(german: Translator) -> None:
    names = [f"Firma{letter}" for letter in "ABCDEFGHIJKL"]
    glossary = Glossary(tuple(Entry(name, f"{name[-1]}{name[-1]} Inc") for name in names))
    [translation] = german.translate([f"Wir kaufen {', '.join(names)}."], glossary=glossary)
    assert all(f"{name[-1]}{name[-1]} Inc" in translation.text for name in names)


@pytest.mark.parametrize(
    ("target", "article"),
    [
        ("depot", "a"),
        ("apple", "an"),
        ("hour", "an"),
        ("house", "a"),
        ("university", "a"),
        ("uninvited guest", "an"),
        ("user", "a"),
    ],
)
def test_an_english_article_fits_the_term(target: str, article: str) -> None:
    for before in ("a", "an"):
        text = f"I see {before} {target}, {before} {target}s."
        assert with_articles(text, [target], language="en") == f"I see {article} {target}, {before} {target}s."
        assert with_articles(text, [target], language="de") == text


def test_attention_fits_the_tokens_of_a_sentence_with_a_term(german: Translator) -> None:
    [translation] = german.translate(["Das Auto steht am Bahnhof."], glossary=TERMS, attention=True)
    [sentence] = translation.sentences
    best = sentence.hypotheses[0]
    assert len(best.attention) == len(best.tokens)
    assert {len(row) for row in best.attention} == {len(sentence.source_tokens)}
    assert "".join(sentence.source_tokens).replace("\u2581", " ").split() == ["Das", "Auto", "steht", "am", "Bahnhof."]


def test_each_of_the_n_best_is_a_translation_and_the_first_has_the_term(german: Translator) -> None:
    [translation] = german.translate(["Wo ist der Bahnhof?"], SearchOptions(n_best=3), glossary=TERMS)
    assert len(translation.texts) == 3
    assert "depot" in translation.texts[0]


def test_a_forbidden_phrase_is_stronger_than_a_glossary(german: Translator) -> None:
    [translation] = german.translate(["Wo ist der Bahnhof?"], SearchOptions(forbidden=("depot",)), glossary=TERMS)
    assert "depot" not in translation.text


def test_a_glossary_and_samples_are_refused_together(german: Translator) -> None:
    with pytest.raises(InputError, match="leave out sampling"):
        german.translate(["Hallo"], SearchOptions(sampling=True), glossary=TERMS)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("<p>Wo ist der <b>Bahnhof</b>?</p>", ["depot"]),  # inside a tag
        ("<p>Der <b>Hund</b> und das <i>Fahrrad</i> sind hier.</p>", ["hound", "velocipede"]),
        ("<p>Wo ist der <b>Stadt</b>plan?</p>", ["town map"]),  # across tags
        ("<p>Das ist eine <b>rote</b> Tasche.</p>", ["crimson satchel"]),
        ("<p>Das ist eine <i>rote <b>Tasche</b></i>.</p>", ["crimson satchel"]),
        ('<p>Der <a href="x?Hund=Bahnhof">Bahnhof</a> ist neu.</p>', ["depot"]),
        ("<p>Wo ist der Bahnhof?<br>Der Hund schläft.</p>", ["depot", "hound"]),
        ('<p>Der Hund heißt <b translate="no">Bahnhof</b>.</p>', ["hound"]),
    ],
)
def test_terms_are_found_across_and_inside_of_tags(german: Translator, text: str, terms: list[str]) -> None:
    tag = re.compile("<[^>]*>")
    html = Markup(format="html")
    [translation] = german.translate([text], glossary=TERMS, markup=html)
    words = tag.sub("", translation.text.replace("<br>", " "))
    assert all(len(re.findall(rf"(?i)(?<!\w){term}(?!\w)", words)) == 1 for term in terms), translation.text
    assert sorted(tag.findall(translation.text)) == sorted(tag.findall(text))
    # The same terms as without the tags.
    if "no" not in text:
        [plain] = german.translate([tag.sub(" ", text) if "<br>" in text else tag.sub("", text)], glossary=TERMS)
        assert words.split() == plain.text.split()


def test_a_tag_goes_with_its_term(german: Translator) -> None:
    [translation] = german.translate(["<p>Wo ist der <b>Bahnhof</b>?</p>"], glossary=TERMS, markup=Markup(format="html"))
    assert "<b>depot</b>" in translation.text


def test_a_glossary_for_other_languages_is_refused(german: Translator) -> None:
    glossary = Glossary((Entry("chat", "cat"),), source_language="fr", target_language="en")
    with pytest.raises(InputError, match="the glossary is for fr-en; should be for de-en"):
        german.translate(["Hallo"], glossary=glossary)
