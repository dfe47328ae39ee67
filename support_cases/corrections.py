"""Putting right what was recorded wrongly: an entry is voided, or another one takes its place.

Nothing is changed or deleted: a voided entry keeps its words and says when, by whom and why it was voided. So
a report can still be rebuilt as it was known on the day before.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cooperatives.errors import NotAllowedNow
from cooperatives.models import moment_to_record
from support_cases.choices import Occasion
from support_cases.consultations import Entry, SameIdOtherEntry, log_consultation
from support_cases.models import Consultation, FollowUp, Reminder
from support_cases.reasons import kept_reason
from support_cases.reports.tallies import count_entry
from support_cases.reports.versions import raise_version

MOST_REASON = 200


class AlreadyVoid(NotAllowedNow):
    """The entry was voided before; ``row`` is the entry as it stands, with who voided it and why."""

    def __init__(self, row: Consultation):
        self.row = row
        when = f"{timezone.localtime(row.voided_at):%d/%m/%Y %H:%M}"
        words = _("Lần ghi này đã được %(name)s hủy hoặc thay lúc %(when)s, nên không sửa hay hủy được nữa.")
        super().__init__([words % {"name": row.voided_by, "when": when}])


def void_consultation(row: Consultation, *, by, reason: str, now: datetime) -> Consultation:
    """Take one entry back: from ``now`` on it counts nowhere and its appointment is nobody's work any more.

    Raises:
        InvalidEntry: without a reason, or with one too long, under ``reason``.
        AlreadyVoid: when somebody voided or replaced it before; nothing is changed.
    """
    said = kept_reason(reason, MOST_REASON)
    with transaction.atomic():
        now = moment_to_record(now)
        locked = _locked(row)
        if locked.is_void:
            raise AlreadyVoid(locked)
        raise_version(locked.held_on)
        _void(locked, by=by, reason=said, now=now)
    return locked


def replace_consultation(
    row: Consultation, entry: Entry, *, by, reason: str, today: date, now: datetime
) -> tuple[Consultation, bool]:
    """Record ``entry`` in the place of ``row`` and return the new row with whether this call recorded it.

    One transaction: the new row is recorded ``now`` by ``by``, for the officer of the old one; the old one is
    voided and points to it. The same ``entry`` sent again returns the first replacement and changes nothing.

    Raises:
        InvalidEntry: with messages by field, the reason's under ``reason``.
        AlreadyVoid: when somebody voided or replaced the row before.
        SameIdOtherEntry: when the ``client_id`` belongs to any other entry.
    """
    said = kept_reason(reason, MOST_REASON)
    with transaction.atomic():
        now = moment_to_record(now)
        locked = _locked(row)
        if locked.is_void:
            return _first_replacement(locked, entry), False
        raise_version(locked.held_on, entry.held_on)
        made, is_new = log_consultation(
            entry, by=by, today=today, officer=locked.officer, recorded_at=now, is_demo=locked.is_demo
        )
        if not is_new:
            raise SameIdOtherEntry
        _keep_done(locked, made)
        _keep_reminders(locked, made)
        _void(locked, by=by, reason=said, now=now, replaced_by=made)
    return made, True


def _locked(row: Consultation) -> Consultation:
    """Return the row read again under a lock, so that of two people only one finds it standing."""
    # Alone: a row that waited for the lock is read anew, but what was joined to it is from before the wait.
    return Consultation.objects.select_for_update().get(pk=row.pk)


def _void(locked: Consultation, *, by, reason: str, now: datetime, replaced_by: Consultation | None = None) -> None:
    """Mark a locked row as void; the versions of its figures were raised before."""
    locked.voided_at, locked.voided_by, locked.void_reason = now, by, reason
    locked.replaced_by = replaced_by
    locked.save(update_fields=["voided_at", "voided_by", "void_reason", "replaced_by"])
    count_entry(locked, locked.topics.order_by("pk").values_list("topic", flat=True), -1)


def _first_replacement(locked: Consultation, entry: Entry) -> Consultation:
    """Return the row that replaced a void one when ``entry`` is that very correction sent again.

    Raises:
        AlreadyVoid: when it is another one.
    """
    made = locked.replaced_by
    if made is None or (made.client_id, made.fingerprint) != (entry.client_id, entry.fingerprint()):
        raise AlreadyVoid(locked)
    return made


def _keep_done(old: Consultation, made: Consultation) -> None:
    """Take over that the appointment was kept, so that nobody is reminded of the same day once more."""
    done = FollowUp.objects.filter(consultation=old, done_on__isnull=False).first()
    if done is not None:
        same = FollowUp.objects.filter(consultation=made, due_on=done.due_on)
        same.update(done_on=done.done_on, done_by=done.done_by)


def _keep_reminders(old: Consultation, made: Consultation) -> None:
    """Let reminders of the appointment speak of the new entry where party and day are the same: it is the same one."""
    days = [FollowUp.objects.filter(consultation=one).values_list("due_on", flat=True).first() for one in (old, made)]
    parties = {(one.cooperative_id, one.founding_group_id) for one in (old, made)}
    if days[0] is not None and days[0] == days[1] and len(parties) == 1:
        rows = Reminder.objects.filter(rule=Occasion.FOLLOW_UP_DUE, subject=f"consultation/{old.pk}")
        rows.update(subject=f"consultation/{made.pk}")
