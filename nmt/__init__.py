"""Neural machine translation: a stacked LSTM encoder, attention, an LSTM decoder, and beam search.

Examples:
    >>> import nmt
    >>> translator = nmt.load("broad-de-en")
    >>> translator.translate("Wo ist der Bahnhof?").text
    "Where's the station?"
"""

from __future__ import annotations

import sys
from importlib import import_module

from nmt.config.version import VERSION as __version__

if sys.platform == "win32":
    raise ImportError("nmt runs on Linux and macOS; on Windows, run it in WSL")

TYPE_CHECKING = False  # of `typing`, which takes longer to load than all else before `nmt` can answer an interrupt
if TYPE_CHECKING:
    from nmt.config.search import SearchOptions
    from nmt.errors import NmtError
    from nmt.translate.glossary import Glossary
    from nmt.translate.markup.options import Markup
    from nmt.translate.result import Translation
    from nmt.translate.translator import Translator

    load = Translator.load

__all__ = ["Glossary", "Markup", "NmtError", "SearchOptions", "Translation", "Translator", "__version__", "load"]

_HOMES = {
    "Glossary": "nmt.translate.glossary",
    "Markup": "nmt.translate.markup.options",
    "NmtError": "nmt.errors",
    "SearchOptions": "nmt.config.search",
    "Translation": "nmt.translate.result",
    "Translator": "nmt.translate.translator",
}


def __getattr__(name: str) -> object:
    # Loading PyTorch takes a second, which whoever needs only a setting or an error should not wait for.
    if name == "load":
        return import_module(_HOMES["Translator"]).Translator.load
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
