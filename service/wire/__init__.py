"""Wire formats: a folder or a file for each, with its schema, limits, statuses and error shape."""

from __future__ import annotations

from .deepl import deepl
from .deeplx import deeplx
from .format import MakeFormat
from .google import google
from .immersive import immersive
from .libretranslate import libretranslate
from .mtran import mtran
from .v1 import v1

FORMATS: tuple[MakeFormat, ...] = (v1, libretranslate, deepl, google, immersive, deeplx, mtran)
