"""The consultations of the large set, day by day, with topics, appointments and links to cases."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from random import Random

from support_cases.choices import Channel, Outcome
from support_cases.models import Consultation, ConsultationTopic, FollowUp
from support_cases.scale.bulk import Table, moment
from support_cases.scale.cases import Cases
from support_cases.scale.register import Register
from support_cases.scale.season import topics_of_month
from support_cases.scale.words import ADVICE, questions
from support_cases.support_types import SUPPORT_TYPES

_CHANNELS = (Channel.PHONE, Channel.ZALO, Channel.OFFICE, Channel.VISIT, Channel.MEETING, Channel.LETTER)
_CHANNEL_WEIGHTS = (32, 54, 76, 90, 97, 100)
_OUTCOMES = (Outcome.FOLLOW_UP, Outcome.ANSWERED, Outcome.GUIDED_DOSSIER, Outcome.REFERRED, Outcome.SELF_DONE)
_OUTCOME_WEIGHTS = (15, 55, 82, 91, 100)
_HOW_MANY_TOPICS, _TOPIC_COUNT_WEIGHTS = (1, 2, 3), (70, 93, 100)
_GROUP_SHARE, _CASE_SHARE, _LINK_SHARE = 0.015, 0.05, 0.5
_LATE_SHARE, _OTHER_OFFICER_SHARE, _OPEN_FOLLOW_UP_SHARE = 0.1, 0.12, 0.003
#: A case is talked about again for so many days.
_TALKED_ABOUT = 60
#: Ids of the set begin alike and follow each other, which keeps their index small and quick to fill.
_ID_SPACE = 0x5CA1E << 108


@dataclass(frozen=True)
class _Day:
    """What all entries of one day share."""

    day: date
    text: str
    topics: list[str]
    topic_weights: list[float]


class Entries:
    """Holds consultations and writes them with everything that hangs on them."""

    def __init__(self, register: Register, rng: Random):
        self.register, self.rng = register, rng
        self.consultations = Table(
            Consultation,
            ("id", "client_id", "fingerprint", "cooperative_id", "founding_group_id", "held_on", "recorded_at",
             "officer_id", "recorded_by_id", "channel", "question", "advice", "outcome", "is_demo"),
        )  # fmt: skip
        self.topics = Table(ConsultationTopic, ("id", "consultation_id", "topic"))
        self.follow_ups = Table(FollowUp, ("id", "consultation_id", "due_on", "officer_id", "done_on", "done_by_id"))
        self.links = Table(Consultation.cases.through, ("id", "consultation_id", "case_id"))
        self.cases = Cases(rng)
        self.questions = {topic: questions(topic) for topic in SUPPORT_TYPES}
        self.last_case: dict[int, tuple[int, date]] = {}

    @property
    def waiting(self) -> int:
        """How many consultations are in memory, not yet written."""
        return len(self.consultations.rows)

    def hold(self, day: date, count: int) -> None:
        """Hold ``count`` consultations on ``day``."""
        shared = _Day(day, day.isoformat(), *topics_of_month(day.month))
        population = range(len(self.register.ids))
        for position in self.rng.choices(population, cum_weights=self.register.weights, k=count):
            self._hold_one(shared, self._present(position, day))

    def write(self) -> int:
        """Write what waits and return the number of consultations among it."""
        count = self.waiting
        self.consultations.write()
        self.topics.write()
        self.follow_ups.write()
        self.cases.write()
        self.links.write()
        return count

    def finish(self) -> None:
        """Note the numbers given to cases, once everything is written."""
        self.cases.keep_counters()

    def _present(self, position: int, day: date) -> int:
        """Return the position, or that of an old cooperative where this one was not registered yet."""
        if self.register.registered_on[position] <= day:
            return position
        return self.register.old[int(self.rng.random() * len(self.register.old))]

    def _hold_one(self, shared: _Day, position: int) -> None:
        """Let one consultation wait with all its rows."""
        random, register = self.rng.random, self.register
        pk = self.consultations.next_id()
        officer = register.officer_of[position]
        if random() < _OTHER_OFFICER_SHARE:
            officer = register.officers[int(random() * len(register.officers))]
        cooperative, group = register.ids[position], None
        if random() < _GROUP_SHARE:
            cooperative, group = None, register.groups[int(random() * len(register.groups))]
        topics = self._topics(shared)
        channel = self.rng.choices(_CHANNELS, cum_weights=_CHANNEL_WEIGHTS)[0]
        outcome = self.rng.choices(_OUTCOMES, cum_weights=_OUTCOME_WEIGHTS)[0]
        asked = self.questions[topics[0]]
        client_id = f"{_ID_SPACE + pk:032x}"
        self.consultations.rows.append(
            (pk, client_id, sha256(client_id.encode()).hexdigest(), cooperative, group, shared.text,
             self._recorded_at(shared.day), officer, officer, channel.value, asked[int(random() * len(asked))],
             ADVICE[int(random() * len(ADVICE))], outcome.value, 1)
        )  # fmt: skip
        for topic in topics:
            self.topics.rows.append((self.topics.next_id(), pk, topic))
        if outcome == Outcome.FOLLOW_UP:
            self._agree_to_meet(pk, shared.day, officer)
        if cooperative:
            self._talk_about_cases(pk, shared.day, position, topics[0], officer)

    def _topics(self, shared: _Day) -> list[str]:
        """Return one to three different topics, as the season has them."""
        (count,) = self.rng.choices(_HOW_MANY_TOPICS, cum_weights=_TOPIC_COUNT_WEIGHTS)
        return list(dict.fromkeys(self.rng.choices(shared.topics, cum_weights=shared.topic_weights, k=count)))

    def _recorded_at(self, day: date) -> str:
        """Return when the entry was typed: that afternoon, one in ten some mornings later (UTC minutes)."""
        minutes = int(self.rng.random() * 160)
        if self.rng.random() >= _LATE_SHARE:
            return moment(day, 7 * 60 + minutes)
        return moment(day + timedelta(days=1 + minutes % 6), 60 + minutes)

    def _agree_to_meet(self, pk: int, day: date, officer: int) -> None:
        """Let the appointment of a consultation wait; all but a few were kept."""
        due_on = day + timedelta(days=3 + int(self.rng.random() * 40))
        kept = self.rng.random() >= _OPEN_FOLLOW_UP_SHARE
        done_on = (due_on + timedelta(days=int(self.rng.random() * 4))).isoformat() if kept else None
        self.follow_ups.rows.append(
            (self.follow_ups.next_id(), pk, due_on.isoformat(), officer, done_on, officer if kept else None)
        )

    def _talk_about_cases(self, pk: int, day: date, position: int, topic: str, officer: int) -> None:
        """Link the consultation to a case it opens, or to one opened not long ago; most are about none."""
        chance = self.rng.random()
        if chance < _CASE_SHARE:
            case = self.cases.open(day, topic, self.register.ids[position], self.register.names[position], officer)
            self.last_case[position] = case, day
        else:
            case, opened_on = self.last_case.get(position, (0, day))
            if not case or chance > _LINK_SHARE or (day - opened_on).days > _TALKED_ABOUT:
                return
        self.links.rows.append((self.links.next_id(), pk, case))
