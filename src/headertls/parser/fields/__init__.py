"""Header fields beside the trace lines that tell of the session, its sender or its secrecy."""
