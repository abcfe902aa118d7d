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

from nmt.text.verbs import (
    ENGLISH_IMPERATIVES,
    IMPERATIVES,
    IMPERATIVES_OF_IHR,
    INFINITIVES,
    OF_DU,
    OF_IHR,
    PLURAL,
    SINGULAR,
)


class Register(Enum):
    informal = "informal"
    formal = "formal"


class GrammaticalCase(Enum):
    """Cases as far as all pronouns tell them apart: du and dich are one, since Sie is both."""

    direct = "nominative or accusative"
    dative = "dative"
    possessive = "possessive"


Cases = frozenset[GrammaticalCase]
"""The cases that one form of address may be."""


class Verdict(IntEnum):
    """A translation against the register that it should have; the higher, the better."""

    other = 0
    """It has a form of the other register."""
    none = 1
    """It addresses nobody, and should."""
    broken = 2
    """It has the register, but a verb does not agree with the pronoun, or a pronoun is lost."""
    right = 3


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


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
_NO_IMPERATIVE = re.compile(  # Work: 8 hours. Work is hard. Do you know him? Let's go. Thank you.
    r"[\w-]+:|[\w-]+\s+(?:is|are|was|were|has|had|will|would|can|could|should|must|may|of)\b|(?:do|have|may|thank)\s+you\b"
    r"|let(?:'s|’s|\s+us)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAddress:
    """How a source sentence addresses somebody."""

    is_known: bool = False
    """Whether its language is one of which all this can be told."""
    says_you: bool = False
    says_your: bool = False
    is_imperative: bool = False
    """At its beginning, or after a condition."""
    has_third: bool = True
    """Whether it has she, they, her, their and the like, so that a translation may have sie and ihr that address nobody."""
    third_is_first: bool = True
    """Whether one of these comes before every you, so that a translation may begin with it."""

    @classmethod
    def read(cls, sentence: str, *, language: str) -> SourceAddress:
        """Of a sentence in another language than English nothing is known, and nothing ruled out."""
        if language != "en":
            return cls()
        you = [(match.start(), match[0].lower()) for match in _YOU.finditer(sentence)]
        third = _THIRD.search(sentence)
        return cls(
            is_known=True,
            says_you=bool(you),
            says_your=any(word in ("your", "yours") for _, word in you),
            is_imperative=_is_imperative(sentence),
            has_third=third is not None,
            third_is_first=third is not None and all(third.start() < start for start, _ in you),
        )


def _is_imperative(sentence: str) -> bool:
    condition = _CONDITION.match(sentence)
    for start in (0, condition.end()) if condition else (0,):
        before = _BEFORE_IMPERATIVE.match(sentence, start)
        word = before and _WORD.match(sentence, before.end())
        if word is None or word[0].lower().rpartition("-")[2] not in ENGLISH_IMPERATIVES:  # double-click
            continue
        if not _NO_IMPERATIVE.match(sentence, word.start()):
            return True
    return False


# --- German ---

_DIRECT, _DATIVE, _POSSESSIVE = (frozenset({case}) for case in GrammaticalCase)
_ENDINGS = ("", "e", "em", "en", "er", "es", "s")
_FORMS: dict[Register, dict[str, Cases]] = {
    Register.informal: {
        "du": _DIRECT,
        "dich": _DIRECT,
        "dir": _DATIVE,
        "euch": _DIRECT | _DATIVE,
        **{f"dein{ending}": _POSSESSIVE for ending in _ENDINGS},
        **{f"eur{ending}": _POSSESSIVE for ending in _ENDINGS if ending},
        **dict.fromkeys(("euer", "eueren", "deinetwegen", "euretwegen"), _POSSESSIVE),
    },
    Register.formal: {
        "sie": _DIRECT,
        "ihnen": _DATIVE,
        **{f"ihr{ending}": _POSSESSIVE for ending in _ENDINGS},
        "ihretwegen": _POSSESSIVE,
    },
}
"""Forms of address, in lower case."""
_PRONOUNS = {
    Register.informal: {_DIRECT: ("du", "dich"), _DATIVE: ("dir",), _POSSESSIVE: ("dein", "deine", "deinen")},
    Register.formal: {_DIRECT: ("Sie",), _DATIVE: ("Ihnen",), _POSSESSIVE: ("Ihr", "Ihre", "Ihren")},
}
"""The usual ones, by case."""
_SUBJECTS = {Register.informal: "du", Register.formal: "Sie"}
_CONJUNCTIONS = """
    als bevor bis da damit das dass dem den der die falls indem nachdem ob obwohl sobald sofern wann warum was weil wenn wer
    wie wo während
"""
"""Words after which the subject comes before the verb."""
_BEFORE_SIE = """
    an auf brauchen denken für gegen glauben haben hatten hätten können könnten machen mit möchten müssen oder ohne sagen
    sind sollen sollten tun um und waren werden wissen wollen wären würden dürfen über
"""
_ADJECTIVE = re.compile(r"(?:er|es|e|en|em)$")  # Ihr neuer Hund
_WITH_IHR = frozenset(("alle", "beide", "beiden", "zwei", "drei"))
_AFTER_SIE = _WITH_IHR | {"selbst", "und", "oder", "als", "auch", "aber", "jedoch", "allein"}
"""Words, besides a verb, that follow Sie at the beginning of a sentence."""
_CLAUSE = re.compile(
    r"(?:\A\W*|[,;:.!]\s+|\bund\s+)(?:(?:bitte|dann|und|aber|also|jetzt|nun|zuerst|immer)\b[\s,]*)*", re.IGNORECASE
)
"""The beginning of a clause, up to what may be an imperative."""
_NO_IMPERATIVE_BEFORE = frozenset(("ich", "er", "sie", "es", "man", "wir"))
_SINGULAR_YOU = re.compile(r"\b(?:du|dich|dir|dein(?:e[mnrs]?)?)\b", re.IGNORECASE)
_PLURAL_YOU = re.compile(r"\b(?:euch|euer|eure[mnrs]?|(?:seid|habt|könnt|wollt|müsst|werdet) ihr)\b", re.IGNORECASE)
_WRONG_BEFORE_DU = re.compile(r"\b(?!den\b|denen\b|wen\b|welchen\b)[a-zäöüß]+en du\b")
_ENDS_AS_OF_DU = re.compile(r"(?:st|[sßzx]t)$")
_OPENS = frozenset('.!?:„“"»«(…–—-')
"""Signs after which a word has a capital as at the beginning of a sentence."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of address in a German sentence, by their cases."""

    informal: frozenset[Cases]
    formal: frozenset[Cases]
    informal_verbs: tuple[str, ...] = ()
    """Verbs that are of the informal register without a pronoun."""

    def of(self, register: Register) -> frozenset[Cases]:
        return self.formal if register is Register.formal else self.informal

    def has(self, register: Register) -> bool:
        return bool(self.of(register) or (register is Register.informal and self.informal_verbs))

    @property
    def cases(self) -> frozenset[Cases]:
        return self.informal | self.formal


def forms_in(text: str, source: SourceAddress) -> Forms:
    """The forms of address in the translation `text` of a sentence."""
    words = list(_WORD.finditer(text))
    is_shouted = text.isupper()
    informal: set[Cases] = set()
    formal: set[Cases] = set()
    for number, word in enumerate(words):
        lower = word[0].lower()
        is_small = word[0][0].islower()
        is_initial = is_shouted or number == 0 or text[: word.start()].rstrip()[-1] in _OPENS
        before = words[number - 1][0].lower() if number else ""
        after = words[number + 1][0] if number + 1 < len(words) else ""
        if lower == "ihr" and _is_plural_you(before, after, source, is_small=is_small, is_initial=is_initial):
            informal.add(_DIRECT)
        elif lower in _FORMS[Register.informal]:
            informal.add(_FORMS[Register.informal][lower])
        elif lower in _FORMS[Register.formal] and not is_small and not (is_initial and source.third_is_first):
            formal.add(_FORMS[Register.formal][lower])
    verbs = [word[0] for word in words if word[0].lower() in OF_DU]
    if source.is_imperative:
        verbs += [verb[0] for verb in _bare_imperatives(text)]
    return Forms(frozenset(informal), frozenset(formal), tuple(verbs))


def _is_plural_you(before: str, after: str, source: SourceAddress, *, is_small: bool, is_initial: bool) -> bool:
    """Whether an ihr is the informal you for several people, or a small one that can only be a misspelt Ihr."""
    if after in OF_IHR or before in OF_IHR or after in _WITH_IHR:
        return True
    if is_small:
        return not source.has_third
    if not is_initial or source.third_is_first or not after:
        return False
    if after[0].isupper():
        return not (source.says_your or source.has_third)  # Ihr Jungen
    return not _ADJECTIVE.search(after)  # Ihr schuldet, not Ihr neuer


def _bare_imperatives(text: str) -> Iterator[re.Match[str]]:
    """The imperatives without Sie, each at the beginning of a clause: Komm herein."""
    for clause in _CLAUSE.finditer(text):
        verb, *after = (*islice(_WORD.finditer(text, clause.end()), 2), None)
        if verb is None or (after[0] is not None and after[0][0] in _NO_IMPERATIVE_BEFORE):
            continue
        # That of several people is none in: wenn er da ist, kommt sein Freund.
        if verb[0].lower() in INFINITIVES or (verb[0].lower() in IMPERATIVES_OF_IHR and clause.start() == 0):
            yield verb


def verdict(text: str, register: Register, source: SourceAddress, *, cases: Set[Cases] = frozenset()) -> Verdict:
    """The verdict on the translation `text` of a sentence, which should have a form of address for each of `cases`."""
    found = forms_in(text, source)
    other = Register.informal if register is Register.formal else Register.formal
    if found.has(other):
        return Verdict.other
    # Where the source addresses nobody, no translation must; but an imperative has Sie.
    is_needed = source.says_you or (source.is_imperative and register is Register.formal)
    if is_needed and not found.has(register):
        return Verdict.none
    there: Cases = frozenset().union(*found.of(register))
    if register is Register.formal and re.search(r"\bsich\b", text):
        there |= _DIRECT | _DATIVE  # nimm dir Zeit, nehmen Sie sich Zeit
    if register is Register.informal and source.is_imperative:
        there |= _DIRECT
    has_all = not source.says_you or all(there & one for one in cases)
    is_misspelt = not source.has_third and re.search(r"\bsie\b", text)  # neither she nor they
    return Verdict.right if has_all and not is_misspelt and _agrees(text, register, source) else Verdict.broken


def _agrees(text: str, register: Register, source: SourceAddress) -> bool:
    """Whether the verbs beside a pronoun, or in its clause, agree with it."""
    clauses = [_WORD.findall(clause) for clause in re.split(r"[,;:.!?]", text)]
    if register is Register.formal:
        if source.is_imperative and not re.search(r"\w+n Sie\b", text):
            return False
        first, *rest = clauses
        if not source.third_is_first and first[:1] == ["Sie"] and len(first) > 1:
            verb = first[1].lower()
            if not (verb.endswith("n") or verb in PLURAL or verb in _AFTER_SIE):
                return False
        clauses = [first[1:] if source.third_is_first else first, *rest]
        return not any(one == "Sie" and two in SINGULAR for words in clauses for one, two in pairwise(words))
    if (_SINGULAR_YOU.search(text) and _PLURAL_YOU.search(text)) or _WRONG_BEFORE_DU.search(text):
        return False
    if source.is_imperative and not any(_bare_imperatives(text)):
        return False  # Geben den Namen ein.
    of_others = PLURAL | SINGULAR
    for words in clauses:
        lower = [word.lower() for word in words]
        if "du" not in lower:
            continue
        if any("du" in pair and not of_others.isdisjoint(pair) for pair in pairwise(lower)):
            return False
        if not any(_ENDS_AS_OF_DU.search(word) or word == "und" for word in lower):
            return False
    return True


def addresses(text: str, source: SourceAddress) -> bool:
    """Whether a sentence with the translation `text` addresses somebody, as one without you may: Ready?"""
    if source.says_you or source.is_imperative:
        return True
    if source.is_known and source.has_third:
        return False  # a Sie is rather they
    found = forms_in(text, source)
    return found.has(Register.formal) or found.has(Register.informal)


def words_of_other(register: Register, source: SourceAddress) -> Iterator[str]:
    """Words and phrases that no translation in `register` has: forms of the other that are surely forms of address."""
    if not source.has_third:
        yield "sie"
    if register is Register.formal:
        for word in (*_FORMS[Register.informal], *sorted(OF_DU | OF_IHR)):
            yield from (word, word.capitalize())
        if not source.has_third:
            yield "ihr"
        return
    yield from (word.capitalize() for word in _FORMS[Register.formal] if word != "sie")
    if source.third_is_first:
        yield from (f"{before} Sie" for before in (_CONJUNCTIONS + _BEFORE_SIE).split())
    else:
        yield "Sie"


def pronouns(register: Register, source: SourceAddress, cases: Set[Cases]) -> Iterator[str]:
    """Words that a translation in `register` may have for `cases`. An imperative has Sie, and never du."""
    wanted: Cases = frozenset().union(*cases)
    if source.is_imperative:
        wanted = wanted | _DIRECT if register is Register.formal else wanted - _DIRECT
    for case, words in _PRONOUNS[register].items():
        if case & wanted:
            yield from words


def beginning(text: str, register: Register, source: SourceAddress) -> str:
    """How a translation in `register` begins that says the same as `text` in the other: up to its first form of address.

    It ends before the verb where that comes first and is no imperative: Wenn Sie kommen gives Wenn du, Dann kommen Sie gives
    Dann, Bitte kommen Sie gives Bitte komme. It is empty where that is not sure.
    """
    words = list(_WORD.finditer(text))
    own = _SUBJECTS[register]
    other = "du" if register is Register.formal else "Sie"
    place = next((place for place, word in enumerate(words) if word[0] in (other, other.capitalize())), len(words))
    if source.is_imperative and register is Register.formal:
        verb = next((verb for verb in _bare_imperatives(text) if verb[0].lower() in INFINITIVES), None)
        if verb is not None and (place == len(words) or verb.start() < words[place].start()):
            return f"{text[: verb.start()]}{_cased(INFINITIVES[verb[0].lower()], verb[0])} Sie"
    if place == len(words):
        return ""
    if place == 0:
        return text[: words[0].start()] + own.capitalize()
    before = words[place - 1]
    if source.is_imperative and before[0].lower() in IMPERATIVES:
        return text[: before.start()] + _cased(IMPERATIVES[before[0].lower()], before[0])
    if before[0].lower() in _CONJUNCTIONS.split():
        return text[: words[place].start()] + own
    return text[: before.start()].rstrip()


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[0].isupper() else word
