"""What `--help` says of the commands that read mailboxes, so that it need not load them."""

from typing import Final

SCAN: Final = """\
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

CALIBRATE: Final = """\
Learn from your own mail which servers mark TLS, and who always uses it.

Prints the evidence, and a site for --site: servers whose habits the library
does not know, and senders whose plaintext would be out of character. Only
lines of your own servers teach: name them with --site. What is given in it
stays, and what was learned is added.

For example:
    headertls calibrate --site site.toml --output learned.toml Maildir
    headertls calibrate Maildir > learned.toml
    headertls scan --site learned.toml Maildir

Exit status:
    0    all was read
    2    a message could not be read (the others are counted all the
         same), the output could not be written, or an argument is wrong
    130  broken off by Ctrl-C: the evidence is shown, and no site written
"""

FORMS: Final = """\
List what no rule knows of the lines of your mail, fit to be sent to us.

Comments, products, words behind "with", and what else was not read, with
counts, and the form of a line that has each. Addresses, hosts, users, ids
and dates are replaced; other words of servers stay, for they name products.
Look at the list before you send it.

For example:
    headertls forms Maildir > forms.txt
    headertls forms --json archive.mbox

Exit status:
    0    all was read
    2    a message could not be read (the others are counted all the
         same), or an argument is wrong
    130  broken off by Ctrl-C: what was read until then is shown
"""
