"""A neural machine translation system: stacked LSTM encoder, attention, LSTM decoder, beam search.

>>> from nmt import Translator
>>> translator = Translator.load("checkpoints/broad-de-en")
>>> translator.translate(["Wo ist der Bahnhof?"])[0].text  # doctest: +SKIP
'Where is the station?'
"""

from __future__ import annotations

from importlib import import_module

from nmt.config.version import VERSION

TYPE_CHECKING = False  # of `typing`, which takes longer to load than all else before `nmt` can answer an interrupt
if TYPE_CHECKING:
    from nmt.config.search import SearchOptions
    from nmt.translate.result import Translation
    from nmt.translate.translator import Translator

__version__ = VERSION

__all__ = ["SearchOptions", "Translation", "Translator", "__version__"]

_HOMES = {
    "SearchOptions": "nmt.config.search",
    "Translation": "nmt.translate.result",
    "Translator": "nmt.translate.translator",
}


def __getattr__(name: str) -> object:
    # Loading PyTorch takes a second, which whoever needs only a setting or an error should not wait for.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
