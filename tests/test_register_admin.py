"""Cooperatives in the admin site: what figures already reported may count is not deleted."""

from datetime import date

import pytest
from django.core.cache import cache
from django.utils import timezone

from cooperatives.models import Cooperative
from htx_portal.accounts.models import Role
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period
from support_cases.reports.answers import answer
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.registry import REPORTS
from tests.factories import make_cooperative, make_user

pytestmark = pytest.mark.django_db

MAY = Period.parse("2024-05", MONTH)


@pytest.fixture
def admin(client):
    """A signed-in administrator."""
    cache.clear()
    user = make_user(Role.ADMIN)
    client.force_login(user)
    return user


def delete(client, cooperative):
    return client.post(f"/quan-tri/cooperatives/cooperative/{cooperative.pk}/delete/", {"post": "yes"})


def registered() -> int:
    found = answer(REPORTS["coverage"], MAY, frame="2022", today=timezone.localdate())
    return found.table("totals").rows[0].cells[0].value


def test_one_entered_by_mistake_is_deleted_and_the_figures_follow(client, admin):
    make_cooperative(registered_on=date(2024, 1, 2))
    mistake = make_cooperative(registered_on=date(2024, 1, 2))
    assert registered() == 2
    assert delete(client, mistake).status_code == 302
    assert (Cooperative.objects.count(), registered()) == (1, 1)


def test_one_that_a_closed_period_counts_is_not(client, admin):
    counted = make_cooperative(registered_on=date(2024, 1, 2))
    closing = close_period(MAY, by=admin, today=timezone.localdate())
    later = make_cooperative(registered_on=date(2024, 1, 2))
    assert delete(client, counted).status_code == 403
    page = client.get(f"/quan-tri/cooperatives/cooperative/{counted.pk}/change/").content.decode()
    assert f"/{counted.pk}/delete/" not in page
    assert delete(client, later).status_code == 302
    assert list(Cooperative.objects.all()) == [counted]
    assert verify_closing(closing).holds


def test_many_at_once_are_never_deleted(client, admin):
    one = make_cooperative()
    chosen = {"action": "delete_selected", "_selected_action": [one.pk], "post": "yes"}
    client.post("/quan-tri/cooperatives/cooperative/", chosen)
    assert Cooperative.objects.filter(pk=one.pk).exists()
