"""The public look-up: nothing personal in it, one answer for a wrong code and a wrong secret."""

import json
from datetime import date
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cooperatives.models import Contact
from support_cases import public_status
from support_cases.cases import open_case
from support_cases.choices import NEXT_STEP, PUBLIC_STATUS, Status
from support_cases.models import Case, ChecklistRule
from support_cases.papers import mark_papers
from support_cases.public_status import PublicStatus, look_up, normal_code, normal_secret, status_of
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2023, 9, 20)
KEYS = [
    "reference", "topic", "status", "status_label", "stage", "next_step", "missing", "appointment", "updated_on",
]  # fmt: skip
PRIVATE = {
    "cooperative": "HTX Bímậttên", "short": "BMTắt", "representative": "Bàn Đạidiện", "phone": "0911222333",
    "email": "rieng@bimat.example", "address": "thôn Kínđáo", "tax_code": "4700990014", "note": "Ghichúriêng",
    "contact": "Ma Liênhệ", "contact_phone": "0944555666", "officer": "Hoàng Cánbộ", "officer_phone": "0977888999",
    "officer_email": "canbo@bimat.example", "username": "canbobimat", "title": "Tênviệcriêng",
    "agency": "Cơquanriêng", "external": "H03.777.888", "question": "Câuhỏiriêng", "advice": "Lờikhuyênriêng",
    "step_note": "Lýdoriêng", "paper_note": "Ghichúgiấy", "purpose": "Mụcđíchriêng",
    "amount": "123456789",
}  # fmt: skip


@pytest.fixture
def case(db) -> Case:
    """A case with something private in every place that can hold it, its papers partly there."""
    officer = make_user(
        username=PRIVATE["username"], full_name=PRIVATE["officer"], phone=PRIVATE["officer_phone"],
        email=PRIVATE["officer_email"],
    )  # fmt: skip
    party = make_cooperative(
        PRIVATE["cooperative"], short_name=PRIVATE["short"], representative=PRIVATE["representative"],
        phone=PRIVATE["phone"], email=PRIVATE["email"], address=PRIVATE["address"], tax_code=PRIVATE["tax_code"],
        note=PRIVATE["note"],
    )  # fmt: skip
    Contact.objects.create(cooperative=party, name=PRIVATE["contact"], phone=PRIVATE["contact_phone"])
    for position, (paper, label, english) in enumerate(
        [("charter", "Điều lệ", "Charter"), ("plan", "Phương án vay vốn", "Loan plan"), ("photo", "Ảnh", "Photo")]
    ):
        ChecklistRule.objects.create(
            topic="loan", code=paper, label_vi=label, label_en=english, required=paper != "photo",
            position=position, valid_from=date(2022, 1, 1),
        )  # fmt: skip
    row = open_case(
        party=party, topic="loan", title=PRIVATE["title"], by=officer, today=TODAY,
        details={"requested": int(PRIVATE["amount"]), "purpose": PRIVATE["purpose"]},
        receiving_agency=PRIVATE["agency"], external_ref=PRIVATE["external"],
    )  # fmt: skip
    row.checklist.update(note=PRIVATE["paper_note"])
    make_consultation(
        party, by=officer, today=TODAY, cases=[row], question=PRIVATE["question"], advice=PRIVATE["advice"]
    )
    row = take_step(row, "start", by=officer, today=TODAY, note=PRIVATE["step_note"])
    mark_papers(row, {row.checklist.get(code="charter").pk}, by=officer, today=TODAY)
    return Case.objects.get(pk=row.pk)


def ask(client, code, secret, **headers):
    body = {"code": code, "secret": secret}
    return client.post(reverse("api-status"), body, content_type="application/json", **headers)


def test_the_holder_of_a_receipt_learns_where_the_case_stands_and_nothing_more(client, case):
    answer = ask(client, case.reference, case.secret)
    assert answer.status_code == 200
    assert list(answer.json()) == KEYS
    assert answer.json() == {
        "reference": case.reference,
        "topic": "loan",
        "status": "advising",
        "status_label": "Tổ công tác đang hướng dẫn",
        "stage": "Đang hoàn thiện phương án vay vốn",
        "next_step": "HTX chuẩn bị giấy tờ theo hướng dẫn của cán bộ.",
        "missing": ["Phương án vay vốn"],
        "appointment": None,
        "updated_on": timezone.localdate().isoformat(),
    }


def test_nothing_personal_is_in_the_answer(client, case):
    answer = ask(client, case.reference, case.secret)
    said = json.dumps(answer.json(), ensure_ascii=False) + str(answer.headers) + repr(status_of(case))
    leaked = {name: value for name, value in PRIVATE.items() if value.casefold() in said.casefold()}
    assert leaked == {}
    assert case.secret not in said
    assert f'"{case.pk}"' not in said


def test_what_must_not_leak_is_really_there(case):
    """Else the test above would prove nothing."""
    stored = repr(
        [
            list(model.objects.values())
            for model in (
                Case, Contact, type(case.party), type(case.officer), type(case.details),
                type(case.checklist.first()), type(case.events.first()), type(case.consultations.first()),
            )
        ]
    )  # fmt: skip
    assert {name for name, value in PRIVATE.items() if value not in stored} == set()


def test_the_answer_has_no_field_for_more(case):
    assert list(PublicStatus.__dataclass_fields__) == [
        "reference", "topic", "topic_label", "status", "status_label", "stage", "next_step", "missing",
        "appointment", "updated_on", "stages",
    ]  # fmt: skip


