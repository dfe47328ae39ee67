"""Dated rules in the admin site: a value must be of its unit."""

import pytest

from htx_portal.accounts.models import Role
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("unit", "value", "taken"),
    [
        ("working_day", "10", True), ("working_day", "abc", False), ("working_day", "-1", False),
        ("times_minimum_wage", "1.5", True), ("percent", "1,5", False), ("date", "2026-01-01", True),
        ("date", "01/01/2026", False), ("text", "cao đẳng", True),
    ],
)  # fmt: skip
def test_a_rule_takes_only_values_of_its_unit(client, unit, value, taken):
    client.force_login(make_user(Role.ADMIN))
    sent = {"key": "some.rule", "value": value, "unit": unit, "valid_from": "01/01/2024", "confidence": "U"}
    answer = client.post("/quan-tri/cooperatives/legalrule/add/", sent)
    assert answer.status_code == (302 if taken else 200)
