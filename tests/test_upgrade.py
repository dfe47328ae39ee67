"""A database of version 0.1.0 is brought up to date with what is in it."""

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cooperatives.models import LegalRule, OcopProduct
from cooperatives.text import search_key, sort_key
from support_cases.bases import pin_cases
from support_cases.models import Case, CaseEvent, ChecklistRule, Closing, LegalBasis, Reminder, ReminderMessage, Tally
from support_cases.reference import load_reference
from support_cases.reminders.invariants import violations
from support_cases.reports.tallies import half_months, wrong_lines
from tests.contents import nothing_written
from tests.reminding import make_rule, one_pass

pytestmark = pytest.mark.database

FIRST_VERSION = [("support_cases", "0001_initial"), ("cooperatives", "0001_initial")]
BEFORE_MESSAGES = [("support_cases", "0014_trade_promotion")]
BEFORE_FIGURES = [("support_cases", "0017_reminders_name_their_subject")]
BEFORE_TALLIES = [("support_cases", "0021_period_ended")]
MOMENT = datetime(2023, 5, 4, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def apps_before_messages():
    """The models of the last version in which a reminder was always of an appointment, on an empty database of it."""
    yield from apps_as_of(BEFORE_MESSAGES)


@pytest.fixture
def apps_before_figures():
    """The models of the last version whose closings kept no figures, on an empty database of it."""
    yield from apps_as_of(BEFORE_FIGURES)


@pytest.fixture
def apps_before_tallies():
    """The models of the last version without tallies, on an empty database of it."""
    yield from apps_as_of(BEFORE_TALLIES)


def apps_as_of(version):
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate(version)
    yield MigrationExecutor(connection).loader.project_state(version).apps
    executor = MigrationExecutor(connection)
    executor.migrate(newest)


def bring_up_to_date():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


ENDED = {
    "completed": "helped",
    "withdrawn": "withdrew",
    "stopped": "stopped",
    "advising": "",
    "unreachable": "unreachable",
}
UNDER_WAY = ("new", "advising", "waiting_cooperative", "submitted", "waiting_result")


def fill_first_version(old_apps):
    """Cases of two kinds, papers and codes of procedures, a product and rules of OCOP, as 0.1.0 wrote them."""

    def rows(name: str, app: str = "cooperatives"):
        return old_apps.get_model(app, name).objects

    officer = rows("User", "accounts").create(username="canbo", role="staff")
    unit = rows("AdminUnit").create(
        code="01933", level="commune", kind="xa", name="Đồng Phúc", valid_from=date(1900, 1, 1)
    )
    party = rows("Cooperative").create(name="HTX Thử", kind="htx", commune=unit, old_commune=unit)
    case = {"title": "Hỏi", "cooperative": party, "officer": officer, "opened_on": date(2023, 5, 4)}
    for number, status in enumerate(ENDED):
        row = rows("Case", "support_cases").create(
            reference=f"TCT-230504-{number:04d}", topic="tax", status=status,
            closed_on=date(2023, 6, 1) if ENDED[status] else None, **case,
        )  # fmt: skip
        for note in ("Lý do đầu", "Lý do cuối"):
            rows("CaseEvent", "support_cases").create(
                case=row, step="x", to_status=status, note=note, actor=officer, effective_on=date(2023, 6, 1),
                recorded_at=MOMENT,
            )  # fmt: skip
    for number, status in enumerate(UNDER_WAY):
        rows("Case", "support_cases").create(
            reference=f"TCT-230505-{number:04d}", topic="registration", status=status, **case
        )
    rows("ChecklistRule", "support_cases").create(
        topic="registration", code="charter", label_vi="Điều lệ", valid_from=date(2024, 7, 1), confidence="C"
    )
    rule = {"value": "1.005280", "unit": "code", "valid_from": date(2024, 7, 1)}
    rows("LegalRule").create(key="tthc.code.establish", **rule)
    rows("LegalRule").create(key="tthc.code.reissue", edited_by=officer, **rule)
    rows("OcopProduct").create(cooperative=party, name="Miến dong", group="food", first_year=2021)
    for key, by in (("ocop.level.star_3", None), ("ocop.level.star_4", officer), ("unsecured_loan_cap", None)):
        days = {"valid_from": date(2023, 2, 24), "valid_to": date(2025, 6, 30)}
        rows("LegalRule").create(key=key, value="district", edited_by=by, **days)
        rows("LegalRule").create(key=key, value="province", valid_from=date(2025, 7, 1), edited_by=by)


@pytest.fixture(scope="class")
def upgraded(django_db_setup, django_db_blocker):
    """The rows of 0.1.0 in a database of today."""
    with django_db_blocker.unblock():
        MigrationExecutor(connection).migrate(FIRST_VERSION)
        fill_first_version(MigrationExecutor(connection).loader.project_state(FIRST_VERSION).apps)
        bring_up_to_date()
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    # They walk a hundred migrations to and fro, and those of released versions do not change any more.
    reason="the upgrades of released versions are walked on PostgreSQL",
)
@pytest.mark.usefixtures("upgraded")
@pytest.mark.django_db
class TestFirstVersion:
    """What 0.1.0 wrote, brought up to date once for all tests."""

    def test_cases_get_their_day_their_outcome_and_their_law(self):
        LegalBasis.objects.create(topic="tax", code="law", title_vi="Luật", valid_from=date(1900, 1, 1))
        assert pin_cases() == len(ENDED)
        cases = Case.objects.filter(topic="tax").order_by("reference")
        assert [case.outcome for case in cases] == [*ENDED.values()]
        assert {case.outcome_reason for case in cases if case.outcome} == {"Lý do cuối"}
        assert {(case.event_on, case.basis.code) for case in cases} == {(date(2023, 5, 4), "law")}

    def test_papers_of_a_founding_become_those_of_its_procedure_and_cases_under_way_stand_at_their_stop(self):
        load_reference(settings.FIXTURES_DIR / "reference")
        stops = dict(Case.objects.filter(topic="registration").order_by("pk").values_list("status", "milestone"))
        assert stops == {
            "new": "", "advising": "preparing", "waiting_cooperative": "preparing", "submitted": "filed",
            "waiting_result": "filed",
        }  # fmt: skip
        charters = ChecklistRule.objects.filter(topic="registration", code="charter")
        assert list(charters.values_list("variant", flat=True)) == ["found"]
        codes = LegalRule.objects.filter(key__startswith="tthc.")
        assert list(codes.values_list("key", flat=True)) == ["tthc.code.reissue"]

    def test_products_get_their_keys_and_untouched_ocop_rules_the_day_of_the_decision(self):
        product = OcopProduct.objects.get()
        assert (product.search_key, product.sort_key) == (search_key("Miến dong"), sort_key("Miến dong"))
        rules = LegalRule.objects.exclude(key__startswith="tthc.")
        days = {(row.key, row.value): row.valid_to or row.valid_from for row in rules}
        assert days == {
            ("ocop.level.star_3", "district"): date(2025, 7, 5),
            ("ocop.level.star_3", "province"): date(2025, 7, 6),
            ("ocop.level.star_4", "district"): date(2025, 6, 30),
            ("ocop.level.star_4", "province"): date(2025, 7, 1),
            ("unsecured_loan_cap", "district"): date(2025, 6, 30),
            ("unsecured_loan_cap", "province"): date(2025, 7, 1),
        }


