"""Texts of lines that no rule knows, of many messages: `list_forms`."""

from collections.abc import Iterable
from typing import Final

from headertls.corpus.run import Order, run_scan
from headertls.corpus.scan import AnyPath, list_paths
from headertls.corpus.tally import OTHERS, Fate, Sort, Tally
from headertls.corpus.work import Job, Study, make_job
from headertls.models import Site
from headertls.models.forms import Form, FormKind, Forms

_ORDER: Final = tuple(FormKind)


def list_forms(
    paths: AnyPath | Iterable[AnyPath],
    site: Site | None = None,
    *,
    workers: int = 1,
    column: str | None = None,
) -> Forms:
    """List what no rule knows of the lines of mailboxes and folders.

    That is what a missing dialect looks like: comments, products, words behind `with`, and whatever
    else was not read. Addresses, hosts, users, ids and dates are replaced by placeholders.

    Args:
        paths: As for `headertls.scan`.
        site: As for `headertls.analyze`; it tells which lines own servers wrote.
        workers: As for `headertls.scan`.
        column: As for `headertls.scan`.

    >>> found = list_forms("examples/mailing-list.eml")
    >>> found.messages, found.forms
    (1, ())
    """
    job = make_forms_job(site)
    order = Order(tuple(list_paths(paths)), job, workers=workers, column=column)
    return conclude(run_scan(order).tally)


def make_forms_job(site: Site | None) -> Job:
    """Make the job of a scan that counts what `conclude` needs."""
    return make_job(site, None)._replace(study=Study.FORMS)


def conclude(tally: Tally) -> Forms:
    """Tell what the counts of a scan with the job of `make_forms_job` say."""
    fates, own = tally.get(Sort.FATE), tally.get(Sort.OWN_FORM)
    forms = [
        Form(
            kind=FormKind(key[0]),
            text=key[1],
            lines=times,
            own=own.get(key, 0),
            example=tally.find_example(Sort.FORM, *key) or "",
        )
        for key, times in tally.get(Sort.FORM).items()
        if key != OTHERS
    ]
    return Forms(
        messages=fates.get((Fate.READ.value,), 0),
        unreadable=fates.get((Fate.UNREADABLE.value,), 0),
        lines=sum(tally.get(Sort.LINE).values()),
        forms=tuple(sorted(forms, key=lambda f: (_ORDER.index(f.kind), -f.lines, f.text))),
        left_out=tally.get(Sort.FORM).get(OTHERS, 0),
    )
