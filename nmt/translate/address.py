"""Forms of address: whether an English sentence addresses somebody, and how a German one does.

German has two registers: the informal one (du, and ihr for several people) and the formal one (Sie, with a capital). Three
things hide the second: she and they are sie, which has a capital at the beginning of a sentence; her and their are ihr, as
is the informal you for several people; and an imperative may have no pronoun at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from enum import Enum, IntEnum
from itertools import islice, pairwise


class Register(Enum):
    informal = "informal"
    formal = "formal"


class Case(Enum):
    """Grammatical cases as far as all pronouns tell them apart: du and dich are one, as both are Sie."""

    direct = "nominative or accusative"
    dative = "dative"
    possessive = "possessive"


class Verdict(IntEnum):
    """A translation against the register that it should have; the higher, the better."""

    other = 0
    """It has a form of the other register."""
    none = 1
    """It addresses nobody."""
    broken = 2
    """It has the register, but a verb does not agree with the pronoun, or a pronoun is lost."""
    right = 3


# --- English ---

_YOU = re.compile(r"\b(?:you|your|yours|yourself|yourselves|y'all|ya)\b", re.IGNORECASE)
_THIRD = re.compile(
    r"\b(?:she|her|hers|herself|they|them|their|theirs|themselves|it|its|itself|these|those)\b", re.IGNORECASE
)
"""Words that become sie and ihr."""
_BEFORE_IMPERATIVE = re.compile(
    r"\W*(?:(?:please|just|now|then|and|but|so|also|always|never|kindly|simply|first|next|well|okay|oh|hey|quick|come on)"
    r"\b[\s,]*|(?:do not|don't|don’t)\s+)*",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"(?:if|when|whenever|before|after|as soon as|until|unless|once|while|in case|to|for|in|on|at)\b[^,]*,\s*"
    r"|\w+,\s*",  # Peter, wait!
    re.IGNORECASE,
)
_IMPERATIVES = frozenset(
    "accept activate add admit allow answer apologise apologize apply approach arrange ask assign attach avoid bake be "
    "bear beat become beg begin behave believe bend bet bite blame blow boil book borrow break breathe bring brush build "
    "burn buy calculate call calm cancel carry catch change charge chat check cheer choose clean clear click climb close "
    "collect come compare complete concentrate confess configure confirm connect consider contact continue convert cook "
    "copy correct count cover create cross cry customise customize cut dance deactivate decide define delete deliver "
    "describe dig disappear discuss divide do double download drag draw dream dress drink drive drop dry earn eat edit "
    "empty enable end enjoy ensure enter examine excuse execute exercise explain export express face fasten feed feel "
    "fetch fight fill find finish fix fold follow forget forgive format freeze generate get give go grab greet grow guess "
    "hand hang have hear help hide hit hold hurry ignore imagine import improve include inform insert inspect install "
    "introduce invite join jump keep kick kill kiss knock know laugh lay lead learn leave lend let lie lift light listen "
    "live load locate lock log look love lower make mark marry measure meet melt merge mind mix mount move navigate note "
    "notice obey observe offer open order pack paint pardon park pass pay peel phone pick place plan plant play point pour "
    "practice practise praise pray prepare present press pretend preview print process promise prove pull push put quit "
    "raise reach read rearrange recommend record refer relax release remain remember remind remove rename repair repeat "
    "replace reply report request reserve reset resize rest restart restore retry return ride ring rinse roll rotate run "
    "save say scan scream scroll search see select sell send separate serve set shake share shout show shut sign sing sit "
    "sleep smell smile solve sort speak specify spell spend split stand start stay step stick stir stop store study submit "
    "swap swim switch take talk tap taste teach tell test thank think throw tie toggle touch trace translate travel treat "
    "trust try turn type understand undo unlock unplug update upload use verify view visit wait wake walk warn wash waste "
    "watch water wear wipe wish work worry write yell zoom".split()
)
_NO_IMPERATIVE = re.compile(  # Work: 8 hours. Work is hard. Do you know him? Let's go.
    r"\w+:|\w+\s+(?:is|are|was|were|has|had|will|would|can|could|should|must|may|of)\b|(?:do|have|may)\s+you\b"
    r"|let(?:'s|’s|\s+us)\b|thank\s+you\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Source:
    """A source sentence as far as address is concerned."""

    says_you: bool
    says_your: bool
    is_imperative: bool
    """At its beginning, or after a condition."""
    has_third: bool
    """Whether it may have a sie or ihr that is no form of address: she, they, her, their and the like."""
    third_is_first: bool
    """Whether one of these comes before every you, so that a translation may begin with it."""
    is_known: bool
    """Whether all this is known, as it is of English only."""

    @classmethod
    def read(cls, sentence: str, *, language: str) -> Source:
        if language != "en":
            return cls(
                says_you=False,
                says_your=True,
                is_imperative=False,
                has_third=True,
                third_is_first=True,
                is_known=False,
            )
        addresses = [(match.start(), match[0].lower()) for match in _YOU.finditer(sentence)]
        third = _THIRD.search(sentence)
        return cls(
            says_you=bool(addresses),
            says_your=any(word in ("your", "yours") for _, word in addresses),
            is_imperative=_is_imperative(sentence),
            has_third=third is not None,
            third_is_first=third is not None and all(third.start() < place for place, _ in addresses),
            is_known=True,
        )


def _is_imperative(sentence: str) -> bool:
    condition = _CONDITION.match(sentence)
    for place in (0, condition.end()) if condition else (0,):
        start = _BEFORE_IMPERATIVE.match(sentence, place)
        assert start is not None
        word = _WORD.match(sentence, start.end())
        if word and word[0].lower().rpartition("-")[2] in _IMPERATIVES and not _NO_IMPERATIVE.match(sentence, word.start()):
            return True
    return False


# --- German ---

_POSSESSIVES = ("", "e", "em", "en", "er", "es", "s")
_DIRECT, _DATIVE, _POSSESSIVE = (frozenset({case}) for case in Case)
_CASES = {
    Register.informal: {
        "du": _DIRECT,
        "dich": _DIRECT,
        "dir": _DATIVE,
        "euch": _DIRECT | _DATIVE,
        **{f"dein{ending}": _POSSESSIVE for ending in _POSSESSIVES},
        **{f"eur{ending}": _POSSESSIVE for ending in _POSSESSIVES if ending},
        **dict.fromkeys(("euer", "eueren", "deinetwegen", "euretwegen"), _POSSESSIVE),
    },
    Register.formal: {
        "sie": _DIRECT,
        "ihnen": _DATIVE,
        **{f"ihr{ending}": _POSSESSIVE for ending in _POSSESSIVES},
        "ihretwegen": _POSSESSIVE,
    },
}
"""Forms of address, in lower case, and what each may be."""
_OF_DU = frozenset(
    "bist hast kannst willst musst sollst darfst magst weißt wirst warst hattest wurdest konntest wolltest musstest solltest "
    "durftest mochtest wusstest könntest würdest hättest wärst wärest müsstest dürftest möchtest machst gehst kommst siehst "
    "gibst nimmst sagst denkst glaubst brauchst findest liebst lebst bleibst arbeitest sprichst verstehst kennst stehst "
    "liegst hörst fährst läufst schläfst trinkst spielst wohnst suchst bringst hältst meinst fühlst versuchst verlierst "
    "gewinnst scheinst kaufst verkaufst schreibst hilfst triffst trägst fängst rufst erinnerst erwartest wartest bekommst "
    "kriegst zeigst erzählst fragst antwortest".split()
)
"""Verbs that have du as their subject, and nothing else."""
_OF_IHR = frozenset("seid habt könnt wollt müsst dürft wisst werdet hattet könntet würdet hättet möchtet".split())
"""Verbs that have ihr as their subject, and nothing else."""
_ADJECTIVE = re.compile(r"(?:er|es|e|en|em)$")  # Ihr neuer Hund
_WITH_IHR = frozenset("alle beide beiden zwei drei".split())
_SINGULAR = frozenset("ist hat wird kann will muss soll darf mag weiß war hatte wurde konnte wollte musste".split())
_PLURAL = frozenset(
    "sind sein haben werden können wollen müssen sollen dürfen mögen wissen waren hatten wurden konnten wollten mussten sollten "
    "durften könnten würden hätten wären müssten dürften möchten".split()
)
_SINGULAR_YOU = re.compile(r"\b(?:du|dich|dir|dein(?:e[mnrs]?)?)\b", re.IGNORECASE)
_PLURAL_YOU = re.compile(r"\b(?:euch|euer|eure[mnrs]?|(?:seid|habt|könnt|wollt|müsst|werdet) ihr)\b", re.IGNORECASE)
_WITH_WRONG_DU = re.compile(r"\b(?!den\b|denen\b|wen\b|welchen\b)[a-zäöüß]+en du\b")
_ENDS_AS_OF_DU = re.compile(r"(?:st|[sßzx]t)$")
_AFTER_SUBJECT = frozenset("alle beide beiden zwei drei selbst und oder als auch aber jedoch allein".split())
_CLAUSE = re.compile(
    r"(?:\A\W*|[,;:.!]\s+|\bund\s+)(?:(?:bitte|dann|und|aber|also|jetzt|nun|zuerst|immer)\b[\s,]*)*", re.IGNORECASE
)
_OPENS = '.!?:„“"»«(…–—-'
"""Signs after which a word has a capital as at the beginning of a sentence."""


Cases = frozenset[Case]
"""Of one form of address: those that it may be."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of address in a German sentence."""

    informal: frozenset[Cases]
    formal: frozenset[Cases]
    informal_verbs: tuple[str, ...] = ()
    """Verbs that are of the informal register without a pronoun."""

    @property
    def is_informal(self) -> bool:
        return bool(self.informal or self.informal_verbs)

    @property
    def cases(self) -> frozenset[Cases]:
        return self.informal | self.formal


