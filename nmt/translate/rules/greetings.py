"""How letters begin and end: whom a German one greets by what they are, and lines such as Sincerely, and Hochachtungsvoll.

A model that seldom saw them makes anything of them: of Respectfully, it makes disrespectful.
"""

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
# Those that models know are not here. With a comma, without which it may be something else.
_LINES = {
    "de": {
        "Alles Gute": "All the best", "Freundliche Grüße": "Kind regards", "Gruß": "Regards",
        "Hallo zusammen": "Hello everyone",
        "Herzliche Grüße": "Warm regards", "Herzlichst": "Warmly", "Hochachtungsvoll": "Yours faithfully",
        "LG": "Best wishes", "Liebe Grüße": "Best wishes", "MfG": "Kind regards", "Mit besten Grüßen": "With best regards",
        "Mit herzlichen Grüßen": "With warm regards", "Mit lieben Grüßen": "With best wishes",
        "Schöne Grüße": "Best wishes", "VG": "Best wishes",
    },
    "en": {
        "Cheers,": "Viele Grüße,", "Hello everyone": "Hallo zusammen", "Hi all": "Hallo zusammen",
        "Hi everyone": "Hallo zusammen", "Lots of love": "Alles Liebe", "Love,": "Alles Liebe,",
        "Many thanks": "Vielen Dank",
        "Regards": "Viele Grüße", "Respectfully": "Hochachtungsvoll", "See you soon,": "Bis bald,",
        "Sincerely": "Mit freundlichen Grüßen", "Take care,": "Alles Gute,", "To whom it may concern":
        "Sehr geehrte Damen und Herren", "Warm regards": "Herzliche Grüße", "Yours respectfully": "Hochachtungsvoll",
    },
}  # fmt: skip
_SIGNED = re.compile(
    r"^(?:(?P<proxy>i\. ?[AV]\.)|gez\.) (?P<name>(?:(?:Dr|Prof)\. )*[A-ZÄÖÜ][\w.-]*(?: [A-ZÄÖÜ][\w.-]*){0,3})$"
)
_END_OF_LINE = re.compile(r"[,.!:]?(?: [A-ZÄÖÜ][\w.-]+){0,2}$")
_GREETING = re.compile(
    r"^(?:Sehr geehrte|Werte|Liebes?|Hallo|Hi|Hey),? "
    rf"(?P<role>(?:[A-ZÄÖÜ]\w+innen und )?(?P<last>{'|'.join(_ROLES)}))(?=[,!.:]|$)"
)


def greetings(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """How the letter of which `sentence` is a line begins or ends, in the language `target`; English and German only."""
    if {source, target} != {"en", "de"}:
        return
    if source == "de" and (match := _GREETING.match(sentence)):
        yield Span(*match.span("role"), translation=_ROLES[match["last"]])
    if source == "de" and (match := _SIGNED.match(sentence)):
        yield Span(*match.span(), translation=f"{'p.p.' if match['proxy'] else 'signed'} {match['name']}")
    for line, said in _LINES[source].items():
        if sentence.startswith(line) and _END_OF_LINE.match(sentence, len(line)):
            yield Span(0, len(line), translation=said)
