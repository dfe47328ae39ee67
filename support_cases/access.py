"""Which cases and consultations a person may see: one queryset per role, used by every door."""

from django.db.models import Q

from htx_portal.accounts.models import Role
from support_cases.models import (
    Absence,
    Case,
    Consultation,
    FollowUp,
    Referral,
    Reminder,
    ReminderMessage,
    ReminderMute,
    ReportFile,
)


def cases_for(user):
    """Return the cases ``user`` may see: all for those who review, a cooperative's people their own."""
    if not user.is_authenticated:
        return Case.objects.none()
    if user.may_review:
        return Case.objects.all()
    return Case.objects.filter(_of_my_cooperatives(user))


def consultations_for(user):
    """Return the consultations ``user`` may see: all for those who review, voided ones too, so that what became
    of one can be read; a cooperative's people their own that stand.
    """
    if not user.is_authenticated:
        return Consultation.objects.none()
    if user.may_review:
        return Consultation.objects.all()
    return Consultation.objects.standing().filter(_of_my_cooperatives(user))


def follow_ups_for(user):
    """Return the follow-ups ``user`` may see and close: staff and managers those of all standing entries."""
    if user.is_authenticated and user.may_review:
        return FollowUp.objects.filter(consultation__voided_at__isnull=True)
    return FollowUp.objects.none()


def referrals_for(user):
    """Return the referrals ``user`` may see: all for those who review; a cooperative reads of its own in words only."""
    if user.is_authenticated and user.may_review:
        return Referral.objects.all()
    return Referral.objects.none()


def reminders_for(user):
    """Return the reminders addressed to ``user``."""
    if not user.is_authenticated:
        return Reminder.objects.none()
    return Reminder.objects.filter(recipient=user)


def messages_for(user):
    """Return the messages to people ``user`` may look after: leaders and administrators all, staff their own.

    What colleagues were told is theirs to know; a cooperative's people have nothing to do with the sending.
    """
    if not user.is_authenticated or not user.may_review:
        return ReminderMessage.objects.none()
    if user.role in (Role.MANAGER, Role.ADMIN):
        return ReminderMessage.objects.all()
    return ReminderMessage.objects.filter(recipient=user)


def mutes_for(user):
    """Return what ``user`` does not want to be reminded of."""
    if not user.is_authenticated:
        return ReminderMute.objects.none()
    return ReminderMute.objects.filter(person=user)


def absences_for(user):
    """Return the absences ``user`` may see: staff those they are away in or stand in for, leaders and admins all."""
    if not user.is_authenticated or not user.may_review:
        return Absence.objects.none()
    if user.role in (Role.MANAGER, Role.ADMIN):
        return Absence.objects.all()
    return Absence.objects.filter(Q(person=user) | Q(stand_in=user))


def report_files_for(user):
    """Return the files of reports ``user`` asked for: nobody fetches those of another, nor after losing the right."""
    if not user.is_authenticated or not user.may_review:
        return ReportFile.objects.none()
    return ReportFile.objects.filter(person=user)


def reminders_about(user, case):
    """Return what ``user`` may read of the reminders of a case and of its cooperative outside of cases.

    Those who review read all of it; a cooperative's people what is addressed to them.
    """
    about = Q(case=case)
    if case.cooperative_id:
        about |= Q(case__isnull=True, cooperative=case.cooperative_id)
    rows = Reminder.objects.all() if user.is_authenticated and user.may_review else reminders_for(user)
    return rows.filter(about)


def _of_my_cooperatives(user) -> Q:
    """Rows of the cooperatives a person acts for, or of the group one of them grew from.

    Sub-queries and not joins, so that no row appears twice when a person acts for several.
    """
    mine = user.memberships.values("cooperative")
    return Q(cooperative__in=mine) | Q(founding_group__cooperative__in=mine)
