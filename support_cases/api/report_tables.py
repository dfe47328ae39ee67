"""Any report over HTTP: the tables its page shows, the same numbers, and the rows behind a figure."""

from datetime import date, timedelta

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from htx_portal.accounts.permissions import ReviewOnly
from htx_portal.pagination import ApiPagination
from support_cases.api.reports import CLOSING, FRAME_ASKED, PeriodSerializer
from support_cases.exports.front import notice_of, rule_of
from support_cases.reports.answers import Answer, answer
from support_cases.reports.basis import basis_of
from support_cases.reports.kinds import ReportKind
from support_cases.reports.opened import Opened, figure_opened, is_figure
from support_cases.reports.periods import CALENDARS, Period
from support_cases.reports.query import ReportQuery, read_query
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import FRAMES, period_label
from support_cases.reports.tables import Shape, Table, Value

#: What every report may be asked.
ASKED = [
    OpenApiParameter("period", str, description="2024-06, 2024-Q2, 2024-H1, 2024-9M, 2024"),
    OpenApiParameter("from", str, description="YYYY-MM, YYYY-MM-DD"),
    OpenApiParameter("to", str, description="YYYY-MM, YYYY-MM-DD"),
    OpenApiParameter("calendar", str, enum=CALENDARS),
    OpenApiParameter("frame", str, enum=FRAMES, description=FRAME_ASKED),
    OpenApiParameter("as_of", str, description="YYYY-MM-DD"),
    CLOSING,
]
_CELL = [OpenApiParameter(name, str, required=True) for name in ("table", "row", "column")]


class CellSerializer(serializers.Serializer):
    """Which figure of a report is asked for, by the codes of its table, line and column; a line may have none."""

    table = serializers.CharField()
    row = serializers.CharField(allow_blank=True)
    column = serializers.CharField()


class ReportLineSerializer(serializers.Serializer):
    """One report in the list of reports."""

    code = serializers.CharField()
    title = serializers.CharField()
    rule = serializers.CharField()
    url = serializers.CharField()


class ReportListSerializer(serializers.Serializer):
    """All reports."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ReportLineSerializer(many=True)


class ColumnSerializer(serializers.Serializer):
    """One column; money is in whole đồng."""

    code = serializers.CharField()
    title = serializers.CharField()
    shape = serializers.ChoiceField(choices=[(shape.value, shape.value) for shape in Shape])


class TableRowSerializer(serializers.Serializer):
    """One line; ``values`` holds one value, or null, for each column by its code."""

    code = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    is_total = serializers.BooleanField()
    values = serializers.DictField(child=serializers.JSONField(allow_null=True))


class TableSerializer(serializers.Serializer):
    """One table."""

    code = serializers.CharField()
    title = serializers.CharField()
    what = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    columns = ColumnSerializer(many=True)
    rows = TableRowSerializer(many=True)


class ReportSerializer(serializers.Serializer):
    """One report on one period; ``digest`` is that of the closing that keeps the figures, null where none does.

    Of a period just closed it is null for as long as the figures are counted to be kept; those answered are counted as
    known when it was closed.
    """

    report = serializers.CharField()
    title = serializers.CharField()
    rule = serializers.CharField()
    period = PeriodSerializer()
    frame = serializers.ChoiceField(choices=FRAMES)
    closed = serializers.BooleanField()
    closed_on = serializers.DateField(allow_null=True)
    digest = serializers.CharField(allow_null=True)
    as_of = serializers.DateField()
    notice = serializers.CharField(allow_blank=True)
    tables = TableSerializer(many=True)


class ListedSerializer(serializers.Serializer):
    """A page of the rows behind one figure: one value for each column by its code."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = serializers.ListField(child=serializers.DictField(child=serializers.JSONField(allow_null=True)))


