"""Recurrent cells, each in a file of its own; `nmt.model.build` gives them their names."""
