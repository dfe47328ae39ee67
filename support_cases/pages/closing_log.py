"""The log of closings: each with the totals it was sent with, and what was changed between two closings of a period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cooperatives.errors import Words
from support_cases.models import Closing, Consultation
from support_cases.pages.report_links import period_params
from support_cases.reports.office import period_of
from support_cases.reports.served import kept_totals, period_name

#: So many changed entries are told one by one; the rest is counted.
MOST_TOLD = 10


@dataclass(frozen=True)
class Changed:
    """Entries that made one closing differ from the one before: what became of them, the first, how many more."""

    title: Words
    count: int
    lines: Sequence[dict]

    @property
    def more(self) -> int:
        """How many are not told one by one."""
        return self.count - len(self.lines)


def logged(rows: Iterable[Closing]) -> list[dict]:
    """Return closings for the page, each with its totals in words and the way to its own report; one query."""
    shown = list(rows)
    totals = kept_totals([row.pk for row in shown])
    return [_logged(row, totals.get(row.pk)) for row in shown]


def _logged(row: Closing, totals: tuple[int, int, int] | None) -> dict:
    period = period_of(row)
    return {
        "row": row,
        "name": period_name(period),
        "url": reverse("support:report-closing", args=[period]),
        "report_url": reverse("support:report", query=period_params(period) | {"closing": str(row.pk)}),
        "totals": "" if totals is None else totals_in_words(totals),
    }


def totals_in_words(totals: tuple[int, int, int]) -> str:
    """Return lượt, HTX and HTX served first in their year in words."""
    words = _("%(entries)s lượt, %(cooperatives)s HTX, %(first_time)s HTX lần đầu trong năm")
    return words % dict(zip(("entries", "cooperatives", "first_time"), totals, strict=True))


def since_reopened(log: Sequence[dict]) -> dict[str, Any] | None:
    """Return how the closing of a period that stands differs from the one before it, which was reopened; None without
    both. ``log`` are the closings of the period, the latest first. Four queries.
    """
    if len(log) < 2 or log[0]["row"].reopened_at is not None:
        return None
    now, before = log[0], log[1]
    held = Consultation.objects.filter(held_on__range=(period_of(now["row"]).start, period_of(now["row"]).end))
    interval = before["row"].closed_at, now["row"].closed_at
    changed = [
        _changed(_("Ghi thêm giữa hai lần chốt"), held.counted().late(*interval), is_gone=False),
        _changed(_("Hủy hoặc thay giữa hai lần chốt"), held.counted().taken_back(*interval), is_gone=True),
    ]
    return {"before": before, "now": now, "changed": [one for one in changed if one.count]}


def _changed(title: Words, rows: QuerySet[Consultation], *, is_gone: bool) -> Changed:
    told = rows.select_related("cooperative").order_by("held_on", "pk")[:MOST_TOLD]
    return Changed(title, rows.count(), [_told(row, is_gone) for row in told])


def _told(row: Consultation, is_gone: bool) -> dict:
    reason = f" · {row.void_reason}" if is_gone else ""
    words = f"{row.held_on:%d/%m/%Y} · {row.cooperative.name}{reason}"
    return {"words": words, "url": reverse("support:consultation", args=[row.pk])}
