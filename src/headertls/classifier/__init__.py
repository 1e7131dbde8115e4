"""What hops mean, by tables of rules: kind, scope, transport, trust and findings."""

from headertls.classifier.traces import classify, judge

__all__ = ["classify", "judge"]
