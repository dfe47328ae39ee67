"""Acts on one case beside its steps over HTTP: putting off, changing the law."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from support_cases.api.case_serializers import BasisSerializer, CaseDetailSerializer
from support_cases.bases import preview_switch, switch_basis
from support_cases.extensions import extend_due


class ExtendSerializer(serializers.Serializer):
    """A later due day and why; once for each case."""

    due_on = serializers.DateField()
    reason = serializers.CharField(max_length=4000)
    version = serializers.IntegerField(required=False, min_value=1)


class SwitchSerializer(serializers.Serializer):
    """The day that decides the law, and why the case moves to it."""

    event_on = serializers.DateField()
    reason = serializers.CharField(max_length=4000)
    version = serializers.IntegerField(required=False, min_value=1)


class SwitchPreviewSerializer(serializers.Serializer):
    """What moving a case to the law of a day would change."""

    event_on = serializers.DateField()
    basis = BasisSerializer(allow_null=True)
    gained = serializers.ListField(child=serializers.CharField())
    lost = serializers.ListField(child=serializers.CharField())


class DayAskedFor(serializers.Serializer):
    """The day of ``?event_on=``; today where it is left out."""

    event_on = serializers.DateField(required=False)


class CaseActs:
    """The acts, for the viewset of cases, which says which rows a person may act on and how a case is answered."""

    @extend_schema(
        methods=["GET"],
        parameters=[OpenApiParameter("event_on", str, description="YYYY-MM-DD")],
        responses=SwitchPreviewSerializer,
        filters=False,
    )
    @extend_schema(methods=["POST"], request=SwitchSerializer, responses=CaseDetailSerializer)
    @action(detail=True, methods=["get", "post"], filterset_class=None)
    def basis(self, request, reference):
        """Show what the law of a day would change (GET), or move the case to it (POST)."""
        case = self.get_object()
        if request.method == "POST":
            sent = _read(SwitchSerializer, request.data)
            today = timezone.localdate()
            changed = switch_basis(
                case, sent["event_on"], sent["reason"], by=request.user, today=today, version=sent.get("version")
            )
            return Response(self.answer(changed))
        day = _read(DayAskedFor, request.query_params).get("event_on") or timezone.localdate()
        found = preview_switch(case, day)
        return Response(
            {
                "event_on": day.isoformat(),
                "basis": BasisSerializer(found.basis).data if found.basis else None,
                "gained": [paper.label for paper in found.gained],
                "lost": [paper.label for paper in found.lost],
            }
        )

    @extend_schema(request=ExtendSerializer, responses=CaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def extend(self, request, reference):
        """Put the due day off; 409 with ``problems`` where that is not possible, or not any more."""
        sent = _read(ExtendSerializer, request.data)
        today = timezone.localdate()
        case = extend_due(
            self.get_object(), sent["due_on"], sent["reason"], by=request.user, today=today, version=sent.get("version")
        )
        return Response(self.answer(case))


def _read(kind: type[serializers.Serializer], data) -> dict:
    """Return what was sent, checked. Raises ``ValidationError`` with messages by field."""
    sent = kind(data=data)
    sent.is_valid(raise_exception=True)
    return sent.validated_data
