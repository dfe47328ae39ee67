"""What one month of support is worth, with everything it is made from: pure functions."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words
from cooperatives.models import Cooperative, LegalRule, PaymentItem, Placement
from cooperatives.workforce.rules import Region, SupportRules


@dataclass(frozen=True)
class Support:
    """The support for one month in whole đồng and its inputs; ``amount`` is None where no rule makes one.

    ``month`` is the first day of the month, on which the rules are read. ``policy_amount`` is what the decision or
    the province fixed. ``rules`` are the rows that were used; ``noted`` names them where the month is paid.
    """

    month: date
    policy_amount: int | None
    coefficient: Decimal | None
    wage: int | None
    region: Region | None
    rules: tuple[LegalRule, ...]
    noted: str = ""

    @property
    def by_wage(self) -> int | None:
        """The coefficient times the wage; a fraction of a đồng is rounded up, for it is the least that is paid."""
        if self.coefficient is None or self.wage is None:
            return None
        return int((self.coefficient * self.wage).to_integral_value(ROUND_CEILING))

    @property
    def amount(self) -> int | None:
        """The greater of the two, or the one there is."""
        known = [amount for amount in (self.policy_amount, self.by_wage) if amount is not None]
        return max(known) if known else None

    @property
    def provisional(self) -> bool:
        """Whether the region stands in for a list of communes that is not in the rules."""
        return self.region is not None and self.region.provisional

    @property
    def basis(self) -> Words:
        """The sum in words: which figures, which rules."""
        if self.by_wage is None:
            if self.policy_amount is None:
                return _("Chưa có quy định nào cho tháng này: cần vùng lương, lương tối thiểu và hệ số.")
            return _("Mức theo quyết định %(policy)s đ.") % {"policy": dotted(self.policy_amount)}
        words = {
            "coefficient": f"{self.coefficient.normalize():f}".replace(".", ","),
            "wage": dotted(self.wage),
            "region": self.region.number,
            "product": dotted(self.by_wage),
            "policy": dotted(self.policy_amount or 0),
        }
        if self.policy_amount is None:
            return _("%(coefficient)s × %(wage)s đ (lương tối thiểu vùng %(region)s) = %(product)s đ.") % words
        return (
            _(
                "Mức cao hơn giữa %(policy)s đ (theo quyết định) và "
                "%(coefficient)s × %(wage)s đ (lương tối thiểu vùng %(region)s) = %(product)s đ."
            )
            % words
        )

    @property
    def source(self) -> str:
        """The documents of the rules that were used, each once."""
        return "; ".join(dict.fromkeys(rule.legal_document for rule in self.rules if rule.legal_document))

    @property
    def rule_ids(self) -> str:
        """The rules that were used, as ``key@day`` of the rows."""
        return self.noted or "; ".join(f"{rule.key}@{rule.valid_from:%Y-%m-%d}" for rule in self.rules)


def support_for_month(placement: Placement, month: date, rules: SupportRules) -> Support:
    """Return the support of a placement for the month that begins on ``month``.

    Wages change on 1 January or 1 July, which are first days of months, so a month never has two wages.
    """
    granted = placement.approved.monthly_amount if placement.approved else None
    return support_at(placement.cooperative, month, rules, granted)


def support_at(cooperative: Cooperative, month: date, rules: SupportRules, granted: int | None = None) -> Support:
    """Return the support at a cooperative for a month; ``granted`` is the amount its own decision fixed, if any."""
    policy, policy_rule = rules.policy_amount(month) if granted is None else (granted, None)
    region = rules.region_of(cooperative, month)
    coefficient, coefficient_rule = rules.coefficient(month)
    wage, wage_rule = rules.wage(region.number, month) if region else (None, None)
    used = (policy_rule, coefficient_rule, wage_rule, *(region.rules if region else ()))
    return Support(month, policy, coefficient, wage, region, tuple(rule for rule in used if rule))


def support_as_paid(item: PaymentItem) -> Support:
    """Return the support of a month as it was paid, whatever the rules say since."""
    region = Region(item.region, item.is_provisional, ()) if item.region else None
    return Support(item.month, item.policy_amount, item.coefficient, item.wage, region, (), noted=item.rules)


def dotted(amount: int) -> str:
    """Return an amount in groups of three: 5.175.000."""
    return f"{amount:,}".replace(",", ".")
