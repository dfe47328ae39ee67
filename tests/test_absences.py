"""Absences: whom reminders reach while somebody is away, whenever that is entered; the act; the page."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from cooperatives.errors import InvalidEntry
from support_cases.models import Absence, Reminder
from support_cases.reminders.absences import end_absence, enter_absence
from support_cases.reminders.delivery import deliver
from support_cases.reminders.sweep import sweep
from tests.factories import make_case, make_consultation, make_user
from tests.racing import at_once, of_kind
from tests.reminding import make_rule, one_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MONDAY = date(2026, 11, 30)
TUESDAY, WEDNESDAY, FRIDAY = (MONDAY + timedelta(days=days) for days in (1, 2, 4))


def at(day: date, hour: int = 9) -> datetime:
    """A moment of a day."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


@pytest.fixture
def people():
    """Three officers, a, b and c, and the rule that reminds of appointments in the portal and by mail."""
    make_rule("follow_up_due", "0")
    return [make_user("staff", username=name, email=f"{name}@example.vn") for name in "abc"]


def away(person, stand_in, first=MONDAY, last=FRIDAY, *, today=MONDAY, reason="Nghỉ phép.", by=None) -> Absence:
    """Enter an absence."""
    return enter_absence(person, stand_in, first, last, reason, by=by or person, today=today)


def appointment(officer, day: date = TUESDAY) -> None:
    """An appointment on a day, made the week before."""
    before = MONDAY - timedelta(days=7)
    make_consultation(by=officer, held_on=before, today=before, outcome="follow_up", follow_up_on=day)


def told(channel: str = "app") -> list[tuple[str, str, str]]:
    """Who was to be told for whom, and what became of it."""
    rows = Reminder.objects.filter(channel=channel).select_related("recipient", "instead_of").order_by("pk")
    return [
        (row.recipient.username, row.instead_of.username if row.instead_of else "", row.reason or row.state)
        for row in rows
    ]


# --- Whom reminders reach -----------------------------------------------------------------------------------


def test_entered_before_the_day_the_stand_in_is_told_for_whom(people, mailoutbox):
    a, b, _c = people
    appointment(a)
    away(a, b)
    one_pass(at(TUESDAY))
    assert told() == told("mail") == [("b", "a", "sent")]
    (mail,) = mailoutbox
    assert mail.to == ["b@example.vn"]
    assert f"(thay {a})" in mail.subject


def test_entered_after_the_rows_but_before_they_are_sent_it_passes_them_on(people, mailoutbox):
    a, b, _c = people
    appointment(a)
    queued = sweep(at(TUESDAY))
    away(a, b, today=TUESDAY)
    assert [deliver(pk, at(TUESDAY)) for pk in queued] == ["", ""]
    one_pass(at(TUESDAY, 10))
    assert told() == told("mail") == [("a", "", "other_recipient"), ("b", "a", "sent")]
    assert [mail.to for mail in mailoutbox] == [["b@example.vn"]]


def test_ended_early_the_person_is_told_again_from_that_day_on(people):
    a, b, _c = people
    appointment(a, TUESDAY), appointment(a, WEDNESDAY)
    absence = away(a, b)
    one_pass(at(TUESDAY))
    end_absence(absence, today=WEDNESDAY)
    one_pass(at(WEDNESDAY))
    assert told() == [("b", "a", "sent"), ("a", "", "sent")]


def test_ended_between_passing_on_and_sending_it_goes_back_and_nobody_is_told_twice(people, mailoutbox):
    a, b, _c = people
    appointment(a)
    queued = sweep(at(TUESDAY))
    absence = away(a, b, TUESDAY, FRIDAY, today=TUESDAY)
    [deliver(pk, at(TUESDAY)) for pk in queued]
    queued = sweep(at(TUESDAY, 10))
    end_absence(absence, today=TUESDAY)
    [deliver(pk, at(TUESDAY, 10)) for pk in queued]
    one_pass(at(TUESDAY, 11))
    one_pass(at(WEDNESDAY))
    assert sorted(told("mail")) == [("a", "", "sent"), ("b", "a", "other_recipient")]
    assert [mail.to for mail in mailoutbox] == [["a@example.vn"]]


def test_after_the_return_nothing_is_told_twice(people, mailoutbox):
    a, b, _c = people
    appointment(a)
    away(a, b, MONDAY, TUESDAY)
    for day in (TUESDAY, WEDNESDAY, FRIDAY):
        one_pass(at(day))
    assert told() == [("b", "a", "sent")]
    assert len(mailoutbox) == 1


def test_a_stand_in_who_is_away_too_has_one_in_turn(people):
    a, b, c = people
    appointment(a)
    away(a, b)
    away(b, c, TUESDAY, TUESDAY)
    one_pass(at(TUESDAY))
    assert told() == [("c", "a", "sent")]


