"""`seed_scale`: many rows at once, the same for the same seed, and as true as rows made by the real acts."""

from collections import Counter
from datetime import date
from hashlib import sha256
from io import StringIO

import pytest
from django.contrib.auth.hashers import is_password_usable
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import TestCase

from cooperatives.models import AdminUnit, Cooperative, FoundingGroup
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import User
from support_cases.cases import open_case
from support_cases.choices import Outcome, Status
from support_cases.models import (
    Case,
    CaseEvent,
    ChecklistItem,
    Consultation,
    ConsultationTopic,
    CountingVersion,
    FollowUp,
    ReferenceCounter,
)
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.served import served
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import STEPS
from tests.factories import make_consultation

TODAY = date(2026, 11, 23)
SIZE = {"cooperatives": 80, "consultations": 1200}
WRITTEN = (
    AdminUnit,
    Cooperative,
    FoundingGroup,
    Consultation,
    ConsultationTopic,
    FollowUp,
    Consultation.cases.through,
    Case,
    CaseEvent,
    ChecklistItem,
    ReferenceCounter,
)
PEOPLE = {"officer_id", "recorded_by_id", "done_by_id", "actor_id"}


def seed(**options):
    """Run the command without its progress bar and return what it printed."""
    out = StringIO()
    call_command("seed_scale", **{**SIZE, "seed": 7, "verbosity": 0, **options}, stdout=out)
    return out.getvalue()


def digest():
    """A digest of every row the set is made of; officers by name, for their keys are the database's own."""
    names = dict(User.objects.values_list("pk", "username"))
    found = sha256()
    for model in WRITTEN:
        for row in model.objects.order_by("pk").values():
            said = {name: names.get(value) if name in PEOPLE else value for name, value in row.items()}
            found.update(repr(said).encode())
    return found.hexdigest()


@pytest.mark.database
class TestMade(TestCase):
    """What is true of a small set; made once, each test leaves it as it was."""

    @classmethod
    def setUpTestData(cls):
        """Make the set."""
        seed()

    def test_it_has_the_size_asked_for_and_every_row_is_marked(self):
        assert Cooperative.objects.count() == 80
        assert Consultation.objects.count() == 1200
        assert User.objects.count() == 50
        for model in (Cooperative, FoundingGroup, Consultation, Case, User):
            assert not model.objects.filter(is_demo=False).exists()
        assert not any(is_password_usable(user.password) for user in User.objects.all())

    def test_the_country_has_34_provinces_worth_of_places_and_the_invented_ones_are_marked(self):
        invented = AdminUnit.objects.filter(code__gte="90000")
        assert invented.filter(level="province").count() == 33
        assert not invented.exclude(name__endswith="DỮ LIỆU MẪU").exists()
        assert not AdminUnit.objects.filter(code__lt="90000", name__endswith="DỮ LIỆU MẪU").exists()
        assert invented.filter(parent__level="district", successor__parent__level="province").count() == 33 * 15 * 15

    def test_every_row_points_at_rows_that_are_there(self):
        connection.check_constraints()

    def test_every_row_passes_the_checks_of_a_form(self):
        for row in [*Cooperative.objects.all(), *Case.objects.all()]:
            row.full_clean(exclude=["search_key", "sort_key"])
        for row in [*Consultation.objects.all()[:150], *FollowUp.objects.all()[:50], *FoundingGroup.objects.all()]:
            row.full_clean(exclude=["search_key"] if hasattr(row, "search_key") else [])

    def test_the_folded_keys_are_what_saving_would_have_made_them(self):
        for row in Cooperative.objects.select_related("old_commune", "new_commune", "old_district"):
            before = row.search_key, row.sort_key
            row.refresh_keys()
            assert before == (row.search_key, row.sort_key)
        for case in Case.objects.with_parties():
            assert case.search_key == case.fresh_search_key()
        for group in FoundingGroup.objects.all():
            before = group.search_key
            group.save()
            assert before == group.search_key

    def test_nobody_was_advised_before_being_there_or_outside_of_the_four_years(self):
        for entry in Consultation.objects.select_related("cooperative", "founding_group"):
            began = entry.cooperative.registered_on if entry.cooperative else entry.founding_group.formed_on
            assert max(began, date(2022, 1, 1)) <= entry.held_on <= date(2025, 12, 31)
            assert entry.recorded_at.date() >= entry.held_on

    def test_each_entry_has_one_to_three_topics_and_an_appointment_where_it_says_so(self):
        topics = Counter(ConsultationTopic.objects.values_list("consultation", flat=True))
        assert set(topics) == set(Consultation.objects.values_list("pk", flat=True))
        assert set(topics.values()) == {1, 2, 3}
        assert set(ConsultationTopic.objects.values_list("topic", flat=True)) == set(SUPPORT_TYPES)
        agreed = set(Consultation.objects.filter(outcome=Outcome.FOLLOW_UP).values_list("pk", flat=True))
        assert set(FollowUp.objects.values_list("consultation", flat=True)) == agreed
        assert 0.11 < len(agreed) / 1200 < 0.19
        assert not FollowUp.objects.filter(done_on__isnull=False, done_by=None).exists()

    def test_references_are_unique_and_go_on_from_the_counters(self):
        given = Counter(case.opened_on for case in Case.objects.all())
        assert given == {counter.day: counter.last for counter in ReferenceCounter.objects.all()}
        assert Case.objects.values("reference").distinct().count() == Case.objects.count()
        first = Case.objects.first()
        nxt = open_case(
            party=first.cooperative, topic="tax", title="Sau", by=first.officer, today=TODAY, opened_on=first.opened_on
        )
        assert nxt.reference == f"TCT-{first.opened_on:%y%m%d}-{given[first.opened_on] + 1:04d}"

    def test_each_history_is_one_the_table_of_steps_allows(self):
        cases = list(Case.objects.prefetch_related("events", "checklist", "consultations"))
        assert 30 < len(cases) < 100
        for case in cases:
            opening, *events = case.events.all()
            assert (opening.step, opening.to_status, opening.effective_on) == ("open", Status.NEW, case.opened_on)
            status = Status.NEW
            for event in events:
                step = STEPS[event.step]
                assert event.from_status == status
                assert status in step.source
                assert event.note or not step.needs_note
                status = event.to_status
            assert case.status == status
            assert case.version == 1 + len(events)
            assert (case.closed_on is None) == case.is_open
            assert (case.clock_stopped_on is not None) == case.is_waiting
            if case.status in (Status.SUBMITTED, Status.WAITING_RESULT, Status.COMPLETED):
                assert not [paper for paper in case.checklist.all() if paper.is_missing]
            assert case.details is not None
            assert {entry.cooperative_id for entry in case.consultations.all()} == {case.cooperative_id}

    def test_the_report_counts_what_the_rows_say(self):
        report = served(Period(MONTH, Month(2023, 1), Month(2023, 12)), frame="2022", today=TODAY)
        rows = [entry for entry in Consultation.objects.all() if entry.held_on.year == 2023]
        parties = [entry.cooperative_id for entry in rows if entry.cooperative_id]
        assert (report.consultations, report.cooperatives) == (len(parties), len(set(parties)))
        assert report.founding_groups == len(rows) - len(parties) > 0
        assert CountingVersion.objects.count() == 4 * 12 * 2

    def test_real_work_goes_on_after_it(self):
        known = Cooperative.objects.first()
        found = Cooperative.objects.search(known.search_key.rsplit(" ", 1)[0])
        assert known in found
        new = Cooperative(name="HTX Thật", kind="htx", registered_on=date(2020, 1, 1))
        enter_cooperative(new, today=TODAY, commune_code="01864")
        assert new.pk > max(Cooperative.objects.exclude(pk=new.pk).values_list("pk", flat=True))
        entry = make_consultation(new)
        assert Consultation.objects.filter(is_demo=False).get() == entry

    def test_a_second_run_adds_another_set_beside_the_first(self):
        units = AdminUnit.objects.count()
        seed(cooperatives=10, consultations=100)
        assert Cooperative.objects.count() == 90
        assert Consultation.objects.count() == 1300
        assert (AdminUnit.objects.count(), User.objects.count()) == (units, 50)
        assert Case.objects.values("reference").distinct().count() == Case.objects.count()
        connection.check_constraints()


