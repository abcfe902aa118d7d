"""Licences of the text that a model learns from, by their SPDX names, and the duties that come with them."""

from __future__ import annotations

import re
from typing import Annotated

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import AfterValidator, Field

from nmt.config.printable import Line
from nmt.config.yaml import Settings


def _spdx(expression: str) -> str:
    try:
        return canonicalize_license_expression(expression)
    except InvalidLicenseExpression as error:
        wanted = "should be a name of https://spdx.org/licenses, or LicenseRef-NAME for a licence that is not there"
        raise ValueError(wanted) from error


def hub_licence(licence: str) -> str | None:
    """Name that model hubs know `licence` by: one SPDX name in lower case; None where it is no such name."""
    try:
        name = _spdx(licence)
    except ValueError:
        return None
    return None if " " in name or name.startswith("LicenseRef-") else name.lower()


class TextSource(Settings):
    """Part of a model's text, which has one origin and one licence."""

    text: Line = Field(min_length=1, description="name of the part, as people know it")
    licence: Annotated[str, AfterValidator(_spdx)] = Field(
        description="SPDX expression, such as CC-BY-4.0 or MIT OR Apache-2.0; LicenseRef-NAME where SPDX has no name"
    )
    authors: Line = Field(min_length=1, description="whom to name")
    url: Line = Field("", description="where the text comes from")


# The first that a name begins with.
_DUTIES = (
    ("CC0", "do nothing"),
    ("CC-BY-SA", "name the authors; pass on what you make of it under the same licence"),
    ("CC-BY", "name the authors"),
    ("Apache", "keep the notices and the licence with it"),
    ("MIT", "keep the notice and the licence with it"),
    ("BSD", "keep the notice and the licence with it"),
    ("MPL", "pass on changed files under the same licence, with their source"),
    ("EUPL", "pass on what you make of it under the same licence, with its source"),
    ("GPL", "pass on what you make of it under the same licence, with its source"),
    ("LGPL", "pass on changes under the same licence, with their source"),
    ("GFDL", "pass on what you make of it under the same licence, with its history"),
)
_NO_BRACKETS = str.maketrans("", "", "()")


def duties(licence: str) -> str:
    """Duties of those who pass on text under an SPDX expression, in a few words: no legal advice, a pointer to the terms."""
    terms = re.split(r" AND | OR ", licence.translate(_NO_BRACKETS))
    names = [term.split()[0].removeprefix("LicenseRef-") for term in terms]
    known = [next((duty for prefix, duty in _DUTIES if name.startswith(prefix)), "see its terms") for name in names]
    joint = ", or: " if " OR " in licence else "; "
    return joint.join(dict.fromkeys(known))