def forms(text: str, source: Source) -> Forms:
    """The forms of address in the translation `text` of a sentence."""
    words = list(_WORD.finditer(text))
    lower = [word[0].lower() for word in words]
    shouts = text.isupper()
    informal: set[Cases] = set()
    formal: set[Cases] = set()
    for number, word in enumerate(words):
        is_initial = shouts or number == 0 or text[: word.start()].rstrip()[-1:] in _OPENS
        is_small = word[0][0].islower()
        if lower[number] == "ihr" and _is_plural(lower, words, number, source, is_small=is_small, is_initial=is_initial):
            informal.add(_DIRECT)
        elif lower[number] in _CASES[Register.informal]:
            informal.add(_CASES[Register.informal][lower[number]])
        elif lower[number] in _CASES[Register.formal] and not is_small and not (is_initial and source.third_is_first):
            formal.add(_CASES[Register.formal][lower[number]])
    verbs = [word[0] for word in words if word[0].lower() in _OF_DU]
    if source.is_imperative:
        verbs += [verb[0] for verb in _bare_imperatives(text)]
    return Forms(frozenset(informal), frozenset(formal), tuple(verbs))


def _is_plural(
    lower: list[str], words: list[re.Match[str]], number: int, source: Source, *, is_small: bool, is_initial: bool
) -> bool:
    """Whether this ihr is the informal you for several people, or else a wrong your."""
    following = words[number + 1][0] if number + 1 < len(words) else ""
    before = lower[number - 1] if number else ""
    if following in _OF_IHR or before in _OF_IHR or following in _WITH_IHR:
        return True
    if is_small:
        return not source.has_third
    if not is_initial or source.has_third or not following:
        return False
    if following[0].isupper():
        return not source.says_your  # Ihr Jungen
    return not _ADJECTIVE.search(following)  # Ihr schuldet, not Ihr neuer


