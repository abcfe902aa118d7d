"""Errors of the service, with facts and a sentence for people. Each wire format gives them its own statuses and shape.

The core raises the first group. HTTP raises the second, before a request reaches the core.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nmt.config.language import fallbacks

MAX_QUOTED_CHARACTERS = 40

Pair = tuple[str, str]


class ServiceError(Exception):
    """`message` says what was wrong and what would be right; `retry_after` is in seconds."""

    retry_after: int | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


# --- from the core ---


class UnknownPair(ServiceError):
    """No model translates `source` to `target`; `known` are the pairs that there are."""

    def __init__(self, source: str, target: str, known: Sequence[Pair]) -> None:
        pairs = ", ".join(f"{source}→{target}" for source, target in known)
        super().__init__(f"no model translates {quoted(source)} to {quoted(target)}; there are: {pairs}")
        self.source, self.target, self.known = source, target, known

    @property
    def unknown_language(self) -> str | None:
        """The language that no model has on that side; None where both are known, and only the pair is not."""
        sources, targets = zip(*self.known, strict=True)
        if self.source != "auto" and not _stands_for_one_of(self.source, sources):
            return self.source
        return None if _stands_for_one_of(self.target, targets) else self.target


class UnknownModel(ServiceError):
    """No model of that name translates `source` to `target`; `known` are the names of those that do."""

    def __init__(self, model: str, source: str, target: str, known: Sequence[str]) -> None:
        super().__init__(f"no model {quoted(model)} translates {source}→{target}; there are: {', '.join(known)}")
        self.model, self.source, self.target, self.known = model, source, target, known


class NoFormality(ServiceError):
    """A register is asked for in a language that has only one."""

    def __init__(self, formality: str, target: str) -> None:
        super().__init__(
            f"formality {quoted(formality)} is not for {target}; default, prefer_more and prefer_less always are"
        )
        self.formality, self.target = formality, target


class UnknownGlossary(ServiceError):
    """There is no glossary of that identifier, or none of its dictionaries is for the pair."""

    def __init__(self, identifier: str, pair: Pair | None = None) -> None:
        what = "" if pair is None else f" with a dictionary for {pair[0]}→{pair[1]}"
        super().__init__(f"there is no glossary {quoted(identifier)}{what}")
        self.identifier, self.pair = identifier, pair


class UnknownDocument(ServiceError):
    """No document has that identifier and that key, or it was too long ago."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"there is no document {quoted(identifier)} with this key, or no longer")
        self.identifier = identifier


class NotDone(ServiceError):
    """A document that is still being translated, for so many `seconds` more."""

    def __init__(self, seconds: int) -> None:
        super().__init__("the document is not translated yet; ask for its status")
        self.retry_after = min(60, seconds)


class BadText(ServiceError):
    """The text cannot be translated, or not with the required and forbidden phrases."""


class TooLarge(ServiceError):
    """A request is larger than the service ever takes."""


class RequestTooLarge(TooLarge):
    """The work that a request asks for is more than one request may ask for, or than can be done in time."""

    def __init__(self, *, cost: int, limit: int) -> None:
        super().__init__(
            f"the request costs {cost:,}; at most {limit:,} can be asked for at once. The cost is the number of hypotheses "
            "times the longest translation that the options allow, in tokens; sampling, required phrases and alignments "
            "cost more. Ask for less, or in parts"
        )
        self.cost, self.limit = cost, limit


class Overloaded(ServiceError):
    """Too much is waiting already."""

    def __init__(self, *, waiting: int, retry_after: int) -> None:
        super().__init__(f"{waiting:,} sentences are waiting already; try again in {retry_after} s")
        self.waiting, self.retry_after = waiting, retry_after


class TooManyDocuments(Overloaded):
    """No more documents can be kept until some are taken or their time is over."""

    def __init__(self, *, kept: int) -> None:
        ServiceError.__init__(self, f"{kept:,} documents are kept already; try again in a minute")
        self.waiting, self.retry_after = kept, 60


class TooManyBytes(Overloaded):
    """The bodies of all requests that are not answered yet are too long together."""

    def __init__(self, *, held: int) -> None:
        ServiceError.__init__(self, f"requests of {held:,} bytes are on their way already; try again in a second")
        self.waiting, self.retry_after = held, 1


