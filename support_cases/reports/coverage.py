"""The report "coverage": of the registered cooperatives, which the period served and which it did not."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.choices import Kind
from support_cases.reports.counting import SEPARATOR, UNKNOWN
from support_cases.reports.coverage_counts import counted_coverage, coverage_figures
from support_cases.reports.coverage_lists import REGISTERED, SERVED, UNSERVED, listed
from support_cases.reports.kinds import Figures, Names, ReportKind, Scope
from support_cases.reports.registered import ENDED, LATER, UNDATED
from support_cases.reports.served_lines import UNIT_DIMENSION, Named, same, topics, units, with_unknown
from support_cases.reports.tables import Cell, Chart, Column, Row, Shape, Table, leading, opening, percent

RULE = gettext_lazy(
    "HTX có trong sổ: đã nhập sổ đăng ký, ngày đăng ký không muộn hơn ngày của số liệu (ngày cuối kỳ, hoặc ngày biết "
    "đến nếu sớm hơn) và chưa chấm dứt theo sổ ở ngày ấy. HTX được phục vụ: có ít nhất một lượt tư vấn trong kỳ. Được "
    "phục vụ + chưa được phục vụ = có trong sổ, ở mọi địa bàn, loại hình và nội dung. HTX được tư vấn mà không có "
    "trong sổ ở ngày ấy (đã chấm dứt, chưa ghi ngày đăng ký, đăng ký hoặc nhập sổ sau) ghi riêng. Nhóm sáng lập không "
    "tính."
)


def lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    """Return the tables with the areas of ``frame``."""
    area = UNIT_DIMENSION[frame]
    areas = with_unknown(units(area, figures[area], names), figures[area])
    about = with_unknown(topics(figures["topic"]), figures["topic"])
    return [
        _totals(figures),
        _breakdown(area, _("Theo địa bàn"), _("Địa bàn"), figures, areas, chart=True),
        _breakdown("kind", _("Theo loại hình"), _("Loại hình"), figures, same(Kind.choices)),
        _topics(figures, about),
        _crossed(area, figures, areas, about),
        _apart(figures),
    ]


def _totals(figures: Figures) -> Table:
    """Return registered, served and not served, and apart from them who has no day of registration."""
    registered, served = figures["total"][UNKNOWN]
    lines = [
        (REGISTERED, _("HTX có trong sổ"), registered),
        (SERVED, _("HTX được phục vụ"), served),
        (UNSERVED, _("HTX chưa được phục vụ"), registered - served),
    ]
    rows = [Row(code, name, (opening(count), Cell(percent(count, registered)))) for code, name, count in lines]
    undated = _number(figures, "undated", UNKNOWN)
    rows.append(Row(UNDATED, _("HTX chưa ghi ngày đăng ký (không tính)"), (opening(undated), Cell(None))))
    columns = (Column("cooperatives", _("Số HTX")), Column("share", _("Tỷ lệ (%)"), Shape.PERCENT))
    return Table("totals", _("Số liệu chung"), _("Chỉ tiêu"), columns, tuple(rows))


def _breakdown(code: str, title: str, what: str, figures: Figures, named: list[Named], *, chart: bool = False) -> Table:
    """Return registered, served and not served by the units of one dimension, and their total."""
    rows = [Row(line, name, _covered(*figures[code].get(key, [0, 0]))) for key, line, name in named]
    rows.append(Row("total", _("Tổng cộng"), _covered(*figures["total"][UNKNOWN]), is_total=True))
    drawn = Chart("stacked", (SERVED, UNSERVED)) if chart else None
    return Table(code, title, what, _columns(), tuple(rows), chart=drawn)


def _topics(figures: Figures, about: list[Named]) -> Table:
    """Return the same by topic: of all registered, who was served on it and who was not."""
    registered = figures["total"][UNKNOWN][0]
    rows = tuple(Row(code, name, _covered(registered, _number(figures, "topic", key))) for key, code, name in about)
    note = _("Một HTX được phục vụ ở nhiều nội dung có ở nhiều dòng.")
    return Table("topic", _("Theo nội dung"), _("Nội dung"), _columns(), rows, note=note)


def _crossed(area: str, figures: Figures, areas: list[Named], about: list[Named]) -> Table:
    """Return the cooperatives served by area and topic."""
    found = f"topic|{area}"

    def line(key: str) -> tuple[Cell, ...]:
        return tuple(opening(_number(figures, found, f"{topic}{SEPARATOR}{key}")) for topic, _code, _name in about)

    rows = [Row(code, name, line(key)) for key, code, name in areas]
    sums = tuple(opening(_number(figures, "topic", topic)) for topic, _code, _name in about)
    rows.append(Row("total", _("Tổng cộng"), sums, is_total=True))
    columns = tuple(Column(code, name) for _key, code, name in about)
    title = _("HTX được phục vụ theo địa bàn và nội dung")
    return Table(f"topic_{area}", title, _("Địa bàn"), columns, tuple(rows))


def _apart(figures: Figures) -> Table:
    """Return what the served ones and those outside the register add up to: the HTX of the report on the lượt."""
    served = figures["total"][UNKNOWN][1]
    called = [
        (ENDED, _("HTX đã chấm dứt ở ngày của số liệu")),
        (UNDATED, _("HTX chưa ghi ngày đăng ký")),
        (LATER, _("HTX đăng ký hoặc nhập sổ sau ngày của số liệu")),
    ]
    lines = [(SERVED, _("HTX có trong sổ được phục vụ"), served)]
    lines += [(code, name, _number(figures, "apart", code)) for code, name in called]
    rows = [Row(code, name, (opening(count),)) for code, name, count in lines]
    everybody = leading(sum(count for _code, _name, count in lines), "cooperatives")
    rows.append(Row("total", _("Tất cả HTX được tư vấn trong kỳ"), (everybody,), is_total=True))
    columns = (Column("cooperatives", _("Số HTX")),)
    return Table("apart", _("Đối chiếu với số HTX được tư vấn"), _("Chỉ tiêu"), columns, tuple(rows))


def _columns() -> tuple[Column, ...]:
    return (
        Column(REGISTERED, _("Có trong sổ")),
        Column(SERVED, _("Được phục vụ")),
        Column(UNSERVED, _("Chưa được phục vụ")),
        Column("share", _("Tỷ lệ phục vụ (%)"), Shape.PERCENT),
    )


def _covered(registered: int, served: int) -> tuple[Cell, ...]:
    figures = (registered, served, registered - served)
    return (*(opening(figure) for figure in figures), Cell(percent(served, registered)))


def _number(figures: Figures, dimension: str, key: str) -> int:
    number: int = figures[dimension].get(key, [0])[0]
    return number


COVERAGE = ReportKind(
    code="coverage",
    slug="do-bao-phu",
    title=gettext_lazy("Độ bao phủ: HTX được phục vụ và chưa được phục vụ"),
    rule=RULE,
    compute=coverage_figures,
    lay_out=lay_out,
    behind=listed,
    versioned=True,
    of_entries=True,
    recount=counted_coverage,
)
