"""Occasions the law on cooperatives sets: terms and meetings, capital, the yearly update.

Whom a duty binds and from which day it counts is said by :mod:`cooperatives.governance.duties` alone.
"""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import ObligationKind
from cooperatives.governance.congress_rules import last_year_end, year_end
from cooperatives.governance.duty import Duty, Scene
from cooperatives.governance.meeting_duties import AnnualCongress, Revocation, TermEnd
from cooperatives.governance.paper_duties import AnnualUpdateDuty, Capital, CapitalAgain
from cooperatives.models import AnnualUpdate, Congress, Cooperative, Term
from support_cases.choices import Occasion
from support_cases.reminders.occasions import Anchor, Within
from support_cases.reminders.sources.base import CHUNK
from support_cases.reminders.sources.register import RegisterSource

_MONTHS = range(1, 13)


class DutySource(RegisterSource):
    """An occasion that is a duty of the register, counted from the day the duty counts from."""

    duty: ClassVar[Duty]

    def anchors(self, first, last, today, within):
        """Yield the cooperatives bound by the duty, by the day it counts from."""
        scene = Scene.on(today)
        rows = self.bound(scene, within).filter(anchor_on__range=(first, last))
        for pk, day in _read(rows):
            yield Anchor(self.subject(pk, day), day, cooperative_id=pk, detail=self.detail(day, scene))

    def bound(self, scene: Scene, within: Within) -> QuerySet:
        """Return the standing cooperatives asked for that owe the duty, each with its ``anchor_on``."""
        return self.duty.bound(_standing(within), scene)

    def subject(self, pk: int, day: date) -> str:
        """Return the name of what is owed from ``day``."""
        return f"cooperative/{pk}"

    def detail(self, day: date, scene: Scene) -> str:
        """Return what the sentence needs besides."""
        return ""


class TermEnds(DutySource):
    """The last day of a term; of several bodies the one whose term ends first."""

    occasion = Occasion.TERM_END
    duty = TermEnd()
    sentence = _("Nhiệm kỳ của %(party)s hết ngày %(day)s")
    advice = TermEnd.advice

    def is_done(self, reminder):
        """Whether a term that ends later has begun."""
        return Term.objects.filter(cooperative=reminder.cooperative_id, ends_on__gt=reminder.anchor_on).exists()


class _MeetingSource(DutySource):
    """An occasion that is over when the members meet; worded with the day the law sets."""

    is_deadline = False

    def what(self, detail):
        """The day the law sets."""
        return f"{date.fromisoformat(detail):%d/%m/%Y}" if detail else "–"

    def detail(self, day, scene):
        """The last day by the law."""
        deadline = self.duty.deadline(day, scene)
        return deadline.last_day.isoformat() if deadline else ""

    def is_done(self, reminder):
        """Whether a meeting that counts as a yearly one was held since."""
        held = Congress.objects.yearly().filter(cooperative=reminder.cooperative_id)
        return held.filter(held_on__gt=reminder.anchor_on).exists()


class YearlyCongress(_MeetingSource):
    """The members have not met since a financial year ended; the year that runs comes after it."""

    occasion = Occasion.ANNUAL_CONGRESS
    duty = AnnualCongress()
    sentence = _("%(party)s chưa họp đại hội thường niên của năm tài chính kết thúc %(day)s, hạn họp %(what)s")
    advice = AnnualCongress.advice

    def anchors(self, first, last, today, within):
        """Yield the year not met for, and the one that runs."""
        scene = Scene.on(today)
        coming = [month for month in _MONTHS if first <= _running(month, today) <= last]
        wanted = Q(anchor_on__range=(first, last)) | Q(fiscal_year_end_month__in=coming)
        for pk, day, month in _read(self.bound(scene, within).filter(wanted), "fiscal_year_end_month"):
            for end in sorted({day, _running(month, today)}):
                detail = self.detail(end, scene)
                if first <= end <= last and detail:
                    yield Anchor(self.subject(pk, end), end, cooperative_id=pk, detail=detail)

    def subject(self, pk, day):
        """Each year is a matter of its own."""
        return f"cooperative/{pk}/{day.year}"


class LastCongress(_MeetingSource):
    """The members have not met for so long that the certificate may be revoked."""

    occasion = Occasion.LAST_CONGRESS
    duty = Revocation()
    sentence = _(
        "%(party)s họp đại hội lần gần nhất ngày %(day)s; đến %(what)s vẫn không họp thì có thể bị thu hồi đăng ký"
    )
    advice = Revocation.advice


class CapitalContribution(DutySource):
    """The last day to pay in the capital of a new cooperative, then the last one to register it anew."""

    occasion = Occasion.CAPITAL_CONTRIBUTION
    duties = (Capital(), CapitalAgain())
    sentence = _("%(what)s chậm nhất ngày %(day)s: %(party)s")
    advice = _("Góp đủ vốn đã cam kết, thiếu thì đăng ký lại theo số thực góp; xong thì tổ công tác ghi vào sổ.")

    def anchors(self, first, last, today, within):
        """Yield the cooperatives whose capital is not noted as paid in, by the last day of each duty."""
        scene = Scene.on(today)
        for duty in self.duties:
            rows = duty.bound(_standing(within), scene)
            ends = {day: _last_day(duty, day, scene) for day in rows.order_by().values_list("anchor_on", flat=True)
                    .distinct()}  # fmt: skip
            days = [day for day, end in ends.items() if end and first <= end <= last]
            if days:
                # Later certificates never end sooner, so the days wanted are one stretch.
                for pk, day in _read(rows.filter(anchor_on__range=(min(days), max(days)))):
                    yield Anchor(f"cooperative/{pk}/{duty.kind}", ends[day], cooperative_id=pk, detail=duty.kind)

    def what(self, detail):
        """What is owed."""
        return ObligationKind(detail).label if detail in ObligationKind.values else detail

    def is_done(self, reminder):
        """Whether the capital is noted as paid in."""
        return reminder.cooperative.capital_paid_on is not None


class YearlyUpdate(DutySource):
    """The day by which the information of a year is sent to the registrar."""

    occasion = Occasion.YEARLY_UPDATE
    duty = AnnualUpdateDuty()
    sentence = _("%(party)s gửi cập nhật thông tin hằng năm chậm nhất ngày %(day)s")
    advice = AnnualUpdateDuty.advice

    def subject(self, pk, day):
        """Each year is a matter of its own."""
        return f"cooperative/{pk}/{day.year}"

    def is_done(self, reminder):
        """Whether the update of the year is noted as sent."""
        return AnnualUpdate.objects.filter(cooperative=reminder.cooperative_id, year=reminder.anchor_on.year).exists()


def _standing(within: Within) -> QuerySet:
    return within.narrow(Cooperative.objects.standing(), cooperative="pk")


def _read(rows: QuerySet, *columns: str) -> Iterator[tuple]:
    """Yield the key, the day counted from and ``columns``, in memory that does not grow with the register."""
    return rows.order_by("pk").values_list("pk", "anchor_on", *columns).iterator(CHUNK)


def _running(month: int, today: date) -> date:
    """Return the last day of the first financial year, of those ending with this month, that ends after ``today``."""
    return year_end(month, last_year_end(month, today).year + 1)


def _last_day(duty: Duty, day: date, scene: Scene) -> date | None:
    deadline = duty.deadline(day, scene)
    return deadline.last_day if deadline else None