def test_where_all_of_a_circle_are_away_the_person_is_told_after_all(people):
    a, b, c = people
    appointment(a)
    away(a, b), away(b, c), away(c, a)
    one_pass(at(TUESDAY))
    assert told() == [("a", "", "sent")]


def test_a_stand_in_whose_account_ended_stands_in_for_nobody(people):
    a, b, _c = people
    appointment(a)
    away(a, b)
    b.is_active = False
    b.save()
    one_pass(at(TUESDAY))
    assert told() == [("a", "", "sent")]


def test_a_stand_in_who_left_the_office_learns_nothing_of_it(people):
    a, b, _c = people
    appointment(a)
    away(a, b)
    b.role = "cooperative"
    b.save()
    one_pass(at(TUESDAY))
    assert told() == [("a", "", "sent")]


def test_a_leader_who_is_away_is_stood_in_for_too(people):
    a, b, _c = people
    make_rule("case_deadline", "0", audience="manager")
    leader = make_user("manager", username="m")
    make_case(by=a, due_on=TUESDAY, today=MONDAY - timedelta(days=7))
    away(leader, b)
    one_pass(at(TUESDAY))
    assert told() == [("b", "m", "sent")]


def test_who_is_told_anyway_is_told_once_while_standing_in(people):
    a, _b, _c = people
    make_rule("case_deadline", "0", audience="officer,manager")
    leader = make_user("manager", username="m")
    make_case(by=a, due_on=TUESDAY, today=MONDAY - timedelta(days=7))
    away(leader, a)
    one_pass(at(TUESDAY))
    assert told() == [("a", "", "sent")]


# --- The act ------------------------------------------------------------------------------------------------


def refused(*arguments, **values) -> set:
    """The fields an absence is refused for."""
    before = Absence.objects.count()
    with pytest.raises(InvalidEntry) as refusal:
        away(*arguments, **values)
    assert Absence.objects.count() == before
    return set(refusal.value.problems)


def test_an_absence_is_entered_once_also_when_sent_twice(people):
    a, b, _c = people
    assert away(a, b).pk == away(a, b, reason="Lần nữa.").pk
    assert (Absence.objects.get().reason, Absence.objects.get().entered_by) == ("Nghỉ phép.", a)


@pytest.mark.parametrize(
    ("first", "last"),
    [(MONDAY, FRIDAY), (MONDAY - timedelta(days=9), MONDAY), (FRIDAY, FRIDAY + timedelta(days=9)), (TUESDAY, TUESDAY)],
)
def test_days_may_not_overlap_those_entered(people, first, last):
    a, b, c = people
    away(a, b)
    assert refused(a, c, first, last) == {"first_day"}
    away(b, c, first, last)


def test_the_days_before_and_after_are_free(people):
    a, b, c = people
    away(a, b)
    away(a, c, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2))
    away(a, c, MONDAY - timedelta(days=3), MONDAY - timedelta(days=1), today=MONDAY - timedelta(days=3))
    assert Absence.objects.count() == 3


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (TUESDAY, MONDAY, "last_day"),
        (MONDAY - timedelta(days=5), MONDAY - timedelta(days=1), "last_day"),
        (MONDAY - timedelta(days=32), FRIDAY, "first_day"),
        (MONDAY, MONDAY + timedelta(days=367), "last_day"),
        (date(9999, 1, 1), date.max, "first_day"),
        (date.min, date.max, "first_day"),
    ],
)
def test_days_nobody_can_mean_are_refused(people, first, last, field):
    a, b, _c = people
    assert refused(a, b, first, last) == {field}


def test_a_stand_in_is_another_active_officer(people):
    a, b, _c = people
    gone = make_user("staff", is_active=False)
    assert refused(a, a) == refused(a, gone) == refused(a, make_user("cooperative")) == {"stand_in"}
    assert refused(a, b, reason=" ") == refused(a, b, reason="x" * 201) == {"reason"}
    away(a, make_user("manager"))


def test_staff_enter_their_own_leaders_and_administrators_those_of_all(people):
    a, b, c = people
    assert refused(a, b, by=c) == {"person"}
    assert refused(make_user("admin"), b, by=make_user("admin")) == {"person"}
    away(a, b, by=make_user("manager"))
    away(b, c, by=make_user("admin"))


def test_one_that_has_not_begun_is_taken_out_and_one_that_is_over_stays(people):
    a, b, _c = people
    absence = away(a, b, TUESDAY, FRIDAY)
    assert [end_absence(absence, today=MONDAY) for _ in range(2)] == [True, False]
    absence = away(a, b, MONDAY, TUESDAY)
    assert end_absence(absence, today=WEDNESDAY) is False
    assert end_absence(absence, today=TUESDAY) is True
    assert Absence.objects.get().last_day == MONDAY