class KeyMissing(ServiceError):
    """A key is required, and the request has none."""

    def __init__(self) -> None:
        super().__init__("a key is required; whoever runs this service makes them with `nmt keys create`")


class KeyUnknown(ServiceError):
    """A key is required, and that of the request is none, or is revoked."""

    def __init__(self) -> None:
        super().__init__("the key of the request is not known here, or is revoked")


class MoreThanAllowed(TooLarge):
    """The texts of one request are more than its client may have translated in a `period`."""

    def __init__(self, characters: int, limit: int, period: str) -> None:
        super().__init__(f"{characters:,} characters are more than the {limit:,} that are allowed in a {period}")
        self.characters, self.limit, self.period = characters, limit, period


class TooFast(ServiceError):
    """A client has had as many characters translated as it may in a minute."""

    def __init__(self, limit: int, *, retry_after: int) -> None:
        super().__init__(f"at most {limit:,} characters are allowed in a minute; try again in {retry_after} s")
        self.limit, self.retry_after = limit, retry_after


class QuotaExceeded(ServiceError):
    """A client has had as many characters or documents translated as it may in a day, which ends at midnight, UTC."""

    def __init__(self, limit: int, *, retry_after: int, of: str = "characters") -> None:
        super().__init__(f"the quota of {limit:,} {of} a day is used up; try again tomorrow, UTC")
        self.limit, self.retry_after = limit, retry_after


class NotReady(ServiceError):
    """The models are being loaded, or none could be."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Ending(NotReady):
    """The service answers what it has accepted, and nothing else."""

    def __init__(self) -> None:
        super().__init__("the service is ending; ask again in a moment", retry_after=1)


class TooLate(ServiceError):
    """The translation was not ready within `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the translation was not ready within {seconds:g} s")
        self.seconds = seconds


# --- from HTTP ---


class UnknownPath(ServiceError):
    """There is nothing at the path of the request."""

    def __init__(self) -> None:
        super().__init__("there is nothing here; see /docs")


class WrongMethod(ServiceError):
    """The path is known, and takes other methods: `allowed`."""

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{quoted(method)} is not possible here; {', '.join(allowed) or 'another method'} is")
        self.method, self.allowed = method, allowed


class Unreadable(ServiceError):
    """The body is not in the encoding or the syntax of the wire format."""


class UnknownMediaType(ServiceError):
    """The body is of another media type than the wire format reads: `known`."""

    def __init__(self, given: str, known: Sequence[str]) -> None:
        self.given, self.known = given, known
        what = f"a body of type {quoted(given)}" if given else "a body without Content-Type"
        super().__init__(f"{what} cannot be read; {', '.join(known)} can")


class PackedBody(ServiceError):
    """The body has a Content-Encoding; all are read as they are."""

    def __init__(self, encoding: str) -> None:
        super().__init__(
            f"a body with Content-Encoding {quoted(encoding)} cannot be read; it should be sent unpacked, without one"
        )


class NotOffered(ServiceError):
    """The wire format has something that this service does not do."""


class InvalidFields(ServiceError):
    """Fields are missing, unknown or outside their limits. `problems` are pydantic's; their `loc` begins with "body".

    `known` are the names of the fields that there are, where the reader of the request knows them. A wire format describes
    the problems in its own words.
    """

    def __init__(self, problems: Sequence[Mapping[str, Any]], known: Sequence[str] = ()) -> None:
        super().__init__("a field is wrong or outside its limits")
        self.problems, self.known = problems, known


class BodyTooLarge(TooLarge):
    """The body is longer than the wire format takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is longer than {limit:,} bytes")
        self.limit = limit


class BodyTooSlow(ServiceError):
    """The body did not arrive within `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the body did not arrive within {seconds:g} s")
        self.seconds = seconds


class Broken(ServiceError):
    """A mistake in the service. The log says where, the answer does not."""

    def __init__(self) -> None:
        super().__init__("something went wrong here; the service's log says where")


def _stands_for_one_of(asked: str, known: Sequence[str]) -> bool:
    return not {fallbacks(tag)[0] for tag in known}.isdisjoint(fallbacks(asked))


def quoted(text: str) -> str:
    """`text` in quotation marks, cut where it is long."""
    cut = text if len(text) <= MAX_QUOTED_CHARACTERS else text[:MAX_QUOTED_CHARACTERS] + "…"
    return repr(cut)
