"""A neural machine translation system: stacked LSTM encoder, attention, LSTM decoder, beam search.

>>> from nmt import Translator
>>> translator = Translator.load("checkpoints/broad-de-en")
>>> translator.translate(["Guten Morgen!"])[0].text  # doctest: +SKIP
'Good morning!'
"""

__version__ = "0.1.0"
