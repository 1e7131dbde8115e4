"""Which columns of a table are kept beside the rows, and under what names."""

from collections.abc import Mapping, Sequence

Keep = str | Sequence[str] | Mapping[str, str]
"""Columns of the input: names, or names and the ones that they get in the output."""


def name_kept(keep: Keep) -> dict[str, str]:
    """Find the name in the output for each column that is kept.

    >>> name_kept("path"), name_kept({"id": "mail_id"})
    ({'path': 'path'}, {'id': 'mail_id'})
    """
    if isinstance(keep, Mapping):
        return dict(keep)
    return {name: name for name in ((keep,) if isinstance(keep, str) else keep)}


def check_names(
    column: str, kept: Mapping[str, str], given: Sequence[str], made: Sequence[str]
) -> None:
    """Hold the names of columns against those that there are.

    Args:
        column: The column of the messages.
        kept: Other columns, and the names that they get in the output.
        given: The columns of the input.
        made: The columns of the output besides the kept ones.

    Raises:
        KeyError: One of the columns is missing, or there are two of its name.
        ValueError: Two columns of the output would have one name.
    """
    for name in (column, *kept):
        if given.count(name) != 1:
            found = "two columns are" if name in given else "no column is"
            raise KeyError(f"{found} named {name!r} in: {', '.join(given)}")
    names = [*kept.values(), *made]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(
            f"two columns of the output would be named {twice!r};"
            f" keep yours under another name: keep={{'{twice}': 'my_{twice}'}}"
        )
