"""Maintenance of a board: archive, consistency checks, repair, log trimming, redaction."""