def _bare_imperatives(text: str) -> Iterator[re.Match[str]]:
    """The imperatives without Sie, each at the beginning of a clause: Komm herein."""
    for clause in _CLAUSE.finditer(text):
        words = list(islice(_WORD.finditer(text, clause.end()), 2))
        if not words or [word[0] for word in words[1:]] in (["ich"], ["er"], ["sie"], ["es"], ["man"], ["wir"]):
            continue
        verb = words[0][0].lower()
        # Not so in: wenn er da ist, kommt sein Freund.
        if verb in _INFINITIVES or (verb in _IMPERATIVES_OF_IHR and clause.start() == 0):
            yield words[0]


def verdict(text: str, register: Register, source: Source, cases: Set[Cases] = frozenset()) -> Verdict:
    """The verdict on the translation `text` of a sentence, which should have a form of address for each of `cases`."""
    found = forms(text, source)
    if register is Register.formal:
        has_other, has_own, own = found.is_informal, bool(found.formal), found.formal
    else:
        has_other, has_own, own = bool(found.formal), found.is_informal, found.informal
    if has_other:
        return Verdict.other
    if not has_own:
        # Nobody needs to be addressed where the source does not, but for the Sie of imperatives.
        needs = source.says_you or (source.is_imperative and register is Register.formal)
        if needs:
            return Verdict.none
    there = frozenset[Case]().union(*own)
    if register is Register.formal and re.search(r"\bsich\b", text):
        there |= _DIRECT | _DATIVE  # Nimm dir Zeit, nehmen Sie sich Zeit
    if register is Register.informal and source.is_imperative:
        there |= _DIRECT
    has_all = not source.says_you or not has_own or all(there & one for one in cases)
    # Neither she nor they, and not you.
    has_small = source.is_known and not source.has_third and re.search(r"\bsie\b", text)
    return Verdict.right if has_all and not has_small and _agrees(text, register, source) else Verdict.broken


