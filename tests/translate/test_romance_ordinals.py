"""Ordinals and abbreviations between English and French or Spanish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.known import replaced

from nmt.translate.rules.romance.abbreviations import in_full
from nmt.translate.rules.romance.ordinals import in_usual_form, ordinals, with_gender
from nmt.translate.tidy import tidied


def said(sentence: str, source: str, target: str) -> str:
    own = tidied(sentence).written(in_usual_form(sentence, source=source, target=target)).text
    return replaced(own, ordinals(own, source=source, target=target))


@pytest.mark.parametrize(
    ("english", "french", "spanish"),
    [
        ("the 2nd floor", "the 2e floor", "the 2.º floor"),
        ("the 1st page", "the first page", "the first page"),
        ("her 21st birthday", "her 21e birthday", "her 21.º birthday"),
        ("in the 19th century", "in the XIXe siècle", "in the siglo XIX"),
        ("We leave on the 15th.", "We leave le 15.", "We leave el 15."),
        ("On the 1st we leave", "Le 1er we leave", "El 1 we leave"),
        ("on the 15th floor", "on the 15e floor", "on the 15.º floor"),
        ("5th Avenue", "5th Avenue", "5th Avenue"),
        ("May 1st and the 1st of May", "May 1st and the 1st of May", "May 1st and the 1st of May"),
    ],
)
def test_into_french_and_spanish(english: str, french: str, spanish: str) -> None:
    assert said(english, "en", "fr") == french
    assert said(english, "en", "es") == spanish


@pytest.mark.parametrize(
    ("source", "text", "english"),
    [
        ("fr", "la 1re fois, le 1er jour", "la première fois, le premier jour"),
        ("fr", "le 3e et le 22ème", "le 3rd et le 22nd"),
        ("fr", "au XXe siècle", "au 20th century"),
        ("fr", "du 1er au 3 mai", "du 1er au 3 mai"),
        ("fr", "le 12, 3 euros, Xe", "le 12, 3 euros, Xe"),
        ("es", "el 2.º piso y la 5.ª planta", "el 2nd piso y la 5th planta"),
        ("es", "el 1.er día, la 1.ª vez", "el primer día, la primera vez"),
        ("es", "el siglo XIX", "el 19th century"),
        ("es", "el 1.º de mayo", "el 1 de mayo"),
        ("es", "2º piso, a 30º", "2nd piso, a 30º"),
    ],
)
def test_into_english(source: str, text: str, english: str) -> None:
    assert said(text, source, "en") == english


def test_spanish_ordinals_go_with_their_nouns() -> None:
    assert with_gender("la 2.º vez en el 3.º piso, el 2.º día") == "la 2.ª vez en el 3.er piso, el 2.º día"
    assert with_gender("su 5.º canción, llegó 3.º de todos") == "su 5.ª canción, llegó 3.º de todos"


@pytest.mark.parametrize(
    ("source", "text", "full"),
    [
        ("en", "Fruit, e.g. pears, is good.", "Fruit, for example pears, is good."),
        ("en", "Bring cups, etc. to us.", "Bring cups, and other things to us."),
        ("en", "Room no. 5, no. It is no use.", "Room number 5, no. It is no use."),
        ("fr", "au 12 av. Hugo, env. 5 km", "au 12 avenue Hugo, environ 5 km"),
        ("fr", "Env. 5 km, p. 3.", "Environ 5 km, page 3."),
        ("fr", "Elle dit stp.", "Elle dit s'il te plaît."),
        ("es", "¿Cómo está Ud.?", "¿Cómo está usted?"),
        ("es", "Ud. come, p. ej. pan.", "Usted come, por ejemplo pan."),
        ("es", "Me voy con Ud.", "Me voy con usted."),
        ("es", "etc.", "etc."),
    ],
)
def test_abbreviations_are_written_out(source: str, text: str, full: str) -> None:
    target = "fr" if source == "en" else "en"
    assert tidied(text).written(in_full(text, source=source, target=target)).text == full
    assert [*in_full("e.g.", source="en", target="de")] == []


@given(
    st.text(alphabet="1230stndrhe.ºª siglo XIV,étage", max_size=25), st.sampled_from(["en-fr", "fr-en", "es-en", "en-es"])
)
def test_any_text_has_ordinals_apart(text: str, pair: str) -> None:
    source, _, target = pair.partition("-")
    last = 0
    for span in ordinals(text, source=source, target=target):
        assert last <= span.start < span.end <= len(text)
        last = span.end
