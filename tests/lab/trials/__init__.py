"""The trials of headertls in the way of mail."""

from typing import Final

from lab.trials.base import Trial
from lab.trials.milter_postfix import MilterPostfix
from lab.trials.milter_sendmail import MilterSendmail

__all__ = ["TRIALS", "Trial"]

TRIALS: Final[dict[str, type[Trial]]] = {
    "milter-postfix": MilterPostfix,
    "milter-sendmail": MilterSendmail,
}
