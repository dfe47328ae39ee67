"""The end of a reporting period: the draft report is there, and somebody has to look at it and close the period."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from support_cases.choices import Occasion, SkipReason
from support_cases.models import Closing, PeriodDraft
from support_cases.reminders.occasions import Anchor
from support_cases.reminders.sources.base import CHUNK, Source
from support_cases.reports.office import period_of
from support_cases.reports.periods import Period
from support_cases.reports.served import period_label


class PeriodEnded(Source):
    """A draft report whose period is not closed; told from the last day of the period on."""

    occasion = Occasion.PERIOD_ENDED
    sentence = _("Đã lập báo cáo dự thảo: %(what)s")
    advice = _("Xem các điểm cần xem lại rồi chốt số liệu.")
    is_deadline = False

    def anchors(self, first, last, today, within):
        """Yield the drafts of periods nobody closed; the last month of either calendar is that of its last day."""
        drafts = within.narrow(PeriodDraft.objects.filter(~Exists(_standing())))
        drafts = drafts.filter(last__range=(str(first)[:7], str(last)[:7])).defer("figures", "names")
        for draft in drafts.order_by("last", "first", "calendar", "pk").iterator(CHUNK):
            period = period_of(draft)
            if first <= period.end <= last:
                yield Anchor(f"draft/{draft.pk}", period.end, detail=_written(period))

    def why_over(self, reminder):
        """Say whether the period was closed; a draft is never taken away by the portal."""
        there = PeriodDraft.objects.filter(pk=reminder.subject_id)
        return SkipReason.DONE if there.exists() else SkipReason.GONE

    def what(self, detail):
        """The period with its exact days."""
        return period_label(_read(detail))

    def url(self, reminder):
        """The page on which the period is looked through and closed."""
        return reverse("support:report-closing", args=[_read(reminder.detail)])


def _standing():
    """Return the closings of exactly the period of a draft."""
    same = {name: OuterRef(name) for name in ("calendar", "first", "last")}
    return Closing.objects.standing().filter(**same).order_by()


def _written(period: Period) -> str:
    return f"{period.calendar} {period.first} {period.last}"


def _read(detail: str) -> Period:
    calendar, first, last = detail.split(" ")
    return Period.of_months(calendar, first, last)