class ReportListView(APIView):
    """The reports there are, for managers and staff."""

    permission_classes = (ReviewOnly,)

    @extend_schema(operation_id="reports_list", responses=ReportListSerializer)
    def get(self, request):
        """Return code, title, rule and address of each report."""
        results = [
            {
                "code": kind.code,
                "title": str(kind.title),
                "rule": str(kind.rule),
                "url": reverse("api-report-tables", args=[kind.code], request=request),
            }
            for kind in REPORTS.values()
        ]
        return Response({"count": len(results), "next": None, "previous": None, "results": results})


class ReportView(APIView):
    """The tables of one report on one period, for managers and staff."""

    permission_classes = (ReviewOnly,)

    @extend_schema(parameters=ASKED, responses=ReportSerializer)
    def get(self, request, code: str):
        """Return the tables."""
        kind, today = _kind(code), timezone.localdate()
        asked = read_query(request.query_params, today)
        found = answer(kind, asked.period, frame=asked.frame, today=today, as_of=asked.as_of, closing=asked.closing)
        return Response(plain_answer(found, today))


class ReportRowsView(APIView):
    """The rows a report itself lists behind one of its figures, for managers and staff."""

    permission_classes = (ReviewOnly,)

    @extend_schema(parameters=[*ASKED, *_CELL], responses=ListedSerializer)
    def get(self, request, code: str):
        """Return a page of the rows, in the order of the list on the page; 404 where there is no such figure."""
        kind, today = _kind(code), timezone.localdate()
        cell = CellSerializer(data=request.query_params)
        cell.is_valid(raise_exception=True)
        asked: ReportQuery = read_query(request.query_params, today)
        basis = basis_of(asked.period, as_of=asked.as_of, today=today, closing=asked.closing)
        opened = figure_opened(kind, basis, **cell.validated_data)
        pages = ApiPagination()
        page = pages.paginate_queryset(opened.rows, request, self) or []
        if not page and not is_figure(kind, basis, **cell.validated_data):
            raise Http404
        return pages.get_paginated_response(_listed_rows(opened, page))


def _listed_rows(opened: Opened, page) -> list[dict[str, Value]]:
    codes = [column.code for column in opened.columns]
    return [dict(zip(codes, map(plain_value, one.values), strict=True)) for one in opened.lines(page)]


def _kind(code: str) -> ReportKind:
    """Return a report. Raises ``Http404``."""
    if code not in REPORTS:
        raise Http404(_("Không có báo cáo này."))
    return REPORTS[code]


def plain_answer(found: Answer, today: date) -> dict:
    """Return a report as JSON holds it."""
    basis = found.basis
    known_until = min(today, basis.as_of + timedelta(days=1))
    return {
        "report": found.kind.code,
        "title": str(found.kind.title),
        "rule": rule_of(found),
        "period": plain_period(found.period, complete=found.period.is_complete(known_until)),
        "frame": found.frame,
        "closed": basis.closed_on is not None,
        "closed_on": basis.closed_on,
        "digest": (basis.closing.digest or None) if basis.closing else None,
        "as_of": basis.as_of,
        "notice": notice_of(found),
        "tables": [_table(table) for table in found.tables],
    }


def plain_period(period: Period, *, complete: bool) -> dict:
    """Return a period with its exact days."""
    return {
        "calendar": period.calendar,
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "label": period_label(period),
        "complete": complete,
    }


def plain_value(value: Value) -> Value:
    """Return a value as JSON holds it: days as YYYY-MM-DD, words as text."""
    return value if isinstance(value, int | float) or value is None else str(value)


def _table(table: Table) -> dict:
    codes = table.column_codes
    return {
        "code": table.code,
        "title": str(table.title),
        "what": str(table.what),
        "note": str(table.note),
        "columns": [{"code": one.code, "title": str(one.title), "shape": one.shape} for one in table.columns],
        "rows": [
            {
                "code": row.code,
                "name": str(row.name),
                "is_total": row.is_total,
                "values": {code: plain_value(cell.value) for code, cell in zip(codes, row.cells, strict=True)},
            }
            for row in table.rows
        ],
    }
