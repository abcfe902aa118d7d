"""Routes that belong to no wire format: for operators, and the page."""
