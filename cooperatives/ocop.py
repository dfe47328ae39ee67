"""OCOP: what the rules of a day say of points, stars and councils, and the acts that write ratings and papers.

Every figure is a dated row of the table of rules (``ocop.*``), the version of the criteria too: it is the row
``ocop.criteria_version``, with the decision as its legal document. A table of criteria beside them would hold the
maxima of the parts a second time, and the two would come to differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.calendar import add_months
from cooperatives.errors import WHOLE, InvalidEntry, Words
from cooperatives.models import Cooperative, LegalRule, OcopPaper, OcopProduct, OcopRating
from cooperatives.ocop_choices import RatingLevel
from cooperatives.text import nfc

STARS = (1, 2, 3, 4, 5)
#: The parts of the criteria: product and strength of the community, marketing, quality.
PARTS = ("part_a", "part_b", "part_c")
_VALIDITY = "ocop.validity_months"
# No paper and no certificate is good for longer; a longer term is a typing mistake.
_MOST_MONTHS = 240
_PART_NAMES = {"part_a": "A", "part_b": "B", "part_c": "C"}


@dataclass(frozen=True)
class OcopRules:
    """What the rules in force on ``day`` say; empty where no rule was in force or a value cannot be read.

    ``bands`` gives the points from which each number of stars begins, ``levels`` the council that decides on it,
    ``maxima`` the most points of each part.
    """

    day: date
    version: str = ""
    decision: str = ""
    bands: Mapping[int, Decimal] = field(default_factory=dict)
    levels: Mapping[int, str] = field(default_factory=dict)
    level_decision: str = ""
    maxima: Mapping[str, Decimal] = field(default_factory=dict)

    def stars_for(self, total: Decimal) -> int | None:
        """Return the stars for ``total`` points out of 100, or None where no band holds them."""
        reached = [stars for stars, start in self.bands.items() if total >= start]
        return max(reached, default=None) if 0 <= total <= 100 else None

    def council_for(self, stars: int | None) -> str | None:
        """Return the level of the council that decides on so many stars, or None where the rules name none."""
        return self.levels.get(stars) if stars else None

    def councils_on_the_way(self, stars: int | None) -> tuple[str, ...]:
        """Return the councils a product that aims at ``stars`` passes, in order: central decides on a proposal.

        Without an aim, every council that decides on anything.
        """
        if stars is None:
            return tuple(level for level in RatingLevel.values if level in self.levels.values())
        council = self.council_for(stars)
        if council is None:
            return ()
        return (RatingLevel.PROVINCE, council) if council == RatingLevel.CENTRAL else (council,)

    def parts_problem(self, parts: Mapping[str, Decimal | None]) -> dict[str, list[Words]]:
        """Return what cannot be right in the points of the parts, by part; a part without points is not judged."""
        said = _("Phần %(part)s nhiều nhất %(most)s điểm theo bộ tiêu chí %(version)s.")
        return {
            name: [said % {"part": _PART_NAMES[name], "most": f"{self.maxima[name].normalize():f}".replace(".", ","),
                           "version": self.version or "–"}]
            for name, points in parts.items()
            if points is not None and name in self.maxima and points > self.maxima[name]
        }  # fmt: skip


def rules_on(day: date) -> OcopRules:
    """Return the rules of the programme on ``day``; one query."""
    rows = LegalRule.objects.in_force(day).filter(key__startswith="ocop.").order_by("valid_from")
    # Where two rows of a key overlap by mistake, the later one counts, as for every rule.
    found = {row.key: row for row in rows}
    amounts = {key: row.number for key, row in found.items()}
    levels = {n: found[key].value.strip() for n in STARS if (key := f"ocop.level.star_{n}") in found}
    version = found.get("ocop.criteria_version")
    return OcopRules(
        day=day,
        version=version.value.strip() if version else "",
        decision=version.legal_document if version else "",
        bands={n: points for n in STARS if (points := amounts.get(f"ocop.star_{n}_from")) is not None},
        levels={n: level for n, level in levels.items() if level in RatingLevel.values},
        level_decision=next((found[f"ocop.level.star_{n}"].legal_document for n in sorted(levels)), ""),
        maxima={name: most for name in PARTS if (most := amounts.get(f"ocop.{name}_max")) is not None},
    )


def stars_for(total: Decimal, day: date) -> int | None:
    """Return the stars for ``total`` points by the bands of ``day``, or None where no band holds them."""
    return rules_on(day).stars_for(total)


def council_for(stars: int | None, day: date) -> str | None:
    """Return the level of the council that decides on ``stars`` on ``day``, or None where the rules name none."""
    return rules_on(day).council_for(stars)


def valid_until(decided_on: date) -> date | None:
    """Return the last day of a certificate decided on ``decided_on``, or None where no rule says how long it lasts.

    It bears the same number 36 months on: 29/02/2024 gives 28/02/2027, the last day of a month that has no 29th.
    """
    return _months_after(decided_on, _VALIDITY)


def default_expiry(kind: str, issued_on: date) -> date | None:
    """Return the usual last day of a paper of this kind, or None where no rule says how long it is good."""
    return _months_after(issued_on, f"ocop.paper_months.{kind}")


@dataclass(frozen=True)
class Decision:
    """What a council decided about a product; ``criteria_on`` is the day whose criteria it judged by."""

    decided_on: date
    criteria_on: date
    parts: Mapping[str, Decimal]
    level: str = ""
    decision_no: str = ""
    certificate_no: str = ""

    @property
    def total(self) -> Decimal:
        """The points of the three parts together."""
        return sum((self.parts[name] for name in PARTS), Decimal())


def decision_problems(
    product: OcopProduct | None, decision: Decision, rating: OcopRating | None = None
) -> dict[str, list[Words]]:
    """Return why ``decision`` cannot be written into the register, by field; empty when it can.

    ``rating`` is the row written for it before, if any; ``product`` is None for one that is not there yet.
    """
    rules = rules_on(decision.criteria_on)
    problems = rules.parts_problem(decision.parts)
    stars = rules.stars_for(decision.total)
    if stars is None:
        said = _("Chưa có khung điểm OCOP của ngày %(day)s nên chưa xác định được số sao.")
        problems["part_a"] = [said % {"day": f"{decision.criteria_on:%d/%m/%Y}"}]
    if valid_until(decision.decided_on) is None:
        said = _("Chưa có quy định về thời hạn giấy chứng nhận OCOP của ngày %(day)s.")
        problems["decided_on"] = [said % {"day": f"{decision.decided_on:%d/%m/%Y}"}]
    wrong_level = _level_problem(stars, decision)
    if wrong_level:
        problems["council_level"] = [wrong_level]
    if product and _contradicts(product, decision, rating):
        said = _("Sổ đăng ký đã có kết quả khác của sản phẩm này ngày %(day)s.")
        problems["decided_on"] = [said % {"day": f"{decision.decided_on:%d/%m/%Y}"}]
    return problems


def record_rating(product: OcopProduct, decision: Decision, rating: OcopRating | None = None) -> OcopRating:
    """Write ``decision`` into the register with its stars and the end of its certificate, and return the row.

    Safe to repeat: ``rating`` written before, or the row of the same day that says the same, is brought up to date
    and no second one is made. What is known already is not overwritten with nothing.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    with transaction.atomic():
        # Whoever rates this product waits here, so that two of them see one another's row.
        locked = OcopProduct.objects.select_for_update(of=("self",)).get(pk=product.pk)
        problems = decision_problems(locked, decision, rating)
        if problems:
            raise InvalidEntry(problems)
        row = OcopRating.objects.filter(pk=rating.pk).first() if rating else None
        row = row or OcopRating.objects.filter(product=locked, decided_on=decision.decided_on).first() or OcopRating()
        _fill_rating(row, locked, decision)
        return _checked(row)


