"""Reports over HTTP: the same function as the page, the same numbers."""

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from cooperatives.models import TWO_LEVELS_FROM
from htx_portal.accounts.permissions import ReviewOnly
from support_cases.exports.front import rule_of
from support_cases.reports.periods import CALENDARS
from support_cases.reports.query import read_query
from support_cases.reports.served import FRAMES, Line, Served, period_label, served

#: The figures of one closing of the period, also of one that was reopened.
CLOSING = OpenApiParameter("closing", int, description="number of a closing of exactly this period, without as_of")
#: What the schema says of the territorial frame.
FRAME_ASKED = f"without it 2025 for periods that begin on {TWO_LEVELS_FROM} or later, 2022 for all others"


class PeriodSerializer(serializers.Serializer):
    """The period with its exact days."""

    calendar = serializers.ChoiceField(choices=CALENDARS)
    vars()["from"] = serializers.DateField()
    to = serializers.DateField()
    label = serializers.CharField()
    complete = serializers.BooleanField()


class TotalsSerializer(serializers.Serializer):
    """The figures of the whole period."""

    consultations = serializers.IntegerField()
    cooperatives = serializers.IntegerField()
    first_time = serializers.IntegerField()
    founding_groups = serializers.IntegerField()


class MonthLineSerializer(serializers.Serializer):
    """One month."""

    month = serializers.CharField()
    consultations = serializers.IntegerField()
    cooperatives = serializers.IntegerField()


class NamedLineSerializer(serializers.Serializer):
    """One line of a breakdown."""

    name = serializers.CharField()
    consultations = serializers.IntegerField()
    cooperatives = serializers.IntegerField()


class TopicLineSerializer(NamedLineSerializer):
    """One topic; lines may add up to more than the total."""

    topic = serializers.CharField()


class UnitLineSerializer(NamedLineSerializer):
    """One unit of the territorial frame; ``unit`` is its official code, null where it is not known."""

    unit = serializers.CharField(allow_null=True)


class ChannelLineSerializer(NamedLineSerializer):
    """One channel."""

    channel = serializers.CharField()


class OfficerLineSerializer(NamedLineSerializer):
    """One officer."""

    officer = serializers.IntegerField(allow_null=True)


class LastYearSerializer(serializers.Serializer):
    """The same months of the year before; ``change_percent`` is null without a base and while the period runs."""

    consultations = serializers.IntegerField()
    cooperatives = serializers.IntegerField()
    change_percent = serializers.FloatField(allow_null=True)


class ServedSerializer(serializers.Serializer):
    """The report "cooperatives served"."""

    period = PeriodSerializer()
    rule = serializers.CharField()
    frame = serializers.ChoiceField(choices=FRAMES)
    totals = TotalsSerializer()
    by_month = MonthLineSerializer(many=True)
    by_topic = TopicLineSerializer(many=True)
    by_unit = UnitLineSerializer(many=True)
    by_channel = ChannelLineSerializer(many=True)
    by_officer = OfficerLineSerializer(many=True)
    same_period_last_year = LastYearSerializer()
    closed = serializers.BooleanField()
    as_of = serializers.DateField()


class ServedView(APIView):
    """Lượt, distinct and first-time cooperatives of a period, for managers and staff."""

    permission_classes = (ReviewOnly,)

    @extend_schema(
        parameters=[
            OpenApiParameter("from", str, description="YYYY-MM"),
            OpenApiParameter("to", str, description="YYYY-MM"),
            OpenApiParameter("calendar", str, enum=CALENDARS),
            OpenApiParameter("frame", str, enum=FRAMES, description=FRAME_ASKED),
            OpenApiParameter("as_of", str, description="YYYY-MM-DD"),
            CLOSING,
        ],
        responses=ServedSerializer,
    )
    def get(self, request):
        """Return the report."""
        today = timezone.localdate()
        asked = read_query(request.query_params, today)
        found = served(asked.period, frame=asked.frame, today=today, as_of=asked.as_of, closing=asked.closing)
        return Response(plain(found, today))


def plain(report: Served, today) -> dict:
    """Return the report in the shape of the contract."""
    period = report.period
    return {
        "period": {
            "calendar": period.calendar,
            "from": period.start.isoformat(),
            "to": period.end.isoformat(),
            "label": period_label(period),
            "complete": period.is_complete(min(today, report.as_of + timedelta(days=1))),
        },
        "rule": rule_of(report.answer),
        "frame": report.frame,
        "totals": {
            "consultations": report.consultations,
            "cooperatives": report.cooperatives,
            "first_time": report.first_time,
            "founding_groups": report.founding_groups,
        },
        "by_month": [_line("month", line, named=False) for line in report.by_month],
        "by_topic": [_line("topic", line) for line in report.by_topic],
        "by_unit": [_line("unit", line) for line in report.by_unit],
        "by_channel": [_line("channel", line) for line in report.by_channel],
        "by_officer": [_line("officer", line) for line in report.by_officer],
        "same_period_last_year": {
            "consultations": report.last_year_consultations,
            "cooperatives": report.last_year_cooperatives,
            "change_percent": report.change_percent,
        },
        "closed": report.closed,
        "as_of": report.as_of.isoformat(),
    }


def _line(what: str, line: Line, named: bool = True) -> dict:
    """Return one line of a breakdown under its own name."""
    key: str | int | None = line.code or None
    if what == "officer" and key is not None:
        key = int(key)
    names = {"name": line.name} if named else {}
    return {what: key, **names, "consultations": line.consultations, "cooperatives": line.cooperatives}
