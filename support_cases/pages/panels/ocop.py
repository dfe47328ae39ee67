"""On the page of an OCOP case: the stars the product had, those it gets, and its papers with their last days."""

from cooperatives.ocop import latest_papers, ratings_of, rules_on, valid_until

TEMPLATE = "support/panels/ocop.html"


def panel(case, user, today) -> dict:
    """Return the product with its ratings and papers, and what the points of the case come to; four queries."""
    details = case.details
    product = details.product if details else None
    total = details.total if details else None
    return {
        "product": product,
        "ratings": ratings_of(product.pk) if product else [],
        "papers": latest_papers(product.pk) if product else [],
        "total": total,
        "new_stars": rules_on(case.event_on).stars_for(total) if total is not None else None,
        "new_until": valid_until(details.decided_on) if details and details.decided_on else None,
        "written": details.rating_id if details else None,
    }
