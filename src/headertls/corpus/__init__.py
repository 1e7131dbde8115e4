"""Many messages: scanning mailboxes, and what they say together."""

from headertls.corpus.calibration import calibrate
from headertls.corpus.forms import list_forms
from headertls.corpus.scan import ScanResult, scan

__all__ = ["ScanResult", "calibrate", "list_forms", "scan"]
