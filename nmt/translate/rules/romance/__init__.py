"""Rules for texts between English and French or Spanish, whose models know everyday sentences and little besides."""
