"""What clumsy and malicious people send: each gets its message, and nothing is left behind."""

import json
import sys
from datetime import date, timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from cooperatives.errors import InvalidEntry
from cooperatives.models import Cooperative, FoundingGroup, LegalRule, VsicLine
from cooperatives.text import nfc, search_terms
from htx_portal.log_lines import WithoutData
from support_cases.models import Case, ChecklistRule, Consultation
from support_cases.reports.registry import REPORTS
from tests.factories import PASSWORD, change, make_case, make_commune, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ENDLESS = "9" * 5000
TODAY = date(2026, 11, 23)


@pytest.fixture
def staff(client):
    """A signed-in member of staff."""
    user = make_user("staff")
    client.force_login(user)
    return user


def log_entry(**changes) -> dict:
    """Return what the page of a consultation sends."""
    sent = {"client_id": uuid4(), "topics": "ocop", "channel": "phone", "outcome": "answered", "question": "Hỏi."}
    return sent | {"held_on": "05/09/2025"} | changes


def api_entry(**changes) -> dict:
    """Return what a program sends to record a consultation."""
    sent = log_entry(topics=["ocop"], held_on="2025-09-05", **changes)
    return sent | {"client_id": str(sent["client_id"])}


def opening(cooperative, **changes) -> dict:
    """Return what the form that opens a case about OCOP sends."""
    sent = {"party": f"htx-{cooperative.pk}", "title": "Đưa miến dong tham gia OCOP", "opened_on": "05/09/2025"}
    return sent | changes


def open_by_form(client, sent: dict):
    """Send the form that opens a case about OCOP."""
    return client.post(f"{reverse('support:case-open')}?topic=ocop", sent)


# --- Days that cannot be ------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["31/12/9999", "01/01/0001", "01/01/1900", "31/12/1999"])
def test_a_case_of_another_age_is_refused_in_words(client, staff, day):
    answer = open_by_form(client, opening(make_cooperative(), opened_on=day))
    assert answer.status_code == 200
    assert "opened_on" in answer.context["form"].errors
    assert not Case.objects.exists()


@pytest.mark.parametrize("name", ["due_on", "appointment_on"])
@pytest.mark.parametrize("day", [date.max, date.min])
def test_a_term_at_the_end_of_time_is_refused(name, day):
    case = make_case(today=TODAY)
    with pytest.raises(InvalidEntry) as refused:
        change(case, {name: day})
    assert list(refused.value.problems) == [name]


@pytest.mark.parametrize("value", ["²", "99999999999999", "-5", ENDLESS[:120]])
def test_a_mistyped_rule_gives_no_due_day(value):
    LegalRule.objects.create(key="case.due_working_days.ocop", value=value, valid_from=date(2020, 1, 1))
    assert make_case(today=TODAY).due_on is None


def test_a_founding_group_of_another_age_is_refused(client, staff):
    sent = {"name": "Nhóm thử", "commune": make_commune().pk, "formed_on": "01/01/0001"}
    answer = client.post(reverse("cooperatives:group-create"), sent)
    assert list(answer.context["form"].errors) == ["formed_on"]
    assert not FoundingGroup.objects.exists()


def test_the_first_month_a_report_can_ask_for_opens(client, staff):
    assert client.get(reverse("support:report"), {"from": "1990-01"}).status_code == 200


@pytest.mark.parametrize("slug", [kind.slug for kind in REPORTS.values()])
def test_no_rows_stand_behind_a_figure_no_database_can_be_asked_for(client, staff, slug):
    kind = next(one for one in REPORTS.values() if one.slug == slug)
    cells = [("\x00", "total", "cases"), ("district", "\x00", "received"), ("totals", "x", "\x00")]
    for table, row, column in cells:
        named = {"bang": table, "dong": row, "cot": column}
        assert client.get(reverse("support:report-behind", args=[kind]), named).status_code == 404
        asked = {"table": table, "row": row, "column": column}
        answer = client.get(reverse("api-report-rows", args=[kind.code]), asked)
        assert (answer.status_code, list(answer.json())) == (400, [name for name in asked if "\x00" in asked[name]])


