"""The report "outcomes": what became of loans, OCOP, terms, placements and registrations in a period."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CongressKind, Kind, Lender
from cooperatives.models import RegisteredFact
from support_cases.reports import outcome_sources as of
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.source_tables import Breakdown, Counted, Fact, FactList, by_month, choice_lines
from support_cases.reports.sources import COOPERATIVES_AT, MONEY_AT, figures_of_sources
from support_cases.reports.tables import Chart, Table

RULE = _(
    "Mỗi kết quả tính vào ngày của chính nó: đề nghị vay theo ngày nộp; được duyệt, bị từ chối theo ngày quyết định "
    "(nếu không ghi thì theo ngày nộp); giải ngân theo ngày chi; sao OCOP theo quyết định cuối cùng trong kỳ của mỗi "
    "sản phẩm; nhiệm kỳ theo ngày bắt đầu, không tính nhiệm kỳ đầu do hội nghị thành lập bầu; lao động hỗ trợ theo "
    "hợp đồng, mỗi người một lần; tiền hỗ trợ theo ngày quyết định và ngày chi của đợt. Lần giải ngân đã bỏ không "
    "tính. Số HTX không trùng không cộng dồn giữa các dòng."
)
_TOTAL = _("Tổng cộng")

_ASKED = (
    Counted("asked", _("Đề nghị vay"), of.ASKED),
    Counted("asked_money", _("Tiền đề nghị (đồng)"), of.ASKED, MONEY_AT),
    Counted("granted", _("Được duyệt"), of.GRANTED),
    Counted("granted_money", _("Tiền được duyệt (đồng)"), of.GRANTED, MONEY_AT),
)
_PAID = (
    Counted("paid", _("Được giải ngân"), of.PAID_OUT),
    Counted("paid_money", _("Tiền giải ngân (đồng)"), of.PAID_OUT, MONEY_AT),
)
_REFUSED = Counted("refused", _("Bị từ chối"), of.REFUSED)

LOANS = Breakdown(
    "loans",
    _("Vay vốn theo nơi cho vay"),
    _("Nơi cho vay"),
    "lender",
    (*_ASKED, _REFUSED, *_PAID),
    choice_lines(Lender.choices),
    _TOTAL,
    note=_(
        "Một khoản vay có thể nộp, được duyệt và giải ngân trong ba kỳ khác nhau. Trang tổng hợp vay vốn theo năm "
        "xếp số được duyệt theo năm nộp nên có thể khác."
    ),
)
LOANS_BY_MONTH = by_month(
    "loans_month",
    _("Vay vốn theo tháng"),
    _("Tháng"),
    (*_ASKED, _REFUSED, *_PAID),
    _TOTAL,
    note=_("Khoản vay giải ngân trong nhiều tháng có ở từng tháng, trong tổng cộng chỉ tính một lần."),
    chart=Chart("trend", ("granted_money", "paid_money")),
)
STARS = Breakdown(
    "stars",
    _("Phân hạng OCOP theo số sao"),
    _("Số sao"),
    "stars",
    (
        Counted("won", _("Được phân hạng trong kỳ"), of.WON),
        Counted("won_cooperatives", _("Số HTX"), of.WON, COOPERATIVES_AT),
        Counted("lapsing", _("Hết hạn trong kỳ"), of.STARS_LAPSING),
        Counted("not_renewed", _("Trong đó chưa phân hạng lại"), of.STARS_LOST),
        Counted("valid", _("Còn hạn cuối kỳ"), of.STARS_VALID),
    ),
    choice_lines([(stars, f"{stars} ★") for stars in (5, 4, 3, 2, 1)]),
    _TOTAL,
    note=_("Của kỳ đang chạy, “cuối kỳ” là ngày tính số liệu."),
)
TERMS = FactList(
    "terms",
    _("Nhiệm kỳ và đại hội"),
    _("Kết quả"),
    _("Số lần"),
    _("Số HTX"),
    (
        Fact("renewed", _("Bầu nhiệm kỳ mới của HĐQT"), of.RENEWED),
        Fact("lapsing", _("Nhiệm kỳ HĐQT hết hạn trong kỳ"), of.TERMS_LAPSING),
        Fact("not_renewed", _("Trong đó chưa có nhiệm kỳ mới"), of.TERMS_LAPSED),
        Fact("yearly", _("Đại hội tính là đại hội thường niên của năm"), of.YEARLY_MEETINGS),
        *(
            Fact(f"held_{kind}", format_lazy("{}: {}", _("Đại hội đã họp"), label), of.MEETINGS, "kind", kind)
            for kind, label in CongressKind.choices
        ),
    ),
)
PLACEMENTS = by_month(
    "placements",
    _("Hỗ trợ nhân lực theo tháng"),
    _("Tháng"),
    (
        Counted("begun", _("Hợp đồng bắt đầu"), of.BEGUN),
        Counted("people", _("Người làm việc"), of.PEOPLE),
        Counted("cooperatives", _("HTX có người làm việc"), of.PEOPLE, COOPERATIVES_AT),
        Counted("confirmed", _("Tháng làm việc đã xác nhận"), of.CONFIRMED),
        Counted("decided_money", _("Tiền được quyết định chi (đồng)"), of.DECIDED, MONEY_AT),
        Counted("paid_money", _("Tiền đã chi (đồng)"), of.PAID, MONEY_AT),
    ),
    _TOTAL,
    note=_("Người làm việc nhiều tháng có ở từng tháng, trong tổng cộng chỉ tính một lần."),
    chart=Chart("trend", ("decided_money", "paid_money")),
)
REGISTRATIONS = FactList(
    "registrations",
    _("Thành lập và đăng ký thay đổi"),
    _("Kết quả"),
    _("Số lần"),
    _("Số HTX"),
    (
        Fact("founded", _("Thành lập mới"), of.FOUNDED),
        *(
            Fact(f"founded_{kind}", format_lazy("{}: {}", _("Thành lập mới"), label), of.FOUNDED, "kind", kind)
            for kind, label in Kind.choices
        ),
        Fact("ended", _("Giải thể, chấm dứt, bị thu hồi"), of.ENDED),
        Fact("suspended", _("Tạm ngừng kinh doanh"), of.SUSPENDED),
        Fact("lines", _("Thay đổi ngành, nghề"), of.LINES_CHANGED),
        *(
            Fact(f"changed_{fact}", format_lazy("{}: {}", _("Đổi đăng ký"), label), of.CHANGED, "fact", fact)
            for fact, label in RegisteredFact.choices
        ),
        Fact("branches_opened", _("Mở đơn vị phụ thuộc"), of.BRANCHES_OPENED),
        Fact("branches_closed", _("Chấm dứt đơn vị phụ thuộc"), of.BRANCHES_CLOSED),
    ),
)
TABLES: tuple[Breakdown | FactList, ...] = (LOANS, LOANS_BY_MONTH, STARS, TERMS, PLACEMENTS, REGISTRATIONS)


def _compute(scope: Scope) -> Figures:
    asked = {one for table in TABLES for one in table.asked()}
    return figures_of_sources(scope, sorted(asked, key=lambda one: (one[0].code, one[1])))


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    return [table.table(scope, figures) for table in TABLES]


def _behind(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    found = next((one for one in TABLES if one.code == table), None)
    return found.behind(scope, row, column) if found else None


OUTCOMES = ReportKind(
    code="outcomes",
    slug="ket-qua-theo-noi-dung",
    title=_("Kết quả theo nội dung hỗ trợ"),
    rule=RULE,
    compute=_compute,
    lay_out=_lay_out,
    behind=_behind,
    # Loans, ratings, terms and contracts are written over when they change.
    rebuilt=False,
)
