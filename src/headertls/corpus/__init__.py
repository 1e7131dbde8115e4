"""Many messages: scanning mailboxes, and what they say together."""

from headertls.corpus.scan import ScanResult, scan

__all__ = ["ScanResult", "scan"]
