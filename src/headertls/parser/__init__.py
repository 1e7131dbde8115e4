"""From the text of a `Received` field to a hop: facts only, nothing about what they mean."""

from headertls.parser.received import parse_received

__all__ = ["parse_received"]
