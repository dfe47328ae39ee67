"""An officer's desk: what is due today, which cases wait for whom, what will run out soon."""

from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef
from django.shortcuts import render

from cooperatives.choices import LegalStatus
from cooperatives.models import OcopRating, Term
from support_cases.access import cases_for, follow_ups_for, referrals_for
from support_cases.choices import RUNNING_STATUSES, Status

_NEXT_DAYS = 7
_SOON_DAYS = 90
_MOST_FOLLOW_UPS = 40
_MOST_CASES = 25
_MOST_REFERRALS = 15
_MOST_SOON = 6


def desk(request, today: date):
    """Show the desk of the officer signed in. Six queries, whatever the number of rows."""
    follow_ups = _follow_ups(request.user, today)
    context = {
        "today": today,
        "overdue": [f for f in follow_ups if f.due_on < today],
        "due_today": [f for f in follow_ups if f.due_on == today],
        "upcoming": [f for f in follow_ups if f.due_on > today],
        "more_follow_ups": len(follow_ups) == _MOST_FOLLOW_UPS,
        "running": _cases(request.user, RUNNING_STATUSES),
        "waiting": _cases(request.user, [Status.WAITING_COOPERATIVE]),
        "referrals": _referrals(request.user, today),
        "most_cases": _MOST_CASES,
        "terms": _terms(today),
        "ratings": _ratings(today),
        "soon": today + timedelta(days=_SOON_DAYS),
        "soon_days": _SOON_DAYS,
    }
    return render(request, "support/desk.html", context)


def _follow_ups(user, today: date) -> list:
    """Return the officer's open appointments up to a week ahead, oldest first."""
    return list(
        follow_ups_for(user)
        .filter(officer=user, done_on__isnull=True, due_on__lte=today + timedelta(days=_NEXT_DAYS))
        .select_related("consultation__cooperative", "consultation__founding_group")
        .defer("consultation__advice")
        .order_by("due_on", "pk")[:_MOST_FOLLOW_UPS]
    )


def _cases(user, statuses) -> list:
    """Return the officer's cases in these states, the nearest due day first, those without one last."""
    return list(
        cases_for(user)
        .filter(officer=user, status__in=statuses)
        .with_parties()
        .order_by(F("due_on").asc(nulls_last=True), "opened_on", "pk")[:_MOST_CASES]
    )


def _referrals(user, today: date) -> list:
    """Return what other agencies owe an answer to in the officer's cases, late or due within a week."""
    mine = referrals_for(user).open().filter(case__officer=user, expected_on__lte=today + timedelta(days=_NEXT_DAYS))
    return list(mine.with_rows().defer("question").order_by("expected_on", "pk")[:_MOST_REFERRALS])


def _terms(today: date) -> list:
    """Return latest terms of working cooperatives that end within the next days."""
    return list(
        Term.objects.latest()
        .filter(ends_on__range=(today, today + timedelta(days=_SOON_DAYS)))
        .exclude(cooperative__legal_status=LegalStatus.DISSOLVED)
        .select_related("cooperative")
        .order_by("ends_on", "pk")[:_MOST_SOON]
    )


def _ratings(today: date) -> list:
    """Return the OCOP certificates that lapse within the next days and were not renewed yet."""
    renewed = OcopRating.objects.filter(product=OuterRef("product"), valid_until__gt=OuterRef("valid_until"))
    return list(
        OcopRating.objects.lapsing(today, today + timedelta(days=_SOON_DAYS))
        .filter(~Exists(renewed))
        .select_related("product__cooperative")
        .order_by("valid_until", "pk")[:_MOST_SOON]
    )
