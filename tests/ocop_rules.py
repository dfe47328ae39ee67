"""The rules of OCOP as they are shipped, and products to try them on."""

from datetime import date
from decimal import Decimal

from cooperatives.models import OcopProduct, OcopRating
from cooperatives.ocop import Decision
from tests.factories import make_cooperative
from tests.kept import put_register_reference


def load_rules() -> None:
    """Write the register's reference files into the tables."""
    put_register_reference()


def make_product(name: str = "Miến dong Nà Duồng", *, cooperative=None, **fields) -> OcopProduct:
    """Return a product of a new cooperative unless told whose it is."""
    fields = {"group": "food", "first_year": 2022} | fields
    return OcopProduct.objects.create(cooperative=cooperative or make_cooperative(), name=name, **fields)


def make_rating(product: OcopProduct, decided_on: date, valid_until: date, *, stars: int = 3, **fields) -> OcopRating:
    """Return an old rating of a product: the total without its parts."""
    fields = {"criteria_version": "148", "level": "district", "score": {3: 60, 4: 75, 5: 92}[stars]} | fields
    return OcopRating.objects.create(
        product=product, decided_on=decided_on, valid_until=valid_until, stars=stars, **fields
    )


def decided(decided_on: date, *parts: str, criteria_on: date | None = None, **fields) -> Decision:
    """Return the decision of a council that gave these points to A, B and C."""
    named = dict(zip(("part_a", "part_b", "part_c"), map(Decimal, parts), strict=True))
    fields = {"decision_no": "12/QĐ-UBND"} | fields
    return Decision(decided_on=decided_on, criteria_on=criteria_on or decided_on, parts=named, **fields)