def _agrees(text: str, register: Register, source: Source) -> bool:
    """Whether the verbs beside a pronoun, or in its clause, agree with it."""
    if register is Register.informal:
        courtesy = _CLAUSE.match(text)
        first = courtesy and _WORD.match(text, courtesy.end())
        if source.is_imperative and first and first[0].lower() in _IMPERATIVES_OF_DU:  # Geben den Namen ein.
            return False
        if _SINGULAR_YOU.search(text) and _PLURAL_YOU.search(text):
            return False
    for number, clause in enumerate(re.split(r"[,;:.!?]", text)):
        words = _WORD.findall(clause)
        lower = [word.lower() for word in words]
        if register is Register.informal and "du" in lower:
            beside = any("du" in pair and not _NOT_OF_DU.isdisjoint(pair) for pair in pairwise(lower))
            if (
                beside
                or _WITH_WRONG_DU.search(clause)
                or not any(_ENDS_AS_OF_DU.search(word) or word == "und" for word in lower)
            ):
                return False
        elif register is Register.formal:
            is_they = number == 0 and source.third_is_first
            if number == 0 and not is_they and words[:1] == ["Sie"] and len(words) > 1:
                if not (lower[1].endswith("n") or lower[1] in _PLURAL | _AFTER_SUBJECT):
                    return False
            elif any(one == "Sie" and other in _SINGULAR for one, other in pairwise(words[is_they:])):
                return False
    return True


def addresses(text: str, source: Source) -> bool:
    """Whether a sentence with the translation `text` addresses somebody, as one without you may: Ready?"""
    if source.says_you or source.is_imperative:
        return True
    found = forms(text, source)
    return bool(found.cases or found.informal_verbs) and not (source.is_known and source.has_third)


def words_of_other(register: Register, source: Source) -> Iterator[str]:
    """The words that no translation in `register` has: those of the other that are surely forms of address."""
    if register is Register.formal:
        for word in (*_CASES[Register.informal], *sorted(_OF_DU | _OF_IHR)):
            yield word
            yield word.capitalize()
        if not source.has_third:
            yield from ("ihr", "sie")
        return
    if not source.has_third:
        yield "sie"
    for word in _CASES[Register.formal]:
        if word != "sie":
            yield word.capitalize()
    if source.third_is_first:
        yield from (f"{before} Sie" for before in _BEFORE_SIE)
    else:
        yield "Sie"


def beginning(text: str, register: Register, source: Source) -> str:
    """How a translation in `register` begins that says the same as `text` in the other: to its first form of address.

    It ends before the verb where that comes first and is no imperative: Wenn Sie kommen gives Wenn du, Dann kommen Sie gives
    Dann, Bitte kommen Sie gives Bitte komme. It is empty where that is not sure.
    """
    words = list(_WORD.finditer(text))
    other = "du" if register is Register.formal else "Sie"
    own = "Sie" if register is Register.formal else "du"
    place = next((place for place, word in enumerate(words) if word[0] in (other, other.capitalize())), len(words))
    if source.is_imperative:
        if register is Register.formal:
            verb = next((verb for verb in _bare_imperatives(text) if verb[0].lower() in _INFINITIVES), None)
            if verb is not None and (place == len(words) or verb.start() < words[place].start()):
                return f"{text[: verb.start()]}{_cased(_INFINITIVES[verb[0].lower()], verb[0])} Sie"
        elif 0 < place < len(words) and (imperative := _IMPERATIVES_OF_DU.get(words[place - 1][0].lower())):
            return text[: words[place - 1].start()] + _cased(imperative, words[place - 1][0])
    if place == len(words):
        return ""
    if place == 0:
        return text[: words[0].start()] + own.capitalize()
    before = words[place - 1]
    if before[0].lower() in _BEFORE_SUBJECT:
        return text[: words[place].start()] + own
    return text[: before.start()].rstrip()


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[0].isupper() else word


def pronouns(register: Register, source: Source, cases: Set[Cases]) -> Iterator[str]:
    """Words that a translation in `register` may have for `cases`, of which an imperative has none in itself."""
    wanted = frozenset[Case]().union(*cases)
    if source.is_imperative:
        wanted = wanted | _DIRECT if register is Register.formal else wanted - _DIRECT
    yield from (word for case, words in _PRONOUNS[register].items() if case in wanted for word in words.split())


