"""`headertls completion`."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from cyclopts import Parameter

from headertls.cli.app import app
from headertls.cli.printing import print_text
from headertls.cli.statuses import Status


class Shell(StrEnum):
    """A shell that completes arguments by a script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


# What cyclopts leaves out. bash: names with blanks, and a slash behind those of folders. zsh: the
# script works where it is found in $fpath, and where it is sourced.
_ENDS: Final[Mapping[Shell, str]] = MappingProxyType(
    {
        Shell.BASH: r"""
_headertls_files() {
  local IFS=$'\n'
  _headertls "$@"
  [[ $COMP_CWORD -gt 1 ]] && compopt -o filenames 2>/dev/null
  return 0
}

complete -F _headertls_files headertls
""",
        Shell.ZSH: r"""
if [[ ${funcstack[1]} == _headertls ]]; then
  _cyclopts_headertls "$@"
else
  compdef _cyclopts_headertls headertls
fi
""",
        Shell.FISH: "",
    }
)


def completion(
    shell: Annotated[Shell, Parameter(name="SHELL", help="Whose script to print.")], /
) -> Status:
    """Do what `help` says."""
    script = app.generate_completion(prog_name="headertls", shell=shell.value)
    print_text(script.rstrip("\n") + _ENDS[shell].rstrip("\n"))
    return Status.DONE
