"""Who sees what: one queryset per role for cooperatives, cases, consultations, appointments, reminders."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from cooperatives.access import cooperatives_for, founding_groups_for
from htx_portal.accounts.models import Membership, Role
from support_cases.access import cases_for, consultations_for, follow_ups_for, reminders_for
from support_cases.models import Case, Consultation, FollowUp, Reminder
from support_cases.reminders.entering import enter_due
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user
from tests.reminding import make_rule

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2023, 9, 20)


class Office:
    """Two cooperatives and two founding groups, each with a case, a consultation and an appointment."""

    def __init__(self):
        self.officer = make_user(Role.STAFF)
        self.ours, self.theirs = make_cooperative("HTX Của Mình"), make_cooperative("HTX Của Người")
        self.our_group = make_founding_group("Nhóm đã thành HTX", cooperative=self.ours)
        self.other_group = make_founding_group("Nhóm chưa thành HTX")
        self.case, self.consultation = {}, {}
        for party in (self.ours, self.theirs, self.our_group, self.other_group):
            self.case[party.name] = make_case(party, by=self.officer, today=TODAY)
            self.consultation[party.name] = make_consultation(
                party, by=self.officer, today=TODAY, follow_up_on=TODAY, outcome="follow_up"
            )

    def cases_of(self, *parties) -> list[Case]:
        return sorted((self.case[party.name] for party in parties), key=lambda row: row.pk)

    def consultations_of(self, *parties) -> list[Consultation]:
        return sorted((self.consultation[party.name] for party in parties), key=lambda row: row.pk)


@pytest.fixture
def office(db) -> Office:
    return Office()


def seen(rows) -> list:
    """The rows of a queryset, one mention for each time it lists them."""
    return sorted(rows, key=lambda row: row.pk)


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.ADMIN])
def test_those_who_review_see_every_row_once(office, role):
    user = make_user(role)
    Membership.objects.create(user=user, cooperative=office.ours, since=TODAY)
    everybody = (office.ours, office.theirs, office.our_group, office.other_group)
    assert seen(cooperatives_for(user)) == [office.ours, office.theirs]
    assert seen(founding_groups_for(user)) == [office.our_group, office.other_group]
    assert seen(cases_for(user)) == office.cases_of(*everybody)
    assert seen(consultations_for(user)) == office.consultations_of(*everybody)
    assert follow_ups_for(user).count() == FollowUp.objects.count() == 4


def test_a_member_sees_the_own_cooperative_and_the_group_it_grew_from(office):
    user = make_user(Role.COOPERATIVE, cooperative=office.ours)
    assert seen(cooperatives_for(user)) == [office.ours]
    assert seen(founding_groups_for(user)) == []
    assert seen(cases_for(user)) == office.cases_of(office.ours, office.our_group)
    assert seen(consultations_for(user)) == office.consultations_of(office.ours, office.our_group)
    assert seen(follow_ups_for(user)) == []


def test_who_acts_for_several_cooperatives_sees_each_row_once(office):
    user = make_user(Role.COOPERATIVE, cooperative=office.ours)
    Membership.objects.create(user=user, cooperative=office.theirs, since=TODAY)
    Membership.objects.create(user=make_user(Role.COOPERATIVE), cooperative=office.ours, since=TODAY)
    case = office.case["HTX Của Mình"]
    case.founding_group = office.our_group
    case.save()
    parties = (office.ours, office.theirs, office.our_group)
    assert seen(cooperatives_for(user)) == [office.ours, office.theirs]
    assert seen(cases_for(user)) == office.cases_of(*parties)
    assert seen(consultations_for(user)) == office.consultations_of(*parties)


def test_several_people_of_one_cooperative_see_the_same_also_who_joins_late(office):
    first = make_user(Role.COOPERATIVE, cooperative=office.ours)
    late = make_user(Role.COOPERATIVE)
    Membership.objects.create(user=late, cooperative=office.ours, since=timezone.localdate())
    assert seen(cases_for(late)) == seen(cases_for(first)) == office.cases_of(office.ours, office.our_group)
    assert seen(consultations_for(late)) == seen(consultations_for(first))


def test_who_left_a_cooperative_sees_nothing_of_it_any_more(office):
    user = make_user(Role.COOPERATIVE, cooperative=office.ours)
    assert cases_for(user).exists()
    user.memberships.all().delete()
    for rows in (cooperatives_for, founding_groups_for, cases_for, consultations_for, follow_ups_for):
        assert seen(rows(user)) == []


@pytest.mark.parametrize("rows", [cooperatives_for, founding_groups_for, cases_for, consultations_for, follow_ups_for])
def test_nobody_and_who_belongs_nowhere_see_nothing(office, rows):
    assert seen(rows(AnonymousUser())) == []
    assert seen(rows(make_user(Role.COOPERATIVE))) == []


def test_reminders_are_seen_by_their_recipient_only(office):
    make_rule("follow_up_due")
    enter_due(TODAY)
    assert Reminder.objects.count() == 8
    assert seen(reminders_for(office.officer)) == seen(Reminder.objects.all())
    assert seen(reminders_for(AnonymousUser())) == []
    for role in Role.values:
        other = make_user(role, cooperative=office.ours if role == Role.COOPERATIVE else None)
        assert seen(reminders_for(other)) == []


def test_the_group_of_another_cooperative_stays_hidden(office):
    office.other_group.cooperative = office.theirs
    office.other_group.save()
    user = make_user(Role.COOPERATIVE, cooperative=office.ours)
    assert seen(cases_for(user)) == office.cases_of(office.ours, office.our_group)
    stranger = make_user(Role.COOPERATIVE, cooperative=office.theirs)
    assert seen(cases_for(stranger)) == office.cases_of(office.theirs, office.other_group)
    assert seen(consultations_for(stranger)) == office.consultations_of(office.theirs, office.other_group)


def test_only_staff_and_administrators_record_and_cooperatives_do_not_review():
    rights = {role: (make_user(role).may_work, make_user(role).may_review) for role in Role.values}
    assert rights == {
        "staff": (True, True),
        "manager": (False, True),
        "admin": (True, True),
        "cooperative": (False, False),
    }
