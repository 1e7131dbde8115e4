"""A milter: judges each message while Postfix or sendmail takes it.

Its wire format is that of `kilter.protocol`, in the extra `milter`.
"""

try:
    from headertls.integrations.milter.server import serve
except ImportError as error:
    raise ImportError(
        "the milter needs kilter.protocol: pip install 'headertls[milter]'", name="kilter"
    ) from error
from headertls.integrations.milter.judge import Judge, OnFail
from headertls.integrations.milter.places import Place, parse_place

__all__ = ["Judge", "OnFail", "Place", "parse_place", "serve"]
