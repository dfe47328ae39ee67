"""Entering what a running period is expected to come to (ước thực hiện), apart from everything that is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow, Words
from cooperatives.text import nfc
from htx_portal.templatetags.portal import number
from support_cases.models import Measure, PeriodEstimate
from support_cases.overtaking import Overtaken, refuse_overtaken
from support_cases.reports.office import months_of
from support_cases.reports.periods import Period

#: No office expects more of anything.
MOST = 10**15
MOST_NOTE = 200
_OVERTAKEN = _("Số ước vừa có người khác sửa. Xem lại rồi lưu lần nữa.")


@dataclass(frozen=True)
class Seen:
    """The estimates somebody started from, by measure, and the note that stood beside them."""

    values: Mapping[str, int]
    note: str = ""


def record_estimates(
    period: Period,
    values: Mapping[str, int | None],
    *,
    note: str = "",
    by,
    today: date,
    now: datetime,
    seen: Seen | None = None,
) -> list[PeriodEstimate]:
    """Make ``values`` (by measure, None for no estimate) what is expected of ``period``, and return what is now there.

    Measures left out stay as they are, and with ``seen`` those the sender did not change; one that is said to be what
    it is already keeps who entered it and when. Without ``seen`` nothing is compared.

    Raises:
        InvalidEntry: with messages under the measures, or under ``note``.
        NotAllowedNow: for a period of days, and before it begins or after it is over.
        Overtaken: when somebody else changed a measure of ``values`` since it was ``seen``; nothing is written.
    """
    if period.days:
        raise NotAllowedNow([_("Chỉ ước thực hiện cho kỳ gồm các tháng trọn vẹn.")])
    if not period.start <= today <= period.end:
        raise NotAllowedNow([_("Chỉ ước thực hiện khi kỳ đang chạy; kỳ đã hết thì xem số đã đếm.")])
    said = nfc(note or "")
    problems = _problems(values, said)
    if problems:
        raise InvalidEntry(problems)
    own = months_of(period)
    told = {"note": said, "entered_by": by, "entered_at": now}
    with transaction.atomic():
        rows = PeriodEstimate.objects.select_for_update().filter(**own).order_by("measure")
        there = {row.measure: row for row in rows}
        if seen is not None:
            values = _changed(values, said, seen, {measure: row.value for measure, row in there.items()})
        for measure, value in values.items():
            row = there.get(measure)
            if row is None and value is not None:
                _enter(own | {"measure": measure}, told | {"value": value}, checked=seen is not None)
            elif row is not None and value is None:
                row.delete()
            elif row is not None and (row.value, row.note) != (value, said):
                PeriodEstimate.objects.filter(pk=row.pk).update(**told, value=value)
        return list(PeriodEstimate.objects.filter(**own).order_by("measure"))


def _enter(own: dict[str, str], told: dict[str, Any], *, checked: bool) -> None:
    """Write an estimate there was none of; nothing could be locked, so that somebody else may have been faster.

    Raises ``Overtaken`` where they were, with another number, and it is ``checked``; else this one takes its place.
    """
    written, is_new = PeriodEstimate.objects.get_or_create(**own, defaults=told)
    if is_new:
        return
    if checked and written.value != told["value"]:
        raise Overtaken(_OVERTAKEN, {own["measure"]: written.value})
    PeriodEstimate.objects.filter(pk=written.pk).update(**told)


def _changed(
    values: Mapping[str, int | None], note: str, seen: Seen, there: Mapping[str, int]
) -> dict[str, int | None]:
    """Return what the sender changed against what they had seen; a new note goes with all they estimate.

    Raises ``Overtaken`` where somebody else changed the same since, and not to the same.
    """
    noted = note != seen.note
    changed = {
        measure: value
        for measure, value in values.items()
        if value != seen.values.get(measure) or (noted and value is not None)
    }
    refuse_overtaken(changed, seen.values, there, _OVERTAKEN)
    return changed


def _problems(values: Mapping[str, int | None], note: str) -> dict[str, list[Words]]:
    """Return what cannot be right, by measure."""
    problems: dict[str, list[Words]] = {}
    for measure, value in values.items():
        if measure not in Measure.values:
            problems[measure] = [_("Không có chỉ tiêu này.")]
        elif value is not None and not 0 <= value <= MOST:
            problems[measure] = [_("Số ước phải từ 0 đến %(most)s.") % {"most": number(MOST)}]
    if len(note) > MOST_NOTE:
        problems["note"] = [_("Tối đa %(most)s ký tự.") % {"most": MOST_NOTE}]
    return problems
