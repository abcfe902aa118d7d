"""A Translator over HTTP: `/v1/translate`, a page at `/`, and what operators need to run it."""
