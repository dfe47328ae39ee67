"""The office a rehearsal plays with: invented, made by the same acts as real work, the same for the same seed."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection

from cooperatives.models import AdminUnit, Agency, Cooperative
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import Membership, Role, User
from support_cases.cases import open_case
from support_cases.consultations import Entry, log_consultation
from support_cases.models import Absence, Case, FollowUp, ReminderMute, ReminderRule
from support_cases.reference import load_reference
from support_cases.referrals import refer
from support_cases.workflow import take_step

OFFICERS, MANAGERS = 5, 2
#: So many appointments, cases and referrals fall due on an average day.
A_DAY = 8
_OLD = date(2021, 3, 15)
#: Mails of these may be repeated when nobody knows whether they arrived.
_REPEATED = ("waiting_cooperative", "referral_late")


@dataclass
class World:
    """Who and what there is; ``rng`` goes on where making it stopped."""

    rng: Random
    officers: list[User]
    cooperatives: list[Cooperative]

    def entry_id(self) -> UUID:
        """Return an id for one entry; the same one for the same seed and place."""
        return UUID(int=self.rng.getrandbits(128), version=4)

    def consult(self, day: date, follow_up_on: date | None = None) -> None:
        """Let an officer record a talk of ``day``, with an appointment or without."""
        entry = Entry(
            client_id=self.entry_id(),
            party=self.rng.choice(self.cooperatives),
            held_on=day,
            channel="phone",
            topics=["ocop"],
            question="HTX hỏi.",
            outcome="follow_up" if follow_up_on else "answered",
            follow_up_on=follow_up_on,
        )
        log_consultation(entry, by=self.rng.choice(self.officers), today=day)


def make_tables() -> None:
    """Make every table as the models say, which is what all migrations together make, in a tenth of the time."""
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)


def make_world(seed: int, first: date, days: int) -> World:
    """Fill an empty database: an office whose work falls due in ``days`` days from ``first``."""
    rng = Random(seed)  # noqa: S311 the same seed must give the same office; nothing here is secret
    load_reference(settings.FIXTURES_DIR / "reference")
    ReminderRule.objects.filter(occasion__in=_REPEATED).update(retry_unknown=True)
    for number in range(MANAGERS):
        _account(f"lanh-dao-{number}", Role.MANAGER)
    officers = [_account(f"can-bo-{number}", Role.STAFF) for number in range(OFFICERS)]
    communes = list(AdminUnit.objects.valid_on(_OLD).filter(level="commune").order_by("code")[:20])
    parties = [_cooperative(number, rng.choice(communes), first) for number in range(6 + days // 2)]
    world = World(rng, officers, parties)
    _owe(world, first, days)
    _leave(world, first)
    return world


def _account(username: str, role: str, cooperative: Cooperative | None = None) -> User:
    language = "en" if username.endswith("1") else "vi"
    user = User(username=username, role=role, email=f"{username}@example.vn", full_name=username, language=language)
    user.set_unusable_password()
    user.save()
    if cooperative is not None:
        Membership.objects.create(user=user, cooperative=cooperative, since=_OLD)
    return user


def _cooperative(number: int, commune: AdminUnit, today: date) -> Cooperative:
    """One cooperative; two of three have a person with an account."""
    row = Cooperative(name=f"Hợp tác xã Diễn tập {number}", commune=commune, kind="htx", registered_on=_OLD)
    row = enter_cooperative(row, today=today)
    if number % 3:
        _account(f"htx-{number}", Role.COOPERATIVE, row)
    return row


def _owe(world: World, first: date, days: int) -> None:
    """Make appointments, cases that wait and run out, and questions to agencies, due all over the days."""
    rng, agencies = world.rng, list(Agency.objects.order_by("pk"))
    for _ in range(days * A_DAY):
        talked = first - timedelta(days=rng.randint(1, 20))
        world.consult(talked, first + timedelta(days=rng.randrange(days)))
        if rng.random() < 0.5:
            case = _case(world, first, days)
            if agencies and rng.random() < 0.5:
                agency = rng.choice([each for each in agencies if each.was_there_on(first)])
                expected = first + timedelta(days=rng.randrange(days))
                refer(case, agency, "Xin ý kiến.", by=case.officer, today=first, expected_on=expected)


def _case(world: World, first: date, days: int) -> Case:
    rng = world.rng
    opened = first - timedelta(days=rng.randint(0, 30))
    case = open_case(
        party=rng.choice(world.cooperatives),
        topic="ocop",
        title="Việc diễn tập",
        by=rng.choice(world.officers),
        today=first,
        opened_on=opened,
        due_on=first + timedelta(days=rng.randrange(days)),
    )
    if rng.random() < 0.6:
        case = take_step(case, "start", by=case.officer, today=opened)
        if rng.random() < 0.5:
            case = take_step(case, "request_papers", by=case.officer, today=first)
    return case


def _leave(world: World, first: date) -> None:
    """Send one officer away for a week with a stand-in, and let another mute a case."""
    away, stand_in, quiet, *_ = world.officers
    Absence.objects.create(
        person=away,
        stand_in=stand_in,
        first_day=first + timedelta(days=2),
        last_day=first + timedelta(days=8),
        reason="Nghỉ phép",
        entered_by=away,
    )
    case = Case.objects.filter(officer=quiet).order_by("pk").first()
    if case is not None:
        ReminderMute.objects.create(person=quiet, case=case, reason="Đang tự theo dõi", since=first)


def open_follow_ups(day: date):
    """Return the appointments that may be done on ``day``: those due by then and not done."""
    return FollowUp.objects.filter(due_on__lte=day, done_on__isnull=True, consultation__voided_at__isnull=True)