def test_an_officer_who_left_the_office_is_told_no_more_but_the_leaders_are(people):
    a, _b, _c = people
    make_user("manager", username="m")
    appointment(a)
    a.role = "cooperative"
    a.save()
    one_pass(at(TUESDAY))
    assert told() == [("m", "", "sent")]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_overlap(people):
    a, b, c = people
    results = at_once(lambda: away(a, b), lambda: away(a, c, TUESDAY, WEDNESDAY), lambda: away(a, b))
    rows = list(Absence.objects.all())
    assert len(rows) == 1
    assert len(of_kind(results, InvalidEntry)) in (1, 2)
    assert {row.pk for row in of_kind(results, Absence)} == {rows[0].pk}


# --- The page -----------------------------------------------------------------------------------------------

PAGE = "/nhac-viec/vang-mat/"


def typed(stand_in, **changes) -> dict:
    """What the form sends: three days from today."""
    today = timezone.localdate()
    days = {"first_day": f"{today:%d/%m/%Y}", "last_day": f"{today + timedelta(days=2):%d/%m/%Y}"}
    return days | {"stand_in": stand_in.pk, "reason": "Nghỉ phép."} | changes


def test_staff_enter_their_own_and_come_back(client, people):
    a, b, c = people
    client.force_login(a)
    page = client.get(PAGE)
    assert "person" not in page.context["form"].fields
    assert [pk for pk, _name in page.context["form"].fields["stand_in"].choices] == ["", b.pk, c.pk]
    assert client.post(PAGE, typed(b)).url == PAGE
    absence = Absence.objects.get()
    assert (absence.person, absence.stand_in, absence.entered_by) == (a, b, a)
    address = f"{PAGE}{absence.pk}/ket-thuc/"
    assert "Đang vắng" in client.get(PAGE).text and client.get(address).status_code == 405
    assert client.post(address).url == PAGE
    assert client.post(address).status_code == 404
    assert not Absence.objects.exists()


def test_what_staff_send_for_somebody_else_counts_for_themselves(client, people):
    a, b, c = people
    client.force_login(a)
    client.post(PAGE, typed(b, person=c.pk))
    assert Absence.objects.get().person == a


def test_a_leader_enters_and_ends_one_for_an_officer(client, people):
    a, b, _c = people
    client.force_login(make_user("manager"))
    client.post(PAGE, typed(b, person=a.pk))
    absence = Absence.objects.get()
    assert absence.person == a
    client.post(f"{PAGE}{absence.pk}/ket-thuc/")
    assert not Absence.objects.exists()


def test_each_sees_what_concerns_them_and_only_the_absent_or_leaders_end_it(client, people):
    a, b, c = people
    today = timezone.localdate()
    absence = enter_absence(a, b, today, today, "Nghỉ.", by=a, today=today)
    seen = []
    for who in (a, b, c, make_user("manager"), make_user("admin")):
        client.force_login(who)
        seen.append([item["may_end"] for item in client.get(PAGE).context["items"]])
    assert seen == [[True], [False], [], [True], [True]]
    client.force_login(b)
    assert "Chỉ người vắng" in client.post(f"{PAGE}{absence.pk}/ket-thuc/", follow=True).text
    client.force_login(c)
    assert client.post(f"{PAGE}{absence.pk}/ket-thuc/").status_code == 404
    client.force_login(make_user("cooperative"))
    assert client.get(PAGE).status_code == client.post(f"{PAGE}{absence.pk}/ket-thuc/").status_code == 403
    assert list(Absence.objects.all()) == [absence]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_day": "31/02/2027"}, "first_day"),
        ({"last_day": ""}, "last_day"),
        ({"last_day": "01/01/2020"}, "last_day"),
        ({"stand_in": "9" * 30}, "stand_in"),
        ({"stand_in": "²"}, "stand_in"),
        ({"reason": "\x00"}, "reason"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_what_was_typed_is_kept(client, people, changes, field):
    a, b, _c = people
    client.force_login(a)
    answer = client.post(PAGE, typed(b) | {"reason": "Đi tập huấn."} | changes)
    assert (answer.status_code, set(answer.context["form"].errors)) == (200, {field})
    assert field == "reason" or "Đi tập huấn." in answer.text
    assert not Absence.objects.exists()


def test_many_absences_take_as_many_queries_as_few(client, people, django_assert_max_num_queries):
    a, b, _c = people
    client.force_login(make_user("manager"))
    for number in range(30):
        day = MONDAY + timedelta(days=number)
        Absence.objects.create(person=a, stand_in=b, first_day=day, last_day=day, reason="Nghỉ.", entered_by=a)
    # Session, person, the officers, how many, the rows, the count of the header.
    with django_assert_max_num_queries(6):
        assert len(client.get(PAGE).context["items"]) == 25