def old_appointment(old_apps, *, group: bool = False):
    """An appointment of 04/05/2023 and its officer, as the models of that time have them."""

    def model(name: str, app: str = "support_cases"):
        return old_apps.get_model(app, name)

    people = model("User", "accounts").objects
    officer, _new = people.get_or_create(username="canbo", defaults={"role": "staff", "email": "canbo@example.vn"})
    unit, _new = model("AdminUnit", "cooperatives").objects.get_or_create(
        code="01933", level="commune", kind="xa", name="Đồng Phúc", valid_from=date(1900, 1, 1)
    )
    fields = {"name": "Bên được tư vấn", "commune": unit}
    if group:
        groups = model("FoundingGroup", "cooperatives").objects
        party = {"founding_group": groups.create(formed_on=date(2023, 1, 10), **fields)}
    else:
        party = {
            "cooperative": model("Cooperative", "cooperatives").objects.create(kind="htx", old_commune=unit, **fields)
        }
    entry = model("Consultation").objects.create(
        client_id=uuid4(), held_on=date(2023, 4, 20), channel="office", question="Hỏi", outcome="follow_up",
        officer=officer, recorded_by=officer, recorded_at=MOMENT, **party,
    )  # fmt: skip
    return model("FollowUp").objects.create(consultation=entry, due_on=MOMENT.date(), officer=officer), officer


@pytest.mark.django_db(transaction=True)
def test_the_ledger_of_appointments_becomes_one_of_every_kind_and_what_failed_can_be_sent_again(apps_before_messages):
    old = apps_before_messages.get_model("support_cases", "Reminder").objects
    reasons = {"failed": "SMTPDataError", "unknown": "BrokenPipeError", "skipped": "no_address"}
    # One appointment for each state a row may have been in.
    for number, state in enumerate(("due", "claimed", "sending", "sent", "failed", "unknown", "skipped")):
        row, officer = old_appointment(apps_before_messages, group=number == 0)
        for channel in ("app", "mail"):
            old.create(
                rule="follow_up_due", follow_up=row, occurrence_on=row.due_on, recipient=officer, channel=channel,
                state=state, run_at=MOMENT, attempts=2, token=uuid4() if state in ("claimed", "sending") else None,
                reason=reasons.get(state, ""), sent_at=MOMENT if state == "sent" else None,
            )  # fmt: skip
    bring_up_to_date()
    rows = Reminder.objects.order_by("pk").select_related("message")
    assert [(row.channel, row.state, row.reason, row.message and row.message.state) for row in rows] == [
        ("app", "due", "", None), ("mail", "due", "", None),
        ("app", "due", "", None), ("mail", "due", "", None),
        ("app", "due", "", None), ("mail", "unknown", "interrupted", "unknown"),
        ("app", "sent", "", None), ("mail", "sent", "", None),
        ("app", "due", "", None), ("mail", "failed", "SMTPDataError", "failed"),
        ("app", "due", "", None), ("mail", "unknown", "BrokenPipeError", "unknown"),
        ("app", "skipped", "no_address", None), ("mail", "skipped", "no_address", None),
    ]  # fmt: skip
    assert {row.anchor_on for row in rows} == {MOMENT.date()}
    assert all(
        row.subject.startswith("consultation/") and (row.cooperative_id or row.founding_group_id) for row in rows
    )
    assert len({row.subject for row in rows}) == 7
    assert {(m.recipient.username, m.channel, m.attempts) for m in ReminderMessage.objects.all()} == {
        ("canbo", "mail", 2)
    }
    make_rule("follow_up_due", look_back_days=366)
    one_pass(MOMENT)
    states = [(row.channel, row.state) for row in Reminder.objects.order_by("pk")]
    assert [state for channel, state in states if channel == "app"] == ["sent"] * 6 + ["skipped"]
    assert [state for channel, state in states if channel == "mail"] == [
        "sent", "sent", "unknown", "sent", "failed", "unknown", "skipped",
    ]  # fmt: skip
    with nothing_written():
        assert list(violations(MOMENT)) == []
        assert one_pass(MOMENT) == []


