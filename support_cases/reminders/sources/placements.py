"""Occasions of people placed at cooperatives: the end of contract or support, months nobody confirmed."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.access import may_confirm_months
from cooperatives.models import MonthlyConfirmation, Placement
from cooperatives.workforce.months import Tally, first_day, last_day, tallies
from cooperatives.workforce.rules import SupportRules
from support_cases.choices import Occasion
from support_cases.reminders.occasions import Anchor, Within
from support_cases.reminders.sources.base import CHUNK
from support_cases.reminders.sources.register import RegisterSource, standing

_CONTRACT, _SUPPORT = "contract", "support"


class _PlacementSource(RegisterSource):
    """An occasion of a placement; its subject begins with ``placement/<number>``."""

    model = Placement

    def url(self, reminder):
        """The placement with its months."""
        return reverse("cooperatives:placement", args=[reminder.subject_id])


class PlacementEnd(_PlacementSource):
    """The last day of a contract, or of the months that are supported where that is earlier."""

    occasion = Occasion.PLACEMENT_END
    sentence = gettext_lazy("%(what)s ở %(party)s hết ngày %(day)s")
    advice = gettext_lazy("HTX quyết định giữ lại, ký tiếp hoặc thay người; tổ công tác ghi kết quả vào sổ.")

    def anchors(self, first, last, today, within):
        """Yield the contracts nobody left early, by their end."""
        rows = _placements(within).filter(left_on__isnull=True, ends_on__gte=first, started_on__lte=last)
        for row, tally in _counted(rows):
            end, what = _end_of(row, tally)
            if first <= end <= last:
                yield Anchor(
                    f"placement/{row.pk}", end, cooperative_id=row.cooperative_id, detail=f"{what}/{row.person_label}"
                )

    def what(self, detail):
        """What ends, and of whom."""
        ends, _slash, person = detail.partition("/")
        if ends == _SUPPORT:
            return _("Thời gian hỗ trợ cho %(person)s") % {"person": person}
        return _("Hợp đồng lao động của %(person)s") % {"person": person}

    def is_done(self, reminder):
        """Whether the person left."""
        return Placement.objects.filter(pk=reminder.subject_id, left_on__isnull=False).exists()


class PlacementConfirmation(_PlacementSource):
    """A supported month that is over and that nobody confirmed; several of one placement are several matters."""

    occasion = Occasion.PLACEMENT_CONFIRMATION
    sentence = gettext_lazy("%(party)s chưa xác nhận ngày công %(what)s")
    advice = gettext_lazy("Xác nhận theo bảng chấm công; tháng chưa xác nhận thì chưa được chi hỗ trợ.")
    is_deadline = False

    def anchors(self, first, last, today, within):
        """Yield the months by their last days."""
        for row, tally in _counted(_placements(within).overlapping(first_day(first), last)):
            for month in tally.missing(today):
                if first <= last_day(month) <= last:
                    named = f"{month:%Y-%m}"
                    yield Anchor(
                        f"placement/{row.pk}/{named}",
                        last_day(month),
                        cooperative_id=row.cooperative_id,
                        detail=f"{named}/{row.person_label}",
                    )

    def what(self, detail):
        """The month and the person."""
        month, _slash, person = detail.partition("/")
        year, _dash, number = month.partition("-")
        return _("tháng %(month)s của %(person)s") % {"month": f"{number}/{year}", "person": person}

    def is_done(self, reminder):
        """Whether the month was confirmed."""
        month = reminder.anchor_on.replace(day=1)
        return MonthlyConfirmation.objects.filter(placement=reminder.subject_id, month=month).exists()

    def url(self, reminder):
        """The form for the month where the recipient, if it is anybody's row yet, may confirm it."""
        if reminder.recipient_id is None or not may_confirm_months(reminder.recipient):
            return super().url(reminder)
        month = f"{reminder.anchor_on:%Y-%m}"
        return f"{reverse('cooperatives:month-confirm', args=[reminder.subject_id])}?thang={month}"


def _placements(within: Within) -> QuerySet:
    return within.narrow(Placement.objects.filter(standing("cooperative")), cooperative="cooperative")


def _counted(rows: QuerySet) -> Iterator[tuple[Placement, Tally]]:
    """Yield placements with their tallies, some hundreds at a time: three queries for each of these."""
    rules, read = SupportRules.load(), rows.order_by("pk").iterator(CHUNK)
    while chunk := list(islice(read, CHUNK)):
        counted = tallies(chunk, rules)
        for row in chunk:
            yield row, counted[row.pk]


def _end_of(row: Placement, tally: Tally) -> tuple[date, str]:
    """Return the last day of the contract, or of the support where that ends before it, and which of them."""
    supported = last_day(max(tally.supported)) if tally.beyond and tally.supported else row.ends_on
    return (supported, _SUPPORT) if supported < row.ends_on else (row.ends_on, _CONTRACT)
