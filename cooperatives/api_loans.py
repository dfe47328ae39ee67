"""Loans over HTTP, for those who review: list, one loan with its payments, sums; staff record payments."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperatives.access import loans_for
from cooperatives.choices import Lender, RefusalReason
from cooperatives.lending import add_disbursement, sums, total_of
from cooperatives.loan_filters import LoanFilter, LoanSumFilter
from cooperatives.models import Disbursement, Loan
from htx_portal.accounts.permissions import ReadOrWork, ReviewOnly

_BY = ("year", "lender")


class LoanSerializer(serializers.ModelSerializer):
    """One loan; amounts in whole đồng."""

    cooperative_name = serializers.CharField(source="cooperative.name", read_only=True)
    programme_name = serializers.CharField(source="programme.name", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Loan
        fields = [
            "id", "cooperative", "cooperative_name", "lender", "programme", "programme_name", "programme_note",
            "purpose", "requested", "approved", "disbursed", "rate_percent", "rate_note", "term_months", "collateral",
            "own_capital_percent", "plan_ready", "statements_ready", "cic", "submitted_on", "decided_on", "result",
            "refusal_reason", "follow_up",
        ]  # fmt: skip
        read_only_fields = fields


class DisbursementSerializer(serializers.ModelSerializer):
    """One payment of a loan; ``source`` is the reference of the case it was recorded in, if it was."""

    class Meta:
        model = Disbursement
        fields = ["id", "paid_on", "amount", "note", "source"]
        read_only_fields = ["id", "source"]


class LoanDetailSerializer(LoanSerializer):
    """One loan with its standing payments and all its reasons of refusal."""

    disbursements = serializers.SerializerMethodField()
    further_reasons = serializers.SerializerMethodField()

    class Meta(LoanSerializer.Meta):
        fields = [*LoanSerializer.Meta.fields, "further_reasons", "disbursements"]
        read_only_fields = fields

    @extend_schema_field(DisbursementSerializer(many=True))
    def get_disbursements(self, loan) -> list:
        """Return the payments that count."""
        return DisbursementSerializer(loan.disbursements.standing(), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=RefusalReason.choices)))
    def get_further_reasons(self, loan) -> list:
        """Return the reasons beside the main one."""
        return [row.reason for row in loan.further_refusals.all()]


class PaySerializer(serializers.Serializer):
    """A payment to record; ``seen`` is the sum paid out as the sender saw it, which notices who was faster."""

    paid_on = serializers.DateField()
    amount = serializers.IntegerField(min_value=1, max_value=10**15)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    seen = serializers.IntegerField(min_value=0, max_value=10**15, required=False)


class LoanSumSerializer(serializers.Serializer):
    """The sums of one group of loans in whole đồng; ``disbursed`` by the year of payment, the rest by submission."""

    loans = serializers.IntegerField()
    asked = serializers.IntegerField()
    approved = serializers.IntegerField()
    disbursed = serializers.IntegerField()


class LoanLineSerializer(LoanSumSerializer):
    """The sums of one lender in one year."""

    year = serializers.IntegerField()
    lender = serializers.ChoiceField(choices=Lender.choices)


class LoanSummarySerializer(serializers.Serializer):
    """Sums by year and lender, and of all lines together."""

    lines = LoanLineSerializer(many=True)
    total = LoanSumSerializer()


class LoanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Loans of the register; a cooperative's people do not get in, for amounts and reasons are the office's own."""

    queryset = Loan.objects.none()
    serializer_class = LoanDetailSerializer
    filterset_class = LoanFilter
    permission_classes = (ReviewOnly,)
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        """Return the rows of the role, with what each row prints."""
        return loans_for(self.request.user).select_related("cooperative", "programme")

    def get_serializer_class(self):
        """Lists leave payments and further reasons out."""
        return LoanSerializer if self.action == "list" else LoanDetailSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("year", int, description="YYYY"),
            OpenApiParameter("lender", str, enum=Lender.values),
            OpenApiParameter("district", str, description="old district code"),
        ],
        responses=LoanSummarySerializer,
        filters=False,
    )
    @action(detail=False, methods=["get"], filterset_class=LoanSumFilter, pagination_class=None)
    def summary(self, request):
        """Return what was asked, approved and paid out by year and lender."""
        lines = sums(self.filter_queryset(self.get_queryset()), _BY)
        year = request.query_params.get("year")
        lines = [line for line in lines if not year or line.key[0] == int(year)]
        named = [{"year": line.key[0], "lender": line.key[1], **_amounts(line)} for line in lines]
        return Response({"lines": named, "total": _amounts(total_of(lines))})

    @extend_schema(request=PaySerializer, responses={201: DisbursementSerializer}, filters=False)
    @action(detail=True, methods=["post"], permission_classes=(ReadOrWork,), filterset_class=None)
    def disbursements(self, request, pk):
        """Record a payment; 409 with ``problems`` in words when the loan is not granted or somebody was faster."""
        sent = PaySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        row = add_disbursement(self.get_object(), by=request.user, today=timezone.localdate(), **sent.validated_data)
        return Response(DisbursementSerializer(row).data, status=status.HTTP_201_CREATED)


def _amounts(line) -> dict[str, int]:
    """Return the figures of a line."""
    return {"loans": line.loans, "asked": line.asked, "approved": line.approved, "disbursed": line.disbursed}
