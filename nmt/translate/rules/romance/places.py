"""Names of countries and cities between English and French or Spanish: Lisbon is Lisbonne, and in Poland en Pologne.

A model of everyday sentences knows a few, and of the others loses or invents some. So a translation must have the name that
this list has, with an article or preposition that goes with it; where it has not, the model is shown a name that it knows
and that goes with the same ones: Japan for Portugal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from nmt.text.spans import Shown, Span
from nmt.translate.rules.given_names import given_names
from nmt.translate.rules.romance.pairs import LANGUAGES, is_romance_pair

# English | French | Spanish; with the article where a language has one within a sentence.
_PLACES = """
    Afghanistan | l'Afghanistan | Afganistán
    Africa | l'Afrique | África
    Albania | l'Albanie | Albania
    Algeria | l'Algérie | Argelia
    Angola | l'Angola | Angola
    Argentina | l'Argentine | Argentina
    Armenia | l'Arménie | Armenia
    Asia | l'Asie | Asia
    Australia | l'Australie | Australia
    Austria | l'Autriche | Austria
    Azerbaijan | l'Azerbaïdjan | Azerbaiyán
    Bangladesh | le Bangladesh | Bangladés
    Belarus | la Biélorussie | Bielorrusia
    Belgium | la Belgique | Bélgica
    Bolivia | la Bolivie | Bolivia
    Brazil | le Brésil | Brasil
    Bulgaria | la Bulgarie | Bulgaria
    Cambodia | le Cambodge | Camboya
    Cameroon | le Cameroun | Camerún
    Canada | le Canada | Canadá
    Chile | le Chili | Chile
    China | la Chine | China
    Colombia | la Colombie | Colombia
    Croatia | la Croatie | Croacia
    Denmark | le Danemark | Dinamarca
    Ecuador | l'Équateur | Ecuador
    Egypt | l'Égypte | Egipto
    England | l'Angleterre | Inglaterra
    Estonia | l'Estonie | Estonia
    Ethiopia | l'Éthiopie | Etiopía
    Europe | l'Europe | Europa
    Finland | la Finlande | Finlandia
    France | la France | Francia
    Germany | l'Allemagne | Alemania
    Ghana | le Ghana | Ghana
    Greece | la Grèce | Grecia
    Guatemala | le Guatemala | Guatemala
    Hungary | la Hongrie | Hungría
    Iceland | l'Islande | Islandia
    India | l'Inde | India
    Indonesia | l'Indonésie | Indonesia
    Iran | l'Iran | Irán
    Iraq | l'Irak | Irak
    Ireland | l'Irlande | Irlanda
    Italy | l'Italie | Italia
    Jamaica | la Jamaïque | Jamaica
    Japan | le Japon | Japón
    Kazakhstan | le Kazakhstan | Kazajistán
    Kenya | le Kenya | Kenia
    Latvia | la Lettonie | Letonia
    Lebanon | le Liban | Líbano
    Libya | la Libye | Libia
    Lithuania | la Lituanie | Lituania
    Malaysia | la Malaisie | Malasia
    Mexico | le Mexique | México
    Mongolia | la Mongolie | Mongolia
    Morocco | le Maroc | Marruecos
    Nepal | le Népal | Nepal
    the Netherlands | les Pays-Bas | los Países Bajos
    New Zealand | la Nouvelle-Zélande | Nueva Zelanda
    Nigeria | le Nigeria | Nigeria
    North Korea | la Corée du Nord | Corea del Norte
    Norway | la Norvège | Noruega
    Pakistan | le Pakistan | Pakistán
    Paraguay | le Paraguay | Paraguay
    Peru | le Pérou | Perú
    the Philippines | les Philippines | las Filipinas
    Poland | la Pologne | Polonia
    Portugal | le Portugal | Portugal
    Romania | la Roumanie | Rumanía
    Russia | la Russie | Rusia
    Saudi Arabia | l'Arabie saoudite | Arabia Saudita
    Scotland | l'Écosse | Escocia
    Senegal | le Sénégal | Senegal
    Serbia | la Serbie | Serbia
    Sicily | la Sicile | Sicilia
    Slovakia | la Slovaquie | Eslovaquia
    Slovenia | la Slovénie | Eslovenia
    South Africa | l'Afrique du Sud | Sudáfrica
    South Korea | la Corée du Sud | Corea del Sur
    Spain | l'Espagne | España
    Sweden | la Suède | Suecia
    Switzerland | la Suisse | Suiza
    Syria | la Syrie | Siria
    Thailand | la Thaïlande | Tailandia
    Tunisia | la Tunisie | Túnez
    Turkey | la Turquie | Turquía
    Ukraine | l'Ukraine | Ucrania
    the United Kingdom | le Royaume-Uni | el Reino Unido
    the United States | les États-Unis | los Estados Unidos
    Uruguay | l'Uruguay | Uruguay
    Venezuela | le Venezuela | Venezuela
    Vietnam | le Vietnam | Vietnam
    Wales | le Pays de Galles | Gales
    Algiers | Alger | Argel
    Amsterdam | Amsterdam | Ámsterdam
    Antwerp | Anvers | Amberes
    Athens | Athènes | Atenas
    Barcelona | Barcelone | Barcelona
    Basel | Bâle | Basilea
    Beijing | Pékin | Pekín
    Berlin | Berlin | Berlín
    Bern | Berne | Berna
    Boston | Boston | Boston
    Brussels | Bruxelles | Bruselas
    Bucharest | Bucarest | Bucarest
    Budapest | Budapest | Budapest
    Buenos Aires | Buenos Aires | Buenos Aires
    Cairo | Le Caire | El Cairo
    Cologne | Cologne | Colonia
    Copenhagen | Copenhague | Copenhague
    Damascus | Damas | Damasco
    Dublin | Dublin | Dublín
    Edinburgh | Édimbourg | Edimburgo
    Florence | Florence | Florencia
    Geneva | Genève | Ginebra
    Genoa | Gênes | Génova
    Hamburg | Hambourg | Hamburgo
    Havana | La Havane | La Habana
    Helsinki | Helsinki | Helsinki
    Istanbul | Istanbul | Estambul
    Jerusalem | Jérusalem | Jerusalén
    Kyiv | Kiev | Kiev
    Lisbon | Lisbonne | Lisboa
    London | Londres | Londres
    Madrid | Madrid | Madrid
    Marseille | Marseille | Marsella
    Mexico City | Mexico | Ciudad de México
    Milan | Milan | Milán
    Moscow | Moscou | Moscú
    Munich | Munich | Múnich
    Naples | Naples | Nápoles
    New York | New York | Nueva York
    Nuremberg | Nuremberg | Núremberg
    Oslo | Oslo | Oslo
    Paris | Paris | París
    Philadelphia | Philadelphie | Filadelfia
    Prague | Prague | Praga
    Rome | Rome | Roma
    Seoul | Séoul | Seúl
    Seville | Séville | Sevilla
    Singapore | Singapour | Singapur
    Stockholm | Stockholm | Estocolmo
    Tokyo | Tokyo | Tokio
    Turin | Turin | Turín
    Venice | Venise | Venecia
    Vienna | Vienne | Viena
    Warsaw | Varsovie | Varsovia
    Zurich | Zurich | Zúrich
