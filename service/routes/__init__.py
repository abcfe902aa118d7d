"""Routes that are of no wire format: for operators, and the page."""
