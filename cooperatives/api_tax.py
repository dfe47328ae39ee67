"""The tax calendar of one cooperative over HTTP. Days and their basis, never an amount."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers

from cooperatives.access import cooperatives_for
from cooperatives.choices import Confidence
from cooperatives.errors import InvalidEntry
from cooperatives.tax_calendar import Due, span_of, tax_calendar
from htx_portal.accounts.permissions import ReadOrWork


class SpanSerializer(serializers.Serializer):
    """From when to when the calendar is asked for: a year from today by itself, two years at most."""

    from_ = serializers.DateField(required=False)
    to = serializers.DateField(required=False)

    def to_internal_value(self, data):
        """Read ``from``, which is no name in Python."""
        renamed = {"from_" if name == "from" else name: data[name] for name in ("from", "to") if data.get(name)}
        try:
            return super().to_internal_value(renamed)
        except serializers.ValidationError as refusal:
            said = {"from" if name == "from_" else name: words for name, words in refusal.detail.items()}
            raise serializers.ValidationError(said) from refusal

    def validate(self, data):
        """Fill in what was left out; refuse a span that ends before it begins or is too long."""
        try:
            first, last = span_of(data.get("from_"), data.get("to"), timezone.localdate())
        except InvalidEntry as refusal:
            names = {"first": "from", "last": "to"}
            raise serializers.ValidationError(
                {names[name]: found for name, found in refusal.problems.items()}
            ) from None
        return {"first": first, "last": last}


class TaxDaySerializer(serializers.Serializer):
    """One obligation of one period; ``certain`` is false where it hangs on what nobody asked the cooperative yet."""

    obligation = serializers.CharField(source="obligation.code")
    title = serializers.CharField(source="obligation.title")
    period = serializers.CharField(source="period.label")
    statutory_on = serializers.DateField(help_text="the day the rule names")
    due_on = serializers.DateField(help_text="that day, moved past days off or by decree")
    days_left = serializers.SerializerMethodField()
    moved_by = serializers.CharField(source="moved.legal_document", allow_null=True, default=None)
    request_by = serializers.DateField(source="moved.request_by", allow_null=True, default=None)
    certain = serializers.BooleanField()
    basis = serializers.CharField(source="obligation.basis")
    confidence = serializers.ChoiceField(source="obligation.confidence", choices=Confidence.choices)

    def get_days_left(self, due: Due) -> int:
        """Return calendar days from today, negative when past."""
        return due.days_left(timezone.localdate())


class TaxCalendarList(generics.ListAPIView):
    """The tax days of a cooperative the person may see, by day; to be checked with the tax office."""

    permission_classes = (ReadOrWork,)
    serializer_class = TaxDaySerializer
    filter_backends = ()

    @extend_schema(parameters=[OpenApiParameter("from", str), OpenApiParameter("to", str)])
    def get(self, request, *args, **kwargs):
        """Answer with the days between ``from`` and ``to``."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        """Return the calendar, which is made and not stored."""
        asked = SpanSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        cooperative = get_object_or_404(cooperatives_for(self.request.user), pk=self.kwargs["pk"])
        return tax_calendar(cooperative, **asked.validated_data)
