"""What holds for every address of the site, role by role: who gets in, what comes back, and that looking is free."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from htx_portal.accounts.models import Role
from tests.portal_world import addresses, build_world, own_models

pytestmark = pytest.mark.django_db

ANONYMOUS = "anonymous"
WHO = (ANONYMOUS, *Role.values)
# Open to the whole world; everything else asks who is there. With what each answers to a GET.
PUBLIC = {
    "login": 200,
    "support:status": 200,
    "live": 200,
    "ready": 200,
    "api-schema": 200,
    "api-docs": 200,
    "api-status": 405,
    "api-token": 405,
    "set_language": 302,
    "support:feed": 200,
    "admin:login": 200,
}
# Signed in, but only by POST.
ACTS = {
    "logout",
    "api-loans-disbursements",
    "cooperatives:loan-pay",
    "cooperatives:loan-void",
    "api-token-revoke",
    "api-cases-extend",
    "api-cases-referral-answer",
    "api-cases-referral-escalate",
    "api-cases-referral-withdraw",
    "api-cases-steps",
    "cooperatives:annual-update",
    "cooperatives:annual-update-back",
    "support:consultation-void",
    "support:absence-end",
    "support:message-resend",
    "support:report-closing-reopen",
    "support:follow-up-done",
    "support:unmute",
    "support:case-step",
    "support:case-papers",
    "support:case-row-drop",
    "support:lines-fill",
}
WORKERS_ONLY = {
    "cooperatives:placement-create",
    "cooperatives:placement-update",
    "cooperatives:approved-create",
    "cooperatives:approved-update",
    "cooperatives:batch-create",
    "cooperatives:training-create",
    "cooperatives:training-update",
    "cooperatives:participation",
    "cooperatives:create",
    "cooperatives:communes",
    "cooperatives:group-create",
    "cooperatives:ocop-paper-add",
    "cooperatives:ocop-paper-update",
    "cooperatives:ocop-product-create",
    "cooperatives:ocop-product-update",
    "cooperatives:tax-profile",
    "cooperatives:update",
    "cooperatives:year-form",
    "cooperatives:violation",
    "cooperatives:vsic-lookup",
    "support:consultation-correct",
    "support:log",
    "support:party-lookup",
    "support:case-open",
    "support:case-basis",
    "support:case-edit",
    "support:case-extend",
    "support:case-paper-dates",
    "support:case-row",
    "support:case-row-add",
    "support:lines-review",
    "support:referral-answer",
    "support:referral-escalate",
    "support:referral-new",
    "support:referral-withdraw",
}
REVIEWERS_ONLY = {
    "cooperatives:list",
    "cooperatives:groups",
    "cooperatives:loan",
    "cooperatives:loan-summary",
    "cooperatives:loans",
    "api-loans-list",
    "api-loans-detail",
    "api-loans-summary",
    "cooperatives:tax-coming",
    "cooperatives:all-obligations",
    "cooperatives:approved",
    "cooperatives:batches",
    "cooperatives:batch",
    "cooperatives:classes",
    "cooperatives:training",
    "cooperatives:year-figures",
    "api-payment-batches-list",
    "api-payment-batches-detail",
    "support:absences",
    "support:message-let-be",
    "support:operations",
    "support:undelivered",
    "support:case-text",
    "support:referrals",
    "support:reminder-text",
    "support:report",
    "support:report-behind",
    "support:report-closing",
    "support:report-closings",
    "support:report-cooperatives",
    "support:report-export",
    "support:report-kind",
    "support:report-print",
    "support:report-file",
    "support:report-file-content",
    "support:report-file-in-work",
    "support:targets",
    "api-agencies-list",
    "api-cases-referrals",
    "api-referrals-list",
    "api-report",
    "api-report-rows",
    "api-report-tables",
    "api-reports",
    "api-served",
}
# Who answers for the figures estimates what a running period comes to.
LEADERS_ONLY = {"support:estimates"}
# The receipt bears the secret: for those who print it and for the cooperative itself, not for the manager.
# A month is confirmed by the office's staff or by the cooperative itself, which the manager is neither of.
NOT_FOR_MANAGERS = {"support:receipt", "cooperatives:month-confirm"}
# About one reminder, or one file, of the officer; nobody else has it.
STAFFS_OWN = {
    "support:reminder-mute",
    "support:reminder-text",
    "support:report-file-content",
    "support:report-file-in-work",
}
BIGGEST_PAGE = 50_000
# Swagger UI brings its own markup and is for programmers.
NOT_A_PAGE_OF_OURS = {"api-docs"}


@dataclass
class Visit:
    """What one person saw at every address, and the rows before and after."""

    answers: dict[str, HttpResponse]
    before: dict
    after: dict


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The small world, made once for this module and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def visits(world, django_db_blocker) -> dict[str, Visit]:
    """Every address, asked for by each role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("htx_portal.health._broker_answers", lambda: True)
        return {who: visit(world, who) for who in WHO}


