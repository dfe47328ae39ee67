"""Recording what a cooperative reported of a year: the act of pages and demo set, the rules for the admin site."""

from datetime import date, datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE, InvalidEntry, NotAllowedNow
from cooperatives.models import Cooperative, YearFigures, moment_to_record
from cooperatives.text import nfc

#: What somebody can report; a row without any of it says nothing.
FIGURES = (
    "members",
    "workers",
    "revenue",
    "profit",
    "worker_income",
    "managers",
    "managers_vocational",
    "managers_college",
    "rating",
    "value_chain",
    "high_tech",
)
#: The first year figures are kept for.
FIRST_YEAR = 2015


def record_year_figures(
    row: YearFigures, *, by, today: date, now: datetime, seen: datetime | None = None, fresh: bool = False
) -> YearFigures:
    """Write down what ``row`` says of its cooperative and year, over what was reported before, and return it.

    ``seen`` is when the figures the sender started from were recorded, None where there were none; it is compared
    unless the figures are ``fresh`` from a file. Saying the same again changes nothing.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
        NotAllowedNow: when somebody else recorded other figures in the meantime.
    """
    row.source = nfc(row.source or "")
    problems = _problems(row, today)
    if problems:
        raise InvalidEntry(problems)
    with transaction.atomic():
        now = moment_to_record(now)
        # Two people who report the same year wait for each other here.
        Cooperative.objects.select_for_update().order_by().get(pk=row.cooperative_id)
        there = YearFigures.objects.filter(cooperative=row.cooperative_id, year=row.year).first()
        if there is not None and _said(there) == _said(row):
            return there
        if not fresh and seen != (there.recorded_at if there else None):
            raise NotAllowedNow([_("Số liệu của năm này vừa có người ghi. Xem lại số đã ghi rồi sửa tiếp.")])
        row.pk = there.pk if there else None
        row.recorded_by, row.recorded_at = by, now
        row.save(force_insert=there is None, force_update=there is not None)
    return row


def years_open(cooperative: Cooperative, today: date) -> list[int]:
    """Return the years figures of the cooperative may be recorded for, latest first."""
    founded = cooperative.registered_on.year if cooperative.registered_on else FIRST_YEAR
    return list(range(today.year, max(founded, FIRST_YEAR) - 1, -1))


def year_problems(row: YearFigures, today: date) -> dict[str, list]:
    """Return what cannot be right beyond what the columns themselves refuse, by field."""
    if row.year not in years_open(row.cooperative, today):
        return {"year": [_("Không ghi số liệu cho năm này: năm chưa tới, hoặc trước khi HTX thành lập.")]}
    if all(getattr(row, name) in (None, "") for name in FIGURES):
        return {WHOLE: [_("Cần ghi ít nhất một số liệu.")]}
    return {}


def _said(row: YearFigures) -> tuple:
    return tuple(getattr(row, name) for name in (*FIGURES, "source"))


def _problems(row: YearFigures, today: date) -> dict[str, list]:
    """Return what cannot be right, by field."""
    problems: dict[str, list] = {}
    try:
        row.full_clean(exclude=["cooperative", "recorded_by", "recorded_at"], validate_unique=False,
                       validate_constraints=False)  # fmt: skip
    except ValidationError as refusal:
        problems = {WHOLE if name == NON_FIELD_ERRORS else name: said for name, said in refusal.message_dict.items()}
    return year_problems(row, today) | problems
