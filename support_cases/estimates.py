"""Entering what a running period is expected to come to (ước thực hiện), apart from everything that is counted."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow, Words
from cooperatives.text import nfc
from support_cases.models import Measure, PeriodEstimate
from support_cases.reports.periods import Period

#: No office expects more of anything.
MOST = 10**15
MOST_NOTE = 200


def record_estimates(
    period: Period, values: Mapping[str, int | None], *, note: str = "", by, today: date, now: datetime
) -> list[PeriodEstimate]:
    """Make ``values`` (by measure, None for no estimate) what is expected of ``period``, and return what is now there.

    Measures left out stay as they are; one that is said to be what it is already keeps who entered it and when.

    Raises:
        InvalidEntry: with messages under the measures, or under ``note``.
        NotAllowedNow: for a period of days, and before it begins or after it is over.
    """
    if period.days:
        raise NotAllowedNow([_("Chỉ ước thực hiện cho kỳ gồm các tháng trọn vẹn.")])
    if not period.start <= today <= period.end:
        raise NotAllowedNow([_("Chỉ ước thực hiện khi kỳ đang chạy; kỳ đã hết thì xem số đã đếm.")])
    said = nfc(note or "")
    problems = _problems(values, said)
    if problems:
        raise InvalidEntry(problems)
    own = {"calendar": period.calendar, "first": str(period.first), "last": str(period.last)}
    with transaction.atomic():
        there = {row.measure: row for row in PeriodEstimate.objects.select_for_update().filter(**own)}
        for measure, value in values.items():
            row = there.get(measure)
            if value is None:
                PeriodEstimate.objects.filter(**own, measure=measure).delete()
            elif row is None or (row.value, row.note) != (value, said):
                told = {"value": value, "note": said, "entered_by": by, "entered_at": now}
                PeriodEstimate.objects.update_or_create(**own, measure=measure, defaults=told)
        return list(PeriodEstimate.objects.filter(**own).order_by("measure"))


def _problems(values: Mapping[str, int | None], note: str) -> dict[str, list[Words]]:
    """Return what cannot be right, by measure."""
    problems: dict[str, list[Words]] = {}
    for measure, value in values.items():
        if measure not in Measure.values:
            problems[measure] = [_("Không có chỉ tiêu này.")]
        elif value is not None and not 0 <= value <= MOST:
            problems[measure] = [_("Số ước phải từ 0 đến %(most)s.") % {"most": f"{MOST:,}".replace(",", ".")}]
    if len(note) > MOST_NOTE:
        problems["note"] = [_("Tối đa %(most)s ký tự.") % {"most": MOST_NOTE}]
    return problems
