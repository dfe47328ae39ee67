"""Days of the tax calendar; nothing of what is to be paid."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.models import Cooperative, TaxObligation
from cooperatives.tax_calendar import certain_days
from support_cases.choices import Occasion
from support_cases.reminders.occasions import Anchor
from support_cases.reminders.sources.base import CHUNK
from support_cases.reminders.sources.register import RegisterSource

#: Nobody notes that a return was filed, so an old day is not brought up again, however a rule repeats.
_LONGEST_AGO = timedelta(days=366)


class TaxDeadline(RegisterSource):
    """The last day of one obligation for one period; those that are surely the cooperative's alone."""

    occasion = Occasion.TAX_DEADLINE
    sentence = gettext_lazy("%(what)s: hạn ngày %(day)s (%(party)s)")
    advice = gettext_lazy("Cổng chỉ nhắc ngày, không tính số thuế; chưa rõ thì hỏi cơ quan thuế quản lý.")

    def anchors(self, first, last, today, within):
        """Yield the days of each cooperative, counted once for all that file alike."""
        rows = within.narrow(Cooperative.objects.standing(), cooperative="pk")
        for pk, due in certain_days(rows, max(first, today - _LONGEST_AGO), last, chunk=CHUNK):
            code, period = due.obligation.code, due.period.label
            yield Anchor(f"cooperative/{pk}/{code}/{period}", due.due_on, cooperative_id=pk, detail=f"{code}/{period}")

    def whats(self, details):
        """The obligations in the language of the reader, with their periods."""
        codes = {detail.partition("/")[0] for detail in details}
        # Of several rules of one obligation the last names it.
        rules = TaxObligation.objects.filter(code__in=codes).order_by("valid_from")
        titles = {rule.code: rule.title for rule in rules}
        return {detail: _worded(detail, titles) for detail in details}

    def is_done(self, reminder):
        """Never known: the portal does not ask who filed."""
        return False

    def url(self, reminder):
        """The calendar of the cooperative."""
        return reverse("cooperatives:tax-calendar", args=[reminder.cooperative_id])


def _worded(detail: str, titles: dict[str, str]) -> str:
    code, _slash, period = detail.partition("/")
    return _("%(obligation)s, kỳ %(period)s") % {"obligation": titles.get(code, code), "period": period}
