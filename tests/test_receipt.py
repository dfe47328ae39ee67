"""The receipt: both codes, what is missing, whom to call; for staff and the cooperative's own people."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from support_cases.models import ChecklistRule
from support_cases.pages.receipt import look_up_address, qr_code
from support_cases.papers import mark_papers
from tests.factories import change, make_case, make_cooperative, make_user

pytestmark = pytest.mark.django_db


def receipt(case) -> str:
    """Return the address of the receipt."""
    return reverse("support:receipt", args=[case.reference])


@pytest.fixture
def case():
    """A case with one paper that came in and one that did not."""
    for code, label in (("form", "Đơn đăng ký"), ("test", "Phiếu kiểm nghiệm")):
        ChecklistRule.objects.create(topic="ocop", code=code, label_vi=label, valid_from="2020-01-01")
    officer = make_user("staff", full_name="Hoàng Văn Thắng", phone="02093870123")
    row = make_case(by=officer)
    mark_papers(row, {row.checklist.get(code="form").pk}, by=officer, today=timezone.localdate())
    return change(row, {"appointment_on": timezone.localdate()})


@pytest.mark.parametrize(("role", "status"), [("staff", 200), ("admin", 200), ("manager", 403), ("cooperative", 404)])
def test_each_role_gets_the_receipt_or_not(client, case, role, status):
    client.force_login(make_user(role))
    page = client.get(receipt(case))
    assert page.status_code == status
    assert (case.secret in page.text) == (status == 200)


def test_the_own_people_of_the_cooperative_print_it_too(client, case):
    client.force_login(make_user("cooperative", cooperative=case.cooperative))
    assert case.secret in client.get(receipt(case)).text


def test_it_says_what_a_cooperative_needs_to_know(client, case):
    client.force_login(make_user("staff"))
    page = client.get(receipt(case))
    for words in (case.reference, case.secret, case.cooperative.name, "Hoàng Văn Thắng", "0209 3870 123"):
        assert words in page.text
    assert [paper.label for paper in page.context["received"]] == ["Đơn đăng ký"]
    assert [paper.label for paper in page.context["missing"]] == ["Phiếu kiểm nghiệm"]
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_the_secret_in_the_code_stands_where_no_server_receives_it(case, settings):
    settings.SITE_URL = "https://htx.example"
    assert look_up_address(case) == f"https://htx.example/tra-cuu/?ma={case.reference}#k={case.secret}"


def test_the_square_code_keeps_the_strict_policy_and_differs_for_each_case(client, case):
    client.force_login(make_user("staff"))
    page = client.get(receipt(case)).text
    assert qr_code(look_up_address(case)) in page
    drawing = re.search(r"<svg.*?</svg>", page, re.DOTALL).group()
    assert "style" not in drawing
    assert "<script" not in drawing
    assert qr_code(look_up_address(case)) != qr_code(look_up_address(make_case(make_cooperative())))
