"""The next reminder of a case: exactly one, or the reason why there is none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.choices import SkipReason
from support_cases.models import Case
from support_cases.reminders.occasions import Scene
from support_cases.reminders.plans import Plan, Standing, anchors_of_cases, plans_of
from support_cases.reminders.recipients import Told
from support_cases.reminders.sources import SOURCES


class NoNext(TextChoices):
    """Why a case has no next reminder."""

    CLOSED = "closed", gettext_lazy("Hồ sơ đã kết thúc.")
    NO_RULE = "no_rule", gettext_lazy("Không có quy tắc nhắc việc nào đang hiệu lực.")
    NOBODY = "nobody", gettext_lazy("Không có ai để nhắc.")
    MUTED = "muted", gettext_lazy("Người nhận đã tắt nhắc.")
    UNREACHABLE = "unreachable", gettext_lazy("Người nhận chưa có địa chỉ nhận được.")
    OWN_ACTION = "own_action", gettext_lazy("Người nhận vừa tự làm.")
    NOTHING_AHEAD = "nothing_ahead", gettext_lazy("Không còn ngày nào phải nhắc.")


@dataclass(frozen=True)
class Next:
    """The next reminder of a case: on which day, of what, to whom."""

    day: date
    plan: Plan
    told: Sequence[Told]

    def __str__(self):
        names = ", ".join(str(told.person) for told in self.told)
        words = {"day": f"{self.day:%d/%m/%Y}", "what": SOURCES[self.plan.occasion].occasion.label, "who": names}
        return _("%(day)s – %(what)s, nhắc %(who)s") % words


@dataclass(frozen=True)
class NoReminder:
    """There is no next reminder, and why."""

    why: NoNext

    def __str__(self):
        return str(self.why.label)


def next_reminder(case: Case, on: date, now: datetime | None = None) -> Next | NoReminder:
    """Return the next reminder of a case as things stand on ``on``, at its opening hour unless ``now`` is given."""
    return next_reminders([case], Scene.on(on), now)[case.pk]


def next_reminders(cases: Iterable[Case], scene: Scene, now: datetime | None = None) -> dict[int, Next | NoReminder]:
    """Return the next reminder of each case; the number of queries does not depend on how many cases there are."""
    cases = list(cases)
    anchors = list(anchors_of_cases((case.pk for case in cases if case.is_open), scene))
    plans = plans_of(anchors, scene, now or scene.opening(scene.today))
    mine: dict[int | None, list[Plan]] = defaultdict(list)
    for code, anchor in anchors:
        for key in {anchor.case_id, *anchor.more_cases}:
            mine[key] += plans[code, anchor.subject]
    return {case.pk: next_of(case, mine[case.pk], scene) for case in cases}


def next_of(case: Case, plans: Sequence[Plan], scene: Scene) -> Next | NoReminder:
    """Return the next of the plans of one case: the earliest, of several of one day always the same one."""
    if not case.is_open:
        return NoReminder(NoNext.CLOSED)
    ahead = [plan for plan in plans if plan.day]
    if ahead:
        order = list(SOURCES)
        plan = min(ahead, key=lambda p: (p.day, order.index(p.occasion), p.one.occurrence_on, p.one.anchor.subject))
        return Next(plan.day or scene.today, plan, plan.goes_to)
    return NoReminder(_why_none(plans, scene))


def _why_none(plans: Sequence[Plan], scene: Scene) -> NoNext:
    if not any(rule.in_force(scene.today) for rules in scene.rules.values() for rule in rules):
        return NoNext.NO_RULE
    still = [plan for plan in plans if plan.standing in (Standing.AHEAD, Standing.PENDING)]
    if not still:
        return NoNext.NOTHING_AHEAD
    reasons = {d.verdict.reason for plan in still for d in plan.deliveries if d.verdict}
    for reason, why in ((SkipReason.MUTED, NoNext.MUTED), (SkipReason.OWN_ACTION, NoNext.OWN_ACTION)):
        if reason in reasons:
            return why
    return NoNext.UNREACHABLE if reasons else NoNext.NOBODY
