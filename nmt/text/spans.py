"""Spans of a sentence that are no language: placeholders, addresses, code, numbers, characters beyond the vocabulary.

A translation should have each of them as it is. A hard span would be harmed by a model, which should never see it. A soft
span, such as a number, is copied by most models most of the time: it is enough to look whether it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """What a model is shown in the place of a span, where that is no mask like any other."""

    text: str
    said: str
    """A pattern of what a translation may make of it, which stands for it as well."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """sentence[start:end]."""

    start: int
    end: int
    soft: bool = False
    translation: str | None = None
    """What stands in the translation in its place, where that is not the span itself."""
    shown: Shown | None = None
    kept: str = ""
    """Of a soft span that the translation has in other words, a pattern of these."""

    def overlaps(self, start: int, end: int) -> bool:
        """Whether a character of sentence[start:end] is in it."""
        return self.start < end and start < self.end


def said_otherwise(match: re.Match[str], translation: str, shown: Shown | None = None) -> Span:
    """The span of `match`, without a full stop that ends the sentence as well: p.m. at its end."""
    ends_sentence = match[0].endswith(".") and not any(map(str.isalnum, match.string[match.end() :]))
    own = translation.removesuffix(".") if ends_sentence else translation
    return Span(match.start(), match.end() - ends_sentence, translation=own, shown=shown)


DASH = Shown("-", r"^[–—](?= )")
"""What stands for all that begins a line of a list: models have seen lists with dashes."""


def apart(spans: Iterable[Span]) -> list[Span]:
    """`spans` in order, the longest of those that begin at one place, and without those that overlap one before."""
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not chosen or chosen[-1].end <= span.start:
            chosen.append(span)
    return chosen


@dataclass(frozen=True, slots=True)
class Characters:
    """How well a vocabulary can write characters."""

    usual: frozenset[str]
    """Learned within words, or punctuation, or ASCII."""
    rare: frozenset[str]
    """Pieces of their own that no longer piece has: seen in training, but seldom. All others are spelled in bytes."""


_END = r"(?!\w)"
_CONVERSION = r"[#0+-]*\d*(?:\.\d+)?(?:hh|ll|[hlLqjzt])?[sdifeEgGxXoucrp@]"
_TOP_LEVEL_DOMAINS = "com|org|net|edu|gov|info|io|dev|app|eu|de|at|ch|uk|fr|es|it|nl|pl|example|local|test"
_ROOTS = "bin|boot|dev|etc|home|lib|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|Applications|Library|Users"
_EXTENSIONS = (
    "7z|avi|bak|bat|bz2|cfg|conf|cpp|csv|css|dat|deb|dll|docx?|epub|exe|flac|gif|gz|html?|ico|ini|iso|java|jpe?g|jsx?|json|"
    "log|md|mkv|mov|mp3|mp4|odp|ods|odt|ogg|pdf|php|png|po|pptx?|ps1|py|rar|rpm|rs|rtf|sh|sql|srt|svg|tar|tex|tiff?|toml|"
    "tsx?|tsv|ttf|txt|vtt|wav|webm|webp|xhtml|xlsx?|xml|xz|ya?ml|zip|zst"
)
_IN_ADDRESS = r"(?:[^\s<>\"'`|\\^{}„“”«»]|\{[\w.]+\})"
_TAG = r"</?[A-Za-z\d][\w:.-]*(?:\s+[\w:.@-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)|\s+[a-z]+(?=[\s/>]))*\s*/?>"
_VALUE = r"(?:\"[^\"]*\"|'[^']*'|[“”„″][^“”″]*[”“″]|[^\s\]\"']+)"
# Of forums and of WordPress; one without values has an end, or is no word: not [sic], [optional] or [he said].
_SHORTCODE = "|".join(
    (
        rf"\[(?:b|i|u|s|url|img|quote|code|color|size|list|\*)(?:={_VALUE})?\]",
        rf"\[[A-Za-z][\w-]*(?:={_VALUE})?(?:\s+[\w:-]+={_VALUE})+\s*/?\]",
        r"\[/[A-Za-z][\w-]*\]",
        rf"\[(?P<code>[A-Za-z][\w-]*)(?:={_VALUE})?\](?=.{{0,400}}?\[/(?P=code)\])",
        r"\[[a-z][a-z\d]*(?:[_-][a-z\d]+)+\]",
        r"\[[a-z]{3,}\](?=[A-Z])",
    )
)
_WORDS_IN_BRACES = r"[^\s{}]+(?:[ _][^\s{}]+){0,2}"

# In the order in which they are tried at a place.
_HARD = re.compile(
    "|".join(
        (
            r"```.+?```|`[^`]+`",  # code
            rf"(?<!\w)(?:[a-z][a-z\d+.-]*://|(?:mailto|tel|data|urn):(?=\w)){_IN_ADDRESS}+",
            rf"(?<!\w)www\.{_IN_ADDRESS}+",
            r"(?<![\w.+-])[\w.+-]*\w@[\w-]+(?:\.[\w-]+)+",  # an e-mail address
            rf"(?<![\w.@-])(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+(?:{_TOP_LEVEL_DOMAINS})(?![\w(])(?:[/:?#]{_IN_ADDRESS}+)?",
            r"(?<![\w.])[A-Za-z]:[\\/](?!/)[^\s\"'`<>|]*|(?<!\w)%\w+%\\[^\s\"'`<>|]*",  # a path of Windows
            r"\\\\[\w.-]+\\[^\s\"'`<>|]*",
            rf"(?<![\w./<])(?:(?:~|\.{{1,2}})/|/(?=(?:{_ROOTS})(?!\w)|[\w.@+-]+/))(?:[\w.@+-]+/)*[\w.@+-]*[\w+-]/?",
            rf"(?<![\w./-])(?:[\w.-]+/)*[\w-]+(?:\.[\w-]+)*\.(?:{_EXTENSIONS})(?![\w(])",  # a file
            _TAG,
            r"<!--.*?-->|<!DOCTYPE[^>]*>|<\?.*?\?>|<%.*?%>",
            r"&(?:[A-Za-z][A-Za-z\d]*|#\d+|#x[\dA-Fa-f]+);",  # an entity
            r"\$t\([^()]*\)",
            r"[$#]?\{\{+[^{}]*\}\}+|\{%.*?%\}|\{#.*?#\}|\[%.*?%\]",
            rf"[$#@%]?\{{(?:\s*{_WORDS_IN_BRACES}\s*|\s*)\}}",
            # A message with cases (ICU): its braces are nested.
            r"\{\s*\w+\s*,\s*(?:plural|select|selectordinal|number|date|time)[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*\}",
            r"\[\[[^\[\]]+\]\]|\[\^\w+\]",
            _SHORTCODE,
            r"\*\|\w+(?::\w+)?\|\*|##\w+##|@@\w+@@|(?<![\w~])~\w+~(?!\w)",
            r"\\(?:[A-Za-z]+(?:\{[^{}]*\})+|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|[nrtfv0\"'\\]|[A-Za-z]+)",  # an escape, LaTeX
            r"\$(?=[^$]*[\\^_={}])[^\s$](?:[^$]*[^\s$])?\$(?!\d)",  # a formula
            rf"%\([\w. -]+\){_CONVERSION}",
            r"(?<![\w%])%[A-Za-z](?:[-/:. ]?%[A-Za-z])+(?!\w)",  # a format of dates
            rf"(?<![\d%])%(?:\d+\$)?{_CONVERSION}(?:{_END}|(?=%|px|ms|pt))",
            r"(?<![\w%])%[A-Za-z_]\w*%?",
            r"(?<![\d%])%%|(?<![\w%])%(?:L|\d*\$)?\d+(?![\d%])",
            r"(?<!\w)\$[A-Za-z_](?:[\w.]*\w)?(?:->\w+)*",  # a variable
            r"(?<!\w)(?:[DTMJY]{2,4}[./-]){1,2}[DTMJY]{2,4}(?!\w)",  # a form of dates
            r"(?<![\w:/])(?:@[\w.]*\w:[\w-]+\.[\w.-]*\w|@\w+(?:-\w+)*/[\w-]+|[:@#](?=\w*[A-Za-z_])[A-Za-z_\d](?:[\w.-]*\w)):?(?<=[\w])",
            r"(?<![^\s([])(?:--[a-z]+(?:-[a-z\d]+)*(?:=[^\s\"'`]+)?(?!-?-)|-[A-Za-z](?![\w-]))",  # an option of a command
            # IPv6
            r"(?<![\w:])(?=:*[\dA-Fa-f])(?=[\d:]*(?:::|[A-Fa-f]|(?::\d+){4}))(?:[\dA-Fa-f]{0,4}:){2,7}[\dA-Fa-f]{0,4}(?![\w:])",
            r"(?<!\w)\w+(?:::\w+)+(?:\(\))?|(?<![\w.])[A-Za-z_]\w*(?:\.\w+)*\(\)",  # a name in a program
            # Names with dots or hyphens: form.isRequired, btn-primary_large, and menu.file.open where it is alone.
            r"(?<![\w.@-])(?=[\w.]*(?:[^\W_]_|[a-z][A-Z][a-z]))[a-z]\w*(?:\.[a-z]\w*)+(?!\w)|(?<![\w-])(?:[a-z\d]+-)+\w*[^\W_]_\w+",
            r"^[a-z]{2}[\w-]*(?:\.[a-z]{2}[\w-]*){2,}$",
            r"(?<!\w)\w*[^\W_]_\w+|(?<!\w)_+[A-Za-z]\w*(?<=_)",  # snake_case
            rf"(?<!\w)[a-z]+(?:[A-Z][a-z\d]+)+{_END}",  # camelCase
            r"^\[\d{1,3}(?:;\d{1,3})*m(?![^\[]*\])",  # a colour of a terminal, whose first character is none of a sentence
            rf"(?<!\w)[A-Z]{{2}}\d{{2}}(?: ?[A-Z\d]{{4}}){{2,7}}(?: ?[A-Z\d]{{1,3}})?{_END}",  # an IBAN
            rf"(?:(?<=BIC )|(?<=BIC: )|(?<=BIC is )|(?<=lautet )|(?<=SWIFT )|(?<=SWIFT: ))[A-Z]{{6}}[A-Z\d]{{2,5}}{_END}",
            rf"(?<!\w)[\dA-Fa-f]{{8}}(?:-[\dA-Fa-f]{{4}}){{3}}-[\dA-Fa-f]{{12}}{_END}",  # a UUID
            rf"(?<![\w#])#(?:[\dA-Fa-f]{{6}}|[\dA-Fa-f]{{3}}){_END}(?<=[\dA-Fa-f])(?!\d)",  # a colour, a ticket
            rf"(?<!\w)0(?:[xX][\dA-Fa-f]+|[bB][01]+|[oO][0-7]+){_END}|(?<!\w)(?=\w*\d)(?=\w*[a-f])[\da-f]{{7,64}}{_END}",
            r"(?<![\w:])(?:[\dA-Fa-f]{2}[:-]){5}[\dA-Fa-f]{2}(?![\w:])",  # a MAC address
            r"(?<![\w.])[vV]?\d+(?:\.\d+){3}(?:[:/]\d+)?(?![\w.]\w)",  # IPv4
            rf"(?<!\w)[vV]\.?\d+(?:\.\d+)*(?:[-.+]?[A-Za-z]+\.?\d*)?{_END}",  # a version
            rf"(?<![\w.])\d+\.\d+(?:\.\d+)?-?(?:alpha|beta|rc|dev|[abx])\.?\d*{_END}",
            rf"(?<![\w.,])\d+(?:[.,]\d+)?[eE][+-]?\d+{_END}",  # 1e-9
            r"(?<![\w-])\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?(?!\w)",
            # A telephone number in groups which are no thousands, years or a date; and a code, such as BX-4471-Z.
            r"(?<![\w.,+:/-])(?=(?:[ ()-]{0,2}\d){7})(?!\d{1,3}(?: \d{3})+(?! ?\d))(?!\d{4}-\d\d-\d\d(?!\d)|\d\d-\d\d-\d{4})"
            r"(?:(?:1-|\(\d{2,5}\) ?)?\d{2,4}(?:[ -]\d{2,4}){2,6}|\(\d{2,5}\) ?\d{2,4}[ -]\d{2,4}|\d{3}-\d{4})"
            r"(?![\w-]|[.,:/]\d| \d)",
            r"(?<![\w-])(?=[A-Z-]*\d)[A-Z\d]*[A-Z][A-Z\d]*(?:-[A-Z\d]+){2,}(?![\w-])",
            r"(?<![\w+])(?:\+\d{1,3}|\(?0\d{2,5}\)?)(?:[ /-]\(?\d{2,}\)?){1,5}(?:-\d+)?(?![\w.,]\d)(?!\w)",
        )
    )
)
_IS_TAG = re.compile(r"</?\w|\[/?\w")
# What begins a line of a list, a quotation or a heading: `*`, `- [ ]`, `a)`, `2)`, `>`, `##`; models know dashes.
MARKER = re.compile(r"(?:[*+>|#]+|\(?[A-Za-z]\)|\(?\d{1,3}\)|[–—-])(?: +(?:[*+>-]|\[[ xX]?\])(?= ))*(?= +\S)")
NUMBER = r"\d{1,3}(?:[\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:[.,:/’'–-]\d+)*"
_FOOTNOTE = re.compile(r"\*{1,3}(?=[^\W_][^*]*$)")
"""What a remark begins with, without a blank: *Pflichtfeld."""
# Every match of the hard kinds holds one of these. Most sentences do not, and this is found out sooner.
_SIGN = re.compile(
    r"BIC |BIC:|SWIFT|[`@/\\{<%$#_&\[~*]|[.:](?=[^\W_])|(?<![^\s(\[])-(?=\S)|[a-z](?=[A-Z])|\(\)|::|--|[DTM][./-][MDJY]"
)
_SIGN_AT_DIGIT = re.compile(r"[A-Za-z-]\d|\d \d\d|\d[A-Za-z-]|\+\d|[vV]\.?\d|(?<![\w.,])\(?0\d")
_DIGIT = re.compile(r"\d")
# A number; with capitals beside it, a name such as A4, B2B or COVID-19; with a sign, as in -5, $5 or 5 %. Or a sign alone.
_SOFT = re.compile(
    rf"(?<![^\W\d_])(?:[A-Z]{{1,6}}-?(?=\d)|[A-Z]{{0,3}}\$ ?|[#+<=>*~] ?|-(?=\d))?(?:{NUMBER})(?:,[-–]{{1,2}}(?!\w))?"
    r"(?:[A-Z][A-Z\d]*(?![a-z])| ?[%$](?!\w)|[+*](?!\w))?"
    r"|(?<=\s)[&+<=>*](?=\s)"
)
_RULE = re.compile(
    r"(?:(?<!\w)\.{4,}|\.{4,}(?= ?\d)|([-–—=·•])\1{3,}|(?<!\w)([*#~_])\2{2,}(?!\w))"
    r"|(?<!\w)_{2,}(?:[/.:-]_{2,})+(?!\w)|(?<!\S)([.·•_–-])(?: \3){3,}(?!\S)"
)
"""A leader to the number of a page, a line to write on, or signs around a title; ... is none."""
_SIGN_AGAIN = re.compile(r"([-–—=·•.*#~_])(?: ?\1){2}|__[/.:-]")
_INCHES = re.compile(r"(?<![\w\".,])\d+(?:[.,]\d+)?\"(?=[\s,;.)]|$)")
"""A length, of which a model would take the sign for a mark of quotation."""
EMOTICON = re.compile(
    r"(?<!\S)(?:[:;=]['’]?-?(?:\)+|\(+|[\][]|D+|[PpOo/\\|*])|[:;8]-[)D3]|[xX]D+|\^\^|<3(?=\s*$))(?=[.,!?…]*(?:\s|$))"
)
"""A face of ASCII; `8)` would be the mark of a list, and `<3` within a sentence a number."""
_SIGN_ALONE = re.compile(r"\s[&+<=>*]\s")
_FORMULA = re.compile(r"(?=[A-Za-z]*[₀-₉])(?:[A-Z][a-z]?[₀-₉]*)+(?![^\W_])")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_TRAILING = ".,;:!?…'\"’”»“"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_NUMBER_BEFORE = re.compile(rf"(?<![^\W\d_])(?:{NUMBER})(?:,[-–]{{1,2}})? ?$")  # the price 5,- € too
_NUMBER_AFTER = re.compile(rf" ?[-–+]?(?:{NUMBER})(?![^\W\d_])")
# Of a number that a sign such as € follows or begins: without it -5 € would be 5 €.
_SIGN_BEFORE = re.compile(r"(?<![^\s([{\"'„“‘«»])(?:[-–+]|[#+<=>~] ?)$")
_IN_WORD = "-'’\u00b7"
_BULLETS = frozenset("§¶†‡•‣‰※‖")
"""Signs that Unicode counts as punctuation, and which do not belong to a sentence."""

QUOTES = frozenset("\"'„“”‟»«›‹‚‘’‛")
"""Marks of quotation, some of which are apostrophes too."""
STAND_INS = range(0xF0000, 0xFFFFE)
"""Characters for private use: each stands for a word that nobody but who put it there knows, such as an element of HTML."""


def characters_of(pieces: Sequence[str]) -> Characters:
    """The characters of a vocabulary's pieces, in which "▁" stands for a blank and <0x0A> for a byte."""
    plain = [piece.replace("\u2581", "") for piece in pieces if not piece.startswith("<")]
    usual = {character for piece in plain if len(piece) > 1 for character in piece}
    single = {piece for piece in plain if len(piece) == 1} - usual
    if not any(piece.startswith("<0x") for piece in pieces):
        usual |= single  # a small vocabulary, that has to write most words in characters
    usual |= {character for character in single - _BULLETS if unicodedata.category(character).startswith("P")}
    ascii_ = {chr(code) for code in range(32, 127)}
    # A sign such as € is no part of a word, though it be within a piece: models lose it.
    usual = {c for c in usual if not unicodedata.category(c).startswith(("C", "S"))} | ascii_ | {"\u00a0", "\u202f"}
    return Characters(frozenset(usual), frozenset(single - usual))


