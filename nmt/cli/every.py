"""The program with all of its commands, as an object."""

from nmt.cli.app import app_of

app = app_of(())
