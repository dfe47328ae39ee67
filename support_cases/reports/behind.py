"""What stands behind a figure of the report: its entries, and its cooperatives with their lượt."""

from datetime import datetime

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce

from cooperatives.models import as_known, called_then
from support_cases.models import Consultation
from support_cases.reports.counting import entries, first_time_entries
from support_cases.reports.periods import Period
from support_cases.support_types import SUPPORT_TYPES, topic_label


def counted_entries(period: Period, moment: datetime | None, *, first_time: bool = False):
    """Return the entries that are lượt of the period as known just before ``moment``; with ``first_time`` only those
    of cooperatives not served before it in the same year.
    """
    if first_time:
        return first_time_entries(period, moment)
    return entries(period, moment).counted()


def cooperatives_of(rows):
    """Return one mapping for each cooperative of ``rows``: number, name, place and lượt; most lượt first.

    The place is the old district, or the commune where that is not known. One query; ``rows`` must not be
    joined to several topics or cases, or lượt would be multiplied.
    """
    return (
        rows.order_by()
        .values(
            "cooperative",
            name=F("cooperative__name"),
            place_kind=F("cooperative__commune__kind"),
            place=F("cooperative__commune__name"),
            district=F("cooperative__old_district__name"),
        )
        .annotate(served=Count("pk"))
        .order_by("-served", "cooperative__sort_key", "cooperative")
    )


def officers_of_groups(period: Period, moment: datetime | None) -> list[str]:
    """Return the numbers of the officers whose entries of founding groups files list, though no figure counts them."""
    rows = entries(period, moment).of_founding_groups().order_by()
    return [str(number) for number in rows.values_list("officer", flat=True).distinct()]


def topics_in_words(topic_list: str | None) -> list[str]:
    """Return the labels of topics that ``with_lists`` joined with commas, in the order of the kinds.

    The database may join them in any order; a kind whose file was taken away comes last under its code.
    """
    codes = [code for code in (topic_list or "").split(",") if code]
    known = list(SUPPORT_TYPES)
    in_order = sorted(codes, key=lambda code: (known.index(code) if code in known else len(known), code))
    return [topic_label(code) for code in in_order]


def entries_to_write(period: Period, moment: datetime | None) -> QuerySet[Consultation]:
    """Return the entries of the period, founding groups included, in order, with what a file prints of them.

    District and new commune are those of ``moment``, as the numbers of their rows (``district_known``,
    ``commune_known``), as are ``party_known`` and ``tax_code_known``.
    """
    return (
        entries(period, moment)
        .with_topics()
        .annotate(
            district_known=as_known("old_district", moment, "cooperative__"),
            commune_known=as_known("new_commune", moment, "cooperative__"),
            party_known=Coalesce(called_then(moment, "cooperative"), called_then(moment, "founding_group")),
            tax_code_known=called_then(moment, "cooperative", "tax_code"),
        )
        .defer("question", "advice")
        .order_by("held_on", "pk")
    )
