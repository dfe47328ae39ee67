"""The lượt by two things at once: month and topic, month and old district, topic and unit."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from support_cases.reports.counting import SEPARATOR, frame_of
from support_cases.reports.periods import Period
from support_cases.reports.served_lines import UNIT_DIMENSION, Named, ServedLines, months, topics, units, with_unknown
from support_cases.reports.tables import Behind, Chart, Column, LateCells, Row, Table, way

#: The code of the column of what is not known.
NOT_KNOWN = "unknown"


def crossed_tables(lines: ServedLines) -> list[Table]:
    """Return the tables that cross two things; their figures are lượt.

    Months are crossed with districts for as long as there were any, and since then where districts are asked for.
    """
    by_district = "district" in (UNIT_DIMENSION[lines.frame], UNIT_DIMENSION[frame_of(lines.period)])
    districts = [_months_and_districts(lines)] if by_district else []
    return [_months_and_topics(lines), *districts, _topics_and_units(lines)]


def _months_and_topics(lines: ServedLines) -> Table:
    across = with_unknown(topics(lines.of("topic")), lines.of("topic"))
    note = _("Một lượt tư vấn nhiều nội dung có trong mỗi cột nội dung ấy; tổng các cột có thể lớn hơn số lượt.")
    return _by_month(lines, "month|topic", "topic", _("Theo tháng và nội dung"), across, "stacked", note)


def _months_and_districts(lines: ServedLines) -> Table:
    across = with_unknown(units("district", lines.of("district"), lines.names), lines.of("district"))
    return _by_month(lines, "month|district", "district", _("Theo tháng và huyện, thành phố cũ"), across, "multiples")


def _topics_and_units(lines: ServedLines) -> Table:
    """Return the units of the frame with a column for each topic; only units that were served."""
    dimension = UNIT_DIMENSION[lines.frame]
    found, served = lines.of(f"topic|{dimension}"), lines.of(dimension)
    across = with_unknown(topics(lines.of("topic")), lines.of("topic"))
    down = [one for one in with_unknown(units(dimension, served, lines.names), served) if one[0] in served]
    rows = []
    for unit, code, name in down:
        keys = [(topic, unit) for topic, _code, _name in across]
        asked = [{"topic": topic_code, dimension: code} for _topic, topic_code, _name in across]
        rows.append(Row(code, name, _cells(found, keys, None, asked)))
    return Table("topic_unit", _("Theo địa bàn và nội dung"), _("Địa bàn"), _columns(across), tuple(rows))


def _by_month(
    lines: ServedLines, dimension: str, name: str, title: str, across: list[Named], chart: str, note: str = ""
) -> Table:
    found, rows, asked = lines.of(dimension), [], [{name: code} for _key, code, _name in across]
    for month, (key, code, name_of_month) in zip(lines.period.months(), months(lines.period), strict=True):
        keys = [(key, column) for column, _code, _name in across]
        rows.append(Row(code, name_of_month, _cells(found, keys, lines.period.part(month), asked)))
    columns = _columns(across)
    drawn = Chart(chart, tuple(column.code for column in columns))
    return Table(dimension.replace("|", "_"), title, _("Tháng"), columns, tuple(rows), note=note, chart=drawn)


def _cells(
    found: dict[str, list], keys: list[tuple[str, str]], period: Period | None, asked: list[dict[str, str]]
) -> LateCells:
    """Return the figures of one line, of which ``asked`` names the filters of each."""
    values = tuple(found.get(SEPARATOR.join(key), (0, 0))[0] for key in keys)
    return LateCells(values, _way, (period, asked))


def _way(of: tuple[Period | None, list[dict[str, str]]], at: int) -> Behind | None:
    """Return where a figure leads; a thing that is not known is asked for as that."""
    period, filters = of[0], of[1][at]
    known = {name: code for name, code in filters.items() if code}
    unknown = [name for name in filters if name not in known]
    # No list can be asked for two things that are not known at once.
    if len(unknown) > 1:
        return None
    return way("entries", period=period, **known, **({"unplaced": unknown[0]} if unknown else {}))


def _columns(across: list[Named]) -> tuple[Column, ...]:
    # A head begins with a capital, though units are called "huyện Ba Bể" within a sentence.
    return tuple(Column(code or NOT_KNOWN, capfirst(name)) for _key, code, name in across)
