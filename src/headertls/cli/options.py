"""How options are shown in the help, and which of them exclude each other."""

from typing import Final

from cyclopts import Group, Parameter
from cyclopts.validators import LimitedChoice

OUTPUT: Final = Group("Output instead of the table", validator=LimitedChoice())
MORE: Final = Group("Options")


def switch(name: str, group: Group) -> Parameter:
    """Make an option that takes no value."""
    return Parameter(name=name, negative="", show_default=False, group=group)
