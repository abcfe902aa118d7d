"""One file for each wire format, and one each for operators and for the page."""
