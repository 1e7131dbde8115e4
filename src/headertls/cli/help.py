"""What `--help` says of each command; here, so that it can be said without loading the command."""

from typing import Final

TRACE: Final = """\
Show how messages were transported, hop by hop, and flag plaintext hops.

Each FILE holds one message, or its header alone. The table has a line for
each hop, the oldest first; what came with the message and cannot be
checked is marked as a claim, and a line shows where these end. The sign
marks hops with findings of "low" or graver.

For example:
    headertls trace message.eml
    headertls trace --explain message.eml
    headertls trace --raw message.eml
    headertls trace --json *.eml | jq .headline
    headertls trace --html report.html inbox/*.eml
    headertls trace --fail-on high - < message.eml || echo "look at this"
    headertls trace --attached forwarded-phish.eml
    headertls trace --site site.toml --policy ncsc-nl-2025 message.eml

Exit status:
    0  all was read
    1  a finding reached the level of --fail-on
    2  an input could not be read (the others are shown all the same),
       or an argument or a file of settings is wrong
"""

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

FILTER: Final = """\
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

MILTER: Final = """\
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

REDACT: Final = """\
Print the header of a message so that it can be shown in public.

Names, addresses, users, ids and texts are replaced, and times are moved,
all by the same span; fields that do not bear on the transport are left
out. "headertls trace" says of the result what it says of the message. Look
at the result before you post it.

For example:
    headertls redact message.eml > header.txt
"""

SCHEMA: Final = """\
Print the JSON Schema of the documents that "trace --json" writes.

For example:
    headertls schema > trace.schema.json
"""

COMPLETION: Final = """\
Print a script for a shell to complete commands, options, values and files.

Write it where the shell looks for such scripts, and start the shell anew.

For example:
    headertls completion bash >> ~/.bash_completion
    headertls completion zsh > "${fpath[1]}/_headertls"
    headertls completion fish > ~/.config/fish/completions/headertls.fish
"""