@pytest.mark.django_db(transaction=True)
def test_closed_months_become_periods_and_steps_bear_officer_and_due_day_of_their_case(apps_before_figures):
    def model(name: str, app: str = "support_cases"):
        return apps_before_figures.get_model(app, name)

    officer = model("User", "accounts").objects.create(username="canbo", role="staff")
    unit = model("AdminUnit", "cooperatives").objects.create(
        code="01933", level="commune", kind="xa", name="Đồng Phúc", valid_from=date(1900, 1, 1)
    )
    party = model("Cooperative", "cooperatives").objects.create(
        name="HTX Thử", kind="htx", commune=unit, old_commune=unit
    )
    case = model("Case").objects.create(
        reference="TCT-230504-0001", topic="tax", title="Hỏi", cooperative=party, officer=officer,
        opened_on=date(2023, 5, 4), event_on=date(2023, 5, 4), due_on=date(2023, 5, 20),
    )  # fmt: skip
    model("CaseEvent").objects.create(
        case=case, step="x", to_status="new", effective_on=date(2023, 5, 4), recorded_at=MOMENT
    )
    for calendar, month in (("month", "2023-05"), ("month", "2023-06"), ("administrative", "2023-05")):
        model("Closing").objects.create(calendar=calendar, month=month, closed_by=officer)
    bring_up_to_date()
    assert sorted(Closing.objects.values_list("calendar", "first", "last", "digest")) == [
        ("administrative", "2023-05", "2023-05", ""), ("month", "2023-05", "2023-05", ""),
        ("month", "2023-06", "2023-06", ""),
    ]  # fmt: skip
    assert list(CaseEvent.objects.values_list("officer", "due_on")) == [(officer.pk, date(2023, 5, 20))]
    # And back again, as long as only single months are closed.
    MigrationExecutor(connection).migrate(BEFORE_FIGURES)
    assert sorted(model("Closing").objects.values_list("calendar", "month")) == [
        ("administrative", "2023-05"), ("month", "2023-05"), ("month", "2023-06"),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_entries_there_are_get_their_tallies(apps_before_tallies):
    def model(name: str, app: str = "support_cases"):
        return apps_before_tallies.get_model(app, name)

    officer = model("User", "accounts").objects.create(username="canbo", role="staff")
    unit = model("AdminUnit", "cooperatives").objects.create(
        code="01933", level="commune", kind="xa", name="Đồng Phúc", valid_from=date(1900, 1, 1)
    )
    place = {"commune": unit, "old_commune": unit}
    party = model("Cooperative", "cooperatives").objects.create(pk=9000, name="HTX Thử", kind="htx", **place)
    group = model("FoundingGroup", "cooperatives").objects.create(name="Nhóm", commune=unit, formed_on=MOMENT.date())
    void = {"voided_at": MOMENT, "voided_by": officer, "void_reason": "Ghi nhầm"}
    for day, topics, said in (
        (14, ["loan", "tax"], {"cooperative": party}),
        (15, ["loan"], {"cooperative": party}),
        (15, [], {"cooperative": party}),
        (31, ["loan"], {"cooperative": party} | void),
        (31, ["tax"], {"founding_group": group}),
    ):
        row = model("Consultation").objects.create(
            client_id=uuid4(), fingerprint="x", held_on=date(2022, 12, day), recorded_at=MOMENT, officer=officer,
            recorded_by=officer, channel="phone", question="Hỏi", outcome="answered", **said,
        )  # fmt: skip
        for topic in topics:
            model("ConsultationTopic").objects.create(consultation=row, topic=topic)
    bring_up_to_date()
    assert [wrong_lines(half_month) for half_month in half_months()] == [[], []]
    assert Tally.objects.count() == 5 + 6
