"""Translators over HTTP: the wire formats of several services, a page at `/`, and what operators need to run it."""
