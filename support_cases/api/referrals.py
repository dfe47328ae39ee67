"""Referrals over HTTP: the list of all, and sending, answering, withdrawing, escalating on one case."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperatives.access import agencies_for
from cooperatives.models import Agency
from htx_portal.accounts.permissions import ReadOrWork, ReviewOnly
from support_cases.access import referrals_for
from support_cases.api.fields import VisibleRow
from support_cases.choices import AnswerKind, ReferralState
from support_cases.filters import ReferralFilter
from support_cases.models import Referral
from support_cases.referrals import answer, escalate, refer, withdraw

_OFFICE = (ReadOrWork, ReviewOnly)
_ONE = r"referrals/(?P<referral>\d{1,18})"


class ReferralSerializer(serializers.ModelSerializer):
    """One referral; ``state`` and ``days_left`` are those of today."""

    case = serializers.CharField(source="case.reference", read_only=True)
    case_title = serializers.CharField(source="case.title", read_only=True)
    party_name = serializers.CharField(source="case.party.name", read_only=True)
    agency_name = serializers.CharField(source="agency.name", read_only=True)
    agency_kind = serializers.CharField(source="agency.kind", read_only=True)
    state = serializers.SerializerMethodField()
    days_left = serializers.SerializerMethodField()
    sent_by = serializers.CharField(source="sent_by.get_full_name", read_only=True)

    class Meta:
        model = Referral
        fields = [
            "id", "case", "case_title", "party_name", "agency", "agency_name", "agency_kind", "question", "letter_no",
            "sent_on", "expected_on", "state", "days_left", "answered_on", "answer_kind", "answer", "withdrawn_on",
            "withdrawn_reason", "escalated_on", "escalation_note", "sent_by", "recorded_at", "version",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=ReferralState.choices))
    def get_state(self, row) -> str:
        """Return where the referral stands."""
        return row.state(timezone.localdate()).value

    def get_days_left(self, row) -> int | None:
        """Return the calendar days until the answer is due, negative when late."""
        return row.days_left(timezone.localdate())


class ReferSerializer(serializers.Serializer):
    """A question to an agency; ``version`` is that of the case."""

    agency = VisibleRow(visible_to=agencies_for, queryset=Agency.objects.none())
    question = serializers.CharField(max_length=4000)
    letter_no = serializers.CharField(max_length=60, required=False, allow_blank=True)
    sent_on = serializers.DateField(required=False, allow_null=True)
    expected_on = serializers.DateField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False, min_value=1)


class AnswerSerializer(serializers.Serializer):
    """What the agency answered; ``version`` is that of the referral."""

    answer_kind = serializers.ChoiceField(choices=AnswerKind.choices)
    answer = serializers.CharField(max_length=10000)
    answered_on = serializers.DateField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False, min_value=1)


class WithdrawSerializer(serializers.Serializer):
    """Why an answer is not wanted any more; ``version`` is that of the referral."""

    withdrawn_reason = serializers.CharField(max_length=4000)
    withdrawn_on = serializers.DateField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False, min_value=1)


class EscalateSerializer(serializers.Serializer):
    """What the leaders are told; ``version`` is that of the referral."""

    escalation_note = serializers.CharField(max_length=4000)
    version = serializers.IntegerField(required=False, min_value=1)


class CaseReferrals:
    """Referrals of one case, for the viewset of cases; a cooperative's people have no part in them."""

    @extend_schema(methods=["GET"], responses=ReferralSerializer(many=True), filters=False)
    @extend_schema(methods=["POST"], request=ReferSerializer, responses={201: ReferralSerializer})
    @action(detail=True, methods=["get", "post"], permission_classes=_OFFICE, filterset_class=None)
    def referrals(self, request, reference):
        """List the referrals of the case, open ones first (GET), or send a question to another agency (POST)."""
        case = self.get_object()
        if request.method == "GET":
            page = self.paginate_queryset(referrals_for(request.user).filter(case=case).with_rows().open_first())
            return self.get_paginated_response(ReferralSerializer(page, many=True).data)
        sent = self._read(ReferSerializer)
        agency, question = sent.pop("agency"), sent.pop("question")
        row = refer(case, agency, question, by=request.user, today=timezone.localdate(), **sent)
        return Response(ReferralSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AnswerSerializer, responses=ReferralSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_ONE}/answer")
    def referral_answer(self, request, reference, referral):
        """Log the agency's answer; 409 when it was answered or withdrawn before."""
        sent = self._read(AnswerSerializer)
        return self._act(referral, answer, sent.pop("answer_kind"), sent.pop("answer"), **sent)

    @extend_schema(request=WithdrawSerializer, responses=ReferralSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_ONE}/withdraw")
    def referral_withdraw(self, request, reference, referral):
        """Take the question back; 409 when it was answered or withdrawn before."""
        sent = self._read(WithdrawSerializer)
        return self._act(referral, withdraw, sent.pop("withdrawn_reason"), **sent)

    @extend_schema(request=EscalateSerializer, responses=ReferralSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_ONE}/escalate")
    def referral_escalate(self, request, reference, referral):
        """Tell the leaders that the answer is late; 409 when it is not, or when they know already."""
        sent = self._read(EscalateSerializer)
        return self._act(referral, escalate, sent.pop("escalation_note"), **sent)

    def _read(self, kind: type[serializers.Serializer]) -> dict:
        sent = kind(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def _act(self, pk: str, act, *said, **sent) -> Response:
        """Do ``act`` on one referral of the case and answer with it."""
        rows = referrals_for(self.request.user).filter(case=self.get_object()).with_rows()
        row = act(get_object_or_404(rows, pk=pk), *said, by=self.request.user, today=timezone.localdate(), **sent)
        return Response(ReferralSerializer(row).data)


class ReferralViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """All referrals, open ones first; they are acted on below their case."""

    queryset = Referral.objects.none()
    serializer_class = ReferralSerializer
    filterset_class = ReferralFilter
    permission_classes = (ReviewOnly,)

    def get_queryset(self):
        """Return the rows of the role with what each prints."""
        return referrals_for(self.request.user).with_rows().open_first()
