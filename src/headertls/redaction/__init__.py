"""Headers fit to be posted in public: names, addresses, ids and times replaced, verdicts kept.

Nothing is looked for that might be private. What stays is what a table names: keywords, protocol
words, products, words about TLS, public suffixes, domains of mail operators. All else is replaced.
"""

from headertls.redaction.header import redact

__all__ = ["redact"]
