"""The report "yearly indicators": the register and what cooperatives reported of a year, beside the year before."""

from collections.abc import Callable

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.choices import Kind
from support_cases.reports import listings
from support_cases.reports import outcome_sources as of
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.sources import COOPERATIVES_AT
from support_cases.reports.tables import ROWS, Cell, Column, Row, Shape, Table, change_percent, opening
from support_cases.reports.year_counts import (
    FLAGS,
    SUMMED,
    YEARS,
    count_year,
    registered_of,
    reports_of,
    year_scope,
)

RULE = gettext_lazy(
    "Số liệu của năm có tháng cuối kỳ, theo lịch của kỳ. HTX có trong sổ tính ở ngày cuối năm (năm đang chạy: ngày "
    "tính số liệu), như báo cáo bao phủ. Đang hoạt động là tình trạng pháp lý đang hoạt động và thực tế hoạt động hoặc "
    "hoạt động cầm chừng; còn lại là ngừng. Số liệu năm do HTX báo cáo, chỉ của HTX có trong sổ cuối năm; mỗi số ghi "
    "kèm bao nhiêu HTX đã báo cáo số đó. Bình quân chia cho số HTX đã báo cáo; thu nhập bình quân lao động tính theo "
    "số lao động của từng HTX. Không có số thì ghi –, không coi là 0."
)
_REGISTER = (
    ("total", gettext_lazy("HTX có trong sổ")),
    *((f"kind_{kind}", format_lazy("{}: {}", gettext_lazy("Trong đó"), label)) for kind, label in Kind.choices),
    ("active", gettext_lazy("Đang hoạt động")),
    ("stopped", gettext_lazy("Ngừng hoạt động")),
    ("founded", gettext_lazy("Thành lập mới trong năm")),
    ("ended", gettext_lazy("Giải thể, chấm dứt, bị thu hồi trong năm")),
)
_REPORTED = (
    ("members", gettext_lazy("Thành viên")),
    ("workers", gettext_lazy("Lao động thường xuyên")),
    ("managers", gettext_lazy("Cán bộ quản lý")),
    ("managers_vocational", gettext_lazy("Cán bộ quản lý có trình độ sơ cấp, trung cấp")),
    ("managers_college", gettext_lazy("Cán bộ quản lý có trình độ cao đẳng, đại học trở lên")),
    ("good", gettext_lazy("HTX xếp loại tốt")),
    ("fair", gettext_lazy("HTX xếp loại khá")),
    ("value_chain", gettext_lazy("HTX có liên kết chuỗi giá trị")),
    ("value_chain_agriculture", gettext_lazy("Trong đó HTX nông nghiệp")),
    ("high_tech", gettext_lazy("HTX ứng dụng công nghệ cao")),
)
_AVERAGES = (
    ("revenue", gettext_lazy("Doanh thu bình quân một HTX")),
    ("profit", gettext_lazy("Lãi bình quân một HTX")),
    ("worker_income", gettext_lazy("Thu nhập bình quân một lao động trong năm")),
)


def _compute(scope: Scope) -> Figures:
    """Count both years: name of the year → indicator → numbers."""
    return {name: count_year(year_scope(scope, name)) for name in YEARS}


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    said = {name: _head(scope, name) for name in YEARS}
    return [_register(said, figures, scope), _reported(said, figures), _averages(said, figures)]


def _head(scope: Scope, name: str) -> str:
    """Return the head of one of the years; under the title of a shorter period it says that it is the whole one."""
    whole = year_scope(scope, name)
    is_plain = scope.period == year_scope(scope, "year").period or whole.is_running
    words = _("Năm %(year)s") if is_plain else _("Cả năm %(year)s")
    return words % {"year": whole.period.last.year}


