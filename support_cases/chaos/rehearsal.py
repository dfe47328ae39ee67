"""One rehearsal: kill after kill while the office works and the days pass, then a quiet end."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as hour
from random import Random

from django.db.models import Min, Q
from django.utils import timezone

from cooperatives.models import Holiday
from htx_portal.rehearsal import now, set_clock
from support_cases.chaos.crew import Crew, Process
from support_cases.chaos.ground import Ground
from support_cases.chaos.sink import Sink
from support_cases.chaos.work import work
from support_cases.chaos.world import World
from support_cases.choices import ReminderState
from support_cases.models import Reminder, ReminderMessage, SignOfLife
from support_cases.referrals import escalate_late
from support_cases.reminders.occasions import Scene
from support_cases.reminders.sweep import REGISTER, REGISTER_EVERY

#: Two weeks before Tết, so that nights, weekends and the longest holiday are passed.
FIRST_DAY = date(2026, 2, 2)
_HELD = (ReminderState.CLAIMED, ReminderState.SENDING)
_TO_DO = (ReminderState.DUE, *_HELD)
_PATIENCE = 120.0  # seconds for the first whole pass of the quiet end
_PATIENCE_WITH_A_PASS = 15.0  # seconds for a pass between two kills; a worker needs some to start
_PAUSE = 4.0  # seconds to wait then for somebody at work
_LULL = 4.0  # seconds without any change after which only the clock can help
_MOST_ROUNDS = 400


class Rehearsal:
    """Runs on the database, clock and folder of this process's settings, which the caller has made sure are scratch."""

    def __init__(self, ground: Ground, world: World, seed: int):
        self.clock, self.world = ground.clock, world
        self.rng = Random(seed + 1)  # noqa: S311 nothing here is secret
        self.crew = Crew(ground.folder, ground.broker_port, ground.environment)
        self.journal = ground.folder / "journal"
        self.sink = Sink(self.journal, Random(seed + 2), ground.mail_port)  # noqa: S311
        self.done: Counter[str] = Counter()

    def run(self, kills: int, days: int, progress: Callable[[], object]) -> None:
        """Kill ``kills`` times spread over ``days`` days, then let everything come to rest; ends all processes."""
        try:
            self.crew.start()
            for moment in self._moments(kills, days):
                self._pass_time(moment)
                self._trouble()
                self._kill()
                progress()
            self._come_to_rest()
        finally:
            self.crew.stop()
            self.sink.stop()

    def _moments(self, kills: int, days: int) -> list[datetime]:
        """Return when to kill: mostly while mails leave, in the first hours of working days, some at any time."""
        calendar = Holiday.objects.work_calendar()
        found = []
        for number in range(kills):
            day, minute = FIRST_DAY + timedelta(days=number * days // kills), self.rng.randrange(24 * 60)
            if self.rng.random() < 0.85:
                day, minute = calendar.next_working_day(day), 7 * 60 + min(599, int(self.rng.expovariate(1 / 90)))
            found.append(timezone.make_aware(datetime.combine(day, hour(minute // 60, minute % 60))))
        return sorted(found)

    def _pass_time(self, moment: datetime) -> None:
        if moment > now():
            set_clock(self.clock, moment)

    def _trouble(self) -> None:
        """Let the office work, and the mail server and the broker have a mood."""
        self.done["ended by itself"] += self.crew.start()
        for _ in range(self.rng.randint(0, 2)):
            self.done[work(self.world, timezone.localdate(now()))] += 1
        self.sink.badness = self.rng.choice((0.0, 0.3, 0.6, 0.9))
        if self.rng.random() < 0.1:
            self.sink.close()
            self.done["mail server away"] += 1
        else:
            self.sink.open()
        dice = self.rng.random()
        if dice < 0.08:
            self.crew.wipe_broker()
            self.done["broker wiped"] += 1
        elif dice < 0.14:
            self.crew.broker.kill()
            self.crew.start_broker()
            self.done["broker killed"] += 1

    def _kill(self) -> None:
        """Wait for a moment, rather a bad one, kill a worker or a beat and start it again."""
        self._wait_for_a_bad_moment()
        for victim in self._victims():
            victim.kill()
            self.done[f"{victim.name.split('-')[0]} killed"] += 1
            victim.start()

    def _victims(self) -> list[Process]:
        """Choose a beat, both workers or, mostly, the worker that has had the time to get to work."""
        dice = self.rng.random()
        if dice < 0.15:
            return [self.rng.choice(self.crew.beats)]
        if dice < 0.25:
            return self.crew.workers
        return [min(self.crew.workers, key=lambda worker: worker.started)]

    def _wait_for_a_bad_moment(self) -> None:
        """Wait until somebody is at work, so that killing hurts; sometimes do not wait at all."""
        self.sink.text_comes.clear()
        dice = self.rng.random()
        if dice < 0.2:
            time.sleep(self.rng.random() * 2)
            return
        self._wait_until(_PATIENCE_WITH_A_PASS, _pass_since(now() - REGISTER_EVERY))
        before = pending_now(now())
        if dice < 0.7:
            self._wait_until(_PAUSE, lambda: self.sink.text_comes.is_set())
            time.sleep(self.rng.random() * 0.03)
        else:
            self._wait_until(_PAUSE, lambda: pending_now(now()) != before)
            time.sleep(self.rng.random() * 0.3)

    @staticmethod
    def _wait_until(seconds: float, so: Callable[[], bool]) -> bool:
        """Wait until something is so, but not longer than some seconds; return whether it is."""
        deadline = time.monotonic() + seconds
        while not so():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    # --- The quiet end ------------------------------------------------------------------------------------

    def _come_to_rest(self) -> None:
        """Mend everything and let the clock run until nothing is under way any more.

        Raises:
            RestlessError: when it never ends.
        """
        self.sink.badness = 0.0
        self.sink.open()
        self.crew.start()
        moment: datetime | None = now()
        for _ in range(_MOST_ROUNDS):
            if moment is None:
                return
            self._let_a_pass_be_done_after(moment)
            self._wait_for_a_lull()
            moment = self._next_moment()
        raise RestlessError(describe_pending())

    def _let_a_pass_be_done_after(self, moment: datetime) -> None:
        """Go to the first office hour far enough from ``moment`` for a whole pass, and wait for that pass.

        Raises:
            RestlessError: when none comes.
        """
        later = max(moment, now() + REGISTER_EVERY) + timedelta(seconds=1)
        later = Scene.on(timezone.localdate(later)).next_opening(later)
        # The hourly task may come after that pass; what it would notice then would never be told any more.
        escalate_late(timezone.localdate(later))
        set_clock(self.clock, later)
        if not self._wait_until(_PATIENCE, _pass_since(later)):
            raise RestlessError(f"{later}")

    def _wait_for_a_lull(self) -> None:
        """Wait until what can be done now is done: until then something changes every few seconds."""
        started = changed = time.monotonic()
        seen = None
        while time.monotonic() - changed < _LULL:
            state = pending_now(now())
            if state != seen:
                seen, changed = state, time.monotonic()
            if not state and time.monotonic() - started > _LULL / 2:
                return
            time.sleep(0.1)

    def _next_moment(self) -> datetime | None:
        """Return when something that is under way can go on, or None when nothing is."""
        moment = now()
        lease = ReminderMessage.objects.filter(state__in=_HELD).aggregate(at=Min("lease_until"))["at"]
        run = ReminderMessage.objects.filter(state=ReminderState.DUE).aggregate(at=Min("run_at"))["at"]
        rows = _waiting_rows().filter(Q(run_at__lte=moment) | Q(attempts__gt=0)).aggregate(at=Min("run_at"))["at"]
        return min((at for at in (lease, run, rows) if at is not None), default=None)


def _pass_since(moment: datetime) -> Callable[[], bool]:
    """Return the question whether a whole pass was done since ``moment``."""
    return SignOfLife.objects.filter(process=REGISTER, seen_at__gte=moment).exists


class RestlessError(Exception):
    """Something never came to an end; the message says what."""


def _waiting_rows():
    return Reminder.objects.filter(state=ReminderState.DUE, message__isnull=True)


def pending_now(moment: datetime) -> list[tuple]:
    """Return what ought to be under way at ``moment``, with enough of each to see it move."""
    messages = ReminderMessage.objects.filter(state__in=_TO_DO).order_by("pk")
    rows = _waiting_rows().filter(run_at__lte=moment).order_by("pk")
    return [*messages.values_list("pk", "state", "attempts"), *rows.values_list("pk", "run_at", "attempts")]


def describe_pending() -> str:
    """Return in words what is still under way."""
    return "; ".join(map(str, pending_now(now())[:10]))