@pytest.mark.database
@pytest.mark.django_db
def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    call_command("load_reference", verbosity=0)
    found = []
    for number in (7, 7, 8):
        with transaction.atomic():
            seed(seed=number)
            found.append(digest())
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.django_db
def test_a_tenth_lies_in_the_real_area_and_a_few_cooperatives_come_all_the_time():
    seed(cooperatives=1500, consultations=6000)
    real = Consultation.objects.filter(cooperative__old_district__code__lt="90000").count()
    assert 0.07 < real / 6000 < 0.13
    often = sorted(Counter(Consultation.objects.counted().values_list("cooperative", flat=True)).values())
    assert sum(often[-150:]) > 0.35 * sum(often)
    spring = Consultation.objects.filter(held_on__month=3).count()
    assert spring > 1.8 * Consultation.objects.filter(held_on__month=2).count()


@pytest.mark.django_db
def test_it_refuses_a_database_with_real_work_unless_forced():
    make_consultation()
    with pytest.raises(CommandError, match="lần tư vấn thật"):
        seed()
    assert Consultation.objects.count() == 1
    seed(force=True, consultations=20)
    assert Consultation.objects.count() == 21


@pytest.mark.django_db
@pytest.mark.parametrize("size", [{"cooperatives": 0}, {"cooperatives": 1_000_001}, {"consultations": -1}])
def test_a_size_that_cannot_be_is_refused(size):
    with pytest.raises(CommandError, match="Số HTX từ 1"):
        seed(**size)
    assert not AdminUnit.objects.exists()


@pytest.mark.django_db
def test_it_says_what_it_made_and_shows_its_progress_on_stderr(capsys):
    out = seed(cooperatives=1, consultations=3, verbosity=1)
    assert out.startswith("Đã tạo DỮ LIỆU MẪU: 1 HTX, 3 lần tư vấn, trong ")
    assert "3/3" in capsys.readouterr().err
