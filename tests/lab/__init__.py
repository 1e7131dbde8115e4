"""Real mail servers on loopback, and what they wrote about sessions whose truth is known.

`record` starts the servers, `recorded/` holds what came out, `tests/test_lab.py` reads it back.
"""