_BEFORE_SIE = (
    "dass ob wenn weil als wie wo was wer wann warum bevor nachdem während bis damit da obwohl sobald falls die der den das "
    "dem für auf an über um mit ohne gegen und oder haben sind werden können wollen müssen sollen dürfen möchten würden "
    "hätten wären waren hatten könnten sollten machen tun sagen denken glauben wissen brauchen".split()
)
_BEFORE_SUBJECT = frozenset(
    "dass ob wenn weil als wie wo was wer wann warum bevor nachdem während bis damit da obwohl sobald falls indem sofern die "
    "der den das dem".split()
)
_PRONOUNS = {
    Register.formal: {Case.direct: "Sie", Case.dative: "Ihnen", Case.possessive: "Ihr Ihre Ihren"},
    Register.informal: {Case.direct: "du dich", Case.dative: "dir", Case.possessive: "dein deine deinen"},
}
_VERBS = (
    "achten ändern antworten arbeiten atmen beachten bestätigen bleiben bringen danken decken denken drehen drücken eilen "
    "entscheiden entschuldigen erinnern erklären erlauben erzählen fahren fallen fangen finden folgen fragen freuen fühlen "
    "füllen genießen gewöhnen gehen glauben grüßen haben hängen halten heben hoffen holen hören hüten kaufen kennen klicken "
    "kommen konzentrieren kümmern lachen lassen laufen legen lernen lieben liegen löschen machen merken melden nennen öffnen "
    "packen passen probieren prüfen putzen räumen rechnen reden reinigen rufen rühren sagen schalten schämen schauen schicken "
    "schlafen schlagen schließen schneiden schreiben schweigen senden setzen singen sitzen sorgen sparen speichern spielen "
    "springen stehen steigen stellen stimmen stoppen stören suchen teilen tragen trauen trennen trinken trocknen üben "
    "überlegen übersetzen unterschreiben vergleichen verlassen verlieren vermeiden verschwinden verschwenden versprechen "
    "verstecken verstehen versuchen vertrauen verwenden benutzen besuchen bezahlen behalten benehmen beeilen begrüßen "
    "wählen warten waschen wechseln wecken weinen wiederholen wischen wünschen zahlen zählen zeichnen zeigen ziehen".split()
)
_STRONG = {
    "befehlen": "befiehl",
    "benehmen": "benimm",
    "brechen": "brich",
    "empfehlen": "empfiehl",
    "essen": "iss",
    "geben": "gib",
    "haben": "hab",
    "helfen": "hilf",
    "lassen": "lass",
    "lesen": "lies",
    "nehmen": "nimm",
    "sehen": "sieh",
    "seien": "sei",
    "sprechen": "sprich",
    "sterben": "stirb",
    "treffen": "triff",
    "treten": "tritt",
    "tun": "tu",
    "vergessen": "vergiss",
    "versprechen": "versprich",
    "werfen": "wirf",
}
_STRONG_OF_IHR = "esst gebt helft lasst lest nehmt seht seid sprecht trefft tretet tut vergesst versprecht werft".split()
_NOUNS = frozenset("besuch dank vergleich versuch wechsel".split())


def _imperatives() -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    """The imperative for one person by the infinitive; the infinitive by each such imperative; those for several people."""
    usual = dict(_STRONG)
    infinitives = {imperative: infinitive for infinitive, imperative in _STRONG.items()}
    several = {*_STRONG_OF_IHR}
    for verb in _VERBS:
        if verb in _STRONG:
            continue
        stem = verb.removesuffix("en") if verb.endswith("en") else verb.removesuffix("n")
        usual[verb] = f"{stem[:-2]}{stem[-1]}e" if verb.endswith("eln") else f"{stem}e"
        infinitives |= dict.fromkeys((usual[verb], f"{stem}e"), verb)
        if stem not in _NOUNS and stem[-1] not in "td":
            infinitives[stem] = verb
        several.add(f"{stem}{'e' if stem[-1] in 'td' or stem.endswith(('chn', 'ffn', 'tm', 'ckn')) else ''}t")
    return usual, infinitives, frozenset(several)


_IMPERATIVES_OF_DU, _INFINITIVES, _IMPERATIVES_OF_IHR = _imperatives()
_NOT_OF_DU = _PLURAL | _SINGULAR
