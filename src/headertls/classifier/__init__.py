"""What hops mean, by tables of rules: kind, scope, transport, trust and findings."""

from headertls.classifier.surroundings import Statement, Surroundings
from headertls.classifier.traces import classify, judge

__all__ = ["Statement", "Surroundings", "classify", "judge"]