@pytest.mark.parametrize("name", ["old_commune", "commune", "district", "officer", "kind", "topic", "closing"])
def test_no_cooperatives_stand_behind_one_either(client, staff, name):
    answer = client.get(reverse("support:report-cooperatives"), {name: "0\x00"})
    assert (answer.status_code, len(answer.context["page"])) == (200, 0)


# --- Numbers and texts without an end -----------------------------------------------------------------------


@pytest.mark.parametrize("number", [ENDLESS, str(10**30), "²", "-1", "\x00"])
@pytest.mark.parametrize("name", ["received", "version"])
def test_papers_with_numbers_no_row_has(client, staff, name, number):
    rule = {"topic": "ocop", "code": "plan", "label_vi": "Phương án", "valid_from": date(2020, 1, 1)}
    ChecklistRule.objects.create(**rule)
    case = make_case(by=staff)
    sent = {"version": case.version, "received": case.checklist.get().pk} | {name: number}
    answer = client.post(reverse("support:case-papers", args=[case.reference]), sent)
    assert answer.status_code == (302 if name == "received" else 409)
    assert case.checklist.get().received_on is None


@pytest.mark.parametrize(
    "path",
    [
        "/tu-van/{}/",
        "/htx/{}/",
        "/htx/{}/sua/",
        "/api/v1/consultations/{}/",
        "/api/v1/cooperatives/{}/",
        "/nhac-viec/{}/tat/",
        "/nhac-viec/{}/loi-nhan/",
    ],
)
@pytest.mark.parametrize("number", ["0", str(2**63), str(10**30), ENDLESS])
def test_a_number_no_row_has_is_not_found(client, staff, path, number):
    assert client.get(path.format(number)).status_code == 404
    for button in ("/tu-van/{}/da-lam/", "/nhac-viec/da-tat/{}/bat-lai/", "/nhac-viec/vang-mat/{}/ket-thuc/"):
        assert client.post(button.format(number)).status_code == 404


@pytest.mark.parametrize("text", ["\x00", "TCT-\x00", "x" * 5000, "😀", "' OR 1=1 --", "-"])
def test_a_text_that_is_no_reference_finds_no_case(client, staff, text):
    entry = log_entry(party=f"htx-{make_cooperative().pk}", cases=text)
    assert client.post(reverse("support:log"), entry).context["form"].errors.keys() == {"cases"}
    assert client.post(reverse("support:log"), entry | {"find": "1"}).status_code == 200
    assert client.get(reverse("support:log"), {"ho-so": text}).status_code == 200
    assert client.get(f"/ho-so/{quote(text)}/").status_code == 404


@pytest.mark.parametrize("button", ["find", "log"])
def test_an_endless_search_finds_nothing(client, staff, button):
    answer = client.post(reverse("support:log"), log_entry(party="other", party_text="a" * 60_000, **{button: "1"}))
    assert answer.status_code == 200


def test_only_the_beginning_of_an_endless_query_counts():
    assert sum(map(len, search_terms("a" * 10**6))) <= 300


def test_a_phone_without_digits_is_refused_and_not_dropped():
    with pytest.raises(InvalidEntry) as refused:
        make_cooperative(phone="😀²")
    assert list(refused.value.problems) == ["phone"]


def test_an_endless_note_is_refused(client, staff):
    answer = client.post(reverse("cooperatives:create"), {"note": "a" * 10_001})
    assert "note" in answer.context["form"].errors


def test_marks_that_turn_the_reading_direction_are_taken_out():
    assert nfc("HTX \u202eĐồng\u2066 Phúc\u202c") == "HTX Đồng Phúc"


# --- Twice the same, and twice almost the same -----------------------------------------------------------------


def test_the_same_form_twice_opens_one_case_and_a_corrected_one_is_not_thrown_away(client, staff):
    cooperative = make_cooperative()
    for sent in ({}, {}, {"detail_product_name": "Miến dong"}, {"due_on": f"{TODAY + timedelta(9):%d/%m/%Y}"}):
        assert open_by_form(client, opening(cooperative, **sent)).status_code == 302
    assert Case.objects.count() == 3


# --- Answers to signed-in people -----------------------------------------------------------------------------


