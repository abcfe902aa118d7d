"""Greetings of German letters to people by what they are: of Fahrgäste a model that seldom saw them makes anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Span

_ROLES = {
    "Absolventen": "graduates", "Abonnenten": "subscribers", "Aktionäre": "shareholders", "Anleger": "investors",
    "Anwohner": "residents", "Arbeitnehmer": "employees", "Auszubildende": "trainees", "Azubis": "trainees",
    "Berufstätige": "working people", "Beschäftigte": "employees", "Besucher": "visitors",
    "Betroffene": "people affected", "Bewohner": "residents", "Christkind": "Christ Child",
    "Ehrenamtliche": "volunteers", "Eigentümer": "owners", "Einwohner": "residents",
    "Erziehungsberechtigte": "parents and guardians", "Fahrgäste": "passengers", "Fans": "fans",
    "Feriengäste": "holiday guests", "Feuerwehr": "fire brigade", "Fluggäste": "passengers",
    "Gartenfreunde": "gardening friends", "Geschäftsleitung": "management", "Hausbewohner": "residents",
    "Hausverwaltung": "property management", "Hotelgäste": "hotel guests", "Hundehalter": "dog owners",
    "Interessenten": "prospective customers", "Jungs": "boys", "Klassenkameraden": "classmates",
    "Kolleginnen": "colleagues", "Kundin": "customer", "Kundinnen": "customers", "Kursteilnehmer": "course participants",
    "Kursteilnehmerinnen": "course participants", "Landsleute": "compatriots", "Mädels": "girls", "Mieter": "tenants",
    "Mitarbeiter": "employees", "Mitarbeitende": "employees", "Mitreisende": "fellow travellers",
    "Mitstreiter": "comrades", "Naturfreunde": "nature lovers", "Patienten": "patients", "Patientin": "patient",
    "Prüflinge": "candidates", "Redaktion": "editors", "Reisende": "travellers", "Schulleitung": "school management",
    "Spender": "donors", "Spieler": "players", "Steuerzahler": "taxpayers", "Studenten": "students",
    "Studierende": "students", "Tierfreunde": "animal lovers", "Trauergäste": "mourners", "Unterstützer": "supporters",
    "Urlauber": "holidaymakers", "Verbraucher": "consumers", "Vereinsmitglieder": "club members",
    "Vermieter": "landlords", "Versicherte": "policyholders", "Wanderfreunde": "fellow hikers", "Zuhörer": "listeners",
}  # fmt: skip
_GREETING = re.compile(
    r"^(?:Sehr geehrte|Werte|Liebes?|Hallo|Hi|Hey),? "
    rf"(?P<role>(?:[A-ZÄÖÜ]\w+innen und )?(?P<last>{'|'.join(_ROLES)}))(?=[,!.:]|$)"
)


def greetings(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """Whom the greeting of a German letter speaks to, in English."""
    if (source, target) == ("de", "en") and (match := _GREETING.match(sentence)):
        yield Span(*match.span("role"), translation=_ROLES[match["last"]])
