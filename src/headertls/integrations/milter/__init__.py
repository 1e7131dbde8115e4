"""A milter: judges each message while Postfix or sendmail takes it.

`headertls.integrations.milter.server` needs the extra `milter`: the wire format is that of
`kilter.protocol`.
"""

from headertls.integrations.milter.judge import Judge, OnFail
from headertls.integrations.milter.places import Place, parse_place

__all__ = ["Judge", "OnFail", "Place", "parse_place"]
