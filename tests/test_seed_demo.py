"""`seed_demo`: the set goes in once through the real acts, and its eight months of 2023 have 108 lượt."""

import shutil
from collections import Counter
from datetime import date
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import RequestFactory, TestCase, override_settings
from django.utils import timezone

from cooperatives.models import (
    AdminUnit,
    ApprovedSupport,
    BusinessLine,
    Cooperative,
    FoundingGroup,
    Loan,
    OcopProduct,
    OcopRating,
    Placement,
    Term,
)
from cooperatives.workforce.months import tallies
from cooperatives.workforce.rules import SupportRules
from htx_portal.accounts.models import Role, User
from support_cases.choices import Status
from support_cases.demo import FIRST_TODAY, demo_is_loaded, load_demo
from support_cases.models import (
    Case,
    CaseEvent,
    ChecklistItem,
    Closing,
    Consultation,
    CountingVersion,
    FollowUp,
    ReferenceCounter,
)
from support_cases.reference import load_reference
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.served import served
from support_cases.reports.versions import half_month_of
from tests.kept import contents, put_demo_set

TODAY = date(2026, 11, 23)
EIGHT_MONTHS = Period(MONTH, Month(2023, 1), Month(2023, 8))
OURS = ("accounts", "cooperatives", "support_cases")


def seed(today=TODAY):
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("seed_demo", today=today, stdout=out, stderr=out)
    return out.getvalue()


