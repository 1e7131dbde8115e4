"""headertls in a running mail server."""
