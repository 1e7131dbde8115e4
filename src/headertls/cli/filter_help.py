"""What `headertls filter --help` says; here, so that it can be said without loading the command."""

from typing import Final

HELP: Final = """\
Read a message from the standard input, and write it out with a result on top.

For maildrop, procmail, Sieve, Exim, and Postfix's pipe. The result is a
field "Authentication-Results: NAME; x-tls-trace=..."; forged ones are taken
out. Nothing else changes, the body least of all. With a COMMAND, the message
is handed to it once it is complete, and its exit status is the filter's.

A message that cannot be judged passes with the result "temperror", and the
reason is told on the standard error.

For example:
    headertls filter --authserv-id mx.site.example < in.eml > out.eml
    headertls filter --site site.toml --fail-on high --authserv-id \\
        mx.site.example -- /usr/sbin/sendmail -G -i -f "$sender" -- "$@"

Exit status, by sysexits.h:
    0   the message was passed on
    75  it was not, and the server is to keep it: input or output failed,
        or an argument or a file of settings is wrong
    77  a finding of a trusted line reached the level of --fail-on; the
        message was written out nevertheless, but given to no COMMAND
    or else that of the COMMAND
"""