"""
_ALSO = {
    "the USA": "the United States",
    "the US": "the United States",
    "the U.S.": "the United States",
    "the UK": "the United Kingdom",
    "EE. UU.": "los Estados Unidos",
    "EE.UU.": "los Estados Unidos",
    "Kyiv": "Kiev",
}
"""Other forms that are read."""
_ALSO_SAID = {
    "the United States": ("America", "States", "USA", "US"),
    "los Estados Unidos": ("EE. UU.", "EE.UU.", "América"),
}
"""What models say for a place, too."""
_ARTICLE = re.compile(r"(?:the|la|le|les|el|los|las) |l'")
_WORDS = frozenset(("Colonia",))
"""Names that at the beginning of a sentence may be another word."""
_KNOWN = {
    "masculine": ("Japan", "Canada", "Brazil", "Mexico"),
    "feminine": ("France", "China", "Russia"),
    "vowel": ("Italy", "Germany", "Australia"),
    "several": ("the United States",),
    "city": ("London", "Boston", "Tokyo"),
}
"""Names that models know, of each kind that French makes of them."""
_NOT_AFTER = {
    "masculine": "de|en|la|à",
    "feminine": "au|du|le|à|aux",
    "vowel": "au|du|de|le|la|à|aux",
    "several": "dans|de|en|la|le|au|du|à",
    "city": "au|du|en|le|la|aux",
}
"""What stands before no name of a kind in French."""
_CAPITAL = "[A-ZÀ-ÖØ-Þ]"
_PART_OF_OTHERS = rf"(?={_CAPITAL})(?<!\bNew )(?<!\bNorthern )(?<!\bNorth )(?<!\bSouth )(?<!\bWest )(?<!\bEast )(?<![\w-])"
_BEFORE_VOWEL = re.compile(r"\b(?P<d>[Dd])e (?=(?P<name>[AEIOUÀÂÉÈÊÎÔÛ]\w+))")


@dataclass(frozen=True, slots=True)
class _Place:
    kind: str
    names: dict[str, str]
    """By the language, with the article that it has in a sentence."""

    def bare(self, code: str) -> str:
        return _ARTICLE.sub("", self.names[code], count=1)

    def said(self, code: str) -> str:
        """As it stands in a sentence: in French its article depends on what is before."""
        return self.bare(code) if code == "fr" else self.names[code]


def romance_places(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The names of places in `sentence`, each as `target` has it, to be looked for in what a model makes of them."""
    if not is_romance_pair(source, target):
        return
    pattern, named = _named(source)
    used: set[str] = set()
    for match in pattern.finditer(sentence):
        place, start = named[match["name"]], match.start("name")
        article = place.names[source].removesuffix(place.bare(source))
        if source != "fr" and article and sentence[:start].lower().endswith(article):
            start -= len(article)
        if source == "en" and article and start == match.start("name"):
            continue  # us, or it
        if start or match["name"] not in _WORDS:
            said = place.said(target)
            shown = _shown(place, sentence, source, target, used)
            own = Span(start, match.end(), soft=True, shown=shown, kept=_kept(place, target))
            yield replace(own, translation=said[0].upper() + said[1:] if start == 0 else said)