def test_the_words_follow_the_language_of_the_reader(case):
    with translation.override("en"):
        assert status_of(case).missing == ["Loan plan"]
    with translation.override("vi"):
        assert status_of(case).missing == ["Phương án vay vốn"]


def test_an_appointment_is_told(client, case):
    Case.objects.filter(pk=case.pk).update(appointment_on=date(2023, 10, 5))
    assert ask(client, case.reference, case.secret).json()["appointment"] == "2023-10-05"


def test_a_closed_case_has_no_missing_papers(client, case):
    take_step(case, "withdraw", by=case.officer, today=TODAY, note=PRIVATE["step_note"])
    told = ask(client, case.reference, case.secret).json()
    assert (told["status"], told["missing"]) == ("withdrawn", [])


def test_the_case_of_a_founding_group_can_be_looked_up_too(client):
    case = make_case(make_founding_group("Nhóm Bímật"), topic="registration", by=make_user(), today=TODAY)
    answer = ask(client, case.reference, case.secret)
    assert answer.status_code == 200
    assert "Bímật" not in answer.content.decode()


@pytest.mark.parametrize("topic", list(SUPPORT_TYPES))
@pytest.mark.parametrize("status", Status)
@pytest.mark.once
def test_every_state_of_every_kind_has_public_words(topic, status):
    kind = SUPPORT_TYPES[topic]
    case = Case(topic=topic, status=status, event_on=TODAY)
    words = [str(kind.public_label), str(kind.stage(case)), str(kind.next_step(case))]
    assert all(len(word) > 5 for word in words)
    assert str(PUBLIC_STATUS[status])
    assert str(NEXT_STEP[status])


# --- Wrong code, wrong secret ---------------------------------------------------------------------


def test_a_wrong_code_and_a_wrong_secret_get_one_and_the_same_answer(client, case):
    other = make_case(make_cooperative(), by=case.officer, today=TODAY)
    answers = [
        ask(client, "TCT-230920-9999", case.secret),
        ask(client, case.reference, "AAAAAAAAAA"),
        ask(client, case.reference, other.secret),
        ask(client, other.reference, case.secret),
        ask(client, case.reference, case.secret[:-1]),
        ask(client, case.reference, case.secret + "A"),
        ask(client, "không phải mã", "không phải mã"),
        ask(client, "%", "_"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json() == {"detail": "Không tìm thấy hồ sơ với mã và mã bí mật này."}
    kept = {frozenset((k, v) for k, v in answer.headers.items()) for answer in answers}
    assert len(kept) == 1


def test_both_mistakes_cost_the_same(case):
    costs = []
    for code, secret in (("TCT-230920-9999", case.secret), (case.reference, "AAAAAAAAAA")):
        compare = public_status.hmac.compare_digest
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            patch.object(public_status.hmac, "compare_digest", side_effect=compare) as compared,
        ):
            assert look_up(code, secret) is None
        lengths = [len(argument) for argument in compared.call_args.args]
        costs.append((len(queries), compared.call_count, lengths))
    assert costs == [(1, 1, [10, 10])] * 2


def test_a_right_question_takes_three_queries(case, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert look_up(case.reference, case.secret).reference == case.reference


@pytest.mark.parametrize("secret", ["", " ", "-", "\x00"])
def test_an_empty_secret_opens_nothing(case, secret):
    assert look_up(case.reference, secret) is None
    assert look_up("", secret) is None


@pytest.mark.parametrize(
    "body", [{}, {"code": "TCT-230920-0001"}, {"secret": "A"}, {"code": "", "secret": ""}, {"code": None, "secret": 5},
             {"code": "x" * 41, "secret": "A"}, {"code": ["TCT"], "secret": {}}, [], "TCT"]
)  # fmt: skip
def test_an_incomplete_question_is_refused_without_a_look(client, case, body):
    answer = client.post(reverse("api-status"), body, content_type="application/json")
    assert answer.status_code == 400
    assert case.reference not in answer.content.decode()


def test_looking_up_writes_nothing_and_needs_no_account_but_a_post(client, case):
    with nothing_written():
        assert ask(client, case.reference, case.secret).status_code == 200
        assert ask(client, case.reference, "AAAAAAAAAA").status_code == 404
        assert client.get(reverse("api-status"), {"code": case.reference, "secret": case.secret}).status_code == 405


# --- However it is typed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "TCT-230920-0001", "tct-230920-0001", "  TCT-230920-0001\n", "TCT 230920 0001", "tct 230920  0001",
        "TCT–230920–0001", "TCT—230920—0001", "TCT\u2011230920\u20110001", "TCT - 230920 - 0001",
        "TCT.230920.0001", "TCT/230920/0001", "TCT-230920-0001.", "\u200bTCT-230920-0001", "TCT_230920_0001",
    ],
)  # fmt: skip
def test_a_code_is_known_however_it_was_typed(case, typed):
    assert case.reference == "TCT-230920-0001"
    assert normal_code(typed) == "TCT-230920-0001"
    assert look_up(typed, case.secret).reference == case.reference


@pytest.mark.parametrize("typed", ["TCT-230920-001", "TCT-230920-00010", "TC-230920-0001", "TCT-239020-0001", "0001"])
def test_another_code_stays_another_code(case, typed):
    assert look_up(typed, case.secret) is None


def test_a_secret_is_known_in_small_letters_and_groups(case):
    secret = case.secret
    for typed in (secret.lower(), f" {secret[:5]} {secret[5:]} ", f"{secret[:3]}-{secret[3:7]}–{secret[7:]}"):
        assert normal_secret(typed) == secret
        assert look_up(case.reference, typed).reference == case.reference
