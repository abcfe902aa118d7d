"""What has a number behind it, between English and German: Room 312 is Raum 312, and Gleis 7 Platform 7.

Models take many of these for names, and leave them as they are, or say them by another word. A model is shown them, and
only where its translation has the number without such a word, it is asked again with a mask in their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nmt.text.spans import Span

# In singular and plural; after the line, other words that translations may have for it.
_ROWS = """
Room rooms = Raum Räume | Zimmer Saal
Room rooms = Zimmer Zimmer | flat
Platform platforms = Gleis Gleise | Bahnsteig track
Track tracks = Titel Titel | Spur Gleis Track Stück
Gate gates = Gate Gates | Tor Flugsteig Ausgang
Terminal terminals = Terminal Terminals
Chapter chapters = Kapitel Kapitel
page pages = Seite Seiten
Section sections = Abschnitt Abschnitte | Paragraf Paragraph Teil Sektion Bereich Absatz
Figure figures = Abbildung Abbildungen | Bild Figur image illustration
Table tables = Tabelle Tabellen | Tisch
Appendix appendices = Anhang Anhänge | annex Anlage
Article articles = Artikel Artikel
paragraph paragraphs = Absatz Absätze | Abschnitt Paragraf section
Line lines = Linie Linien | Zeile route
line lines = Zeile Zeilen | row
Bus buses = Bus Busse | Buslinie Linie
Bus buses = Buslinie Buslinien | line
Tram trams = Straßenbahn Straßenbahnen | Tram Bahn streetcar
Coach coaches = Wagen Wagen | car carriage Waggon
Seat seats = Platz Plätze | Sitz place
Building buildings = Gebäude Gebäude | Haus
Level levels = Ebene Ebenen | Stufe Level Niveau
Exit exits = Ausfahrt Ausfahrten | Ausgang
Highway highways = Highway Highways | Autobahn Landstraße Schnellstraße
Route routes = Route Routen | Strecke Straße Linie
Exercise exercises = Übung Übungen | Aufgabe
question questions = Frage Fragen
Task tasks = Aufgabe Aufgaben | exercise problem
Step steps = Schritt Schritte
Part parts = Teil Teile
Volume volumes = Band Bände | Ausgabe
version versions = Version Versionen | Fassung
Item items = Position Positionen | Punkt Posten Artikel Element Nummer
Lesson lessons = Lektion Lektionen | Unterricht Stunde
Unit units = Einheit Einheiten | Lektion Modul
Episode episodes = Folge Folgen | Episode
Season seasons = Staffel Staffeln | Saison series
week weeks = Woche Wochen
Grade grades = Klasse Klassen | Note class
Class classes = Klasse Klassen | grade
Hall halls = Halle Hallen | Saal
Booth booths = Stand Stände | stall stand
Counter counters = Schalter Schalter | Theke Kasse desk window
Ward wards = Station Stationen | Abteilung station
Lane lanes = Spur Spuren | track
Flight flights = Flug Flüge
Apartment apartments = Wohnung Wohnungen | Apartment Appartement flat
Locker lockers = Schließfach Schließfächer | Fach Spind
Compartment compartments = Fach Fächer | locker shelf box slot subject
example examples = Beispiel Beispiele
Column columns = Spalte Spalten
row rows = Reihe Reihen | Zeile line
Slide slides = Folie Folien | transparency
Scene scenes = Szene Szenen
Group groups = Gruppe Gruppen
Channel channels = Kanal Kanäle
Model models = Modell Modelle
Type types = Typ Typen | Art
size sizes = Größe Größen | Format
Match matches = Spiel Spiele | Match Partie game
Player players = Spieler Spieler
Order orders = Bestellung Bestellungen | Auftrag
Offer offers = Angebot Angebote | quote quotation
Invoice invoices = Rechnung Rechnungen | bill
District districts = Bezirk Bezirke | Kreis Distrikt
Zone zones = Zone Zonen
Attachment attachments = Anlage Anlagen | annex appendix enclosure
"""
_NUMBER = r"(?:\d+[A-Za-z]?(?:[.–-]\d+[A-Za-z]?)*|[A-HJ-Z]\d{0,3}|[IVX]{2,6})(?!\w|[.,:/–-]\w|[’'])"
# What it counts begins another part of the sentence: the room 20 people share; Raum 5 Minuten.
_COUNTS = {
    "en": r"(?! ?[%$€£°]| (?!(?:is|was|has|as|does)\b)(?:[a-z]+s|people|percent|per|more|men|women|children)\b)",
    "de": r"(?! ?[%$€£°]| [A-ZÄÖÜ]| (?:mal|weitere)\b)",
}
_MAY_HAVE = re.compile(r"[^\W\d_] (?:\d|[A-Z][\dIVX]{0,5}(?!\w))")


@dataclass(frozen=True, slots=True)
class _Noun:
    said: str
    """What it is in the other language."""
    accepted: str
    """A pattern of what a translation may have for it."""


def numbered(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The nouns with a number behind them in `sentence`, each as the language `target` has it; English and German only."""
    if {source, target} != {"en", "de"} or _MAY_HAVE.search(sentence) is None:
        return
    for match in _pattern(source).finditer(sentence):
        noun, number = _nouns(source)[match["noun"]], match["number"]
        digits = re.escape(number).replace("–", "[–-]")
        said = rf"(?<!\w)(?:{noun.accepted})n?\W{{0,2}}(?:(?:Nr\.|no\.|number|Nummer) )?{digits}(?!\w)"
        other = f"{noun.said} {number}"
        yield Span(match.start(), match.end(), soft=True, translation=other, kept=f"(?i:{said})")


@cache
def _pattern(language: str) -> re.Pattern[str]:
    nouns = "|".join(sorted(_nouns(language), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?P<noun>{nouns}) (?P<number>{_NUMBER}){_COUNTS[language]}")


@cache
def _nouns(language: str) -> dict[str, _Noun]:
    """The nouns of a language, in singular and plural, as they are written."""
    said: dict[str, str] = {}
    accepted: dict[str, set[str]] = {}
    for row in _ROWS.strip().splitlines():
        words, _, others = row.partition(" | ")
        english, german = (side.split() for side in words.split(" = "))
        own, there = (english, german) if language == "en" else (german, english)
        for one, other in zip(own, there, strict=True):
            said.setdefault(one, other)
            accepted.setdefault(one.lower(), set()).update((*there, *others.split()))
    for one in list(said) if language == "en" else ():
        for form in (one.lower(), one.capitalize()):
            said.setdefault(form, said[one])
    return {one: _Noun(other, "|".join(sorted(accepted[one.lower()]))) for one, other in said.items()}
