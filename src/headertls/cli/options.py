"""What is said of options that several commands take, and which of them exclude each other.

The texts stand here, and not in the docstrings of the commands, since the help sets each as one
paragraph, however wide the terminal is.
"""

from pathlib import Path
from typing import Annotated, Final, TypeAlias

from cyclopts import Group, Parameter
from cyclopts.validators import LimitedChoice

from headertls.models import Profile, Severity

OUTPUT: Final = Group("Output other than the table alone", validator=LimitedChoice())
MORE: Final = Group("Options")


def switch(name: str, group: Group, text: str) -> Parameter:
    """Make an option that takes no value."""
    return Parameter(name=name, negative="", show_default=False, group=group, help=text)


FilesArgument: TypeAlias = Annotated[
    Path,
    Parameter(name="FILE", help='The files to read; "-", or none at all, is the standard input.'),
]
FileArgument: TypeAlias = Annotated[
    Path,
    Parameter(
        name="FILE",
        show_default=False,
        help='The file to read; "-", or none at all, is the standard input.',
    ),
]
SiteOption: TypeAlias = Annotated[
    Path | None,
    Parameter(
        name="--site",
        group=MORE,
        help="A TOML file that declares the own mail servers; without it they are inferred from"
        " the lines.",
    ),
]
PolicyOption: TypeAlias = Annotated[
    Profile | Path | None,
    Parameter(
        name="--policy",
        group=MORE,
        help="By whose list to grade; or a TOML file that tells how to judge grades, findings and"
        " times.",
    ),
]
FailOnOption: TypeAlias = Annotated[
    Severity | None,
    Parameter(
        name="--fail-on",
        group=MORE,
        help="Exit with status 1 when a finding is, under the policy, of this level or a graver"
        " one.",
    ),
]
BorderOption: TypeAlias = Annotated[
    bool,
    switch(
        "--border",
        MORE,
        "This is the first own program to see the message: take out all Authentication-Results"
        " fields of the own names, and not only those with a result of x-tls-trace.",
    ),
]
