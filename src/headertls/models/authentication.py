"""Who sent a message, as a server found out: an `Authentication-Results` field (RFC 8601)."""

from headertls.models.base import Model


class AuthenticationProperty(Model):
    """A value that was authenticated or used for it, such as `smtp.mailfrom=a@b.example`."""

    name: str
    """Type and property in lower case, such as `header.d`."""
    value: str
    """As written."""


class AuthenticationResult(Model):
    """What one method found."""

    method: str
    """In lower case: `spf`, `dkim`, `dmarc`, `arc`, or any other."""
    result: str
    """In lower case: `pass`, `fail`, `none`, `softfail`, ..."""
    reason: str | None = None
    """The server's free text on the result."""
    properties: tuple[AuthenticationProperty, ...] = ()
    """The values that were looked at, in the order of the field."""

    def find_property(self, name: str) -> str | None:
        """Return the first value of that name.

        >>> mailfrom = AuthenticationProperty(name="smtp.mailfrom", value="b.example")
        >>> result = AuthenticationResult(method="spf", result="pass", properties=(mailfrom,))
        >>> result.find_property("smtp.mailfrom"), result.find_property("smtp.helo")
        ('b.example', None)
        """
        return next((item.value for item in self.properties if item.name == name), None)


class Authentication(Model):
    """The results of one `Authentication-Results` field; they tell nothing of the transport."""

    authserv_id: str | None = None
    """The server that speaks, as written; some, as Microsoft's, do not name themselves."""
    results: tuple[AuthenticationResult, ...] = ()
    """In the order of the field; a method may come more than once, as DKIM does."""
    complete: bool = True
    """False when a result could not be read, or a bound was reached."""

    def find_results(self, method: str) -> tuple[AuthenticationResult, ...]:
        """Return the results of *method*.

        >>> dkim = AuthenticationResult(method="dkim", result="pass")
        >>> Authentication(results=(dkim,)).find_results("dkim") == (dkim,)
        True
        """
        return tuple(result for result in self.results if result.method == method)
