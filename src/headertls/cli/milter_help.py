"""What `headertls milter --help` says; here, so that it can be said without loading the command."""

from typing import Final

HELP: Final = """\
Judge each message while Postfix or sendmail takes it (a milter).

Each message gets an Authentication-Results field with the result, and
loses fields that pretend to be such a one. A message that cannot be judged
passes. SIGTERM ends it as soon as no message is on its way.

For example:
    headertls milter --socket inet:8891@127.0.0.1 \\
        --authserv-id mx.site.example
    headertls milter --socket unix:/run/headertls/milter.sock \\
        --authserv-id mx.site.example --site site.toml \\
        --fail-on high --on-fail quarantine

Exit status:
    0  ended by SIGTERM or Ctrl-C
    2  it cannot listen there, or an argument or a file of settings is wrong
"""
