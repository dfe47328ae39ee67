"""The register over HTTP."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperatives.access import agencies_for, cooperatives_for
from cooperatives.choices import Confidence, LegalStatus, ObligationKind, ObligationState
from cooperatives.errors import InvalidEntry
from cooperatives.filters import AgencyFilter, CooperativeFilter
from cooperatives.governance.acts import file_annual_update
from cooperatives.governance.obligations import obligations_of
from cooperatives.models import AdminUnit, Agency, AnnualUpdate, Cooperative
from cooperatives.register import enter_cooperative, warnings_about
from htx_portal.accounts.permissions import ReadOrWork, ReviewOnly

# Fields that go by another name here than in the register.
_NAMES = {"old_district": "district", "legal_status": "status"}
# What the register keeps as text, empty where nothing is known; programs send null as they do for other fields.
_TEXTS = ("short_name", "certificate_no", "address", "representative", "phone", "email", "main_activity")


class CooperativeSerializer(serializers.ModelSerializer):
    """One cooperative; ``commune`` is an official code valid on ``registered_on``."""

    commune = serializers.CharField(max_length=5, source="commune.code", help_text=_("Mã xã, phường, thị trấn"))
    commune_name = serializers.CharField(source="commune.full_name", read_only=True)
    old_commune = serializers.CharField(source="old_commune.code", read_only=True, allow_null=True, default=None)
    new_commune = serializers.CharField(source="new_commune.code", read_only=True, allow_null=True, default=None)
    district = serializers.CharField(
        max_length=5, source="old_district.code", required=False, allow_null=True, default=None,
        help_text=_("Mã huyện cũ; chỉ chọn tay khi xã mới gộp từ nhiều huyện"),
    )  # fmt: skip
    status = serializers.ChoiceField(source="legal_status", choices=LegalStatus.choices, required=False)

    class Meta:
        model = Cooperative
        fields = [
            "id", "name", "short_name", "kind", "tax_code", "certificate_no", "registered_on", "status",
            "actual_state", "charter_review", "charter_amended_on", "fiscal_year_end_month", "capital_paid_on",
            "commune", "commune_name", "old_commune", "new_commune", "district",
            "address", "representative", "phone", "email", "members", "charter_capital", "main_activity",
            "updated_at",
        ]  # fmt: skip
        read_only_fields = ["updated_at"]
        # The rules of the register check these, for every door alike.
        extra_kwargs = {name: {"allow_null": True} for name in _TEXTS} | {
            "tax_code": {"validators": [], "max_length": 20},
            "phone": {"validators": [], "max_length": 30, "allow_null": True},
            "name": {"max_length": 200},
        }

    def save(self, **kwargs):
        """Enter the cooperative through the register's own act.

        Raises:
            InvalidEntry: with messages by field.
        """
        values = dict(self.validated_data)
        commune = values.pop("commune", {}).get("code")
        district = values.pop("old_district", None) or {}
        row = self.instance or Cooperative()
        for name, value in values.items():
            setattr(row, name, "" if value is None and name in _TEXTS else value)
        if commune is not None:
            # A pick made for the commune before says nothing about the new one.
            row.old_district = None
        if district.get("code"):
            row.old_district = _district(district["code"])
        try:
            self.instance = enter_cooperative(row, today=timezone.localdate(), commune_code=commune)
        except InvalidEntry as refusal:
            raise InvalidEntry({_NAMES.get(name, name): found for name, found in refusal.problems.items()}) from refusal
        return self.instance


class CooperativeDetailSerializer(CooperativeSerializer):
    """One cooperative with what a person should look at again."""

    warnings = serializers.SerializerMethodField()

    class Meta(CooperativeSerializer.Meta):
        fields = [*CooperativeSerializer.Meta.fields, "warnings"]

    def get_warnings(self, row) -> list[str]:
        """Return the warnings in words."""
        return warnings_about(row)


class ObligationSerializer(serializers.Serializer):
    """Something a cooperative owes by a day; days are null where the register does not know what to count from."""

    kind = serializers.ChoiceField(choices=ObligationKind.choices)
    label = serializers.CharField(source="kind.label")
    advice = serializers.CharField(source="duty.advice")
    state = serializers.ChoiceField(choices=ObligationState.choices)
    anchor_on = serializers.DateField(allow_null=True, help_text=_("Ngày bắt đầu tính"))
    ends_on = serializers.DateField(allow_null=True, help_text=_("Ngày cuối theo lịch"))
    due_on = serializers.DateField(allow_null=True, help_text=_("Ngày cuối được làm, sau khi lùi qua ngày nghỉ"))
    days_left = serializers.IntegerField(allow_null=True)
    arithmetic = serializers.CharField()
    source = serializers.CharField(allow_blank=True)
    confidence = serializers.ChoiceField(choices=Confidence.choices)


class AnnualUpdateSerializer(serializers.ModelSerializer):
    """The information of a year was sent to the registrar on a day; a second note for a year corrects the first."""

    class Meta:
        model = AnnualUpdate
        fields = ["year", "filed_on"]
        # The act itself checks both, for every door alike.
        extra_kwargs = {"year": {"min_value": 0, "max_value": 9999}}


def _district(code: str) -> AdminUnit:
    """Return the old district with this code.

    Raises:
        InvalidEntry: when there is none.
    """
    unit = AdminUnit.objects.old_districts().filter(code=code).first()
    if unit is None:
        raise InvalidEntry({"district": [_("Không có huyện cũ mang mã này.")]})
    return unit


@extend_schema_view(
    list=extend_schema(responses=CooperativeSerializer(many=True)),
)
class CooperativeViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """Cooperatives the signed-in person may see."""

    queryset = Cooperative.objects.none()
    serializer_class = CooperativeDetailSerializer
    filterset_class = CooperativeFilter
    permission_classes = (ReadOrWork,)
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        """Return the rows of the role, with the places each row prints."""
        rows = cooperatives_for(self.request.user)
        return rows.select_related("commune", "old_commune", "new_commune", "old_district")

    def get_serializer_class(self):
        """Lists leave the warnings out, which take queries of their own."""
        return CooperativeSerializer if self.action == "list" else CooperativeDetailSerializer

    @extend_schema(responses=ObligationSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None)
    def obligations(self, request, pk=None):
        """Answer with what the cooperative owes by when, the most urgent first."""
        owed = obligations_of(self.get_object(), timezone.localdate())
        return self.get_paginated_response(ObligationSerializer(self.paginate_queryset(owed), many=True).data)

    @extend_schema(methods=["GET"], responses=AnnualUpdateSerializer(many=True), filters=False)
    @extend_schema(methods=["POST"], request=AnnualUpdateSerializer, responses={201: AnnualUpdateSerializer})
    @action(detail=True, methods=["get", "post"], url_path="annual-updates", filterset_class=None)
    def annual_updates(self, request, pk=None):
        """Answer with the yearly updates noted as sent, the latest first; POST notes one."""
        row = self.get_object()
        if request.method == "POST":
            sent = AnnualUpdateSerializer(data=request.data)
            sent.is_valid(raise_exception=True)
            noted = file_annual_update(row, **sent.validated_data, by=request.user, today=timezone.localdate())
            return Response(AnnualUpdateSerializer(noted).data, status=201)
        page = self.paginate_queryset(row.annual_updates.all())
        return self.get_paginated_response(AnnualUpdateSerializer(page, many=True).data)

    def update(self, request, *args, **kwargs):
        """Change a cooperative and answer with all of it, whichever fields were sent."""
        sent = self.get_serializer(self.get_object(), data=request.data, partial=kwargs.get("partial", False))
        sent.is_valid(raise_exception=True)
        return Response(self.get_serializer(sent.save()).data)


class AgencySerializer(serializers.ModelSerializer):
    """One agency over one span of time, both ends included; ``unit`` is the code of its area then."""

    name = serializers.CharField(read_only=True)
    unit = serializers.CharField(source="unit.code", read_only=True, allow_null=True, default=None)
    unit_name = serializers.CharField(source="unit.full_name", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Agency
        fields = [
            "id", "code", "kind", "name", "name_vi", "name_en", "unit", "unit_name", "valid_from", "valid_to",
            "successor", "phone", "legal_document", "article", "confidence", "note",
        ]  # fmt: skip


class AgencyViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The agencies the office works with, to look up; they are edited in the administration pages."""

    queryset = Agency.objects.none()
    serializer_class = AgencySerializer
    filterset_class = AgencyFilter
    permission_classes = (ReviewOnly,)

    def get_queryset(self):
        """Return the rows of the role with their areas."""
        return agencies_for(self.request.user).select_related("unit")
