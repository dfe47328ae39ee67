"""What in a cooperative's own papers makes lenders say no."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Kind, LegalStatus, TermBody
from cooperatives.errors import Words
from cooperatives.models import Cooperative, LegalRule

_CHARTER_DEADLINE = "charter.review_deadline"
_TERM_LENGTH = "congress.term_max_years"


@dataclass(frozen=True)
class Hindrance:
    """One paper that stands in the way: its words, where the law says so, and by which door it is put right.

    ``target`` is the name of a door and no address: a kind of support by its code, or ``cooperative`` for the entry
    in the register itself.
    """

    code: str
    text: Words
    source: Words
    target: str


def hindrances(cooperative: Cooperative, day: date) -> list[Hindrance]:
    """Return what of the cooperative's own papers stands in the way of a loan on ``day``; empty when nothing does.

    A THT has neither board nor charter nor, mostly, a certificate (Law 17/2023/QH15, Article 107): of it only
    the legal status is asked. At most four queries, however many terms there are.
    """
    found = [*_status(cooperative)]
    if cooperative.kind != Kind.THT:
        found += [*_term(cooperative, day), *_charter(cooperative, day), *_certificate(cooperative)]
    return found


def _status(cooperative: Cooperative) -> Iterator[Hindrance]:
    if cooperative.legal_status != LegalStatus.ACTIVE:
        words = _("Tình trạng pháp lý là “%(status)s”, không phải đang hoạt động.")
        yield Hindrance(
            "legal_status",
            words % {"status": cooperative.get_legal_status_display()},
            _("Nghị định 92/2024/NĐ-CP, Điều 27"),
            "registration",
        )


def _term(cooperative: Cooperative, day: date) -> Iterator[Hindrance]:
    board = cooperative.terms.filter(body=TermBody.BOARD).annotate(last_day=Coalesce("ended_on", "ends_on"))
    terms = list(board.order_by("-last_day").values_list("started_on", "last_day"))
    if any(started_on <= day <= ends_on for started_on, ends_on in terms):
        return
    past = [ends_on for _started, ends_on in terms if ends_on < day]
    if past:
        words = _("Nhiệm kỳ của người đại diện, HĐQT đã hết ngày %(day)s.") % {"day": f"{past[0]:%d/%m/%Y}"}
    else:
        words = _("Sổ chưa ghi nhiệm kỳ nào đang còn hạn của người đại diện, HĐQT.")
    yield Hindrance("term", words, LegalRule.objects.source(_TERM_LENGTH, day), "term_congress")


def _charter(cooperative: Cooperative, day: date) -> Iterator[Hindrance]:
    if not cooperative.charter_is_a_hindrance:
        return
    rule = LegalRule.objects.in_force(day).filter(key=_CHARTER_DEADLINE).order_by("-valid_from").first()
    deadline = _day(rule.value) if rule else None
    # Founded under the new law, its charter was written under it.
    founded_later = rule and cooperative.registered_on and cooperative.registered_on >= rule.valid_from
    if deadline is None or day <= deadline or founded_later:
        return
    words = _("Điều lệ: %(state)s, đã quá hạn %(deadline)s để sửa theo Luật Hợp tác xã 2023.")
    said = {"state": cooperative.get_charter_review_display(), "deadline": f"{deadline:%d/%m/%Y}"}
    yield Hindrance("charter", words % said, LegalRule.objects.source(_CHARTER_DEADLINE, day), "cooperative")


def _certificate(cooperative: Cooperative) -> Iterator[Hindrance]:
    if cooperative.tax_code:
        # The cooperative's own code and its tax code are one and the same.
        return
    if cooperative.certificate_no:
        words = _("Sổ chưa ghi mã số thuế; giấy chứng nhận cũ chỉ có số %(number)s.")
        words = words % {"number": cooperative.certificate_no}
        yield Hindrance("tax_code", words, _("Nghị định 92/2024/NĐ-CP, Điều 14"), "cooperative")
    else:
        words = _("Sổ chưa ghi giấy chứng nhận đăng ký và mã số thuế.")
        yield Hindrance("certificate", words, _("Luật số 17/2023/QH15, Điều 45"), "cooperative")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
