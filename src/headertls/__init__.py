"""How was this e-mail transported, and how do we know?"""

from headertls.parser import parse_received

__all__ = ["parse_received"]
