"""Notices of violation: while one is pending the registrar refuses what the cooperative files."""

from datetime import date

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE, InvalidEntry, Words
from cooperatives.models import Cooperative, ViolationNotice
from cooperatives.text import nfc


def note_violation(
    cooperative: Cooperative, *, noticed_on: date, subject: str, settled_on: date | None, today: date
) -> ViolationNotice:
    """Write the notice a cooperative was given, or what became of the one that is pending, and return it.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    problems: dict[str, list[Words]] = {
        name: [_("Ngày này không thể ở tương lai.")]
        for name, day in (("noticed_on", noticed_on), ("settled_on", settled_on))
        if day is not None and day > today
    }
    if problems:
        raise InvalidEntry(problems)
    with transaction.atomic():
        # Two people who note the same notice at once shall find one another's.
        Cooperative.objects.select_for_update(of=("self",)).get(pk=cooperative.pk)
        row = pending_notice(cooperative, today) or ViolationNotice(cooperative=cooperative)
        row.noticed_on, row.subject, row.settled_on = noticed_on, nfc(subject), settled_on
        try:
            row.full_clean()
        except ValidationError as refusal:
            said = refusal.message_dict
            raise InvalidEntry({WHOLE if name == NON_FIELD_ERRORS else name: said[name] for name in said}) from refusal
        row.save()
    return row


def pending_notice(cooperative: Cooperative, day: date) -> ViolationNotice | None:
    """Return the notice of violation that is pending on ``day``, or None."""
    return cooperative.violation_notices.pending(day).first()
