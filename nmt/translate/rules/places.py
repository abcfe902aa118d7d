"""Names of towns that English and German share, and English streets with their numbers: Belfast, 231 Fifth Avenue.

A model spells one that it seldom saw in pieces of other words: Belfast becomes Belgrade, and Fifth Avenue is translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Span

_TOWNS = frozenset(
    """
    Aachen Aberdeen Adelaide Albuquerque Amarillo Anchorage Annapolis Ankara Arnsberg Aschaffenburg Atlanta
    Auckland Augsburg Austin Bakersfield Baltimore Bamberg Bangkok Barcelona Bayreuth Belfast
    Bern Bielefeld Birmingham Blackpool Bochum Bolton Bonn Boston Bottrop Bournemouth Bradford Braunschweig Bregenz Bremen
    Bremerhaven Brighton Brisbane Bristol Brooklyn Budapest Calgary Cambridge Canberra Canterbury Cardiff Charleston
    Charlotte Chelmsford Chemnitz Chester Chicago Christchurch Cincinnati Cleveland Coburg Colchester Cottbus Coventry
    Cuxhaven Dallas Darmstadt Davos Delmenhorst Denver Derby Dessau Detmold Detroit Doncaster Dornbirn Dortmund Dover
    Dresden Dublin Duisburg Dundee Durban Durham Düsseldorf Edinburgh Edmonton Eisenach Emden Erfurt Erlangen Esslingen
    Exeter Flensburg Frankfurt Freiburg Friedrichshafen Fulda Fürth Gelsenkirchen Gera Glasgow Gloucester Goslar Gotha
    Göttingen Görlitz Graz Greifswald Greenwich Grimsby Gütersloh Halifax Hamm Hanau Hartford Heidelberg Heilbronn
    Helsinki Hildesheim Honolulu Houston Huddersfield Indianapolis Ingolstadt Innsbruck Inverness Ipswich Iserlohn Istanbul
    Jacksonville Jakarta Jena Johannesburg Kaiserslautern Karlsruhe Kassel Kempten Kiel Kitzbühel Klagenfurt Koblenz
    Krefeld Kyoto Lagos Lancaster Landshut Lausanne Leeds Leicester Leipzig Leverkusen Limerick Lindau Linz Liverpool
    Lübeck Ludwigsburg Ludwigshafen Lüneburg Lugano Luton Magdeburg Mainz Malmö Manchester Manhattan Manila
    Mannheim Marburg Melbourne Memmingen Memphis Miami Middlesbrough Milwaukee Minden Minneapolis Moers Montreal Mumbai
    Münster Nairobi Nashville Neuss Newark Newcastle Newport Northampton Norwich Nottingham Offenbach Offenburg Oldenburg
    Omaha Orlando Osaka Oslo Osnabrück Ottawa Oxford Paderborn Palermo Pasadena Passau Perth Peterborough Pforzheim
    Philadelphia Pirna Pittsburgh Plymouth Portland Portsmouth Potsdam Preston Quebec Ravensburg Recklinghausen Regensburg
    Remscheid Reutlingen Richmond Rochdale Rochester Rosenheim Rostock Rotterdam Saarbrücken Sacramento Salisbury
    Salzburg Salzgitter Schweinfurt Schwerin Seattle Seoul Sheffield Solingen Southampton Speyer Springfield Stavanger
    Stockholm Stockport Stralsund Stuttgart Suhl Sunderland Swansea Swindon Sydney Taipeh Tallahassee Toronto Trier Tucson
    Tulsa Tübingen Ulm Unna Utrecht Vancouver Viersen Villach Wakefield Wetzlar Wiesbaden Wilhelmshaven Winchester Winnipeg
    Winterthur Wismar Wittenberg Wolfsburg Wolverhampton Worcester Wuppertal Würzburg York Zermatt Zwickau
    """.split()  # noqa: SIM905
)
"""Those that are no word of either language, nor called otherwise in one, nor as well known as Hamburg."""
# A town, and not the first part of a name: in Boston Harbor. Of another form the translation may be right: the Berlin Wall.
_TOWN = {
    "en": re.compile(
        r"\b(?i:in|to|from|near|via|around|outside|of|towards|between|at|visit(?:ed|ing)?|leave|left|for|and) "
        r"(?P<town>[A-Z][^\W\d_]{2,})(?=[.,;:!?)]|$| (?!(?:based|born|time|area|style)\b)[a-z]{2,})"
    ),
    "de": re.compile(
        r"\b(?:[Ii]n|[Nn]ach|[Aa]us|[Bb]ei|[Vv]on|[Ff]ür|[Üü]ber|[Zz]wischen|[Vv]or|und|Stadt) "
        r"(?P<town>[A-ZÄÖÜ][^\W\d_]{2,})(?=[.,;:!?)]|$| (?!am\b|an der\b|im\b)[a-zäöü]{2,})"
    ),
}
_ENGLISH_STREET = re.compile(
    r"(?<![\w.,-])\d{1,5}[A-Za-z]? (?:[NSEW]\.? )?(?:[A-Z][a-z]+|\d+(?:st|nd|rd|th))(?: [A-Z][a-z]+){0,2} "
    r"(?:(?:Street|Avenue|Road|Lane|Drive|Boulevard|Terrace|Crescent|Gardens|Parkway|Broadway)\b|"
    r"(?:St|Ave|Rd|Blvd)\b\.?)"
)


def places(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The towns in `sentence` behind a preposition, and English streets with a number; English and German only."""
    if {source, target} != {"en", "de"}:
        return
    for match in _TOWN[source].finditer(sentence):
        if match["town"] in _TOWNS:
            yield Span(*match.span("town"), soft=True)
    if source == "en":
        yield from (Span(*match.span(), soft=True) for match in _ENGLISH_STREET.finditer(sentence))
