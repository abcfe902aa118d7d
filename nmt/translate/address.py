"""Forms of address: whether an English sentence addresses somebody, and how a German one does.

German has two registers: the informal one (du, and ihr for several people) and the formal one (Sie, with a capital). What
makes the second hard to see is that she and they are sie, which has a capital at the beginning of a sentence; that her and
their are ihr, as is the informal you for several people; and that an imperative may have no pronoun at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum


class Register(Enum):
    informal = "informal"
    formal = "formal"


class Verdict(IntEnum):
    """A translation against the register that it should have; the higher, the better."""

    other = 0
    """It has a form of the other register."""
    none = 1
    """It addresses nobody."""
    broken = 2
    """It has the register, and a verb that does not agree with the pronoun."""
    right = 3


# --- English ---

_YOU = re.compile(r"\b(?:you|your|yours|yourself|yourselves|y'all|ya)\b", re.IGNORECASE)
_THIRD = re.compile(
    r"\b(?:she|her|hers|herself|they|them|their|theirs|themselves|it|its|itself|these|those)\b", re.IGNORECASE
)
"""What sie and ihr may be in a translation."""
_LETS = re.compile(r"let(?:'s|’s| us)\b", re.IGNORECASE)
_BEFORE_IMPERATIVE = re.compile(
    r"\W*(?:(?:please|just|now|then|and|but|so|also|always|never|kindly|simply|first|next|well|okay|oh|hey|quick|come on)"
    r"\b[\s,]*|(?:do not|don't|don’t)\s+)*",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"(?:if|when|whenever|before|after|as soon as|until|unless|once|while|in case|to|for|in|on|at)\b[^,]*,\s*",
    re.IGNORECASE,
)
_IMPERATIVES = frozenset(
    "accept add admit allow answer apologise apologize apply approach arrange ask avoid bake be bear beat become beg begin "
    "behave believe bend bet bite blame blow boil book borrow break breathe bring brush build burn buy calculate call calm "
    "cancel carry catch change charge chat check cheer choose clean clear click climb close collect come compare complete "
    "concentrate confess confirm connect consider contact continue convert cook copy correct count cover create cross cry "
    "cut dance decide delete deliver describe dig disappear discuss divide do download draw dream dress drink drive drop dry "
    "earn eat empty enable end enjoy ensure enter examine excuse exercise explain express face fasten feed feel fetch fight "
    "fill find finish fix fold follow forget forgive freeze get give go grab greet grow guess hand hang have hear help hide "
    "hit hold hurry imagine improve include inform insert install introduce invite join jump keep kick kill kiss knock know "
    "laugh lay lead learn leave lend let lie lift light listen live load lock look love lower make mark marry measure meet "
    "melt mind mix mount move note notice obey observe offer open order pack paint pardon park pass pay peel phone pick place "
    "plan plant play point pour practise practice praise pray prepare present press pretend promise prove pull push put quit "
    "raise reach read recommend relax release remain remember remind remove rename repair repeat replace reply report request "
    "reserve rest return ride ring rinse roll run save say scream search see select sell send serve set shake share shout "
    "show shut sign sing sit sleep smell smile solve speak spell spend stand start stay step stick stir stop store study "
    "submit switch swim take talk taste teach tell test thank think throw tie touch trace translate travel treat trust try "
    "turn type understand unlock unplug update use visit wait wake walk warn wash waste watch water wear wipe wish work worry "
    "write yell".split()
)
_NO_OBJECT = re.compile(r"\s+(?:is|are|was|were|has|had|will|would|can|could|should|must|may|of|and \w+ are)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


# --- German ---

_INFORMAL = re.compile(
    r"\b(?:du|dich|dir|dein(?:e[mnrs]?|s)?|dein(?:et|er)(?:wegen|seits)|euch|euer|eu(?:e)?re[mnrs]?|euret(?:wegen))\b",
    re.IGNORECASE,
)
_FORMAL = re.compile(r"\b(?:Sie|Ihnen|Ihre[mnrs]?|Ihr|Ihrerseits|Ihretwegen|SIE|IHNEN|IHRE[MNRS]?|IHR)\b")
_PLURAL = re.compile(r"\bihr\b", re.IGNORECASE)
_SECOND_PERSON = frozenset(
    "bist hast kannst willst musst sollst darfst magst weißt wirst warst hattest wurdest konntest wolltest musstest solltest "
    "durftest mochtest wusstest könntest würdest hättest wärst wärest müsstest dürftest möchtest machst gehst kommst siehst "
    "gibst nimmst sagst denkst glaubst brauchst findest heißt liebst lebst bleibst arbeitest sprichst verstehst kennst "
    "stehst liegst sitzt hörst fährst läufst schläfst isst trinkst spielst wohnst suchst willst bringst hältst lässt meinst "
    "fühlst versuchst verlierst gewinnst scheinst kaufst verkaufst schreibst liest hilfst triffst trägst fängst rufst "
    "vergisst erinnerst erwartest wartest bekommst kriegst zeigst erzählst fragst antwortest".split()
) - {"heißt", "sitzt", "isst", "lässt", "liest", "vergisst"}
"""Verbs that have du as their subject, and nothing else."""
_PLURAL_VERBS = frozenset(
    "seid habt könnt wollt müsst sollt dürft mögt wisst werdet wart hattet wurdet konntet wolltet musstet solltet durftet "
    "könntet würdet hättet wärt wäret müsstet dürftet möchtet kommt geht macht seht gebt nehmt sagt denkt glaubt braucht "
    "findet liebt lebt bleibt arbeitet sprecht versteht kennt steht hört fahrt lauft schlaft esst trinkt spielt wohnt sucht "
    "bringt haltet lasst meint fühlt versucht verliert gewinnt kauft verkauft schreibt lest helft trefft tragt ruft vergesst "
    "erinnert erwartet wartet bekommt kriegt zeigt erzählt fragt antwortet lernt redet".split()
)
"""Verbs that may have ihr as their subject."""
_ONLY_PLURAL_VERBS = frozenset("seid habt könnt wollt müsst dürft wisst werdet hattet könntet würdet hättet möchtet".split())
_SINGULAR_VERBS = frozenset("ist hat wird kann will muss soll darf mag weiß war hatte wurde konnte wollte musste".split())
_FINITE_PLURAL = frozenset(
    "sind haben werden können wollen müssen sollen dürfen mögen wissen waren hatten wurden konnten wollten mussten sollten "
    "durften könnten würden hätten wären müssten dürften möchten".split()
)
_OF_DU = re.compile(r"(?:st|[sßzx]t)$")
_NOT_IMPERATIVE = frozenset("nicht nie niemals bitte kein keine keinen nur so dann und aber oder".split())
_COURTESY = re.compile(r"^(?:(?:bitte|dann|und|aber|also|jetzt|nun|zuerst|immer)\b[\s,]*)+", re.IGNORECASE)
_OPENS = ".!?:„“\"»«(…–—-"
"""Signs after which a word has a capital as at the beginning of a sentence."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source sentence as far as address is concerned."""

    says_you: bool
    is_imperative: bool
    """At its beginning, or after a condition."""
    has_third: bool
    """Whether it speaks of her, of them, or of things."""
    third_is_first: bool
    """Whether the first that it speaks of is one of them, so that Sie at the beginning of a translation is."""
    is_known: bool
    """Whether its language is one that this can be told of; everything else is False where it is not."""

    @classmethod
    def read(cls, sentence: str, *, language: str) -> Source:
        if language != "en":
            return cls(says_you=False, is_imperative=False, has_third=True, third_is_first=True, is_known=False)
        you, third = _YOU.search(sentence), _THIRD.search(sentence)
        return cls(
            says_you=you is not None,
            is_imperative=_is_imperative(sentence),
            has_third=third is not None,
            third_is_first=third is not None and (you is None or third.start() < you.start()),
            is_known=True,
        )


