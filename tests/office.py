"""An office at work, day by day: what its people do comes from a seed, what the portal does is the portal's own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import Agency, Cooperative, Holiday
from htx_portal.accounts.models import Role, User
from support_cases.consultations import finish_follow_up
from support_cases.models import Absence, Case, Consultation, FollowUp, Referral, Reminder, ReminderRule
from support_cases.referrals import answer, refer
from support_cases.workflow import take_step
from tests.factories import make_case, make_consultation, make_cooperative, make_user
from tests.reminding import make_rule, shipped_rules

FIRST_DAY = date(2023, 9, 4)  # a Monday
DAY = timedelta(days=1)
_DAILY_WORK = (
    "follow_up_due", "case_deadline", "no_contact", "waiting_cooperative", "referral_late", "annual_congress",
)  # fmt: skip
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def at(day: date, hour: int) -> datetime:
    """An hour of a day in Việt Nam."""
    return datetime.combine(day, time(hour), _ZONE)


@dataclass
class Office:
    """The people and parties of one simulated office."""

    random: Random
    officers: list[User] = field(default_factory=list)
    parties: list[Cooperative] = field(default_factory=list)

    @classmethod
    def founded(cls, seed: int) -> "Office":
        """An office with three officers, a manager, four cooperatives, days off and rules as the seed has them."""
        office = cls(Random(seed))
        names = ("Hoàng", "Lý", "Nông")
        office.officers = [make_user(username=n, full_name=n, email=f"o{i}@x.vn") for i, n in enumerate(names)]
        make_user(Role.MANAGER, username="manager", full_name="Lãnh đạo", email="manager@x.vn")
        office.parties = [make_cooperative(f"HTX {n}") for n in range(4)]
        make_user(Role.COOPERATIVE, username="htx", cooperative=office.parties[0], email="htx@x.vn")
        Agency.objects.create(code="thue", kind="tax", name_vi="Chi cục Thuế", valid_from=date(2020, 1, 1))
        for offset in office.random.sample(range(40), 2):
            Holiday.objects.create(day=FIRST_DAY + offset * DAY, kind="off", name="Nghỉ")
        away, stand_in = office.random.sample(office.officers, 2)
        first = FIRST_DAY + office.random.randrange(25) * DAY
        Absence.objects.create(
            person=away, stand_in=stand_in, first_day=first, last_day=first + 6 * DAY, reason="Nghỉ", entered_by=away
        )
        shipped_rules()
        # What the register is asked for is tested elsewhere; here it would only take time.
        ReminderRule.objects.exclude(occasion__in=_DAILY_WORK).delete()
        make_rule("case_deadline", "-2, 2", grace_days=office.random.randrange(4), audience="officer,manager")
        return office

    def work(self, day: date) -> None:
        """Do what the people do on one day; what the portal refuses is left undone."""
        for _ in range(self.random.randrange(2, 6)):
            act = self.random.choice(_ACTS)
            try:
                act(self, day)
            except (InvalidEntry, NotAllowedNow):
                continue

    def one_of(self, rows):
        """One of the rows there are, or None."""
        rows = list(rows.order_by("pk"))
        return self.random.choice(rows) if rows else None

    def _talk(self, day: date, **fields) -> None:
        by = self.random.choice(self.officers)
        make_consultation(self.random.choice(self.parties), by=by, today=day, held_on=day, **fields)

    def call(self, day: date) -> None:
        """Somebody speaks with a cooperative."""
        self._talk(day)

    def appoint(self, day: date) -> None:
        """A talk ends with an appointment."""
        self._talk(day, outcome="follow_up", follow_up_on=day + self.random.randrange(1, 9) * DAY)

    def keep(self, day: date) -> None:
        """An appointment is kept."""
        if row := self.one_of(FollowUp.objects.filter(done_on=None)):
            finish_follow_up(row, by=row.officer, today=day)

    def open(self, day: date) -> None:
        """A case is opened."""
        party, by = self.random.choice(self.parties), self.random.choice(self.officers)
        make_case(party, by=by, today=day, due_on=day + self.random.randrange(1, 15) * DAY)

    def step(self, day: date) -> None:
        """A case goes a step on, by its officer or another one."""
        code = self.random.choice(
            ["start", "start", "request_papers", "papers_received", "submit", "withdraw", "reopen"]
        )
        if row := self.one_of(Case.objects.all()):
            take_step(row, code, by=self.random.choice([row.officer, *self.officers]), today=day, note="Theo HTX")

    def hand_over(self, day: date) -> None:
        """A case gets another officer."""
        if row := self.one_of(Case.objects.open()):
            Case.objects.filter(pk=row.pk).update(officer=self.random.choice(self.officers))

    def ask(self, day: date) -> None:
        """Another agency is asked."""
        if row := self.one_of(Case.objects.open()):
            expected = day + self.random.randrange(1, 8) * DAY
            refer(row, Agency.objects.get(), f"Hỏi ngày {day}", by=row.officer, today=day, expected_on=expected)

    def hear(self, day: date) -> None:
        """The other agency answers."""
        if row := self.one_of(Referral.objects.open()):
            answer(row, by=row.sent_by, kind="answered", words="Đã rõ", today=day)


_ACTS: tuple[Callable[[Office, date], None], ...] = (
    Office.call, Office.appoint, Office.appoint, Office.keep, Office.open, Office.open, Office.step, Office.step,
    Office.hand_over, Office.ask, Office.hear,
)  # fmt: skip


def told_of() -> set[tuple]:
    """The ledger, the subject of each row named by the order in which its kind of row was made."""
    ranks = {
        what: {pk: rank for rank, pk in enumerate(model.objects.order_by("pk").values_list("pk", flat=True))}
        for what, model in (
            ("consultation", Consultation), ("case", Case), ("referral", Referral), ("cooperative", Cooperative),
        )
    }  # fmt: skip

    def named(subject: str) -> tuple:
        what, number, *rest = subject.split("/")
        return (what, ranks[what][int(number)], *rest)

    rows = Reminder.objects.values_list(
        "rule", "subject", "occurrence_on", "recipient__username", "channel", "state", "reason"
    )
    return {(rule, named(subject), *rest) for rule, subject, *rest in rows}
