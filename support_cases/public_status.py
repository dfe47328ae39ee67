"""What anybody with the code and the secret of a receipt may learn about a case, and nothing more."""

import hmac
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from cooperatives.text import fold
from support_cases.choices import PUBLIC_STATUS, Status
from support_cases.models import Case
from support_cases.models.case import new_secret
from support_cases.stages import Stage, stages_of

_ASKED = ("reference", "secret", "topic", "status", "milestone", "event_on", "appointment_on", "updated_at")
# Compared against when there is no such case, so that both mistakes cost the same.
_NOBODYS_SECRET = new_secret()


@dataclass(frozen=True)
class PublicStatus:
    """The public face of a case: no name, no phone, no amount. ``stages`` is the whole way with its stops."""

    reference: str
    topic: str
    topic_label: str
    status: str
    status_label: str
    stage: str
    next_step: str
    missing: list[str]
    appointment: date | None
    updated_on: date
    stages: list[Stage]


def normal_code(text: str) -> str:
    """Return a reference as it is stored, whatever stands between its parts: "tct 230815.0001" is known too."""
    return "-".join(fold(text).split()).upper()


def normal_secret(text: str) -> str:
    """Return a secret as it is stored: capitals, without the spaces and dashes people add when reading."""
    return "".join(c for c in text.upper() if c.isalnum())


def look_up(code: str, secret: str) -> PublicStatus | None:
    """Return the public status of the case, or None when code or secret is wrong, without telling which.

    Three queries: the case, its checklist, its referrals.
    """
    # A reference is unique, so there is nothing to put in order.
    case = next(iter(Case.objects.order_by().filter(reference=normal_code(code)).only(*_ASKED)), None)
    expected = case.secret if case else _NOBODYS_SECRET
    right = hmac.compare_digest(expected.encode(), normal_secret(secret).encode())
    if case is None or not right:
        return None
    return status_of(case)


def next_step_of(case: Case) -> str:
    """Return what comes next in the language of the reader; first of all that another agency owes an answer."""
    words = str(case.kind.next_step(case))
    if case.is_open and any(referral.is_open for referral in case.referrals.all()):
        return f"{_('Đã chuyển cơ quan phối hợp, chờ trả lời.')} {words}"
    return words


def status_of(case: Case) -> PublicStatus:
    """Return the public face of ``case`` in the language of the reader."""
    kind = case.kind
    missing = [item.label for item in case.checklist.all() if item.is_missing] if case.is_open else []
    return PublicStatus(
        reference=case.reference,
        topic=case.topic,
        topic_label=str(kind.public_label),
        status=case.status,
        status_label=str(PUBLIC_STATUS[Status(case.status)]),
        stage=str(kind.stage(case)),
        next_step=next_step_of(case),
        missing=missing,
        appointment=case.appointment_on,
        updated_on=timezone.localdate(case.updated_at),
        stages=stages_of(case),
    )
