"""Occasions of the daily work: appointments, cases and what they wait for, other agencies' answers."""

from typing import ClassVar

from django.db.models import DateField, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Agency
from support_cases.choices import RUNNING_STATUSES, Occasion, SkipReason, Status
from support_cases.models import Case, CaseEvent, Consultation, FollowUp, Referral
from support_cases.reminders.occasions import Anchor
from support_cases.reminders.sources.base import CHUNK, Source


class FollowUpDue(Source):
    """The appointment a consultation ended with."""

    occasion = Occasion.FOLLOW_UP_DUE
    sentence = _("Hẹn làm việc tiếp với %(party)s ngày %(day)s")
    advice = _("Làm xong thì bấm “Đã làm” để không bị nhắc lại.")

    def anchors(self, first, last, today, within):
        """Yield open appointments of standing entries."""
        rows = FollowUp.objects.filter(
            consultation__voided_at__isnull=True, done_on__isnull=True, due_on__range=(first, last)
        )
        rows = within.narrow(
            rows, pk="consultation", case="consultation__cases", cooperative="consultation__cooperative"
        )
        rows = rows if within.cases is None else rows.distinct()
        rows = rows.select_related("consultation").prefetch_related("consultation__cases")
        for row in rows.order_by("due_on", "pk").iterator(CHUNK):
            entry, cases = row.consultation, list(row.consultation.cases.all())
            yield Anchor(
                f"consultation/{entry.pk}",
                row.due_on,
                case_id=cases[0].pk if cases else None,
                cooperative_id=entry.cooperative_id,
                founding_group_id=entry.founding_group_id,
                officers=tuple(dict.fromkeys([row.officer_id, *(case.officer_id for case in cases)])),
                more_cases=tuple(case.pk for case in cases[1:]),
            )

    def why_over(self, reminder):
        """Say whether it was done, voided or moved."""
        row = FollowUp.objects.filter(consultation=reminder.subject_id).select_related("consultation").first()
        if row is None:
            return SkipReason.GONE
        if row.done_on is not None:
            return SkipReason.DONE
        return SkipReason.VOIDED if row.consultation.is_void else SkipReason.MOVED

    def url(self, reminder):
        """The entry the appointment belongs to."""
        return reverse("support:consultation", args=[reminder.subject_id])


class CaseSource(Source):
    """An occasion of an open case, told to its officer."""

    #: In which states the occasion stands.
    statuses: ClassVar[tuple[Status, ...]] = RUNNING_STATUSES

    def day(self):
        """Return the expression for the day of a case that rules count from."""
        raise NotImplementedError

    def anchors(self, first, last, today, within):
        """Yield cases by their day."""
        cases = within.narrow(Case.objects.filter(status__in=self.statuses), case="pk", cooperative="cooperative")
        cases = cases.annotate(anchor_on=self.day()).filter(anchor_on__range=(first, last))
        for case in cases.order_by("pk").iterator(CHUNK):
            yield Anchor.of_case(case, f"case/{case.pk}", case.anchor_on)

    def why_over(self, reminder):
        """Say whether the case ended or its day is another one."""
        case = Case.objects.filter(pk=reminder.case_id).first()
        if case is None:
            return SkipReason.GONE
        return SkipReason.MOVED if case.is_open else SkipReason.CLOSED


class CaseDeadline(CaseSource):
    """The day by which the office wants a case done."""

    occasion = Occasion.CASE_DEADLINE
    sentence = _("Hạn xử lý %(day)s: %(case)s (%(party)s)")

    def day(self):
        """The due day, where there is one."""
        return F("due_on")


class WaitingCooperative(CaseSource):
    """A case that waits for papers of the cooperative."""

    occasion = Occasion.WAITING_COOPERATIVE
    sentence = _("%(party)s chưa bổ sung giấy tờ từ ngày %(day)s: %(case)s")
    advice = _("Gọi cho HTX, nói rõ còn thiếu giấy tờ gì.")
    is_deadline = False
    statuses = (Status.WAITING_COOPERATIVE,)

    def day(self):
        """The day the clock stopped."""
        return F("clock_stopped_on")


def last_contact():
    """Return the day of the last contact in a case: a step by a person, a talk with its party, or its opening."""
    talks = Consultation.objects.standing().order_by()
    with_cooperative = talks.filter(cooperative=OuterRef("cooperative")).values("cooperative")
    with_group = talks.filter(founding_group=OuterRef("founding_group")).values("founding_group")
    steps = CaseEvent.objects.filter(case=OuterRef("pk"), actor__isnull=False).order_by().values("case")
    days = [
        Coalesce(Subquery(rows.annotate(last=Max(day)).values("last"), output_field=DateField()), F("opened_on"))
        for rows, day in ((with_cooperative, "held_on"), (with_group, "held_on"), (steps, "effective_on"))
    ]
    return Greatest(F("opened_on"), *days)


class NoContact(CaseSource):
    """A running case in which nobody has spoken with the cooperative for long."""

    occasion = Occasion.NO_CONTACT
    sentence = _("Chưa liên hệ với %(party)s từ ngày %(day)s: %(case)s")
    advice = _("Hỏi thăm HTX rồi ghi lần tư vấn, hoặc chuyển bước hồ sơ.")
    is_deadline = False

    def day(self):
        """The last contact."""
        return last_contact()


class ReferralLate(Source):
    """Another agency has not answered by the day it was asked to."""

    occasion = Occasion.REFERRAL_LATE
    sentence = _("%(what)s chưa trả lời (hẹn %(day)s): %(case)s")
    advice = _("Gọi hỏi cơ quan phối hợp; có trả lời thì ghi vào hồ sơ.")
    day_column = "expected_on"

    def anchors(self, first, last, today, within):
        """Yield open referrals by their day."""
        rows = Referral.objects.open().filter(**{f"{self.day_column}__range": (first, last)})
        rows = within.narrow(rows, case="case", cooperative="case__cooperative").select_related("case")
        for row in rows.order_by("pk").iterator(CHUNK):
            yield Anchor.of_case(row.case, f"referral/{row.pk}", getattr(row, self.day_column), str(row.agency_id))

    def whats(self, details):
        """The agencies' names."""
        found = Agency.objects.in_bulk([int(detail) for detail in details if detail.isdecimal()])
        names = {str(pk): agency.name for pk, agency in found.items()}
        return {detail: names.get(detail, "") for detail in details}

    def why_over(self, reminder):
        """Say whether it was answered or another day agreed on."""
        row = Referral.objects.filter(pk=reminder.subject_id).first()
        if row is None:
            return SkipReason.GONE
        return SkipReason.MOVED if row.is_open else SkipReason.DONE


class ReferralEscalated(ReferralLate):
    """An answer is so late that the leaders have to know."""

    occasion = Occasion.REFERRAL_ESCALATED
    sentence = _("Báo lãnh đạo: %(what)s chậm trả lời hồ sơ %(case)s (%(party)s)")
    advice = _("Lãnh đạo quyết định có gửi văn bản đôn đốc hay không.")
    day_column = "escalated_on"
    is_deadline = False