def find_spans(sentence: str, known: Characters) -> list[Span]:
    """The spans of a sentence, in order and apart from each other.

    A character that `known` lacks is a span with the word that it is part of, and with the number beside it: Łódź, 5 €.
    """
    spans: list[Span] = []
    has_digit = _DIGIT.search(sentence) is not None
    if _SIGN.search(sentence) or (has_digit and _SIGN_AT_DIGIT.search(sentence)):
        for match in _HARD.finditer(sentence):
            end = _without_trailing(sentence, match.start(), match.end())
            if end > match.start():
                spans.append(Span(match.start(), end))
    spans += _emoticons(sentence)
    if has_digit and sentence.count('"') % 2:
        spans += (Span(*match.span()) for match in _INCHES.finditer(sentence))
    if _SIGN_AGAIN.search(sentence):
        # Models know rows of dots best of all.
        spans += (Span(*match.span(), soft=".." in match[0]) for match in _RULE.finditer(sentence))
    if not sentence.isascii() and not known.usual.issuperset(sentence):
        spans += _beyond(sentence, known)
    if spans:
        spans = _merged(sentence, spans)
    if footnote := _FOOTNOTE.match(sentence):
        spans = [Span(0, footnote.end()), *(span for span in spans if span.start >= footnote.end())]
    if marker := MARKER.match(sentence):
        spans = [Span(0, marker.end(), shown=DASH), *(span for span in spans if span.start >= marker.end())]
    if not has_digit and not _SIGN_ALONE.search(sentence):
        return spans
    covered = {place for span in spans for place in range(span.start, span.end)}
    numbers = [
        Span(match.start(), match.end(), soft=True)
        for match in _SOFT.finditer(sentence)
        if covered.isdisjoint(range(match.start(), match.end()))
    ]
    return sorted([*spans, *numbers], key=lambda span: span.start)


