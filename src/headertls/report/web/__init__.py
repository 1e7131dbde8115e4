"""Traces drawn as HTML: views for notebooks, and a page to be attached to a ticket."""

from headertls.report.web.page import html
from headertls.report.web.view import View, show, view_hop, view_trace, view_verdict

__all__ = ["View", "html", "show", "view_hop", "view_trace", "view_verdict"]