def visit(world, who: str) -> Visit:
    """Return what ``who`` sees at every address."""
    client = signed_in(world, who)
    before = rows()
    # The admin site turns away everybody but administrators alike, so a manager need not try its every door.
    every = who in (ANONYMOUS, Role.STAFF, Role.ADMIN)
    wanted = {name: address for name, address in addresses(world).items() if every or not name.startswith("admin:")}
    answers = {name: client.get(address) for name, address in wanted.items()}
    return Visit(answers, before, rows())


def signed_in(world, who: str) -> Client:
    """Return a browser in which ``who`` has signed in."""
    client = Client()
    if who != ANONYMOUS:
        client.force_login(world.users[who])
    return client


def rows() -> dict:
    """Return every row of our tables, and how many sessions there are."""
    return {model: list(model._default_manager.order_by("pk").values()) for model in own_models()} | {
        Session: Session.objects.count()
    }


def expected(name: str, who: str) -> int | str:
    """Return the answer an address owes a role: a status, or "sign in"."""
    if name.startswith("admin:") and name != "admin:login":
        return "sign in"
    if who == ANONYMOUS:
        return PUBLIC.get(name) or (401 if name.startswith("api-") else "sign in")
    if name == "login":
        return 302
    if name in PUBLIC or name in ACTS:
        return PUBLIC.get(name, 405)
    may_work = who in (Role.STAFF, Role.ADMIN)
    if name in LEADERS_ONLY:
        return 200 if who in (Role.MANAGER, Role.ADMIN) else 403
    if (name in WORKERS_ONLY and not may_work) or (name in REVIEWERS_ONLY and who == Role.COOPERATIVE):
        return 403
    if name in STAFFS_OWN and who != Role.STAFF:
        return 404
    return 403 if name in NOT_FOR_MANAGERS and who == Role.MANAGER else 200


def given(name: str, answer: HttpResponse) -> int | str:
    """Return what an address answered, in the words of `expected`."""
    if answer.status_code != 302 or name in ("login", "set_language"):
        return answer.status_code
    wanted = ("/accounts/login/", "/quan-tri/login/") if name != "admin:logout" else "/quan-tri/"
    return "sign in" if answer["Location"].startswith(wanted) else answer["Location"]


@pytest.mark.parametrize("who", [ANONYMOUS, Role.STAFF, Role.MANAGER, Role.COOPERATIVE])
def test_every_address_is_closed_but_to_those_it_is_for(visits, who):
    answers = visits[who].answers
    assert {name: given(name, answer) for name, answer in answers.items()} == {
        name: expected(name, who) for name in answers
    }


def test_administrators_enter_their_site_and_every_page(visits):
    answers = visits[Role.ADMIN].answers
    ours = {name: answer for name, answer in answers.items() if not name.startswith("admin:")}
    assert {name: answer.status_code for name, answer in ours.items()} == {
        name: expected(name, Role.ADMIN) for name in ours
    }
    theirs = {name: answer.status_code for name, answer in answers.items() if name.startswith("admin:")}
    assert set(theirs.values()) <= {200, 302, 403, 404, 405}
    assert {name for name, status in theirs.items() if name.endswith("list") and status != 200} == set()


def test_public_addresses_exist(world):
    known = set(PUBLIC) | ACTS | WORKERS_ONLY | REVIEWERS_ONLY | LEADERS_ONLY | NOT_FOR_MANAGERS | STAFFS_OWN
    rows = {name for name in known if name.startswith("support:case-row")}
    assert known - rows <= addresses(world).keys()