def tags_in(text: str) -> Iterator[tuple[int, int]]:
    """Where the tags of `text` begin and end, but for those within code and the like."""
    return (match.span() for match in _HARD.finditer(text) if _IS_TAG.match(match[0]))


def _emoticons(sentence: str) -> Iterator[Span]:
    """Faces of ASCII; one that closes a bracket is none: (siehe unten :)."""
    opened = last = 0
    for match in EMOTICON.finditer(sentence):
        opened += sentence.count("(", last, match.start()) - sentence.count(")", last, match.start())
        is_face = match[0][-1] != ")" or opened <= 0
        if is_face:
            yield Span(*match.span())
        last = match.end() if is_face else match.start()


def same_number(number: str) -> str:
    """A number with one separator for all."""
    return _SEPARATORS.sub(".", number)


def numbers_of(text: str) -> list[str]:
    """The numbers in `text`; 1.234,5 and 1,234.5, which differ only in their separators, are equal."""
    return [same_number(match[0]) for match in NUMBERS.finditer(text)]


NUMBERS = re.compile(NUMBER)
_SEPARATORS = re.compile("[.,:'’ \u00a0\u202f]")


def between(sentence: str, spans: Sequence[Span]) -> list[tuple[str, bool]]:
    """The parts of a sentence, each with whether it is a span: joined they are the sentence."""
    parts, last = [], 0
    for span in spans:
        parts += [(sentence[last : span.start], False), (sentence[span.start : span.end], True)]
        last = span.end
    return [*parts, (sentence[last:], False)]


