"""OCOP products over HTTP: read only, for they change by cases and by the pages of the register."""

from django.db.models import F
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets

from cooperatives.access import ocop_products_for
from cooperatives.models import OcopPaper, OcopProduct, OcopRating
from cooperatives.ocop_filters import OcopProductFilter
from htx_portal.accounts.permissions import ReadOrWork


class OcopRatingSerializer(serializers.ModelSerializer):
    """One decision on the stars of a product; ``valid_until`` is the last day of its certificate."""

    class Meta:
        model = OcopRating
        fields = [
            "decided_on", "stars", "score", "part_a", "part_b", "part_c", "level", "criteria_version", "decision_no",
            "certificate_no", "valid_until",
        ]  # fmt: skip


class OcopPaperSerializer(serializers.ModelSerializer):
    """One paper of a product with its last day."""

    class Meta:
        model = OcopPaper
        fields = ["kind", "number", "issuer", "issued_on", "expires_on"]


class OcopProductSerializer(serializers.ModelSerializer):
    """One product with its current stars; ``days_left`` is below zero once the certificate has lapsed."""

    cooperative_name = serializers.CharField(source="cooperative.name", read_only=True)
    district = serializers.CharField(
        source="cooperative.old_district.code", read_only=True, allow_null=True, default=None
    )
    product_set = serializers.CharField(source="product_set.code", read_only=True, allow_null=True, default=None)
    stars = serializers.IntegerField(read_only=True, allow_null=True)
    decided_on = serializers.DateField(read_only=True, allow_null=True)
    valid_until = serializers.DateField(read_only=True, allow_null=True)
    days_left = serializers.SerializerMethodField()

    class Meta:
        model = OcopProduct
        fields = [
            "id", "cooperative", "cooperative_name", "district", "name", "group", "product_set", "first_year",
            "external_ref", "stars", "decided_on", "valid_until", "days_left",
        ]  # fmt: skip

    def get_days_left(self, row) -> int | None:
        """Return the days from today to the last day of the certificate, None without one."""
        return (row.valid_until - timezone.localdate()).days if row.valid_until else None


class OcopProductDetailSerializer(OcopProductSerializer):
    """One product with all its ratings and papers."""

    ratings = OcopRatingSerializer(many=True, read_only=True)
    papers = OcopPaperSerializer(many=True, read_only=True)

    class Meta(OcopProductSerializer.Meta):
        fields = [*OcopProductSerializer.Meta.fields, "ratings", "papers"]


@extend_schema_view(list=extend_schema(responses=OcopProductSerializer(many=True)))
class OcopProductViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """OCOP products the signed-in person may see."""

    queryset = OcopProduct.objects.none()
    serializer_class = OcopProductDetailSerializer
    filterset_class = OcopProductFilter
    permission_classes = (ReadOrWork,)
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        """Return the rows of the role, the certificate that lapses first in front."""
        rows = ocop_products_for(self.request.user).with_current_rating(timezone.localdate())
        rows = rows.select_related("cooperative__old_district", "product_set")
        rows = rows.order_by(F("valid_until").asc(nulls_last=True), "pk")
        return rows if self.action == "list" else rows.prefetch_related("ratings", "papers")

    def get_serializer_class(self):
        """Lists are short, single products full."""
        return OcopProductSerializer if self.action == "list" else OcopProductDetailSerializer
