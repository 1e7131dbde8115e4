"""What a trace looks like: sentences, a table for terminals, JSON, HTML. Nothing is decided here."""

from headertls.report.web import html, show

__all__ = ["html", "show"]
