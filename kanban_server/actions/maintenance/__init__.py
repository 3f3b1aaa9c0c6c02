"""What keeps a board in order: archive, consistency checks, repair, trimming, redaction."""