def all_rows():
    """Every row of the project's own tables, as it stands in the database."""
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return {model: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.mark.database
@override_settings(DEMO=True)
class TestLoaded(TestCase):
    """What is true once the set is loaded; loaded once, each test leaves it as it was."""

    printed: str

    @classmethod
    def setUpTestData(cls):
        """Load the set."""
        cls.printed = seed()

    def test_the_eight_months_have_108_counted_straight_from_the_rows(self):
        entries = list(Consultation.objects.all())
        counted = [
            entry
            for entry in entries
            if entry.cooperative_id and date(2023, 1, 1) <= entry.held_on <= date(2023, 8, 31)
        ]
        assert len(counted) == 108

        report = served(EIGHT_MONTHS, frame="2022", today=TODAY)
        assert report.consultations == 108
        assert report.cooperatives == len({entry.cooperative_id for entry in counted})
        months = Counter(f"{entry.held_on:%Y-%m}" for entry in counted)
        assert {line.code: line.consultations for line in report.by_month} == months
        channels = Counter(entry.channel for entry in counted)
        assert {line.code: line.consultations for line in report.by_channel if line.consultations} == channels

    def test_months_of_a_year_and_the_report_of_eight_months_are_closed_and_late_entries_named(self):
        assert Counter((row.calendar, row.first[:4]) for row in Closing.objects.standing()) == {
            ("administrative", "2024"): 12,
            ("month", "2023"): 1,
        }
        closed = served(EIGHT_MONTHS, frame="2022", today=TODAY)
        sent = served(EIGHT_MONTHS, frame="2022", today=TODAY, as_of=date(2023, 9, 30))
        assert (closed.closed_on, closed.consultations) == (date(2023, 9, 8), 108)
        assert closed.answer.figures == sent.answer.figures
        months = Closing.objects.filter(calendar="administrative")
        assert sum(row.figures["adjustments"]["total"][""][0] for row in months) > 0

    def test_the_command_says_what_it_made(self):
        assert self.printed.splitlines() == [
            "Đã nạp DỮ LIỆU MẪU: 60 HTX, 4 nhóm sáng lập, 72 hồ sơ, 571 lần tư vấn.",
            "Từ 01/01 đến 31/08/2023: 108 lượt HTX.",
        ]

    def test_a_second_run_adds_and_changes_nothing(self):
        before = all_rows()
        assert seed().startswith("Dữ liệu mẫu đã có, không thêm gì.")
        assert seed(today=date(2027, 3, 1)).startswith("Dữ liệu mẫu đã có, không thêm gì.")
        assert all_rows() == before

    def test_a_second_run_takes_few_queries(self):
        with self.assertNumQueries(20 + 1 + 1):
            seed()

    def test_completed_reviews_of_lines_stand_behind_rows_of_the_register_and_double_none(self):
        assert BusinessLine.objects.count() == 196
        done = Case.objects.filter(topic="business_lines", status=Status.COMPLETED)
        revisions = [case.details.revision for case in done.order_by("opened_on")]
        assert [(f"{r.changed_on:%d/%m/%Y}", r.begun.count(), r.ended.count()) for r in revisions] == [
            ("05/07/2022", 1, 0),
            ("24/05/2023", 2, 1),
            ("14/06/2023", 1, 0),
            ("18/06/2024", 1, 1),
        ]

    def test_what_people_changed_in_the_set_stays(self):
        Cooperative.objects.filter(name__contains="Đồng Phúc").update(name="Hợp tác xã đổi tên", tax_code=None)
        Case.objects.filter(status=Status.NEW).update(title="Tên mới")
        User.objects.filter(username="canbo").update(username="canbo-cu", full_name="Tên khác")
        Consultation.objects.filter(held_on__year=2022).delete()
        before = all_rows()
        seed()
        assert all_rows() == before

    def test_every_row_is_marked_and_passes_its_own_checks(self):
        for model in (Cooperative, FoundingGroup, Case, Consultation, User):
            assert not model.objects.filter(is_demo=False).exists(), model
        for model in (BusinessLine, Term, OcopProduct, OcopRating, Loan, Placement, FollowUp, ChecklistItem):
            assert model.objects.exists(), model
        for row in [*Cooperative.objects.all(), *Case.objects.all(), *FollowUp.objects.all()]:
            row.full_clean(exclude=["search_key", "sort_key"])

    def test_the_accounts_can_sign_in_only_while_the_demo_is_on(self):
        roles = {user.username: user.role for user in User.objects.all()}
        assert roles == {
            "canbo": Role.STAFF,
            "canbo2": Role.STAFF,
            "canbo3": Role.STAFF,
            "lanhdao": Role.MANAGER,
            "htx": Role.COOPERATIVE,
            "quantri": Role.ADMIN,
        }
        for name in roles:
            assert authenticate(RequestFactory().post("/"), username=name, password="htx-demo-2023").username == name
        with override_settings(DEMO=False):
            for name in roles:
                assert authenticate(RequestFactory().post("/"), username=name, password="htx-demo-2023") is None

    def test_the_account_htx_acts_for_one_cooperative(self):
        (membership,) = User.objects.get(username="htx").memberships.all()
        assert "Đồng Phúc" in membership.cooperative.name
        admin = User.objects.get(username="quantri")
        assert (admin.is_staff, admin.is_superuser) == (True, True)

    def test_there_are_cases_in_every_state_and_overdue_ones(self):
        assert set(Case.objects.values_list("status", flat=True)) == set(Status.values)
        assert Case.objects.overdue(TODAY).exists()
        assert not Case.objects.overdue(TODAY).filter(status=Status.WAITING_COOPERATIVE).exists()

    def test_each_history_leads_to_the_state_of_its_case_in_the_order_of_days(self):
        for case in Case.objects.prefetch_related("events"):
            events = list(case.events.all())
            days = [event.effective_on for event in events]
            assert days == sorted(days), case
            assert days[0] == case.opened_on
            assert events[-1].to_status == case.status
            assert [event.from_status for event in events[1:]] == [event.to_status for event in events[:-1]]
            assert case.closed_on == (None if case.is_open else days[-1])

    def test_references_come_from_the_counters_of_their_days(self):
        given = Counter(case.opened_on for case in Case.objects.all())
        assert given == {counter.day: counter.last for counter in ReferenceCounter.objects.all()}
        assert Case.objects.values("reference").distinct().count() == 73

    def test_entries_are_typed_on_their_day_or_a_few_days_later(self):
        waits = [
            (timezone.localtime(entry.recorded_at).date() - entry.held_on).days for entry in Consultation.objects.all()
        ]
        assert min(waits) == 0
        assert max(waits) == 4
        assert 40 < sum(1 for wait in waits if wait) < 120
        moments = CaseEvent.objects.values_list("effective_on", "recorded_at")
        assert all(timezone.localtime(moment).date() == day for day, moment in moments)

    def test_contracts_of_cases_are_the_placements_of_the_register_and_two_months_wait(self):
        done = Case.objects.filter(topic="human_resources", status=Status.COMPLETED)
        assert all(case.details.placement and case.details.listed is None for case in done)
        assert (done.count(), Placement.objects.count(), ApprovedSupport.objects.count()) == (4, 12, 12)
        counted = tallies(Placement.objects.all(), SupportRules.load())
        missing = [month for tally in counted.values() for month in tally.missing(TODAY)]
        assert sorted(missing) == [date(2025, 12, 1), date(2026, 10, 1)]

    def test_every_half_month_with_entries_has_a_version(self):
        halves = {half_month_of(entry.held_on) for entry in Consultation.objects.all()}
        assert set(CountingVersion.objects.filter(version__gt=1).values_list("half_month", flat=True)) == halves

    def test_something_is_due_today_and_something_is_late(self):
        waiting = FollowUp.objects.filter(done_on=None)
        assert waiting.filter(due_on=TODAY).exists()
        assert waiting.filter(due_on__lt=TODAY).exists()
        assert waiting.filter(due_on__gt=TODAY).exists()


@pytest.fixture
def folder(tmp_path):
    """A copy of the set with its first thirty cases and entries, two closings and no referrals, quick to load."""
    return _copied(tmp_path, cases=30, consultations=30, referrals=0, closings=2)


def _copied(tmp_path, **most: int):
    """A copy of the set with the first lines of the files named and all of the others."""
    copy = shutil.copytree(settings.FIXTURES_DIR / "demo", tmp_path / "demo")
    for name, kept in most.items():
        lines = (copy / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (copy / f"{name}.csv").write_text("".join(lines[: 1 + kept]), encoding="utf-8")
    return copy


@pytest.fixture
def reference(db):
    """The reference rows."""
    load_reference(settings.FIXTURES_DIR / "reference")


@pytest.mark.django_db
def test_without_demo_it_refuses_and_writes_nothing(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        seed()
    assert not any(all_rows().values())


@pytest.mark.django_db
def test_a_day_before_the_set_is_refused(settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match=r"từ ngày 14/01/2026 trở đi"):
        seed(today=date(2026, 1, 13))
    assert not any(all_rows().values())


def test_a_clock_behind_the_set_does_not_keep_it_out(settings, db, time_machine, folder):
    settings.DEMO, settings.FIXTURES_DIR = True, _fixtures_with(folder)
    time_machine.move_to("2025-02-03T08:00:00+07:00")
    assert "từ ngày 14/01/2026 trở đi" in seed(today=None)
    assert Consultation.objects.count() == 30


@pytest.mark.parametrize("today", [FIRST_TODAY, date(2031, 5, 20)])
def test_the_whole_set_loads_on_its_first_day_and_years_later(reference, tmp_path, today):
    # What is closed depends on no day, and takes as long as all the rest.
    made = load_demo(_copied(tmp_path, closings=1), today=today)
    assert (made.cases, made.consultations) == (72, 571)


def test_a_real_account_with_a_demo_name_is_left_alone(settings, db):
    settings.DEMO = True
    User.objects.create_user(username="lanhdao", password="real-and-secret", role=Role.MANAGER)
    with pytest.raises(CommandError, match="trùng tên tài khoản mẫu: lanhdao"):
        seed()
    assert User.objects.get().check_password("real-and-secret")
    assert not Cooperative.objects.exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("cooperatives", ",02041,1900-01-01,", ",02041,2001-01-01,", "cooperatives.csv, dòng 2: không có"),
        ("cooperatives", ",htx,02041", ",club,02041", "cooperatives.csv, dòng 2: kind"),
        ("terms", "2019-03-22,2024-03-21", "2024-03-22,2024-03-21", "terms.csv, dòng 2: "),
        ("cases", "start@2022-02-14", "jump@2022-02-14", "cases.csv, dòng 2: không có “jump”"),
        ("cases", "start@2022-02-14", "start@1.2.2022", "cases.csv, dòng 2: Invalid isoformat"),
        ("consultations", ",phone,business_lines,", ",pigeon,business_lines,", "consultations.csv, dòng 21: channel"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_in_one_line_and_nothing_is_left(settings, reference, folder, name, old, new, said):
    settings.DEMO, settings.FIXTURES_DIR = True, _fixtures_with(folder)
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CommandError) as refusal:
        seed()
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not Cooperative.objects.exists()
    assert not User.objects.exists()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_what_tests_put_back_is_what_the_command_loaded():
    put_demo_set()
    first, loaded = all_rows(), contents()
    call_command("flush", interactive=False, verbosity=0)
    assert contents() == {}
    put_demo_set()
    assert contents() == loaded
    assert all_rows() == first
    new = FoundingGroup.objects.create(name="Nhóm mới", commune=AdminUnit.objects.first(), formed_on=TODAY)
    assert new.pk > max(FoundingGroup.objects.exclude(pk=new.pk).values_list("pk", flat=True))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_load_it_once(folder):
    load_reference(settings.FIXTURES_DIR / "reference")
    start, made = Barrier(2), []

    def run():
        try:
            start.wait()
            made.append(load_demo(folder, today=TODAY).consultations)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 30]
    assert Consultation.objects.count() == 30
    assert Cooperative.objects.count() == 60
    assert demo_is_loaded(folder)


def _fixtures_with(folder):
    """A fixtures folder whose demo set is ``folder``, beside the shipped reference files."""
    if not (folder.parent / "reference").exists():
        shutil.copytree(settings.FIXTURES_DIR / "reference", folder.parent / "reference")
    return folder.parent