def test_a_cooperative_finds_nothing_of_another(world):
    client = signed_in(world, Role.COOPERATIVE)
    other = addresses(world).items()
    mine, strange = world.case.reference, world.stranger_case.reference
    theirs = {name: address.replace(mine, strange) for name, address in other if mine in address and name not in ACTS}
    assert {name: client.get(address).status_code for name, address in theirs.items() if "admin" not in name} == {
        name: 403 if name in WORKERS_ONLY | REVIEWERS_ONLY else 404 for name in theirs if "admin" not in name
    }


@pytest.mark.parametrize("who", WHO)
def test_looking_changes_nothing(visits, who):
    assert visits[who].before == visits[who].after


@pytest.mark.parametrize("who", WHO)
def test_every_answer_carries_the_safety_headers(visits, who):
    for name, answer in visits[who].answers.items():
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "object-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy, name
        assert ("unsafe" in policy) == (name in NOT_A_PAGE_OF_OURS), name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name


class Markup(HTMLParser):
    """Gathers what a strict content policy would refuse, and what a reader may follow."""

    def __init__(self, text: str):
        super().__init__()
        self.refused: list[str] = []
        self.values: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self._code = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note the attributes of one tag."""
        given = {name: value or "" for name, value in attrs}
        self._code = tag == "script" and given.get("type") != "application/json" and not given.get("src")
        if tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.refused.append(f"<{tag} {given}>")
        self.values += given.values()
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])

    def handle_data(self, data):
        """Note running text, and code where a page has some of its own."""
        if self._code and data.strip():
            self.refused.append(data.strip()[:80])
        self.text.append(data)


def pages(visit: Visit) -> dict[str, str]:
    """Return the HTML pages among the answers of a visit, whatever their status."""
    return {
        name: answer.text
        for name, answer in visit.answers.items()
        if answer.headers.get("Content-Type", "").startswith("text/html") and name not in NOT_A_PAGE_OF_OURS
    }


@pytest.mark.parametrize("who", WHO)
def test_no_page_brings_code_or_style_of_its_own(visits, who):
    refused = {name: found for name, text in pages(visits[who]).items() if (found := Markup(text).refused)}
    assert refused == {}


@pytest.mark.parametrize("who", WHO)
def test_pages_open_on_a_bad_line(visits, who):
    sizes = {name: len(text.encode()) for name, text in pages(visits[who]).items() if not name.startswith("admin:")}
    assert {name: size for name, size in sizes.items() if size >= BIGGEST_PAGE} == {}


@pytest.mark.parametrize("who", WHO)
def test_no_number_of_a_row_or_a_year_is_printed_with_dots(visits, who):
    """A row 1234501 whose link says 1.234.501 leads nowhere, and 2.026 is no year."""
    dotted = re.compile(r"1\.234\.5\d\d")
    for name, text in pages(visits[who]).items():
        markup = Markup(text)
        assert [value for value in markup.values if dotted.search(value)] == [], name
        assert re.findall(r"(?<![\d.])[12]\.(?:0[012]|9\d)\d\b(?![.\d])", " ".join(markup.text)) == [], name


@pytest.fixture(scope="module")
def followed() -> set[str]:
    """The addresses somebody has followed: who may come in does not hang on what is asked for behind the `?`."""
    return set()


@pytest.mark.parametrize("who", WHO)
def test_every_link_offered_can_be_followed(world, visits, followed, who):
    client = signed_in(world, who)
    visited = {address: visits[who].answers.get(name) for name, address in addresses(world).items()}
    closed = {}
    seen, paths = set(), set()
    for name, text in pages(visits[who]).items():
        if name.startswith("admin:") or visits[who].answers[name].status_code != 200:
            continue
        here = addresses(world)[name]
        for link in Markup(text).links:
            target = urlsplit(urljoin(here, link))
            address = target.path + (f"?{target.query}" if target.query else "")
            if target.scheme not in ("", "http", "https") or target.netloc or address in seen:
                continue
            seen.add(address)
            if address in followed and target.path in paths:
                continue
            status = (visited.get(address) or client.get(address)).status_code
            if status >= 400:
                closed[address] = (name, status)
            followed.add(address)
            paths.add(target.path)
    assert closed == {}
    assert seen
