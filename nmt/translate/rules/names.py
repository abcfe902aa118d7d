"""Names that no model should translate: of people, and of German streets.

A model spells a name that it seldom saw in subwords of other words, and loses or translates some: of Mr. Stone it makes Herr
Stein, and of Dear Ms. Whitaker a letter to nobody. After Mr. and Frau or the greeting of a letter, every name is found.
Elsewhere a name may be any word with a capital, and is found if it is a given name or comes after one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nmt.text.spans import Span, apart
from nmt.translate.rules.given_names import ENGLISH_WORDS, WITH_FAMILY, given_names

_WORD = r"[A-ZÀ-ÖØ-Þ](?:['’][A-ZÀ-ÖØ-Þ])?[^\W\d_]*(?:-[A-ZÀ-ÖØ-Þ][^\W\d_]+)*"
_INITIALS = r"(?:[A-Z]\.[ -]?)*"
_PARTICLES = r"(?:(?:von|van|de|du|di|da|del|della|dos|ten|ter|bin|ben|al|el|St\.) (?:(?:der|den|dem|la|las|los|de) )?)?"
_NEVER = (
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|June|July|August|September|October|November|"
    r"December|You|Me|Him|Her|It|Us|Them|I|The|And|Or"
)
_NAME = rf"{_INITIALS}{_PARTICLES}{_WORD}"
_MORE = rf" (?!(?:{_NEVER})\b){_NAME}"
_DEGREE = r"(?:(?:Profa?|Dra?)\.? (?:(?:med|phil|jur|rer\. ?nat|h\. ?c|Ing)\. )*|Dipl\.-[A-Z][a-z]+\. )"


@dataclass(frozen=True, slots=True)
class _Language:
    """How a language addresses people."""

    begins: tuple[str, ...]
    """Parts of titles and greetings, of which each has one."""
    titles: str
    greetings: str
    others: str
    """What follows a title or a greeting, and is no name: Mr. President, Liebe Grüße."""
    nouns_capitalised: bool = False
    not_after: re.Pattern[str] | None = None
    """What comes before a word that is no title there: die Frau."""


_LANGUAGES = {
    "en": _Language(
        begins=(
            "Mr",
            "Ms",
            "Mx",
            "Miss",
            "Uncle",
            "Aunt",
            "Prof",
            "Dr",
            "Doctor",
            "Dear",
            "Hi",
            "Hello",
            "Hey",
            "Good",
            "Thank",
        ),
        titles=r"(?:Mr|Mrs|Ms|Mx)\.?|Miss|Uncle|Aunt|Professor|Doctor",
        greetings="Dear|Hi|Hello|Hey|Good (?:morning|afternoon|evening)|Thanks|Thank you",
        others=(
            rf"(?:{_NEVER}|(?:Vice.?)?President|Speaker|Chair\w*|Commissioner|Secretary|Ambassador|Minister|Mayor|Judge|"
            r"Justice|Governor|Senator|Director|Chancellor|General|Right|Wrong|America|Germany|England|Europe|Universe|World|"
            r"Sam|Sirs?|Madams?|Customers?|Friends?|Colleagues?|Team|All|Every\w+|Mom|Mum|Dad|Mother|Father|Grand\w+|Diary|"
            r"God|Lord|Guests?|Parents?|Readers?|Members?|Santa|Students?|Valued|Ladies|Gentlemen|Editors?|Doctor|Professor|"
            r"Teacher|Honou?r\w*|Applicants?|Candidates?|Users?|Partners?|Neighbou?rs?|Uncle|Aunt|Mr|Mrs|Ms|Mx|Miss|Dr|Prof|"
            r"Hiring|There)\b"
        ),
    ),
    "de": _Language(
        begins=(
            *(
                "Herr",
                "Frau",
                "Fräu",
                "Onkel",
                "Tante",
                "Prof",
                "Dr",
                "Doktor",
                "Familie",
                "Sehr",
                "Liebe",
                "Werte",
                "Hallo",
            ),
            *("Hi", "Hey", "Guten", "Danke", "Servus", "Moin", "Dipl"),
        ),
        titles=r"Herrn?|Frau|Fräulein|Onkel|Tante|Professor|Doktor|^Familie",
        greetings="(?:Sehr geehrte|Liebe|Werte)r?|Hallo|Hi|Hey|Guten (?:Morgen|Tag|Abend)|Danke|Servus|Moin",
        others=(
            r"(?:\w*(?:[Pp]räsident|[Mm]inister|[Kk]anzler|[Vv]orsitzend|[Kk]ommissar|[Dd]irektor|[Mm]eister|[Ll]eiter|"
            r"[Ff]ührer|[Ss]ekretär|[Bb]erichterstatter|[Kk]olleg|[Bb]eauftragt|[Aa]bgeordnet|[Rr]ichter|[Bb]otschafter|"
            r"[Ll]ehrer|[Pp]rofessor|[Dd]oktor|[Nn]achbar|[Kk]und|[Ff]reund|[Ll]eser|[Mm]itglied|[Bb]ewerber|[Nn]utzer|"
            r"[Pp]artner|[Tt]eilnehmer|[Bb]ürger|[Ss]chüler|[Hh]örer|[Zz]uschauer|[Gg]enoss)\w*|Rat|Gott|General|Oberst|"
            r"Pfarrer|Kapitän|Senator\w*|Rechtsanw\w+|Staatsanw\w+|Damen|Herren|Herrn?|Frau(?:en)?|Fräulein|Familie|"
            r"Gäste|Gast|Eltern|Mama|Mami|Mutti|Mutter|Papa|Vati|Vater|Oma|Opa|Großm\w+|Großv\w+|Tante|Onkel|Bruder|Brüder|"
            r"Schwester\w*|Kinder|Kind|Leute|Welt|Deutschland|Österreich|Schweiz|Europa|Zusammen|Team|Grüße|Grüssen?|Sonne|"
            r"Sir|Tagebuch|Schatz|Gemeinde|Ihr|Sie|Du|Ihnen|Dir|Euch|Alle|Morgen|Tag|Abend|Nacht)\b"
        ),
        nouns_capitalised=True,
        not_after=re.compile(
            r"(?:\b(?:d(?:ie|er|en|em|es)|(?:ein|kein|mein|dein|sein|ihr|unser|eu(?:e)?r)(?:e[rnms]?)?|"
            r"(?:dies|jed|jen|welch|solch|manch)e[rnms]?|zur|zum|vom|beim|im|ins?)(?: [a-zäöüß]+e[rnms]?)*|\bals|\bwie|"
            r"\b(?:Mann|Kind) (?:und|oder)) $",
            re.I,
        ),
    ),
    "fr": _Language(
        begins=(
            "M. ",
            "Mm",
            "Ml",
            "onsieur ",
            "adame ",
            "ademoiselle ",
            "ncle",
            "ante",
            "Prof",
            "Dr",
            "Cher",
            "Chère",
            "Bon",
            "Salut",
            "Merci",
        ),
        titles=r"M\.|Mmes?|Mlles?|[Mm]onsieur|[Mm]adame|[Mm]ademoiselle|[Oo]ncle|[Tt]ante",
        greetings="Cher|Chère|Bonjour|Bonsoir|Salut|Merci",
        others=r"(?:Monsieur|Madame|Mademoiselle|M|Mme|Mlle|Président\w*|Ministre|Tout|Tous|Maman|Papa|Client\w*)\b",
    ),
    "es": _Language(
        begins=("Sr", "eñor", "on ", "oña ", "ío", "ía", "Prof", "Dr", "Querid", "Estimad", "Hola", "Buen", "Gracias"),
        titles=r"Sr(?:a|ta|es)?\.?|[Ss]eñor(?:a|es|ita)?|Don|Doña|don|doña|[Tt]í[oa]",
        greetings="Querid[oa]|Estimad[oa]|Hola|Buenos días|Buenas (?:tardes|noches)|Gracias",
        others=r"(?:Señor\w*|Sra?|Srta|Don|Doña|President\w+|Ministr\w+|Dios|Mamá|Papá|Client\w+|Amig\w+)\b",
    ),
}
# What follows a name where it is no name: in German Anna's may be one in the genitive (nmt.translate.rules.genitive).
_APOSTROPHE = dict.fromkeys(_LANGUAGES, "['’]") | {"de": "['’](?!s )"}
_PATTERNS = {
    code: re.compile(
        rf"(?:(?P<title>(?<![\w-])(?:{one.titles}) )|(?P<greeting>^(?:{one.greetings}),? )|(?<![\w-])(?={_DEGREE}))"
        rf"(?P<name>{_DEGREE}*(?!{one.others}){_NAME})(?P<more>(?:{_MORE}){{0,2}})(?!\w|{_APOSTROPHE[code]}\w|-\w)"
    )
    for code, one in _LANGUAGES.items()
}
# Of kings, saints and places, which have names of their own in each language.
_REGNAL = (
    r"King|Queen|Prince|Princess|Emperor|Empress|Pope|Saint|Saints|St|Tsar|Lake|San|Santa|König|Königin|Prinz|Prinzessin|"
    r"Kaiser|Kaiserin|Papst|Sankt|hl|heiligen?|Zar|roi|reine|prince|princesse|pape|rey|reina|príncipe|princesa|papa"
)
_OF_A_KING = r" (?:[IVX]+\b|of [A-Z]|the [A-Z]|von [A-Z]|de[rn]? (?:[A-Z]|[a-z]+ [A-Z]))"
_GIVEN = {
    code: re.compile(
        rf"(?:(?P<regnal>(?<!\w)(?:{_REGNAL})\.? )|(?<![\w.’'@/-]))"
        rf"(?P<name>{_WORD})(?!\w|[@/-]\w|{apostrophe}\w|\.\w|{_OF_A_KING})"
    )
    for code, apostrophe in _APOSTROPHE.items()
}
_FAMILY = re.compile(rf"(?:{_MORE}){{1,2}}(?!\w|[@’'/-]\w|\.\w|{_OF_A_KING})")
_BEFORE_A_PERSON = re.compile(
    r"(?<!\w)(?:with|about|sees?|saw|seen|meets?|met|knows?|knew|known|ask(?:s|ed)?|tells?|told|call(?:ed)?|love[sd]?|like[sd]?|"
    r"miss(?:es|ed)?|married|named|does|did|has|because|help(?:ed)?|invited?|visit(?:ed)?|thank|kissed|hugged|gave|give|"
    r"belongs to|(?i:my|your|his|her|our|their) (?:\w+ )?(?:friend|sister|brother|son|daughter|cousin|uncle|aunt|nephew|"
    r"niece|colleague|boss|husband|wife|boyfriend|girlfriend|neighbou?r|dad|mum|mom|teacher|roommate)) $"
)
_ASKED_FOR = re.compile(r"(?:^(?:Is|Was|Did|Does|Has|Can|Will|Where is|Where's|Who is|Who's)) $")
_BEGINS = re.compile(r"(?:^|, )$")
_GOES_ON = re.compile(r"[,.!?;:]|$| [a-zäöü]")
_STREET = re.compile(
    r"(?<![\w-])(?!(?:Bundes|Landes?|Kreis|Staats|Schnell|Fern|Auto|Wasser)stra|Stau|(?:Di|De|Ein|Kein|Zu|Jed)\w* )"
    r"(?:[A-ZÄÖÜ][\w-]*(?:straße|strasse|str\.|gasse|allee|damm|chaussee|ufer|promenade)|"
    r"[A-ZÄÖÜ][\w-]+[ -](?:Straße|Strasse|Str\.|Allee|Gasse))"
    r" \d{1,4}(?: ?[a-z](?!\w))?(?:, \d{5} [A-ZÄÖÜ][\w-]+)?"
)
_WITH_INITIALS = re.compile(
    rf"(?<![\w-])(?!U\.|P\. ?S|N\. ?B|A\. ?D|B\. ?C|D\. ?C|E\. ?U)(?:{_WORD} (?:[A-Z]\. )+|(?:[A-Z]\. ?){{2,}}){_WORD}"
    r"(?!\w|['’-]\w)"
)
_COMPANY = re.compile(
    r"(?<![\w&.-])(?<!& )(?!(?:Die|Der|Das|Den|Dem|Des|Eine?r?|Bei|Firma|The|An?|At|For|And|Our|We|I) )"
    r"[A-ZÄÖÜ][\w'’-]*(?:,? (?:& |and |und )?[A-ZÄÖÜ][\w'’-]*){0,2},? "
    r"(?:GmbH(?: & Co\. (?:KG|OHG))?|AG|KG|OHG|UG|SE|Ltd|Inc|LLC|PLC|Corp)(?!\w)(?:\.(?= [a-z]))?"
)
_LEGAL_FORMS = ("GmbH", " AG", " KG", " OHG", " UG", " SE", " Ltd", " Inc", " LLC", " PLC", " Corp")
_DIGIT = re.compile(r"\d")
_INITIAL = re.compile(r" [A-Z]\.")
_CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:-[A-Z][^\W\d_]+)*")
_CAPITAL = re.compile(r" [A-ZÀ-ÖØ-Þ]")
_END_OF_GREETING = re.compile(r"[,!.:]|$")


def names(sentence: str, *, language: str) -> list[Span]:
    """The names in `sentence`, in order and apart: of people, with degrees, of companies, and of streets with numbers."""
    return apart(_found(sentence, language)) if language in _LANGUAGES else []


def _found(sentence: str, language: str) -> Iterator[Span]:
    one = _LANGUAGES[language]
    if language == "de" and _DIGIT.search(sentence):
        yield from (Span(*match.span(), soft=True) for match in _STREET.finditer(sentence))
    if "." in sentence:
        yield from (Span(*match.span(), soft=True) for match in _WITH_INITIALS.finditer(sentence))
    if any(form in sentence for form in _LEGAL_FORMS):
        yield from (Span(*match.span(), soft=True) for match in _COMPANY.finditer(sentence))
    yield from _after_titles(sentence, language, one)
    yield from _given(sentence, language)


def _after_titles(sentence: str, language: str, one: _Language) -> Iterator[Span]:
    if not any(begin in sentence for begin in one.begins):  # as in most sentences
        return
    for match in _PATTERNS[language].finditer(sentence):
        if match["title"] and one.not_after and one.not_after.search(sentence[: match.start()]):
            continue
        if match["greeting"] and not _END_OF_GREETING.match(sentence, match.end()):
            continue
        is_followed = _CAPITAL.match(sentence, match.end("name"))
        if one.nouns_capitalised and match["name"].endswith("s") and is_followed and not match["greeting"]:
            continue  # Frau Schmidts Hund
        yield Span(match.start("name"), match.end("more" if _has_more(match, one) else "name"), soft=True)


def _given(sentence: str, language: str) -> Iterator[Span]:
    """Given names, with the family name that follows; in German, where a noun may follow, only if it must be a name."""
    known = given_names(language)
    if known.isdisjoint(_CAPITALISED.findall(sentence)):  # as in most sentences
        return
    last = 0
    for match in _GIVEN[language].finditer(sentence):
        if match["regnal"] or match.start() < last:
            continue
        before = sentence[: match.start()]
        is_word = language == "en" and match["name"] in ENGLISH_WORDS
        if match["name"] not in known or (is_word and not (_BEFORE_A_PERSON.search(before) or _ASKED_FOR.search(before))):
            continue
        last = match.end()
        family = _FAMILY.match(sentence, last)
        if family and not _CAPITAL.match(sentence, family.end()):
            nouns = language == "de"
            if not nouns or (_BEGINS.search(before) and _GOES_ON.match(sentence, family.end())):
                last = family.end()
        if last > match.end() or match["name"] not in WITH_FAMILY:
            yield Span(match.start(), last, soft=True)


def _has_more(match: re.Match[str], language: _Language) -> bool:
    """Whether what follows the first word of a name with a capital belongs to it."""
    if match["greeting"]:
        return True
    if language.nouns_capitalised:  # wenn Frau Schmidt Zeit hat; but Dr. Anna Schmidt alone, below a letter
        return _INITIAL.match(match["more"]) is not None or match.end() == len(match.string)
    return _CAPITAL.match(match.string, match.end()) is None  # Mr. Smith Goes to Washington