def elided(text: str) -> str:
    """A French `text` with d' before the name of a city or a person that begins with a vowel, where a model wrote de."""
    cities, people = _cities(), given_names("fr")
    return _BEFORE_VOWEL.sub(
        lambda match: f"{match['d']}'" if match["name"] in cities or match["name"] in people else match[0], text
    )


def _kept(place: _Place, target: str) -> str:
    """A pattern of what a translation has of a place."""
    has_article = target != "fr" and place.bare(target) != place.names[target]
    never = _NOT_AFTER[place.kind] if target == "fr" else "" if has_article else {"en": "the", "es": "el|la|los|las"}[target]
    before = "".join(rf"(?<!\b{word} )" for word in never.split("|") if word)
    name = "|".join(map(re.escape, (place.bare(target), *_ALSO_SAID.get(place.names[target], ()))))
    return rf"(?i:{before}(?<!\w)(?:{name})(?!\w))"


def _shown(place: _Place, sentence: str, source: str, target: str, used: set[str]) -> Shown | None:
    """Another place that a model knows, which is not in the sentence."""
    kind = place.kind if "fr" in (source, target) or place.kind == "city" else "masculine"
    for name in _KNOWN[kind]:
        other = _places()[name]
        if name not in used and other.bare(source) not in sentence and other.names != place.names:
            used.add(name)
            article = rf"(?:{_ARTICLE.pattern})?" if target != "fr" else ""
            return Shown(other.said(source), rf"(?<!\w){article}{re.escape(other.bare(target))}(?!\w)")
    return None


@cache
def _places() -> dict[str, _Place]:
    """Each place by its English name."""
    found: dict[str, _Place] = {}
    for line in _PLACES.strip().splitlines():
        names = dict(zip(LANGUAGES, (name.strip() for name in line.split("|")), strict=True))
        article = _ARTICLE.match(names["fr"])
        kind = {"le ": "masculine", "la ": "feminine", "l'": "vowel", "les ": "several"}[article[0]] if article else "city"
        found[names["en"]] = _Place(kind, names)
    return found


@cache
def _cities() -> frozenset[str]:
    """By their French names, which have no article of their own."""
    return frozenset(place.names["fr"] for place in _places().values() if place.kind == "city")


@cache
def _named(source: str) -> tuple[re.Pattern[str], dict[str, _Place]]:
    """A pattern of the names of all places in a language, and each place by it, without articles."""
    found = {place.bare(source): place for place in _places().values()}
    found |= {
        _ARTICLE.sub("", other, count=1): found[bare]
        for other, own in _ALSO.items()
        if (bare := _ARTICLE.sub("", own)) in found
    }
    names = "|".join(sorted(map(re.escape, found), key=len, reverse=True))
    return re.compile(rf"{_PART_OF_OTHERS}(?P<name>{names})(?!\w|-\w| {_CAPITAL}\w)"), found
