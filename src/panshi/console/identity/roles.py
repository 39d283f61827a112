"""Roles, which of them exclude each other, and which need a second factor."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a user may do; a user can have several that do not exclude each other."""

    SYSTEM_ADMIN = "system-admin", _("系统管理员")
    SECURITY_ADMIN = "security-admin", _("安全管理员")
    AUDIT_ADMIN = "audit-admin", _("审计管理员")
    DUTY_OPERATOR = "duty-operator", _("值班员")
    DUTY_LEAD = "duty-lead", _("值班负责人")
    NETWORK_ENGINEER = "network-engineer", _("网络管理岗")
    SECURITY_ENGINEER = "security-engineer", _("安全管理岗")
    ROOM_ENGINEER = "room-engineer", _("机房管理岗")
    CHANGE_APPLICANT = "change-applicant", _("变更申请人")
    CHANGE_REVIEWER = "change-reviewer", _("变更评审人")
    CHANGE_EXECUTOR = "change-executor", _("变更实施人")
    CHANGE_VERIFIER = "change-verifier", _("变更验证人")
    RISK = "risk", _("风险管理岗")
    COMPLIANCE = "compliance", _("合规管理岗")
    MANAGEMENT = "management", _("管理层")
    AUDITOR = "auditor", _("审计员（只读）")


ADMINISTRATORS: Final = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""三员: system, security and audit administrator; no user is two of them.

Source: GB/T 22239-2019, 8.1.5 (central management), level 3.
"""
EXCLUSIVE: Final = ADMINISTRATORS | {Role.AUDITOR}
"""Whoever has one of these has no other role: who gives rights, and who looks on, does not work."""
READ_ALL: Final = frozenset({Role.AUDIT_ADMIN, Role.AUDITOR})
"""See the rows of every organisation, and write none."""
SECOND_FACTOR: Final = frozenset(Role) - {Role.CHANGE_APPLICANT}
"""Administrators and everybody who operates or approves.

Source: GB/T 22239-2019, 8.1.4.1 d, level 3.
"""


def conflicting(role: str, held: frozenset[str]) -> frozenset[str]:
    """Return those of the held roles that exclude another one.

    >>> sorted(conflicting("auditor", frozenset({"risk"})))
    ['risk']
    >>> sorted(conflicting("risk", frozenset({"duty-lead", "auditor"})))
    ['auditor']

    Args:
        role: The role that is to be given.
        held: Roles that the user has.

    Returns:
        The conflict matrix' answer; empty when the role may be given.
    """
    others = held - {role}
    return others if role in EXCLUSIVE else others & EXCLUSIVE
