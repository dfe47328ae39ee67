"""Cases over HTTP: list, open, read, change, take a step, history."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from htx_portal.accounts.permissions import ReadOrWork
from support_cases.access import cases_for
from support_cases.api.case_acts import CaseActs
from support_cases.api.case_serializers import (
    CaseDetailSerializer,
    CaseOpenSerializer,
    CaseSerializer,
    EventSerializer,
    PublicEventSerializer,
    StepSerializer,
)
from support_cases.api.referrals import CaseReferrals
from support_cases.filters import CaseFilter
from support_cases.history import public_events
from support_cases.models import Case
from support_cases.workflow import take_step


class CaseViewSet(
    CaseActs,
    CaseReferrals,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """Cases the signed-in person may see, by their reference."""

    queryset = Case.objects.none()
    serializer_class = CaseDetailSerializer
    filterset_class = CaseFilter
    permission_classes = (ReadOrWork,)
    lookup_field = "reference"
    lookup_value_regex = r"[A-Za-z0-9-]+"

    def get_queryset(self):
        """Return the rows of the role; single cases with what their answer holds."""
        rows = cases_for(self.request.user).with_parties().select_related("follows")
        return rows if self.action == "list" else rows.select_related("basis").prefetch_related("checklist")

    def get_serializer_class(self):
        """Lists are short, single cases full."""
        return CaseSerializer if self.action == "list" else CaseDetailSerializer

    @extend_schema(request=CaseOpenSerializer, responses={201: CaseDetailSerializer})
    def create(self, request):
        """Open a case."""
        sent = CaseOpenSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        case = sent.save()
        return Response(self.answer(case), status=status.HTTP_201_CREATED)

    def update(self, request, *args, **kwargs):
        """Change what is written on the case; the status changes only by steps."""
        sent = self.get_serializer(self.get_object(), data=request.data, partial=kwargs.get("partial", False))
        sent.is_valid(raise_exception=True)
        return Response(self.answer(sent.save()))

    @extend_schema(request=StepSerializer, responses=CaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def steps(self, request, reference):
        """Take a step; 409 with ``problems`` in words when it is not allowed now."""
        sent = StepSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        case = take_step(
            self.get_object(),
            values["step"],
            by=request.user,
            today=timezone.localdate(),
            note=values.get("note", ""),
            version=values.get("version"),
        )
        return Response(self.answer(case))

    @extend_schema(responses=EventSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def history(self, request, reference):
        """Return what happened to the case, first event first."""
        case = self.get_object()
        if request.user.may_review:
            events, kind = case.events.select_related("actor"), EventSerializer
        else:
            events, kind = public_events(case), PublicEventSerializer
        page = self.paginate_queryset(events)
        return self.get_paginated_response(kind(page, many=True).data)

    def answer(self, case) -> dict:
        """Return the full answer for a case that was just written."""
        fresh = self.get_queryset().get(pk=case.pk)
        return CaseDetailSerializer(fresh, context=self.get_serializer_context()).data
