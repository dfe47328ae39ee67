"""Referrals over HTTP: the same acts and the same rows as the pages, with their codes."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from cooperatives.models import Agency, LegalRule
from htx_portal.accounts.models import Role
from support_cases.models import Case, Referral
from support_cases.referrals import refer
from tests.contents import nothing_written
from tests.factories import make_case, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

QUESTION = "Đề nghị xác nhận nợ thuế."
STALE = ["Hồ sơ vừa được người khác cập nhật. Hãy tải lại trang rồi làm tiếp."]


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def case(db, today) -> Case:
    row = make_case(by=make_user(Role.STAFF), topic="tax", today=today, opened_on=today - timedelta(days=60))
    LegalRule.objects.create(
        key="referral.answer_working_days", value="10", unit="working_day", valid_from="2022-01-01"
    )
    return row


@pytest.fixture
def agency(db) -> Agency:
    return make_agency("Chi cục Thuế khu vực thử")


@pytest.fixture
def staff(case) -> APIClient:
    return client_of(case.officer)


def make_agency(name, **fields) -> Agency:
    fields = {"code": f"test-{Agency.objects.count()}", "kind": "tax", "valid_from": date(2020, 1, 1)} | fields
    return Agency.objects.create(name_vi=name, **fields)


def send(case, agency, question=QUESTION, late: int = -10) -> Referral:
    """A referral of which the answer is late by so many days, by minus ten unless told otherwise."""
    today = timezone.localdate()
    return refer(
        case, agency, question, by=case.officer, today=today,
        sent_on=today - timedelta(days=40), expected_on=today - timedelta(days=late),
    )  # fmt: skip


def below(case, rest="") -> str:
    return f"/api/v1/cases/{case.reference}/referrals/{rest}"


class TestSending:
    def test_a_question_is_sent_and_answered_with_all_of_it(self, staff, case, agency, today):
        answered = staff.post(below(case), {"agency": agency.pk, "question": QUESTION, "version": 1}, format="json")
        assert answered.status_code == 201
        row = Referral.objects.get()
        sent = answered.json()
        assert sent.pop("recorded_at")
        assert sent == {
            "id": row.pk, "case": case.reference, "case_title": case.title, "party_name": case.party.name,
            "agency": agency.pk, "agency_name": agency.name, "agency_kind": "tax", "question": QUESTION,
            "letter_no": "", "sent_on": today.isoformat(), "expected_on": row.expected_on.isoformat(),
            "state": "waiting", "days_left": (row.expected_on - today).days, "answered_on": None, "answer_kind": "",
            "answer": "", "withdrawn_on": None, "withdrawn_reason": "", "escalated_on": None, "escalation_note": "",
            "sent_by": case.officer.full_name, "version": 1,
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"agency": None}, ["agency"]),
            ({"agency": 1.5}, ["agency"]),
            ({"agency": 10**30}, ["agency"]),
            ({"agency": "x"}, ["agency"]),
            ({"question": ""}, ["question"]),
            ({"question": "x\u0000"}, ["question"]),
            ({"question": "x" * 4001}, ["question"]),
            ({"question": ["x"]}, ["question"]),
            ({"sent_on": "9999-12-31"}, ["sent_on"]),
            ({"sent_on": "2023-02-30"}, ["sent_on"]),
            ({"expected_on": "9999-12-31"}, ["expected_on"]),
            ({"expected_on": "0001-01-01"}, ["expected_on"]),
            ({"letter_no": "x" * 61}, ["letter_no"]),
            ({"version": 0}, ["version"]),
            ({"version": True}, ["version"]),
        ],
    )
    @pytest.mark.once
    def test_what_cannot_be_right_is_told_by_field(self, staff, case, agency, changes, fields):
        with nothing_written():
            answered = staff.post(below(case), {"agency": agency.pk, "question": QUESTION} | changes, format="json")
        assert (answered.status_code, list(answered.json())) == (400, fields)

    def test_a_stale_version_and_a_closed_case_answer_409_with_words(self, staff, case, agency):
        sent = {"agency": agency.pk, "question": QUESTION, "version": 7}
        answered = staff.post(below(case), sent, format="json")
        assert (answered.status_code, answered.json()["problems"]) == (409, STALE)
        staff.post(f"/api/v1/cases/{case.reference}/steps/", {"step": "stop", "note": "Thôi"}, format="json")
        answered = staff.post(below(case), sent | {"version": 2}, format="json")
        assert (answered.status_code, answered.json()["problems"]) == (
            409, ["Hồ sơ đã kết thúc, mở lại rồi mới chuyển cơ quan phối hợp."],
        )  # fmt: skip

    @pytest.mark.parametrize("body", ["[]", '"x"', "null", "{", "5"])
    def test_a_body_that_is_no_object_is_refused(self, staff, case, body):
        with nothing_written():
            answered = staff.post(below(case), body, content_type="application/json")
        assert answered.status_code == 400


class TestActs:
    def test_the_three_acts_answer_with_the_referral(self, staff, case, agency, today):
        rows = [send(case, agency, name, late=1) for name in ("Một", "Hai", "Ba")]
        sent = [
            ("answer", {"answer_kind": "refused", "answer": "Không cấp", "version": 1}),
            ("withdraw", {"withdrawn_reason": "Thôi", "withdrawn_on": today.isoformat(), "version": 1}),
            ("escalate", {"escalation_note": "Gấp", "version": 1}),
        ]
        states = []
        for row, (act, body) in zip(rows, sent, strict=True):
            answered = staff.post(below(case, f"{row.pk}/{act}/"), body, format="json")
            assert answered.status_code == 200
            states.append((answered.json()["state"], answered.json()["version"]))
        assert states == [("answered", 2), ("withdrawn", 2), ("escalated", 2)]

    @pytest.mark.parametrize(
        ("act", "body", "fields"),
        [
            ("answer", {}, ["answer_kind", "answer"]),
            ("answer", {"answer_kind": "maybe", "answer": "Có"}, ["answer_kind"]),
            ("answer", {"answer_kind": "answered", "answer": "Có", "answered_on": "9999-12-31"}, ["answered_on"]),
            ("withdraw", {"withdrawn_reason": " "}, ["withdrawn_reason"]),
            ("escalate", {"escalation_note": None}, ["escalation_note"]),
        ],
    )
    @pytest.mark.once
    def test_what_cannot_be_right_is_told_by_field(self, staff, case, agency, act, body, fields):
        row = send(case, agency, late=1)
        with nothing_written():
            answered = staff.post(below(case, f"{row.pk}/{act}/"), body, format="json")
        assert (answered.status_code, list(answered.json())) == (400, fields)

    def test_an_act_that_does_not_fit_answers_409_and_a_stale_one_too(self, staff, case, agency):
        row = send(case, agency)
        answered = staff.post(below(case, f"{row.pk}/escalate/"), {"escalation_note": "Gấp"}, format="json")
        assert answered.json()["problems"] == ["Chưa quá hạn trả lời nên chưa báo lãnh đạo."]
        said = {"answer_kind": "answered", "answer": "Có"}
        assert staff.post(below(case, f"{row.pk}/answer/"), said | {"version": 9}, format="json").status_code == 409
        assert staff.post(below(case, f"{row.pk}/answer/"), said, format="json").status_code == 200
        again = staff.post(below(case, f"{row.pk}/answer/"), said, format="json")
        assert (again.status_code, again.json()["problems"]) == (409, ["Cơ quan phối hợp đã trả lời việc này."])

    @pytest.mark.parametrize("act", ["answer", "withdraw", "escalate"])
    def test_a_referral_that_is_not_of_the_case_is_not_found(self, staff, case, agency, act):
        row = send(case, agency)
        other = make_case(by=case.officer, topic="tax")
        body = {"answer_kind": "answered", "answer": "Có", "withdrawn_reason": "Thôi", "escalation_note": "Gấp"}
        for place in (below(other, f"{row.pk}/{act}/"), below(case, f"{'9' * 18}/{act}/")):
            assert staff.post(place, body, format="json").status_code == 404
        assert staff.post(below(case, f"{'9' * 19}/{act}/"), body, format="json").status_code == 404


class TestLists:
    def test_the_list_of_all_is_narrowed_like_the_page(self, staff, case, agency):
        fund = make_agency("Quỹ", kind="fund")
        for late, who in ((3, agency), (-3, fund)):
            send(case, who, f"Câu {late}", late=late)
        asked = {
            query: [row["question"] for row in staff.get(f"/api/v1/referrals/{query}").json()["results"]]
            for query in ("", "?state=late", "?agency_kind=fund", f"?agency={fund.pk}", "?ordering=-expected_on")
        }
        assert asked == {
            "": ["Câu 3", "Câu -3"],
            "?state=late": ["Câu 3"],
            "?agency_kind=fund": ["Câu -3"],
            f"?agency={fund.pk}": ["Câu -3"],
            "?ordering=-expected_on": ["Câu -3", "Câu 3"],
        }

    @pytest.mark.parametrize("query", ["state=x", "agency=x", "officer=0", "agency_kind=x", "ordering=secret"])
    def test_a_filter_that_cannot_be_read_is_told_by_name(self, staff, query):
        answered = staff.get(f"/api/v1/referrals/?{query}")
        assert (answered.status_code, list(answered.json())) == (400, [query.split("=")[0]])

    def test_one_case_lists_its_own(self, staff, case, agency):
        send(case, agency)
        send(make_case(by=case.officer, topic="tax", opened_on=case.opened_on), agency, "Khác")
        body = staff.get(below(case)).json()
        assert (body["count"], [row["question"] for row in body["results"]]) == (1, [QUESTION])

    @pytest.mark.parametrize("rows", [1, 10])
    def test_lists_ask_as_little_for_many_rows_as_for_one(self, staff, case, rows, django_assert_num_queries):
        for _ in range(rows):
            send(case, make_agency("Cơ quan"))
        with django_assert_num_queries(2):
            staff.get("/api/v1/referrals/")
        with django_assert_num_queries(4):
            staff.get(below(case))


class TestAccess:
    def test_each_role_has_its_part(self, case, agency):
        row = send(case, agency, late=1)
        people = {
            "nobody": APIClient(),
            "manager": client_of(make_user(Role.MANAGER)),
            "cooperative": client_of(make_user(Role.COOPERATIVE, cooperative=case.cooperative)),
        }
        asked = {
            name: (
                client.get("/api/v1/referrals/").status_code,
                client.get(below(case)).status_code,
                client.post(below(case), {"agency": agency.pk, "question": "X"}, format="json").status_code,
                client.post(below(case, f"{row.pk}/escalate/"), {"escalation_note": "X"}, format="json").status_code,
            )
            for name, client in people.items()
        }
        assert asked == {
            "nobody": (401, 401, 401, 401),
            "manager": (200, 200, 403, 403),
            "cooperative": (403, 403, 403, 403),
        }

    def test_the_history_of_the_cooperative_holds_no_words_of_the_office(self, case, agency):
        send(case, agency)
        client = client_of(make_user(Role.COOPERATIVE, cooperative=case.cooperative))
        answered = client.get(f"/api/v1/cases/{case.reference}/history/").json()
        assert [list(line) for line in answered["results"]] == [
            ["step", "from_status", "to_status", "effective_on"]
        ] * 2
        assert answered["results"][1]["step"] == "refer"

    def test_a_line_the_portal_wrote_itself_names_nobody(self, staff, case, agency):
        row = send(case, agency)
        case.events.create(
            step="referral_escalated", to_status=case.status, actor=None, effective_on=row.expected_on,
            recorded_at=timezone.now(),
        )  # fmt: skip
        lines = staff.get(f"/api/v1/cases/{case.reference}/history/").json()["results"]
        assert [line["actor"] for line in lines] == [case.officer.full_name, case.officer.full_name, None]

    def test_the_public_status_keeps_its_keys(self, case, agency):
        send(case, agency)
        answered = APIClient().post("/api/v1/status/", {"code": case.reference, "secret": case.secret}, format="json")
        assert list(answered.json()) == [
            "reference", "topic", "status", "status_label", "stage", "next_step", "missing", "appointment",
            "updated_on",
        ]  # fmt: skip
        assert answered.json()["next_step"].startswith("Đã chuyển cơ quan phối hợp, chờ trả lời. ")
