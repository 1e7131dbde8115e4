"""Knowledge of TLS: versions, cipher suites, groups and grades. Nothing here reads headers."""

from headertls.tls.grades import (
    EDITIONS,
    MIN_BITS,
    AuthorityGrades,
    find_grades,
    find_suite_rule,
    grade,
)
from headertls.tls.groups import Group, GroupKind, find_cipher_group, find_group
from headertls.tls.suites import find_suite
from headertls.tls.versions import effective_version, find_version, is_conflict

__all__ = [
    "EDITIONS",
    "MIN_BITS",
    "AuthorityGrades",
    "Group",
    "GroupKind",
    "effective_version",
    "find_cipher_group",
    "find_grades",
    "find_group",
    "find_suite",
    "find_suite_rule",
    "find_version",
    "grade",
    "is_conflict",
]
