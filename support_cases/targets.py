"""Setting what the plan of a year asks for (chỉ tiêu kế hoạch năm), with every change on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, Words
from cooperatives.models import moment_to_record
from cooperatives.text import nfc
from htx_portal.templatetags.portal import number
from support_cases.models import Measure, TargetChange, YearlyTarget
from support_cases.overtaking import Overtaken, refuse_overtaken

#: No plan asks more of anything.
MOST = 10**15
MOST_DECISION = 160
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Target:
    """What is asked for one measure, and the paper that asks it."""

    value: int
    decision: str = ""


Targets = Mapping[str, Target | None]
_OVERTAKEN = _("Chỉ tiêu vừa có người khác sửa. Xem lại rồi lưu lần nữa.")


def targets_of(year: int) -> dict[str, Target]:
    """Return the targets of a year by measure; one query."""
    return {row.measure: _told(row) for row in YearlyTarget.objects.filter(year=year)}


def set_targets(year: int, targets: Targets, *, by, now: datetime, seen: Targets | None = None) -> list[TargetChange]:
    """Make ``targets`` (by measure, None for none) what the plan of ``year`` asks, and return the changes logged.

    Measures left out stay as they are, and with ``seen`` those the sender did not change; what is said to be what it
    is already is not logged. Without ``seen`` nothing is compared.

    Raises:
        InvalidEntry: with messages under the measures, under ``<measure>_decision``, or under ``year``.
        Overtaken: when somebody else changed a measure of ``targets`` since it was ``seen``; nothing is written.
    """
    wanted = {measure: target and Target(target.value, nfc(target.decision)) for measure, target in targets.items()}
    problems = _problems(year, wanted)
    if problems:
        raise InvalidEntry(problems)
    with transaction.atomic():
        rows = {row.measure: row for row in YearlyTarget.objects.select_for_update().filter(year=year).order_by("pk")}
        if seen is not None:
            there = {measure: _told(row) for measure, row in rows.items()}
            wanted = {measure: target for measure, target in wanted.items() if target != seen.get(measure)}
            refuse_overtaken(wanted, seen, there, _OVERTAKEN)
        # In one order, so that two who set several at once wait for each other only once.
        changes = [
            _set(YearlyTarget(year=year, measure=measure), rows.get(measure), wanted[measure], checked=seen is not None)
            for measure in sorted(wanted)
        ]
        logged = [change for change in changes if change is not None]
        # What a closing did not see is changed after it.
        moment = moment_to_record(now)
        for change in logged:
            change.changed_by, change.changed_at = by, moment
            change.save()
        return logged


def _set(of: YearlyTarget, row: YearlyTarget | None, target: Target | None, *, checked: bool) -> TargetChange | None:
    """Write one target in the place of ``row``, and return the change, not stored yet; None where there is none."""
    if row is None and target is not None:
        told = {"value": target.value, "decision": target.decision}
        # Nothing could be locked, so that somebody else may have been faster.
        row, is_new = YearlyTarget.objects.select_for_update().get_or_create(
            year=of.year, measure=of.measure, defaults=told
        )
        if is_new:
            return TargetChange(year=of.year, measure=of.measure, **told)
        if checked and _told(row) != target:
            raise Overtaken(_OVERTAKEN, {of.measure: _told(row)})
    was = row and _told(row)
    if row is None or was == target:
        return None
    change = TargetChange(year=of.year, measure=of.measure, was_value=row.value, was_decision=row.decision)
    if target is None:
        row.delete()
        return change
    row.value, row.decision = change.value, change.decision = target.value, target.decision
    row.save()
    return change


def _told(row: YearlyTarget) -> Target:
    return Target(row.value, row.decision)


def _problems(year: int, wanted: Targets) -> dict[str, list[Words]]:
    """Return what cannot be right, by measure."""
    problems: dict[str, list[Words]] = {}
    if not FIRST_YEAR <= year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        problems["year"] = [_("Năm phải từ %(first)s đến %(last)s.") % years]
    for measure, target in wanted.items():
        if measure not in Measure.values:
            problems[measure] = [_("Không có chỉ tiêu này.")]
        elif target is not None and not 0 <= target.value <= MOST:
            problems[measure] = [_("Kế hoạch phải từ 0 đến %(most)s.") % {"most": number(MOST)}]
        elif target is not None and len(target.decision) > MOST_DECISION:
            problems[f"{measure}_decision"] = [_("Tối đa %(most)s ký tự.") % {"most": MOST_DECISION}]
    return problems
