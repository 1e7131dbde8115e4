"""What `headertls scan --help` says; here, so that it can be said without loading the command."""

from typing import Final

HELP: Final = """\
Read whole mailboxes and tell how mail came in, and who still uses plaintext.

Only headers are read. A message that cannot be read is counted and told
of, and never ends the scan. Ctrl-C ends it cleanly: what was done is
written and shown, and --resume goes on.

For example:
    headertls scan Maildir
    headertls scan --html report.html archive.mbox
    headertls scan --output hops.parquet --messages messages.csv mail/
    headertls scan --output hops.parquet --resume mail/

Exit status:
    0    all was read
    2    a message could not be read (the others are counted all the
         same), an output could not be written, or an argument is wrong
    130  broken off by Ctrl-C
"""