def _register(said: dict[str, str], figures: Figures, scope: Scope) -> Table:
    rows = []
    for code, name in _REGISTER:
        now, then = (figures[year].get(code, [0])[0] for year in YEARS)
        rows.append(Row(code, name, (opening(now), opening(then), Cell(change_percent(now, then)))))
    columns = (*(Column(code, name) for code, name in said.items()), _change())
    note = _("Năm đang chạy tính đến ngày %(day)s.") % {"day": f"{scope.day:%d/%m/%Y}"}
    running = year_scope(scope, "year").is_running
    return Table("register", _("Số HTX"), _("Chỉ tiêu"), columns, tuple(rows), note if running else "")


def _reported(said: dict[str, str], figures: Figures) -> Table:
    """Return counts and sums, each with how many cooperatives told it; a flag opens into its cooperatives."""
    return _told("reported", _("Số liệu HTX báo cáo"), _REPORTED, Shape.COUNT, said, figures, _counted)


def _averages(said: dict[str, str], figures: Figures) -> Table:
    return _told("averages", _("Bình quân (đồng)"), _AVERAGES, Shape.MONEY, said, figures, _average)


def _told(code, title, lines, shape: Shape, said, figures: Figures, value: Callable[[list], int | None]) -> Table:
    rows = []
    for name, words in lines:
        both = [figures[year].get(name, [0, 0]) for year in YEARS]
        now, then = (value(numbers) for numbers in both)
        pairs = [(_flag(name, number), opening(numbers[-1])) for number, numbers in zip((now, then), both, strict=True)]
        change = None if now is None or not then or then < 0 else change_percent(now, then)
        rows.append(Row(name, words, (*pairs[0], *pairs[1], Cell(change))))
    of_htx = _("%(year)s: số HTX báo cáo")
    columns = [
        column
        for year, name in said.items()
        for column in (Column(year, name, shape), Column(f"{year}_reported", of_htx % {"year": name}))
    ]
    return Table(code, title, _("Chỉ tiêu"), (*columns, _change()), tuple(rows))


def _counted(numbers: list) -> int | None:
    """Return a sum or a count, None where no cooperative told it."""
    return numbers[0] if numbers[-1] else None


def _average(numbers: list) -> int | None:
    """Return total by weight, rounded half up to whole đồng; None where there is nothing to divide by."""
    total, weight, _reported_by = numbers if len(numbers) == 3 else (0, 0, 0)
    return (2 * total + weight) // (2 * weight) if weight else None


def _flag(name: str, value: int | None) -> Cell:
    """Return a cell; a count opens into its cooperatives, a sum into what each of them told, an average nowhere."""
    return Cell(value, ROWS if value and name in (*FLAGS, *SUMMED) else None)


def _change() -> Column:
    return Column("change", _("Tăng, giảm (%)"), Shape.PERCENT)


def _behind(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    year, told = column.removesuffix("_reported"), column.endswith("_reported")
    lines = {"register": _REGISTER, "reported": _REPORTED, "averages": _AVERAGES}.get(table, ())
    title = dict(lines).get(row)
    if title is None or year not in YEARS or (table == "register" and told):
        return None
    at = year_scope(scope, year)
    if table == "register":
        if row in ("founded", "ended"):
            return {"founded": of.FOUNDED, "ended": of.ENDED}[row].behind(at, at=COOPERATIVES_AT)
        return listings.listed(title, registered_of(at, row), listings.COOPERATIVES)
    if not told and row in SUMMED:
        listing = listings.YEAR_MANAGERS if row.startswith("managers") else listings.YEAR_FIGURES
        return listings.listed(title, reports_of(at, row, told=True), listing, row)
    if not told and row not in FLAGS:
        return None
    return listings.listed(title, reports_of(at, row, told=told), listings.YEAR_FIGURES)


INDICATORS = ReportKind(
    code="indicators",
    slug="chi-tieu-nam",
    title=gettext_lazy("Chỉ tiêu kinh tế tập thể hằng năm"),
    rule=RULE,
    compute=_compute,
    lay_out=_lay_out,
    behind=_behind,
    # What a cooperative reported is written over when it is corrected.
    rebuilt=False,
)
