"""What a trace looks like: sentences, a table for terminals, JSON. Nothing is decided here."""
