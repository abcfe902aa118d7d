"""The version of this program, which journals, reports and the service name."""

VERSION = "0.2.0"
