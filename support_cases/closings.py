"""Closing a period (chốt số liệu): its figures are kept with their rule and a digest, and never change after."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cooperatives.errors import NotAllowedNow
from cooperatives.models import moment_to_close, moment_to_record
from support_cases.leases import Lease, Taken
from support_cases.models import Closing, Consultation, KeptLists
from support_cases.reasons import kept_reason
from support_cases.reports.behind import officers_of_groups
from support_cases.reports.counting import FRAMES
from support_cases.reports.kept_lists import Content, lists_of
from support_cases.reports.kinds import RULES, Figures, Names, ReportKind, Scope
from support_cases.reports.office import months_of, period_of
from support_cases.reports.periods import Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.versions import one_state

MOST_REASON = 200
#: With more entries than this in the years a period is compared with, its figures are counted by the worker: these
#: take about a second.
MOST_AT_ONCE = 5_000
#: How long a worker has a closing before another may count its figures; longer than one report ever takes.
LEASE = timedelta(minutes=5)


class AlreadyClosed(NotAllowedNow):
    """Somebody closed the period before; ``closing`` is that closing."""

    def __init__(self, closing: Closing):
        self.closing = closing
        when = f"{timezone.localtime(closing.closed_at):%d/%m/%Y %H:%M}"
        words = _("Kỳ này đã được %(name)s chốt lúc %(when)s.")
        super().__init__([words % {"name": closing.closed_by, "when": when}])


def close_period(period: Period, *, by, today: date, now: datetime | None = None) -> Closing:
    """Declare the figures of ``period`` final and return the closing.

    In a short transaction that waits for everybody who is recording: from its moment on the period is closed, and
    whoever records later is recorded after it. Then the figures are counted as known at that moment and kept, while
    nobody waits: at once, or where there is much to count by whoever calls :func:`keep_figures`, until when the closing
    returned has no digest. ``now`` is given only by what makes past closings.

    Raises:
        NotAllowedNow: while the period is running, for a period of days, or when it is closed already.
    """
    if period.days:
        raise NotAllowedNow([_("Chỉ chốt được kỳ gồm các tháng trọn vẹn.")])
    if not period.is_complete(today):
        raise NotAllowedNow([_("Kỳ này chưa kết thúc, chưa chốt được.")])
    with transaction.atomic():
        moment = moment_to_close(now)
        standing = closing_of(period)
        if standing is not None:
            raise AlreadyClosed(standing)
        closing = Closing.objects.create(**months_of(period), closed_at=moment, closed_by=by)
    if not takes_long(period):
        keep_figures(closing.pk, timezone.now())
        closing.refresh_from_db()
    return closing


def takes_long(period: Period) -> bool:
    """Whether the figures of ``period`` are more than a page can wait for: by the entries held since the first day it
    is compared with.
    """
    since = min(one.start for one in (period.previous(), period.year_before().cumulative()))
    held = Consultation.objects.order_by().filter(held_on__range=(since, period.end))
    return held[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE


def reopen_period(closing: Closing, *, by, reason: str, now: datetime) -> Closing:
    """Take a closing back, so that the period counts what is known now; the closing stays with the reason.

    Raises:
        InvalidEntry: without a reason, or with one too long, under ``reason``.
        NotAllowedNow: when it was reopened before.
    """
    said = kept_reason(reason, MOST_REASON)
    standing = Closing.objects.filter(pk=closing.pk, reopened_at__isnull=True)
    with transaction.atomic():
        # The adjustments of another period closed meanwhile name what this one had sent.
        if not standing.update(reopened_at=moment_to_record(now), reopened_by=by, reopen_reason=said):
            raise NotAllowedNow([_("Kỳ này đã được mở lại trước đó.")])
    return Closing.objects.get(pk=closing.pk)


def closing_of(period: Period) -> Closing | None:
    """Return the closing of exactly this period that stands, read without its figures."""
    rows = Closing.objects.filter(**months_of(period)).standing()
    return rows.select_related("closed_by").defer("figures", "names").first()


def closings_to_count(now: datetime) -> list[int]:
    """Return the closings whose figures are missing and nobody is counting, the oldest first."""
    return list(_to_count(now).order_by("closed_at", "pk").values_list("pk", flat=True))


def keep_figures(pk: int, now: datetime) -> bool:
    """Count and keep the figures of a closing that has none, as known at its moment; return whether this call did.

    Only one counts at a time. A worker that dies, or fails, leaves the closing to the next one when its lease is over;
    one taken back meanwhile keeps no figures. What the rows of today cannot tell of a past day
    (:attr:`ReportKind.rebuilt`) is counted as it stands now.
    """
    if not _to_count(now).filter(pk=pk).update(leased_until=now + LEASE, reports_counted=0):
        return False
    closing = Closing.objects.get(pk=pk)
    lease = Lease(Closing.objects.standing().filter(pk=pk, digest=""), closing.leased_until, LEASE)
    try:
        kept = kept_figures(
            period_of(closing), closing.closed_at, tell=lambda counted: lease.tell(reports_counted=counted)
        )
    except Taken:
        return False
    with transaction.atomic():
        stored = lease.finish(figures=kept.figures, names=kept.names, digest=kept.digest)
        if stored:
            keep_lists(closing, kept)
    return stored


def _to_count(now: datetime):
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return Closing.objects.standing().filter(free, digest="")


class Kept:
    """The figures of every report on one period, what their names are, and a digest of the figures.

    ``lists`` are the rows behind the numbers of those reports that cannot be counted again from the rows.
    """

    def __init__(
        self,
        period: Period,
        figures: dict[str, Figures],
        names: dict[str, dict[str, str]],
        lists: dict[str, Content],
    ):
        self.period, self.figures, self.names, self.lists = period, figures, names, lists

    @property
    def digest(self) -> str:
        """The SHA-256 of :func:`canonical`."""
        return digest_of(self.period, self.figures, self.names)


def kept_figures(
    period: Period, moment: datetime, *, with_lists: bool = True, tell: Callable[[int], None] = lambda counted: None
) -> Kept:
    """Return what a closing of ``period`` at ``moment`` keeps: every report, counted as known just before it, its rule,
    and the name of every unit, officer and cooperative the figures speak of; ``with_lists`` also the rows behind
    numbers that no row will tell of later. ``tell`` is told how many reports are counted.
    """
    scope, names = _scope_at(period, moment), Names(None, moment)
    figures: dict[str, Figures] = {}
    lists: dict[str, Content] = {}
    for code, kind in REPORTS.items():
        # A number and the rows behind it are of one state, whoever writes meanwhile.
        with one_state():
            figures[code] = counted_at(kind, period, moment)
            if with_lists and not kind.rebuilt:
                lists[code] = lists_of(kind, scope, figures[code], names)
        tell(len(figures))
    with override("vi"):
        for code, kind in REPORTS.items():
            for frame in FRAMES:
                kind.lay_out(scope, figures[code], names, frame)
        rules = {code: str(kind.rule) for code, kind in REPORTS.items()}
    names.officers(officers_of_groups(period, moment))
    return Kept(period, figures, names.known() | {RULES: rules}, lists)


def keep_lists(closing: Closing, kept: Kept) -> None:
    """Keep the rows behind the numbers of a closing; runs in the transaction that writes its figures."""
    KeptLists.objects.bulk_create(
        KeptLists(closing=closing, report=code, content=content) for code, content in kept.lists.items()
    )


def counted_at(kind: ReportKind, period: Period, moment: datetime, *, from_rows: bool = False) -> Figures:
    """Return the figures of one report as known just before ``moment``, as they come back from the database.

    Never from the cache: what is sent, and what it is checked against, is counted. ``from_rows`` uses nothing that is
    kept beside the rows. All statements see the same rows, whoever records meanwhile.
    """
    return counted_on(kind, _scope_at(period, moment), from_rows=from_rows)


def counted_on(kind: ReportKind, scope: Scope, *, from_rows: bool = False) -> Figures:
    """Return the figures of one report as :func:`counted_at` does, judged on the day of ``scope``."""
    count = kind.recount if from_rows and kind.recount else kind.compute
    with one_state():
        found: Figures = json.loads(json.dumps(count(scope)))
    return found


def _scope_at(period: Period, moment: datetime) -> Scope:
    return Scope(period, moment, timezone.localdate(moment))


def digest_of(period: Period, figures: dict[str, Figures], names: dict[str, dict[str, str]]) -> str:
    """Return the SHA-256 of all that is sent, in hexadecimal: the period, its figures, their rules and their names."""
    return hashlib.sha256(canonical(period, figures, names)).hexdigest()


def canonical(period: Period, figures: dict[str, Figures], names: dict[str, dict[str, str]]) -> bytes:
    """Return the one way to write figures down: JSON with sorted keys, no spaces, in UTF-8."""
    said = {
        "calendar": period.calendar,
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "figures": figures,
        "names": names,
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
