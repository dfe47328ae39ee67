"""Why a reminder went, did not go, or when the next will: all occasions of a case in words. Pure reading."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from support_cases.choices import (
    Audience,
    Occasion,
    OffsetUnit,
    ReminderChannel,
    ReminderState,
    SkipReason,
    Status,
    reason_words,
)
from support_cases.models import Case, Reminder, ReminderRule
from support_cases.reminders.envelopes import lines_for
from support_cases.reminders.next_ones import Next, NoReminder, next_of
from support_cases.reminders.occasions import Anchor, Occurrence, Scene
from support_cases.reminders.plans import (
    Delivery,
    Plan,
    Standing,
    anchors_of_cases,
    anchors_of_cooperative,
    plans_of,
)
from support_cases.reminders.signs import SILENT, signs
from support_cases.reminders.sources import SOURCES

#: Of one kind of occasion no more things are explained; a cooperative's calendar may hold many.
_MOST_OF_A_KIND = 4
_MOST_AHEAD = 3


@dataclass(frozen=True)
class ExplainedRule:
    """One rule in words."""

    key: str
    words: str
    in_force: bool


@dataclass(frozen=True)
class ExplainedDay:
    """One day on which somebody is, was or will be told."""

    standing: Standing
    arithmetic: str
    #: The keys of the rules that name the day.
    rules: str
    #: When and to whom it goes; "" when it does not.
    ahead: str
    #: What stands against it, one line each.
    holds: Sequence[str]
    #: What the ledger says.
    happened: Sequence[str]


@dataclass(frozen=True)
class ExplainedThing:
    """One thing of an occasion, such as an appointment."""

    title: str
    days: Sequence[ExplainedDay]


@dataclass(frozen=True)
class ExplainedOccasion:
    """One kind of occasion: its rules, and the things of it that stand. ``none`` says why there are none."""

    code: str
    label: str
    rules: Sequence[ExplainedRule]
    things: Sequence[ExplainedThing]
    left_out: int
    none: str


@dataclass(frozen=True)
class Explanation:
    """All that can be said about the reminders of one case."""

    case: Case
    on: date
    next: Next | NoReminder
    #: A warning that nothing is sent at all at present, or "".
    silent: str
    occasions: Sequence[ExplainedOccasion]


def explain(case: Case, on: date, *, now: datetime | None = None, viewer=None) -> Explanation:
    """Return what there is to say of the reminders of ``case`` on ``on``; the number of queries never grows.

    ``now`` is the opening hour of that day unless given. With a ``viewer`` only what is told to that person is
    said: a cooperative's people do not read whom the office tells, or who muted what.
    """
    scene = Scene.on(on)
    now = now or scene.opening(on)
    own = list(anchors_of_cases([case.pk], scene)) if case.is_open else []
    if case.cooperative_id:
        own += anchors_of_cooperative(case.cooperative_id, scene)
    plans = plans_of(own, scene, now, _MOST_AHEAD)
    of_case = [
        plan
        for code, anchor in own
        if case.pk in (anchor.case_id, *anchor.more_cases)
        for plan in plans[code, anchor.subject]
    ]
    if viewer is not None:
        plans = {key: [for_one(plan, viewer) for plan in some] for key, some in plans.items()}
        of_case = [plan for plan in (for_one(plan, viewer) for plan in of_case) if _concerns([plan])]
    things: dict[str, list[Anchor]] = defaultdict(list)
    for code, anchor in own:
        if viewer is None or _concerns(plans[code, anchor.subject]):
            things[code].append(anchor)
    codes = SOURCES if viewer is None else things
    occasions = [_occasion(code, case, things[code], plans, scene, viewer is None) for code in codes]
    silent = silence(timezone.now()) if viewer is None else ""
    return Explanation(case, on, next_of(case, of_case, scene), silent, occasions)


def for_one(plan: Plan, person) -> Plan:
    """Return of a plan what is told to one person."""
    return Plan(
        plan.occasion,
        plan.one,
        plan.standing,
        [row for row in plan.rows if row.recipient_id == person.pk],
        [d for d in plan.deliveries if d.told.person.pk == person.pk],
    )


def _concerns(plans: Sequence[Plan]) -> bool:
    return any(plan.rows or plan.deliveries for plan in plans)


def _occasion(code: str, case: Case, anchors: list[Anchor], plans, scene: Scene, office: bool) -> ExplainedOccasion:
    """Return one kind of occasion in words: what comes next first."""

    def urgency(anchor: Anchor):
        days = [plan.day for plan in plans[code, anchor.subject] if plan.day]
        return (not days, min(days, default=anchor.anchor_on), anchor.subject)

    anchors = sorted(anchors, key=urgency)
    shown = anchors[:_MOST_OF_A_KIND]
    titles = titles_of(code, shown, case)
    things = [
        ExplainedThing(title, [_day(plan, office) for plan in plans[code, anchor.subject]])
        for anchor, title in zip(shown, titles, strict=True)
    ]
    rules = [_rule(rule, scene.today) for rule in scene.rules.get(code, ())] if office else []
    none = "" if things else why_none(Occasion(code), case, scene)
    return ExplainedOccasion(code, str(Occasion(code).label), rules, things, len(anchors) - len(shown), none)


def titles_of(code: str, anchors: Sequence[Anchor], case: Case) -> list[str]:
    """Return the sentences about things of one occasion, as the people told of them read them."""
    rows = [anchor.row(code) for anchor in anchors]
    for row in rows:
        # Read already, and all of them are about this case or whom it is for.
        row.case, row.cooperative, row.founding_group = case, case.cooperative, case.founding_group
    return [line.title for line in lines_for(rows)]


def why_none(occasion: Occasion, case: Case, scene: Scene) -> str:
    """Return why there is nothing of an occasion to remind of in a case."""
    if not case.is_open:
        return _("Hồ sơ đã kết thúc.")
    if occasion == Occasion.PERIOD_ENDED:
        return _("Nhắc theo kỳ báo cáo, không theo hồ sơ.")
    if not any(rule.in_force(scene.today) for rule in scene.rules.get(occasion, ())):
        return _("Không có quy tắc nào đang hiệu lực.")
    waits = case.status == Status.WAITING_COOPERATIVE
    if occasion in (Occasion.CASE_DEADLINE, Occasion.NO_CONTACT) and waits:
        return _("Hồ sơ đang chờ HTX bổ sung nên không tính hạn.")
    if occasion == Occasion.CASE_DEADLINE and case.due_on is None:
        return _("Hồ sơ không có hạn xử lý.")
    if occasion == Occasion.WAITING_COOPERATIVE and not waits:
        return _("Hồ sơ không chờ HTX bổ sung.")
    return _("Hiện không có việc nào để nhắc.")


# --- Rules and arithmetic in words --------------------------------------------------------------------------


def _rule(rule: ReminderRule, on: date) -> ExplainedRule:
    parts = [_offset_words(offset, rule.unit) for offset in rule.offset_list]
    if rule.repeat_every:
        parts.append(_("rồi mỗi %(length)s một lần") % {"length": length_words(rule.repeat_every, rule.unit)})
    words = {
        "when": ", ".join(parts),
        "who": ", ".join(str(Audience(code).label) for code in rule.audience_list),
        "how": ", ".join(str(ReminderChannel(code).label) for code in rule.channel_list),
        "since": f"{rule.valid_from:%d/%m/%Y}",
    }
    text = _("%(when)s; nhắc %(who)s; %(how)s; hiệu lực từ %(since)s") % words
    if rule.valid_to:
        text += " " + _("đến hết %(day)s") % {"day": f"{rule.valid_to:%d/%m/%Y}"}
    if rule.grace_days:
        text += "; " + _("hoãn %(n)s ngày sau khi vừa liên hệ") % {"n": rule.grace_days}
    return ExplainedRule(rule.key, text, rule.in_force(on))


def length_words(number: int, unit: str) -> str:
    """Return so many days, working days or months in words."""
    if unit == OffsetUnit.WORKING_DAY:
        return ngettext("%(n)s ngày làm việc", "%(n)s ngày làm việc", number) % {"n": number}
    if unit == OffsetUnit.MONTH:
        return ngettext("%(n)s tháng", "%(n)s tháng", number) % {"n": number}
    return ngettext("%(n)s ngày", "%(n)s ngày", number) % {"n": number}


def _offset_words(offset: int, unit: str) -> str:
    if not offset:
        return _("đúng ngày")
    length = length_words(abs(offset), unit)
    return (_("trước %(length)s") if offset < 0 else _("sau %(length)s")) % {"length": length}


def arithmetic(one: Occurrence) -> str:
    """Return how the day of an occurrence comes about, in words."""
    rule = one.rules[0]
    anchor = f"{one.anchor.anchor_on:%d/%m/%Y}"
    start = _("Hạn %(day)s") if SOURCES[rule.occasion].is_deadline else _("Từ ngày %(day)s")
    words = {"start": start % {"day": anchor}, "length": length_words(abs(one.offset), rule.unit)}
    words["day"] = f"{one.occurrence_on:%d/%m/%Y}"
    if one.offset < 0:
        text = _("%(start)s trừ %(length)s = %(day)s") % words
    elif one.offset:
        text = _("%(start)s cộng %(length)s = %(day)s") % words
    else:
        text = _("%(start)s, nhắc đúng ngày") % words
    if one.run_on != one.occurrence_on:
        off = {"day": words["day"], "told": f"{one.run_on:%d/%m/%Y}"}
        text += "; " + _("%(day)s là ngày nghỉ nên nhắc %(told)s") % off
    return text


# --- What happened and what holds it back -------------------------------------------------------------------


def _day(plan: Plan, office: bool) -> ExplainedDay:
    ahead = ""
    if plan.day:
        names = ", ".join(str(told.person) for told in plan.goes_to)
        ahead = _("Sẽ nhắc %(who)s ngày %(day)s") % {"who": names, "day": f"{plan.day:%d/%m/%Y}"}
    elif office and plan.standing in (Standing.AHEAD, Standing.PENDING) and not plan.deliveries:
        ahead = _("Không có ai để nhắc.")
    holds = [words for words in dict.fromkeys(map(hold_words, plan.deliveries)) if words]
    keys = ", ".join(rule.key for rule in plan.one.rules)
    happened = [row_words(row) for row in plan.rows]
    return ExplainedDay(plan.standing, arithmetic(plan.one), keys, ahead, holds, happened)


def hold_words(delivery: Delivery) -> str:
    """Return what stands against one delivery or made it late, in words; "" for nothing."""
    verdict, row = delivery.verdict, delivery.row
    way = f"{delivery.told.person} · {ReminderChannel(delivery.channel).label}"
    if verdict is not None:
        until = " " + _("đến %(day)s") % {"day": f"{verdict.until:%d/%m/%Y}"} if verdict.until else ""
        return f"{way}: {verdict.reason.label}{until}"
    if row and row.attempts and row.reason and row.reason not in SkipReason.values:
        words = {"reason": row.reason, "moment": f"{timezone.localtime(row.run_at):%H:%M %d/%m/%Y}"}
        return f"{way}: " + _("gửi chưa được (%(reason)s), thử lại từ %(moment)s") % words
    return ""


def row_words(row: Reminder) -> str:
    """Return what the ledger says of one row: to whom, by which channel, what became of it and when."""
    text = f"{row.recipient} · {row.get_channel_display()}: {row.get_state_display()}"
    if row.state == ReminderState.SENT and row.sent_at:
        text += f" {timezone.localtime(row.sent_at):%H:%M %d/%m/%Y}"
    if row.reason:
        text += f" ({reason_words(row.reason)})"
    return text


def silence(now: datetime) -> str:
    """Return a warning when the processes that send have said nothing for long, "" otherwise; one query."""
    silent = [sign.seen_at for sign in signs(now) if sign.state == SILENT and sign.seen_at]
    if not silent:
        return ""
    moment = f"{timezone.localtime(min(silent)):%H:%M %d/%m/%Y}"
    return _("Tiến trình gửi nhắc việc không hoạt động từ %(moment)s.") % {"moment": moment}
