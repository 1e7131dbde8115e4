"""What each finding means, and what to do or whom to ask."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import FindingCode


class Advice(NamedTuple):
    """Two texts for people who do not know the matter."""

    meaning: str
    action: str


_ASK_BOTH: Final = (
    "Ask whoever runs the receiving server whether it offers STARTTLS and whether a proxy ends TLS"
    " before it, then the sender's postmaster why the client did not use it."
)
_ASK_OWNER: Final = "Ask whoever runs the two servers to turn on TLS between them."
_RENEW: Final = (
    "Ask whoever runs the older of the two systems to update it; refusing old sessions outright may"
    " push senders to plaintext."
)

ADVICE: Final[Mapping[FindingCode, Advice]] = MappingProxyType(
    {
        FindingCode.PLAINTEXT_PUBLIC_HOP: Advice(
            "Whoever could listen between the two hosts could read the message and change it.",
            _ASK_BOTH,
        ),
        FindingCode.CLEARTEXT_CREDENTIALS: Advice(
            "Whoever could listen may have the password, unless the login kept it secret or a proxy"
            " ended TLS before the server.",
            "Have the password changed, set the mail program to require TLS, and have the server"
            " refuse logins without it.",
        ),
        FindingCode.PLAINTEXT_OUT_OF_CHARACTER: Advice(
            "All earlier mail of this sender came over TLS. Somebody on the path can take the offer"
            " of TLS out of the dialogue, and this is what it would look like.",
            "Compare with other mail of that hour, and ask the sender's postmaster; MTA-STS or DANE"
            " for the own domain lets senders notice.",
        ),
        FindingCode.REQUIRETLS_VIOLATED: Advice(
            "The sender had asked that the message travel over TLS only or not at all.",
            "Ask whoever runs the server that sent it on without TLS.",
        ),
        FindingCode.NULL_CIPHER: Advice(
            "The session had the form of TLS, but who listened could read it as easily as"
            " plaintext, or nearly so.",
            "Have such suites turned off at the server that wrote the line.",
        ),
        FindingCode.DEPRECATED_TLS: Advice(
            "The session kept listeners out, but this version has known flaws and is withdrawn"
            " (RFC 8996).",
            _RENEW,
        ),
        FindingCode.WEAK_CIPHER: Advice(
            "The session kept casual listeners out, but the suite is no more recommended.", _RENEW
        ),
        FindingCode.NO_FORWARD_SECRECY: Advice(
            "A recording of the session can be read later by whoever gets the server's key.",
            "Ask whoever runs the server to prefer suites with ECDHE, or TLS 1.3.",
        ),
        FindingCode.BELOW_MINIMUM_GRADE: Advice(
            "The session does not come up to what the reader's policy asks for.", _RENEW
        ),
        FindingCode.PLAINTEXT_BEHIND_NAT: Advice(
            "The address that the server saw is a private one, but the client seems to stand on the"
            " internet: the message probably crossed it in plaintext.",
            "Ask whoever runs the receiving server what stands between it and the internet.",
        ),
        FindingCode.PLAINTEXT_ORGANIZATION: Advice(
            "Both ends belong to one organization, but the way between them may be a public one.",
            _ASK_OWNER,
        ),
        FindingCode.PLAINTEXT_OPERATOR: Advice(
            "Both ends belong to one mail operator, which may have its own lines between them.",
            _ASK_OWNER,
        ),
        FindingCode.PLAINTEXT_PRIVATE: Advice(
            "Only who is inside that network could listen.",
            "Nothing, unless the network is not trusted.",
        ),
        FindingCode.TLS_NOT_RECORDED: Advice(
            "The session may have been encrypted or not; this writer does not tell.",
            "Ask whoever runs the receiving server, or look into its log.",
        ),
        FindingCode.CLIENT_CERTIFICATE_FAILED: Advice(
            "The client offered a certificate of its own, which mail does not need.",
            "Nothing, unless the sender is meant to be known by its certificate.",
        ),
        FindingCode.KEYWORD_UNDERSTATES_TLS: Advice(
            "Some older servers never write the S of ESMTPS. The details count.",
            "Nothing; newer versions of the software write it.",
        ),
        FindingCode.VERSION_CONFLICT: Advice(
            "Some software tells the version wrongly; in a claim it may be a sign of invention.",
            "Nothing, if the writer is trusted; else take the line with care.",
        ),
        FindingCode.WITNESS_CONFLICT: Advice(
            "Two statements of the same house about one session differ, and the stronger one was"
            " taken.",
            "Ask whoever runs the servers which of the two fields is right.",
        ),
        FindingCode.HELO_IMPERSONATION: Advice(
            "A client may call itself what it likes; this name is not its own, as is usual with"
            " spam and phishing.",
            "Take the message with care, and look at the results of SPF, DKIM and DMARC.",
        ),
        FindingCode.TRACE_GAP: Advice(
            "Some servers write no line, or go by several names; an invented trace shows the same.",
            "Above the trust boundary, declare the own servers; below it, rely on nothing older.",
        ),
        FindingCode.ORDER_BROKEN: Advice(
            "No drifting clock explains it: a time zone is told wrongly, or the lines did not"
            " follow each other.",
            "Take the older line with care, if it is a claim; else check the server's clock.",
        ),
        FindingCode.CLOCK_SKEW: Advice(
            "The clock of one of the servers is wrong.",
            "Have the servers keep their time by NTP.",
        ),
        FindingCode.LONG_DELAY: Advice(
            "It waited in a queue, for a moderator, or as greylisting demands.",
            "Nothing, or look into the log of the server that had it last.",
        ),
        FindingCode.MAIL_LOOP: Advice(
            "Two servers handed it to each other, each thinking that the other is to deliver it.",
            "Check forwarding and the routes of both servers.",
        ),
    }
)