def _level_problem(stars: int | None, decision: Decision) -> Words | None:
    """Return what is wrong with the level of the council on the day of the decision, in words, or None."""
    right = council_for(stars, decision.decided_on)
    if not decision.level:
        return None if right else _("Cần ghi hội đồng đã quyết định.")
    if right in (None, decision.level):
        return None
    said = _("Ngày %(day)s hội đồng %(right)s quyết định %(stars)s sao, không phải %(level)s.")
    return said % {
        "day": f"{decision.decided_on:%d/%m/%Y}",
        "stars": stars,
        "right": str(RatingLevel(right).label).lower(),
        "level": str(RatingLevel(decision.level).label).lower(),
    }


def _fill_rating(row: OcopRating, product: OcopProduct, decision: Decision) -> None:
    rules = rules_on(decision.criteria_on)
    row.product = product
    row.criteria_version = rules.version or row.criteria_version or "–"
    row.score = decision.total
    row.stars = rules.stars_for(decision.total)
    row.level = decision.level or council_for(row.stars, decision.decided_on) or row.level
    row.decided_on = decision.decided_on
    row.valid_until = valid_until(decision.decided_on)
    row.decision_no = nfc(decision.decision_no) or row.decision_no
    row.certificate_no = nfc(decision.certificate_no) or row.certificate_no
    for name in PARTS:
        setattr(row, name, decision.parts[name])


