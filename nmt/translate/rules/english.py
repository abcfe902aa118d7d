"""Words of English that have a capital within a sentence."""

from __future__ import annotations

from nmt.translate.rules.given_names import ENGLISH_WORDS, given_names

_NAMES = frozenset(
    """
africa african america american amsterdam antarctica april arabic argentina asia asian athens august australia
australian austria austrian barcelona basel beijing belgian belgium berlin bern boston brazil brazilian bremen britain
british brussels budapest bulgaria cairo california cambridge canada canadian chicago chile china chinese christian
christmas cologne copenhagen croatia czech danish december delhi denmark dr dresden dublin dutch easter edinburgh
egypt england english europe european facebook february finland finnish florence florida france frankfurt french
friday geneva german germany god google greece greek hamburg hanover hebrew helsinki holland hungarian hungary iceland
india indian internet iran iraq ireland irish israel istanbul italian italy jack january japan japanese jones july
june jupiter kenya korea korean kyiv latin leipzig linux lisbon liverpool london luxembourg lyon madrid manchester
mars marseille mexican mexico microsoft milan monday morocco moscow mr mrs ms munich naples netherlands nigeria norway
norwegian november nuremberg october oslo oxford pakistan paris peru philadelphia poland portugal portuguese prague
romania romanian rome russia russian salzburg saturday scotland scottish september serbia seville slovakia slovenia
smith spain spanish stockholm stuttgart sunday sweden swedish swiss switzerland sydney texas thursday tokyo tuesday
turkey turkish ukraine ukrainian venice venus vienna wales warsaw washington wednesday wikipedia zurich
""".split()  # noqa: SIM905
)
FINITE = frozenset(
    """
allows appears applies arrived asks ate became becomes began begins believes belongs bites breaks brings brought builds
buys came catches caught chooses comes consists contains costs covers creates criticises decides demonstrated depends
describes disagrees does drank drives drove eats ended enjoys exists expect expects explains fell finds flew flies forgets
found gave gets gives goes got grew grows hates helps hopes includes increases keeps knew knows lasted lasts learns leaves
led lies likes lives loses lost loves makes means moves needs occurs offers owns pays prefers produces promises proves
provides ran reads receives remains remembers returns rises rose said sang sat says seems sees sells sends serves shows
shuts sings sits sleeps sold speaks spends stands starts stays stole stood stops takes talks tastes teaches tells thinks
thought threw told took travels tries understands understood uses vote wakes want wants wears went wins won works writes
wrote
""".split()  # noqa: SIM905
)
"""Forms of verbs that a subject has, and that are seldom nouns."""


def ordinal(number: int) -> str:
    """An ordinal in digits: 21st."""
    return f"{number}{'th' if number % 100 in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def is_name(word: str) -> bool:
    """Whether a word, in lower case, is usually written with a capital."""
    capitalised = word.capitalize()
    return word in _NAMES or (capitalised in given_names("en") and capitalised not in ENGLISH_WORDS)