def is_language(text: str) -> bool:
    """Whether there is a letter in `text`, and so something to translate."""
    return any(map(str.isalpha, text))


def _without_trailing(sentence: str, start: int, end: int) -> int:
    """The end of an address or a path without the punctuation of the sentence that follows it."""
    if (
        sentence[start : start + 2] != "\\\\"
        and sentence[start] in "`<&{$%#@[\\*"
        and sentence[end - 1] in "`>;})]%|*$\\\"'"
    ):
        return end
    while end > start + 1:
        last = sentence[end - 1]
        opening = _BRACKETS.get(last)
        unopened = opening is not None and sentence.count(opening, start, end) < sentence.count(last, start, end)
        if last not in _TRAILING and not unopened:
            break
        end -= 1
    return end


def _beyond(sentence: str, known: Characters) -> Iterator[Span]:
    """What holds characters beyond the vocabulary: words with such letters, and signs with the numbers beside them."""
    usual, place = known.usual, 0
    while place < len(sentence):
        if sentence[place] in usual:
            place += 1
            continue
        start = end = place
        while end < len(sentence) and sentence[end] not in usual:
            end += 1
        run = sentence[start:end]
        soft = False
        if _of_word(run[0]) or _of_word(run[-1]):
            # The rest of the word belongs to it, but not the punctuation around the word.
            while start > 0 and (_of_word(sentence[start - 1]) or sentence[start - 1] in _IN_WORD):
                start -= 1
            while end < len(sentence) and (_of_word(sentence[end]) or sentence[end] in _IN_WORD):
                end += 1
            while start < place and sentence[start] in _IN_WORD:
                start += 1
            while end > place + 1 and sentence[end - 1] in _IN_WORD:
                end -= 1
            word = sentence[start:end]
            if formula := _FORMULA.match(word):  # of CO₂-Ausstoß the model knows the rest
                end = start + formula.end()
                plain = formula[0].translate(_SUBSCRIPTS)
                yield Span(start, end, translation=formula[0], shown=Shown(plain, rf"(?<!\w){plain}(?!\w)"))
                place = end
                continue
            soft = all(character in usual or (character in known.rare and _is_latin(character)) for character in word)
        elif not has_stand_in(run):
            if run[0] in "\ufe0f\u20e3" and start > 0:  # a key, such as 1️⃣
                start -= 1
            if before := _NUMBER_BEFORE.search(sentence, 0, start):
                start = before.start()
            if after := _NUMBER_AFTER.match(sentence, end):
                end = after.end()
            if run[-1] == "°" and re.match(r"[CFK](?!\w)", sentence[end : end + 2]):
                end += 1
            if _DIGIT.search(sentence, start, end) and (sign := _SIGN_BEFORE.search(sentence, 0, start)):
                start = sign.start()
        yield Span(start, end, soft)
        place = end


def has_stand_in(text: str) -> bool:
    return any(ord(character) in STAND_INS for character in text)


def _of_word(character: str) -> bool:
    return character.isalnum() or (unicodedata.category(character).startswith("M") and character != "\ufe0f")


def _is_latin(character: str) -> bool:
    return "\u00c0" <= character <= "\u024f" or "\u1e00" <= character <= "\u1eff"


def _merged(sentence: str, spans: Sequence[Span]) -> list[Span]:
    """Spans that overlap or touch, and hard ones with nothing but a blank between them, as one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged:
            last = merged[-1]
            gap = sentence[last.end : span.start]
            ends = sentence[last.start : last.end], sentence[span.start : span.end]
            is_name = not any(map(str.isdigit, "".join(ends)))
            is_range = gap in ("-", "–") and all(any(map(str.isdigit, end)) for end in ends)  # €10–€15
            is_one = gap == " " and (not (last.soft or span.soft) or (is_name and last.soft != span.soft))
            if span.start <= last.end or is_range or is_one:
                merged[-1] = Span(last.start, max(last.end, span.end), soft=last.soft and span.soft)
                continue
        merged.append(span)
    return merged
