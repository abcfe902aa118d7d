"""Wire formats: a folder or a file for each, with its schema, limits, statuses and error shape."""

from __future__ import annotations

from service.wire.deepl import deepl
from service.wire.deeplx import deeplx
from service.wire.format import MakeFormat
from service.wire.google import google
from service.wire.immersive import immersive
from service.wire.libretranslate import libretranslate
from service.wire.mtran import mtran
from service.wire.v1 import v1

FORMATS: tuple[MakeFormat, ...] = (v1, libretranslate, deepl, google, immersive, deeplx, mtran)
