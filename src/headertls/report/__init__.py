"""What a trace looks like: sentences, a table, JSON, HTML. Nothing is decided here."""

from headertls.report.web import html, show

__all__ = ["html", "show"]