def _contradicts(product: OcopProduct, decision: Decision, rating: OcopRating | None) -> bool:
    """Whether another row of the register says something else about the product on the day of the decision."""
    others = OcopRating.objects.filter(product=product, decided_on=decision.decided_on)
    other = (others.exclude(pk=rating.pk) if rating else others).first()
    if other is None:
        return False
    numbers = {nfc(number).casefold() for number in (other.decision_no, decision.decision_no) if number.strip()}
    # A row written for this decision before cannot become one with a row that stands beside it.
    return rating is not None or other.score != decision.total or len(numbers) > 1


def enter_product(cooperative: Cooperative, product: OcopProduct) -> OcopProduct:
    """Check and save a new or changed product of ``cooperative``; a new one of a name it has is that one.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    with transaction.atomic():
        Cooperative.objects.select_for_update(of=("self",)).get(pk=cooperative.pk)
        product.cooperative = cooperative
        product.name = nfc(product.name or "")
        product.external_ref = nfc(product.external_ref or "")
        there = None if product.pk else cooperative.ocop_products.filter(name=product.name).first()
        return there or _checked(product)


def record_paper(paper: OcopPaper, today: date) -> OcopPaper:
    """Check and save a new or changed paper of a product; without a last day it gets the usual one of its kind.

    Safe to repeat: a paper of the same kind, number and day is brought up to date and not written twice.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    paper.number, paper.issuer = nfc(paper.number or ""), nfc(paper.issuer or "")
    if paper.issued_on and paper.issued_on > today:
        raise InvalidEntry({"issued_on": [_("Ngày cấp không thể ở tương lai.")]})
    if paper.issued_on and paper.expires_on is None:
        paper.expires_on = default_expiry(paper.kind, paper.issued_on)
    with transaction.atomic():
        OcopProduct.objects.select_for_update(of=("self",)).get(pk=paper.product_id)
        same = OcopPaper.objects.filter(
            product=paper.product_id, kind=paper.kind, number=paper.number, issued_on=paper.issued_on
        )
        there = None if paper.pk else same.first()
        if there is not None:
            there.issuer = paper.issuer or there.issuer
            there.expires_on = paper.expires_on or there.expires_on
        return _checked(there or paper)


def ratings_of(product: int) -> list[OcopRating]:
    """Return the ratings of the product with this primary key, the last decision first."""
    return list(OcopRating.objects.filter(product=product).order_by("-decided_on"))


def latest_papers(product: int) -> list[OcopPaper]:
    """Return of each kind the paper of the product with this primary key that is good the longest."""
    return list(OcopPaper.objects.filter(product=product).longest_valid())


def _months_after(day: date, key: str) -> date | None:
    months = LegalRule.objects.days(key, day)
    return add_months(day, months) if months and months <= _MOST_MONTHS else None


def _checked(row):
    """Save a row that its columns and constraints accept and return it.

    Raises:
        InvalidEntry: with messages by field.
    """
    try:
        row.full_clean(exclude=["search_key", "sort_key"])
    except ValidationError as refusal:
        problems = {WHOLE if name == NON_FIELD_ERRORS else name: said for name, said in refusal.message_dict.items()}
        raise InvalidEntry(problems) from refusal
    row.save()
    return row
