"""From the words of the command line to values, where cyclopts takes more than is meant."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast, get_args

from cyclopts import Token, convert


def read_value(wanted: Any, tokens: Sequence[Token]) -> Any:  # noqa: ANN401  # of any type
    """Read a value of the type *wanted*.

    Raises:
        ValueError: It is empty where a file is to be named, or no whole number where one is needed.
    """
    types = {wanted, *get_args(wanted)}
    for token in tokens:
        # An empty path would be the current folder: what a script hands over whose variable is
        # unset.
        if Path in types and not token.value:
            raise ValueError("the name of a file is empty.")
        if int in types and not token.value.removeprefix("-").isdecimal():
            raise ValueError(f'"{token.value}" is no whole number.')
    return cast("Any", convert(wanted, tokens))
