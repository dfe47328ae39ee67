"""Closing a period (chốt số liệu): its figures are kept with their rule and a digest, and never change after."""

import hashlib
import json
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cooperatives.errors import NotAllowedNow
from cooperatives.models import moment_to_close
from support_cases.models import Closing, KeptLists
from support_cases.reasons import kept_reason
from support_cases.reports.behind import officers_of_groups
from support_cases.reports.counting import FRAMES
from support_cases.reports.kept_lists import Content, lists_of
from support_cases.reports.kinds import Figures, Names, ReportKind, Scope
from support_cases.reports.office import months_of
from support_cases.reports.periods import Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import RULE

#: Raised whenever the same rows would give other figures than before.
RULE_VERSION = 1
MOST_REASON = 200


class AlreadyClosed(NotAllowedNow):
    """Somebody closed the period before; ``closing`` is that closing."""

    def __init__(self, closing: Closing):
        self.closing = closing
        when = f"{timezone.localtime(closing.closed_at):%d/%m/%Y %H:%M}"
        words = _("Kỳ này đã được %(name)s chốt lúc %(when)s.")
        super().__init__([words % {"name": closing.closed_by, "when": when}])


def close_period(period: Period, *, by, today: date, now: datetime | None = None) -> Closing:
    """Declare the figures of ``period`` final and return the closing that keeps them.

    One transaction: it waits for everybody who is recording an entry of that time, then counts what is known; whoever
    records after that is recorded after the closing. ``now`` is given only by what makes past closings.

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
        kept = kept_figures(period, moment)
        closing = Closing.objects.create(
            **months_of(period),
            closed_at=moment,
            closed_by=by,
            rule=kept.rule,
            figures=kept.figures,
            names=kept.names,
            digest=kept.digest,
        )
        keep_lists(closing, kept)
        return closing


def reopen_period(closing: Closing, *, by, reason: str, now: datetime) -> Closing:
    """Take a closing back, so that the period counts what is known now; the closing stays with the reason.

    Raises:
        InvalidEntry: without a reason, or with one too long, under ``reason``.
        NotAllowedNow: when it was reopened before.
    """
    said = kept_reason(reason, MOST_REASON)
    standing = Closing.objects.filter(pk=closing.pk, reopened_at__isnull=True)
    if not standing.update(reopened_at=now, reopened_by=by, reopen_reason=said):
        raise NotAllowedNow([_("Kỳ này đã được mở lại trước đó.")])
    return Closing.objects.get(pk=closing.pk)


def closing_of(period: Period) -> Closing | None:
    """Return the closing of exactly this period that stands, read without its figures."""
    rows = Closing.objects.filter(**months_of(period)).standing()
    return rows.select_related("closed_by").defer("figures", "names").first()


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
        with override("vi"):
            #: The counting rule in Vietnamese.
            self.rule = str(RULE)

    @property
    def digest(self) -> str:
        """The SHA-256 of :func:`canonical`."""
        return digest_of(self.period, self.figures)


def kept_figures(period: Period, moment: datetime, *, with_lists: bool = True) -> Kept:
    """Return what a closing of ``period`` at ``moment`` keeps: every report, counted as known just before it, and the
    name of every unit, officer and cooperative the figures speak of; ``with_lists`` also the rows behind numbers that
    no row will tell of later.
    """
    scope, names = _scope_at(period, moment), Names(None, moment)
    figures = {code: counted_at(kind, period, moment) for code, kind in REPORTS.items()}
    with override("vi"):
        for code, kind in REPORTS.items():
            for frame in FRAMES:
                kind.lay_out(scope, figures[code], names, frame)
    names.officers(officers_of_groups(period, moment))
    kinds = [kind for kind in REPORTS.values() if with_lists and not kind.rebuilt]
    lists = {kind.code: lists_of(kind, scope, figures[kind.code], names) for kind in kinds}
    return Kept(period, figures, names.known(), lists)


def keep_lists(closing: Closing, kept: Kept) -> None:
    """Keep the rows behind the numbers of a closing; runs in the transaction that writes its figures."""
    KeptLists.objects.bulk_create(
        KeptLists(closing=closing, report=code, content=content) for code, content in kept.lists.items()
    )


def counted_at(kind: ReportKind, period: Period, moment: datetime, *, from_rows: bool = False) -> Figures:
    """Return the figures of one report as known just before ``moment``, as they come back from the database.

    Never from the cache: what is sent, and what it is checked against, is counted. ``from_rows`` uses nothing that is
    kept beside the rows.
    """
    count = kind.recount if from_rows and kind.recount else kind.compute
    found: Figures = json.loads(json.dumps(count(_scope_at(period, moment))))
    return found


def _scope_at(period: Period, moment: datetime) -> Scope:
    return Scope(period, moment, timezone.localdate(moment))


def digest_of(period: Period, figures: dict[str, Figures]) -> str:
    """Return the SHA-256 of the figures with their period and the version of the rule, in hexadecimal."""
    return hashlib.sha256(canonical(period, figures)).hexdigest()


def canonical(period: Period, figures: dict[str, Figures]) -> bytes:
    """Return the one way to write figures down: JSON with sorted keys, no spaces, in UTF-8."""
    said = {
        "calendar": period.calendar,
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "rule": RULE_VERSION,
        "figures": figures,
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
