"""Texts of forms, signs and software, labels and greetings, between English and French or Spanish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.known import replaced

from nmt.translate.rules.romance.openings import opening_of, openings
from nmt.translate.rules.romance.phrases import phrases
from nmt.translate.rules.romance.placeholders import numbers_to_come


def said(text: str, source: str, target: str) -> str:
    """`text` with the phrase or opening that it is, or begins with, in the other language."""
    spans = [*phrases(text, source=source, target=target)] or [*openings(text, source=source, target=target)]
    return replaced(text, spans)


@pytest.mark.parametrize(
    ("english", "french", "spanish"),
    [
        ("Save", "Enregistrer", "Guardar"),
        ("save", "enregistrer", "guardar"),
        ("SAVE", "ENREGISTRER", "GUARDAR"),
        ("Open", "Ouvrir", "Abrir"),
        ("OPEN", "OUVERT", "ABIERTO"),
        ("Loading...", "Chargement...", "Cargando..."),
        ("Forgot your password?", "Mot de passe oublié\u00a0?", "¿Olvidó su contraseña?"),
        ("NO SMOKING", "DÉFENSE DE FUMER", "PROHIBIDO FUMAR"),
        ("No smoking.", "Défense de fumer.", "Prohibido fumar."),
        ("EXIT!", "SORTIE\u00a0!", "¡SALIDA!"),
        ("Name:", "Nom\u00a0:", "Nombre:"),
        ("Name: Anna Bell", "Nom\u00a0: Anna Bell", "Nombre: Anna Bell"),
        ("Phone number: 555 0192", "Numéro de téléphone\u00a0: 555 0192", "Número de teléfono: 555 0192"),
        ("Delete {file}", "Supprimer {file}", "Eliminar {file}"),
        ('Remove "%s"', 'Supprimer "%s"', 'Eliminar "%s"'),
        ("Page {page} of 12", "Page {page} sur 12", "Página {page} de 12"),
        ("Hello {name}!", "Bonjour {name}!", "Hola {name}!"),
        ("Dear {name},", "Cher/Chère {name},", "Estimado/a {name},"),
        ("Thank you!", "Merci\u00a0!", "¡Gracias!"),
    ],
)
def test_into_french_and_spanish(english: str, french: str, spanish: str) -> None:
    assert said(english, "en", "fr") == french
    assert said(english, "en", "es") == spanish


@pytest.mark.parametrize(
    ("source", "text", "english"),
    [
        ("fr", "Annuler", "Cancel"),
        ("fr", "Mot de passe oublié ?", "Forgot your password?"),
        ("fr", "SORTIE", "EXIT"),
        ("fr", "Conditions d’utilisation", "Terms of service"),
        ("fr", "Nom : Jean Dubois", "Name: Jean Dubois"),
        ("fr", "Salut Marie !", "Hi Marie !"),
        ("es", "¡Hola, {name}!", "¡Hello, {name}!"),
        ("es", "¡Gracias!", "Thank you!"),
        ("es", "Apellido: García", "Last name: García"),
        ("es", "Correo electrónico:", "Email:"),
    ],
)
def test_into_english(source: str, text: str, english: str) -> None:
    assert said(text, source, "en") == english


@pytest.mark.parametrize(
    "text",
    [
        "Cancel the meeting.",
        "Save!",
        "Open the door.",
        "The name: Anna",
        "Delete the file {file}.",
        "Hello again, Tom!",
        "Dear Anna,",
        "Note: the shop is closed.",
        "Welcome to {name}!",
        "",
        ":",
    ],
)
def test_what_is_more_than_a_phrase_is_left_to_the_model(text: str) -> None:
    assert said(text, "en", "fr") == said(text, "en", "es") == text
    assert said("Save", "en", "de") == "Save"


def test_what_begins_a_text_and_is_no_part_of_its_sentence() -> None:
    def opening(text: str) -> tuple[str, str | None] | None:
        found = opening_of(text, source="en", target="fr")
        return found and (text[found.end :], found.translation)

    assert opening("Note: the shop is closed.") == (" the shop is closed.", "Remarque\u00a0:")
    assert opening("Weather: rain") == (" rain", None)
    assert opening("Hello Tom, come in.") == (", come in.", "Bonjour Tom")
    assert opening('He said: "No."') is None
    assert opening("I have two brothers: Tom and Jim.") is None
    assert opening("At 5:30 we left.") is None


def test_placeholders_of_numbers_are_shown_as_numbers() -> None:
    found = list(numbers_to_come("{count} of %d in {name} at %(size)s and {{n}}", source="en", target="fr"))
    assert [span.translation for span in found] == ["{count}", "%d", "%(size)s", "{{n}}"]
    assert [span.shown and span.shown.text for span in found] == ["12", "20", "15", "30"]
    assert [*numbers_to_come("100 %d'accord {counter} {n_name}", source="en", target="fr")] == []


@given(st.text(alphabet="Save:{} %d!?¿.…\u00a0OPENàé\n", max_size=30), st.sampled_from(["fr", "es"]))
def test_any_text_has_spans_within_it(text: str, target: str) -> None:
    for find in (phrases, openings, numbers_to_come):
        for span in find(text, source="en", target=target):
            assert 0 <= span.start < span.end <= len(text)
            assert span.translation
