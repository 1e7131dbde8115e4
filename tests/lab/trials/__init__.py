"""The trials of headertls in the way of mail."""

from typing import Final

from lab.trials.base import Trial
from lab.trials.filter_exim import FilterExim
from lab.trials.filter_postfix import FilterPostfix
from lab.trials.milter_logins import MilterLogins
from lab.trials.milter_pair import MilterPair
from lab.trials.milter_postfix import MilterPostfix
from lab.trials.milter_sendmail import MilterSendmail
from lab.trials.rates import Rates

__all__ = ["CHECKED", "TRIALS", "Trial"]

TRIALS: Final[dict[str, type[Trial]]] = {
    "filter-exim": FilterExim,
    "filter-postfix": FilterPostfix,
    "milter-logins": MilterLogins,
    "milter-pair": MilterPair,
    "milter-postfix": MilterPostfix,
    "milter-sendmail": MilterSendmail,
    "rates": Rates,
}

CHECKED: Final = tuple(name for name in TRIALS if name != "rates")
"""Those that tell right from wrong; the other measures."""
