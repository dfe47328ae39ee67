"""The OCOP products of the demo set, with their ratings and papers."""

from collections.abc import Mapping
from decimal import Decimal

from cooperatives.models import Cooperative, OcopPaper, OcopProduct, OcopProductSet, OcopRating
from cooperatives.ocop import enter_product, record_paper
from support_cases.demo.files import DemoFiles, Row

_Products = dict[tuple[str, str], OcopProduct]


def enter_ocop(files: DemoFiles, cooperatives: Mapping[str, Cooperative]) -> None:
    """Enter products, ratings and papers. Raises ``BadDataFile``."""
    products: _Products = {}
    sets = {each.code: each for each in OcopProductSet.objects.all()}
    for row in files.rows("ocop"):
        with row.told():
            key = row.text("cooperative"), row.text("product")
            if key not in products:
                products[key] = _product(row, cooperatives[key[0]], sets)
            if row.text("decided_on"):
                _enter_rating(row, products[key])
    _enter_papers(files, products)


def _product(row: Row, cooperative: Cooperative, sets: Mapping[str, OcopProductSet]) -> OcopProduct:
    code = row.text("product_set")
    product = OcopProduct(
        name=row.text("product"),
        group=row.text("group"),
        product_set=sets[code] if code else None,
        first_year=row.number("first_year"),
    )
    return enter_product(cooperative, product)


def _enter_rating(row: Row, product: OcopProduct) -> None:
    """Enter a rating as old papers tell it: the total without its parts."""
    rating = OcopRating(
        product=product,
        criteria_version=row.text("criteria_version"),
        level=row.text("level"),
        score=Decimal(row.text("score")),
        stars=row.number("stars"),
        decision_no=row.text("decision_no"),
        decided_on=row.day("decided_on"),
        certificate_no=row.text("certificate_no"),
        valid_until=row.day("valid_until"),
    )
    rating.full_clean()
    rating.save(force_insert=True)


def _enter_papers(files: DemoFiles, products: _Products) -> None:
    for row in files.rows("ocop_papers"):
        with row.told():
            paper = OcopPaper(
                product=products[row.text("cooperative"), row.text("product")],
                issued_on=row.day("issued_on"),
                expires_on=row.day("expires_on"),
                **{name: row.text(name) for name in ("kind", "number", "issuer")},
            )
            record_paper(paper, files.today)
