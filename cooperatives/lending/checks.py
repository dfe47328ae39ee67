"""What a lender will hold against a request, seen before it is sent: warnings, never refusals."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CicState, Collateral, Kind, Lender
from cooperatives.errors import Words
from cooperatives.models import LegalRule, LoanProgramme
from cooperatives.models.loan_programmes import rule_amount
from htx_portal.templatetags.portal import vnd

#: Lenders that are funds under Decree 45/2021/NĐ-CP.
FUNDS = frozenset({Lender.PROVINCIAL_FUND, Lender.NATIONAL_FUND})
#: Credit institutions, whose loans without collateral the decree on rural credit caps.
_BANKS = frozenset({Lender.AGRIBANK, Lender.COOPBANK, Lender.OTHER})
_OWN_CAPITAL = "fund.own_capital_pct"
_UNSECURED_CAP = "unsecured_loan_cap"


class Asked(Protocol):
    """A request for a loan, be it of the register or of a case."""

    lender: str
    programme: LoanProgramme | None
    requested: int | None
    collateral: str
    own_capital_percent: int | None
    cic: str


@dataclass(frozen=True)
class Concern:
    """One thing that speaks against a request, with its source."""

    code: str
    text: Words
    source: Words = ""


def checks(asked: Asked, kind: str, day: date) -> list[Concern]:
    """Return what speaks against ``asked`` by a borrower of ``kind`` under the rules of ``day``.

    What was not filled in is not held against anybody.
    """
    return [*_own_capital(asked, day), *_too_much(asked, kind, day), *_bad_debt(asked)]


def least_own_capital(asked: Asked, day: date) -> int | None:
    """Return the share of own capital the lender asks for in percent, or None where no rule is known."""
    if asked.programme is not None and asked.programme.own_capital_percent is not None:
        return asked.programme.own_capital_percent
    return LegalRule.objects.days(_OWN_CAPITAL, day) if asked.lender in FUNDS else None


def cap_of(asked: Asked, kind: str, day: date) -> int | None:
    """Return the most that may be asked for in đồng: the cap of the programme, else that of unsecured loans."""
    if asked.programme is not None:
        return asked.programme.cap(kind, day)
    if asked.lender in _BANKS and asked.collateral == Collateral.NONE:
        return rule_amount(f"{_UNSECURED_CAP}.{kind}" if kind == Kind.THT else _UNSECURED_CAP, day)
    return None


def _own_capital(asked: Asked, day: date) -> Iterator[Concern]:
    least = least_own_capital(asked, day)
    if least is None or asked.own_capital_percent is None or asked.own_capital_percent >= least:
        return
    words = _("Vốn đối ứng %(own)s%%, nơi cho vay yêu cầu ít nhất %(least)s%%.")
    by_programme = asked.programme is not None and asked.programme.own_capital_percent is not None
    source = asked.programme.source if by_programme else LegalRule.objects.source(_OWN_CAPITAL, day)
    yield Concern("own_capital", words % {"own": asked.own_capital_percent, "least": least}, source)


def _too_much(asked: Asked, kind: str, day: date) -> Iterator[Concern]:
    cap = cap_of(asked, kind, day)
    if cap is None or not asked.requested or asked.requested <= cap:
        return
    words = _("Số đề nghị vay %(asked)s cao hơn mức trần %(cap)s.")
    source = asked.programme.source if asked.programme else LegalRule.objects.source(_UNSECURED_CAP, day)
    yield Concern("cap", words % {"asked": vnd(asked.requested), "cap": vnd(cap)}, source)


def _bad_debt(asked: Asked) -> Iterator[Concern]:
    if asked.cic == CicState.HAS:
        yield Concern("bad_debt", _("HTX còn nợ xấu theo CIC: nơi cho vay không giải ngân khi còn nợ xấu."))