def _is_imperative(sentence: str) -> bool:
    places = [0]
    if condition := _CONDITION.match(sentence):
        places.append(condition.end())
    elif ", " in sentence and not _YOU.match(sentence):  # Peter, wait!
        places.append(sentence.index(", ") + 2 if " " not in sentence[: sentence.index(", ")] else 0)
    for place in places:
        start = _BEFORE_IMPERATIVE.match(sentence, place)
        assert start is not None
        word = _WORD.match(sentence, start.end())
        if word is None or word[0].lower() not in _IMPERATIVES or _LETS.match(sentence, word.start()):
            continue
        if not _NO_OBJECT.match(sentence, word.end()) and not _YOU.match(sentence, word.end() + 1):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of address in a German sentence."""

    informal: bool
    formal: bool


def forms(text: str, source: Source) -> Forms:
    """The forms of address in the translation `text` of a sentence."""
    words = list(_WORD.finditer(text))
    lower = [word[0].lower() for word in words]
    informal = _INFORMAL.search(text) is not None or any(word in _SECOND_PERSON for word in lower)
    formal = False
    shouts = text.isupper()
    for number, word in enumerate(words):
        following = lower[number + 1] if number + 1 < len(words) else ""
        before = lower[number - 1] if number else ""
        is_initial = shouts or number == 0 or text[: word.start()].rstrip()[-1:] in _OPENS
        if lower[number] == "ihr" and (word[0] == "ihr" or is_initial):
            if following in _PLURAL_VERBS or before in _ONLY_PLURAL_VERBS:
                informal = True
                continue
            if word[0] == "ihr" and source.is_known and not source.has_third:
                # Neither her nor their: your, of whatever register, and written as neither has it.
                informal = True
                continue
        if _FORMAL.fullmatch(word[0]):
            formal |= not is_initial or not source.third_is_first
    if source.is_imperative and not formal and not informal:
        informal = _has_bare_imperative(text)
    elif source.is_imperative and not informal:
        informal = _has_bare_imperative(text) and not _is_formal_imperative(text)
    return Forms(informal, formal)


def _has_bare_imperative(text: str) -> bool:
    """Whether the translation of an imperative begins with one that has no Sie: Komm herein."""
    words = _WORD.findall(_COURTESY.sub("", text.lstrip(" \"„»")))
    if not words or words[0].lower() in _NOT_IMPERATIVE:
        return False
    first = words[0].lower()
    return not first.endswith("n") and first[0] == words[0][0].lower()


def _is_formal_imperative(text: str) -> bool:
    return re.match(r"\W*(?:\w+[\s,]+){0,2}?\w+n Sie\b", text) is not None


def verdict(text: str, register: Register, source: Source) -> Verdict:
    """How well the translation `text` of a sentence has `register`."""
    found = forms(text, source)
    own, other = (found.formal, found.informal) if register is Register.formal else (found.informal, found.formal)
    if other:
        return Verdict.other
    if not own:
        return Verdict.none
    return Verdict.right if _agrees(text, register, source) else Verdict.broken


def _agrees(text: str, register: Register, source: Source) -> bool:
    """Whether verbs agree with the pronoun, as far as their neighbours tell."""
    words = _WORD.findall(text)
    lower = [word.lower() for word in words]
    pairs = list(zip(words, words[1:], strict=False))
    if register is Register.formal:
        first = 1 if source.third_is_first else 0
        return not any(one == "Sie" and other in _SINGULAR_VERBS for one, other in pairs[first:])
    if "du" not in lower:
        return True
    if any(one.lower() == "du" and other in _FINITE_PLURAL | _SINGULAR_VERBS for one, other in pairs):
        return False
    if any(one.lower() in _FINITE_PLURAL | _SINGULAR_VERBS and other == "du" for one, other in pairs):
        return False
    return any(_OF_DU.search(word) for word in lower)


def addresses(text: str, source: Source) -> bool:
    """Whether a sentence with the translation `text` addresses somebody."""
    if source.says_you or source.is_imperative:
        return True
    found = forms(text, source)
    return found.informal or found.formal if not source.has_third or not source.is_known else False


_INFORMAL_WORDS = (
    "du dich dir dein deine deinem deinen deiner deines deins dir's euch euer eure eurem euren eurer eures Du Dich Dir Dein "
    "Deine Deinem Deinen Deiner Deines Euch Euer Eure Eurem Euren Eurer Eures".split()
)
_FORMAL_WORDS = "Ihnen Ihr Ihre Ihrem Ihren Ihrer Ihres".split()
_BEFORE_SIE = (
    "dass ob wenn weil als wie wo was wer wann warum bevor nachdem während bis damit da obwohl sobald falls die der den das "
    "dem für auf an über um mit ohne gegen und oder haben sind werden können wollen müssen sollen dürfen möchten würden "
    "hätten wären waren hatten könnten sollten machen tun sagen denken glauben wissen brauchen".split()
)


def words_of_other(register: Register, source: Source) -> Iterable[str]:
    """The words that a translation should be without to have `register`: those of the other, as far as they are surely."""
    if register is Register.formal:
        yield from _INFORMAL_WORDS
        yield from sorted(_SECOND_PERSON)
        yield from sorted(word.capitalize() for word in _SECOND_PERSON)
        yield from sorted(_ONLY_PLURAL_VERBS)
        if source.is_known and not source.has_third:
            yield "ihr"
        return
    yield from _FORMAL_WORDS
    if not source.third_is_first:
        yield "Sie"
    else:
        yield from (f"{before} Sie" for before in _BEFORE_SIE)
