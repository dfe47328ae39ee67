"""What speaks against a placement: the limits of the programme, each with the rule it comes from, in words."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Degree, Job
from cooperatives.errors import Words
from cooperatives.models import Placement
from cooperatives.workforce.months import tally_of
from cooperatives.workforce.rules import DEGREE_ORDER, SupportRules


def placement_warnings(placement: Placement, rules: SupportRules) -> list[Words]:
    """Return what the policy rows and the decision say against ``placement``, saved or not yet; empty for nothing.

    The policy rows are the office's own and uncertain, so each of these may be overruled with a reason.
    """
    found = [_degree(placement, rules), _persons(placement, rules), _months(placement, rules)]
    return [words for words in found if words] + _against_decision(placement)


def limits_in_words(rules: SupportRules, day: date) -> Words:
    """Return the limits in force on ``day`` as one sentence."""
    least = rules.min_degree(day)
    unknown = _("chưa quy định")
    words = {
        "persons": rules.count("hr.max_persons", day) or unknown,
        "months": rules.count("hr.max_months", day) or unknown,
        "degree": least.label if least else unknown,
    }
    text = _(
        "Giới hạn: %(persons)s người cùng lúc ở một HTX, %(months)s tháng mỗi người, trình độ từ %(degree)s trở lên."
    )
    return text % words


def _degree(placement: Placement, rules: SupportRules) -> Words | None:
    least = rules.min_degree(placement.started_on)
    if least is None or placement.degree not in DEGREE_ORDER:
        return None
    if DEGREE_ORDER.index(placement.degree) >= DEGREE_ORDER.index(least):
        return None
    return _("Trình độ %(degree)s thấp hơn mức tối thiểu: %(least)s.") % {
        "degree": Degree(placement.degree).label,
        "least": least.label,
    }


def _persons(placement: Placement, rules: SupportRules) -> Words | None:
    most = rules.count("hr.max_persons", placement.started_on)
    at_once = most_at_once(placement, {"cooperative": placement.cooperative_id})
    if most is None or at_once <= most:
        return None
    return _("HTX có %(count)s người được hỗ trợ cùng lúc, nhiều nhất %(most)s.") % {"count": at_once, "most": most}


def _months(placement: Placement, rules: SupportRules) -> Words | None:
    tally = tally_of(placement, rules)
    if not tally.beyond:
        return None
    return _("Hợp đồng có %(count)s tháng được tính, hỗ trợ nhiều nhất %(most)s tháng.") % {
        "count": len(tally.using),
        "most": tally.limit,
    }


def _against_decision(placement: Placement) -> list[Words]:
    """Return what does not fit the line of the approved list the placement stands on."""
    line = placement.approved
    if line is None:
        return []
    found: list[Words] = []
    if line.revoked_on and line.revoked_on <= placement.last_day:
        found.append(_("Quyết định đã bị thu hồi ngày %(day)s.") % {"day": f"{line.revoked_on:%d/%m/%Y}"})
    if placement.started_on < line.valid_from:
        found.append(_("Hợp đồng bắt đầu trước ngày được hỗ trợ theo quyết định."))
    if line.valid_to and placement.last_day > line.valid_to:
        found.append(_("Hợp đồng kết thúc sau ngày hết hỗ trợ theo quyết định."))
    if line.job and line.job != placement.job:
        found.append(_("Quyết định duyệt vị trí khác: %(job)s.") % {"job": Job(line.job).label})
    at_once = most_at_once(placement, {"approved": line.pk})
    if at_once > line.posts:
        words = {"count": at_once, "most": line.posts}
        found.append(_("Có %(count)s người cùng lúc theo quyết định này, được duyệt %(most)s.") % words)
    return found


def most_at_once(placement: Placement, among: dict) -> int:
    """Return how many placements among those filtered by ``among`` run on one day of this one, itself included."""
    others = list(
        Placement.objects.filter(**among).exclude(pk=placement.pk).overlapping(placement.started_on, placement.last_day)
    )
    # The number can only grow on a day on which a contract starts.
    starts = [placement.started_on, *(max(one.started_on, placement.started_on) for one in others)]
    return 1 + max(sum(one.started_on <= day <= one.last_day for one in others) for day in starts)