def test_what_a_signed_in_person_reads_is_not_kept_by_others(client, staff):
    for path in (reverse("home"), reverse("support:cases"), "/khong-co/", reverse("api-cases-list")):
        assert client.get(path)["Cache-Control"].startswith("private"), path


def test_a_public_answer_is_left_as_it_is(client):
    assert "Cache-Control" not in client.get("/api/v1/schema/")


def test_the_schema_repeats_nothing_it_was_asked(client):
    answer = client.get("/api/v1/schema/", {"version": "a\x00b"})
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'inline; filename="HTX portal API.yaml"'


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*;q=0.8", "x"])
def test_the_schema_is_served_whatever_form_is_asked_for(client, accept):
    answer = client.get("/api/v1/schema/", headers={"accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vnd.oai.openapi; charset=utf-8")
    assert answer.text.startswith("openapi: 3.")


def test_the_schema_refuses_other_methods_in_plain_words(client):
    answer = client.post("/api/v1/schema/", headers={"accept": "text/html"})
    assert (answer.status_code, answer.text.count("\n"), answer.text.count("!")) == (405, 1, 0)
    assert answer.text.startswith("detail: ")


@pytest.mark.parametrize("path", ["/health/live/", "/health/ready/"])
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_health_is_only_read(path, method):
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


# --- The API ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1.5", "true", '"²"', str(10**30)])
@pytest.mark.parametrize("field", ["cooperative", "founding_group"])
def test_the_api_takes_no_number_for_a_row_that_is_none(client, staff, field, number):
    entry = json.dumps(api_entry() | {field: "NUMBER"}).replace('"NUMBER"', number)
    answer = client.post("/api/v1/consultations/", entry, content_type="application/json")
    assert answer.status_code == 400
    assert not Consultation.objects.exists()


@pytest.mark.parametrize("client_id", [1, 0, True, 1.5, None, [], {}, "", "1"])
def test_a_sender_has_to_make_a_real_id(client, staff, client_id):
    entry = api_entry(cooperative=make_cooperative().pk) | {"client_id": client_id}
    answer = client.post("/api/v1/consultations/", entry, content_type="application/json")
    assert list(answer.json()) == ["client_id"]


@pytest.mark.parametrize("body", ["null", "1e999", "NaN", '"\\ud800"', "[" * 100_000, "\ufeff", "{", "[]", "1"])
def test_a_body_that_is_no_object_is_told_in_vietnamese(client, staff, body):
    answer = client.post("/api/v1/cases/", body, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, ["non_field_errors"])
    assert "JSON" in answer.json()["non_field_errors"][0]


def test_a_forgotten_slash_never_turns_a_writer_into_a_reader(client, staff):
    assert client.post("/api/v1/consultations", api_entry(), content_type="application/json").status_code == 404
    assert client.get("/api/v1/consultations").status_code == 301


def test_the_address_of_a_button_opened_as_a_page_leads_back(client, staff):
    case = make_case(by=staff)
    answer = client.get(reverse("support:case-step", args=[case.reference]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert f'href="/ho-so/{case.reference}/"' in answer.text


def test_a_cooperative_learns_nothing_of_the_offices_due_day_by_the_api(client):
    cooperative = make_cooperative()
    client.force_login(make_user("cooperative", cooperative=cooperative))
    make_case(cooperative, today=TODAY, due_on=TODAY + timedelta(9))
    for question in ({}, {"overdue": "true"}, {"officer": "0"}, {"ordering": "due_on"}):
        answer = client.get("/api/v1/cases/", question).json()
        assert answer["count"] == 1, question
        assert not {"due_on", "overdue", "secret"} & answer["results"][0].keys()


def test_an_address_locked_out_is_told_so_by_the_api_too(client):
    user = make_user("staff")
    answers = [
        client.post("/api/v1/auth/token/", {"username": user.username, "password": password}, "application/json")
        for password in [*["wrong"] * settings.AXES_FAILURE_LIMIT, PASSWORD]
    ]
    assert [answer.status_code for answer in answers] == [400] * (settings.AXES_FAILURE_LIMIT - 1) + [429, 429]
    assert list(answers[-1].json()) == ["detail"]
    assert answers[-1]["Retry-After"] == str(int(settings.AXES_COOLOFF_TIME * 3600))


# --- The admin site --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["x", "\x00", "²", "-1", str(10**30), ENDLESS])
@pytest.mark.parametrize("model", ["cooperatives_cooperative", "cooperatives_adminunit", "cooperatives_loan"])
def test_the_admin_site_bears_rows_that_are_none(client, model, number):
    client.force_login(make_user("admin"))
    sent = dict.fromkeys(("commune", "old_district", "parent", "successor", "cooperative"), number)
    forms = ("contacts", "business_lines", "terms")
    sent |= {f"{name}-{what}_FORMS": 0 for name in forms for what in ("TOTAL", "INITIAL")}
    assert client.post(reverse(f"admin:{model}_add"), sent).status_code == 200


@pytest.mark.parametrize("name", ["\u200b", " \u202e ", "\ufb2c" * 200])
@pytest.mark.parametrize("model", [Cooperative, FoundingGroup])
def test_a_name_is_judged_as_it_will_be_stored(model, name):
    with pytest.raises(ValidationError) as refused:
        model(name=name).full_clean()
    assert len(refused.value.message_dict["name"]) == 1


@pytest.mark.parametrize("second", [{"is_main": "on"}, {"line": 0}])
def test_lines_typed_at_once_are_compared_with_each_other(client, second):
    client.force_login(make_user("admin"))
    codes = [VsicLine.objects.create(code=c, version="2018", name_vi="Trồng lúa").pk for c in ("0111", "0112")]
    row = make_cooperative()
    page = client.get(reverse("admin:cooperatives_cooperative_change", args=[row.pk]))
    sent = {name: value or "" for name, value in page.context["adminform"].form.initial.items()}
    sent |= {f"{name}-{what}_FORMS": 0 for name in ("contacts", "terms") for what in ("TOTAL", "INITIAL")}
    sent |= {"business_lines-TOTAL_FORMS": 2, "business_lines-INITIAL_FORMS": 0}
    lines = [{"line": codes[0], "is_main": "on"}, {"line": codes[second.pop("line", 1)]} | second]
    for number, line in enumerate(lines):
        line = {"valid_from": "05/09/2023"} | line
        sent |= {f"business_lines-{number}-{name}": value for name, value in line.items()}
    answer = client.post(page.request["PATH_INFO"], sent)
    assert answer.status_code == 200
    assert not row.business_lines.exists()


# --- When something breaks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "status"), [(OperationalError("database is locked"), 503), (RuntimeError("0912345678"), 500)]
)
def test_trouble_is_told_without_a_trace_and_logged_without_data(client, staff, monkeypatch, trouble, status):
    def fail(*args, **kwargs):
        raise trouble

    monkeypatch.setattr("support_cases.consultations._write", fail)
    client.raise_request_exception = False
    page = client.post(reverse("support:log"), log_entry(party=f"htx-{make_cooperative().pk}"))
    assert page.status_code == status
    assert "0912345678" not in page.text
    entry = api_entry(cooperative=make_cooperative().pk)
    answer = client.post("/api/v1/consultations/", entry, content_type="application/json")
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]
    assert not Consultation.objects.exists()


@pytest.mark.parametrize("path", ["/tu-van/moi/", "/tra-cuu/", "/accounts/login/"])
def test_a_body_in_another_alphabet_is_refused_on_a_page(path):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.get(reverse("login"))
    answer = client.post(path, b"a=1", content_type="application/x-www-form-urlencoded; charset=utf-16")
    assert answer.status_code == 400
    assert "Yêu cầu chưa đúng" in answer.text


def test_the_log_keeps_the_place_of_an_error_and_not_its_words():
    typed = "Nguyễn Văn A 0912345678"
    try:
        try:
            int(typed)
        except ValueError as trouble:
            raise KeyError(typed) from trouble
    except KeyError:
        line = WithoutData().formatException(sys.exc_info())
    assert line.count("test_hostile_input") == 2
    assert "builtins.ValueError\nwhich led to" in line
    assert line.endswith("builtins.KeyError")
    assert typed not in line
