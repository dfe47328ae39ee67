"""What the page of an OCOP case tells an officer: guidance with its source, and the old stars beside the new."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words
from cooperatives.ocop import OcopRules, latest_papers, rules_on, valid_until
from cooperatives.ocop_choices import RatingLevel
from support_cases.support_types.base import Hint
from support_cases.support_types.ocop.details import Cycle, OcopDetails

# How many days before its last day a paper is worth a word.
_SOON = timedelta(days=60)


def rules_of(case) -> OcopRules:
    """Return the rules on the day that decides the law of ``case``; read once for the case as it is in memory."""
    known = case.__dict__.get("ocop_rules")
    if known is None or known.day != case.event_on:
        known = case.__dict__["ocop_rules"] = rules_on(case.event_on)
    return known


def points(value: Decimal) -> str:
    """Return points as people write them: "72,5"."""
    return f"{value.normalize():f}".replace(".", ",")


def last_days(case) -> list[tuple[str, date]]:
    """Return name and last day of every paper the case and its product hold, where one is known.

    What the case itself says of a paper is newer than what the register holds.
    """
    checklist = [paper for paper in case.checklist.all() if paper.received_on and paper.expires_on]
    known = {paper.code for paper in checklist}
    product = case.details.product_id if case.details else None
    kept = [paper for paper in latest_papers(product) if paper.kind not in known] if product else []
    return [(str(paper), paper.expires_on) for paper in [*checklist, *kept] if paper.expires_on]


def facts_of(case) -> list[tuple[Words, Words]]:
    """Return criteria, old and new stars and the end of the certificate, each with its label."""
    details = case.details
    rules = rules_of(case)
    facts: list[tuple[Words, Words]] = []
    if rules.version:
        facts.append((_("Bộ tiêu chí"), f"{rules.version} · {rules.decision}"))
    if details is None:
        return facts
    before = details.rating_before()
    if before:
        said = _("%(stars)s ★, có giá trị đến %(day)s")
        facts.append((_("Sao cũ"), said % {"stars": before.stars, "day": f"{before.valid_until:%d/%m/%Y}"}))
    stars = rules.stars_for(details.total) if details.total is not None else None
    if stars:
        facts.append((_("Sao mới theo điểm"), f"{stars} ★ · {_sum_of(details)}"))
    until = valid_until(details.decided_on) if details.decided_on and stars else None
    if until:
        facts.append((_("Giấy chứng nhận có giá trị đến"), f"{until:%d/%m/%Y}"))
    return facts


def guidance_for(case, day: date) -> list[Hint]:
    """Return what an officer should know or do next on ``day``, in the order of the work."""
    rules = rules_of(case)
    details = case.details or OcopDetails(case=case)
    return [
        *_about_rules(rules, details),
        *_about_product(details, day),
        *_about_papers(case, day),
        *_about_result(rules, details),
    ]


def _about_rules(rules: OcopRules, details: OcopDetails) -> list[Hint]:
    hints = []
    if len(rules.maxima) == 3:
        a, b, c = (points(most) for most in rules.maxima.values())
        said = _("Chấm theo bộ tiêu chí %(version)s: phần A nhiều nhất %(a)s điểm, phần B %(b)s, phần C %(c)s.")
        hints.append(Hint(said % {"version": rules.version, "a": a, "b": b, "c": c}, source=rules.decision))
    council = rules.council_for(details.target_stars)
    if council:
        words = {"stars": details.target_stars, "level": str(RatingLevel(council).label).lower()}
        said = _("Mục tiêu %(stars)s sao: hội đồng %(level)s quyết định.")
        hints.append(Hint(said % words, source=rules.level_decision))
    elif details.target_stars is None:
        hints.append(Hint(_("Chưa ghi mục tiêu số sao, nên chưa biết hồ sơ qua hội đồng nào."), "warn"))
    return hints


def _about_product(details: OcopDetails, day: date) -> list[Hint]:
    if details.product_id is None and not details.product_name:
        return [Hint(_("Chưa chọn sản phẩm hoặc ghi tên sản phẩm mới."), "warn")]
    before = details.rating_before()
    if before is None and details.cycle in (Cycle.AGAIN, Cycle.UPGRADE):
        said = _("Sổ đăng ký chưa có kết quả cũ của sản phẩm này, nên không có sao cũ để so.")
        return [Hint(said, "warn")]
    if before is None or details.rating_id:
        return []
    left = (before.valid_until - day).days
    words = {"stars": before.stars, "day": f"{before.valid_until:%d/%m/%Y}"}
    if left < 0:
        said = _("Giấy chứng nhận %(stars)s sao đã hết hạn ngày %(day)s; cần đánh giá, phân hạng lại.")
        return [Hint(said % words, "bad")]
    return [Hint(_("Giấy chứng nhận %(stars)s sao có giá trị đến %(day)s.") % words, "info" if left > 180 else "warn")]


def _about_papers(case, day: date) -> list[Hint]:
    hints = []
    for paper, last in last_days(case):
        words = {"paper": paper, "day": f"{last:%d/%m/%Y}"}
        if last < day:
            hints.append(Hint(_("%(paper)s đã hết hạn ngày %(day)s.") % words, "bad"))
        elif last <= day + _SOON:
            hints.append(Hint(_("%(paper)s sắp hết hạn, ngày %(day)s.") % words, "warn"))
    return hints


def _about_result(rules: OcopRules, details: OcopDetails) -> list[Hint]:
    total = details.total
    stars = rules.stars_for(total) if total is not None else None
    if not any((details.decided_on, details.decision_no, *details.parts.values())):
        said = _("Chưa ghi kết quả phân hạng; nếu hoàn thành lúc này, sổ đăng ký không thay đổi.")
        return [Hint(said)]
    hints = []
    if details.decided_on is None and not details.decision_no:
        said = _("Đã ghi điểm nhưng chưa ghi quyết định; nếu hoàn thành lúc này, sổ đăng ký không thay đổi.")
        hints.append(Hint(said, "warn"))
    if stars:
        reached = details.target_stars is None or stars >= details.target_stars
        words = {"total": points(total), "stars": stars, "sum": _sum_of(details)}
        hints.append(Hint(_("%(sum)s, ứng với %(stars)s sao.") % words, "ok" if reached else "warn"))
    return hints


def _sum_of(details: OcopDetails) -> str:
    words = {name: points(value) for name, value in details.parts.items()}
    said = _("tổng %(total)s điểm (A %(part_a)s, B %(part_b)s, C %(part_c)s)")
    return said % (words | {"total": points(details.total)})
