"""The human-resource support over HTTP, to be read: placements and their months, payments, training classes."""

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from cooperatives.access import (
    payment_batches_for,
    placements_for,
    training_classes_for,
    training_participations_for,
)
from cooperatives.models import PaymentBatch, PaymentItem, Placement, TrainingClass, TrainingParticipation
from cooperatives.workforce.months import tallies, tally_of
from cooperatives.workforce.payments import Totals, batch_totals
from cooperatives.workforce.rules import SupportRules
from cooperatives.workforce.table import MonthState, month_lines
from cooperatives.workforce_filters import PlacementFilter
from htx_portal.accounts.permissions import ReviewOnly

_PLACE = ("cooperative__new_commune", "cooperative__old_district", "approved")


class TalliedSerializer(serializers.ListSerializer):
    """Counts the months of all rows of a page together."""

    def to_representation(self, data):
        """Return the rows, the tallies of all of them at hand."""
        rows = list(data)
        self.child.counted = tallies(rows, SupportRules.load())
        return super().to_representation(rows)


class PlacementSerializer(serializers.ModelSerializer):
    """One placement; months that have ended count as used, up to the limit; ``missing`` are unconfirmed ones."""

    cooperative_name = serializers.CharField(source="cooperative.name", read_only=True)
    decision_no = serializers.CharField(source="approved.decision_no", read_only=True, allow_null=True, default=None)
    months_used = serializers.IntegerField(read_only=True)
    months_left = serializers.IntegerField(read_only=True, allow_null=True)
    missing = serializers.ListField(child=serializers.DateField(), read_only=True)

    class Meta:
        model = Placement
        list_serializer_class = TalliedSerializer
        fields = [
            "id", "cooperative", "cooperative_name", "approved", "decision_no", "person_label", "degree", "major",
            "job", "contract_no", "started_on", "ends_on", "left_on", "leave_reason", "replaced_by", "result",
            "months_used", "months_left", "missing",
        ]  # fmt: skip
        read_only_fields = fields

    counted: dict | None = None

    def to_representation(self, instance):
        """Return the row with its months counted today."""
        tally = (self.counted or tallies([instance], SupportRules.load()))[instance.pk]
        today = timezone.localdate()
        instance.months_used, instance.months_left = tally.used(today), tally.left(today)
        instance.missing = tally.missing(today)
        return super().to_representation(instance)


class ConfirmedSerializer(serializers.Serializer):
    """What a timesheet said of one month."""

    days_worked = serializers.DecimalField(max_digits=3, decimal_places=1)
    standard_days = serializers.DecimalField(max_digits=3, decimal_places=1)
    confirmed_on = serializers.DateField()


class SupportSerializer(serializers.Serializer):
    """The amount the rules give for one month, in đồng, with its inputs."""

    amount = serializers.IntegerField(allow_null=True)
    policy_amount = serializers.IntegerField(allow_null=True)
    coefficient = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    wage = serializers.IntegerField(allow_null=True)
    region = serializers.IntegerField(source="region.number", allow_null=True, default=None)
    provisional = serializers.BooleanField()
    basis = serializers.CharField()
    rules = serializers.CharField(source="rule_ids")


class MonthSerializer(serializers.Serializer):
    """One counted month; what is paid and what it is worth is for the office alone and null for others."""

    number = serializers.IntegerField()
    month = serializers.DateField()
    state = serializers.ChoiceField(choices=MonthState.choices)
    confirmation = ConfirmedSerializer(allow_null=True)
    paid_amount = serializers.IntegerField(source="payment.amount", allow_null=True, default=None)
    batch = serializers.CharField(source="payment.batch.number", allow_null=True, default=None)
    support = SupportSerializer(allow_null=True)

    def to_representation(self, instance):
        """Return the month, without amounts for people of a cooperative."""
        shown = super().to_representation(instance)
        if not self.context["request"].user.may_review:
            shown |= dict.fromkeys(("paid_amount", "batch", "support"))
        return shown


class PlacementViewSet(viewsets.ReadOnlyModelViewSet):
    """Placements the signed-in person may see: a cooperative's people their own."""

    queryset = Placement.objects.none()
    serializer_class = PlacementSerializer
    filterset_class = PlacementFilter
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        """Return the rows of the role with their places and decisions."""
        return placements_for(self.request.user).select_related(*_PLACE)

    @extend_schema(responses=MonthSerializer(many=True), filters=False)
    @action(detail=True, url_path="months", url_name="months", pagination_class=None)
    def months(self, request, pk=None):
        """Return the counted months of one placement, in order."""
        row, rules = self.get_object(), SupportRules.load()
        tally = tally_of(row, rules)
        lines = month_lines(row, tally, rules, timezone.localdate())
        return Response(MonthSerializer(lines, many=True, context=self.get_serializer_context()).data)


class PaymentItemSerializer(serializers.ModelSerializer):
    """One month paid, with everything the amount was made from; amounts in đồng."""

    cooperative = serializers.IntegerField(source="placement.cooperative_id", read_only=True)

    class Meta:
        model = PaymentItem
        fields = [
            "placement", "cooperative", "month", "amount", "policy_amount", "coefficient", "wage", "region",
            "is_provisional", "rules",
        ]  # fmt: skip
        read_only_fields = fields


class SummedSerializer(serializers.ListSerializer):
    """Sums up all batches of a page together."""

    def to_representation(self, data):
        """Return the rows, the sums of all of them at hand."""
        rows = list(data)
        self.child.sums = batch_totals(rows)
        return super().to_representation(rows)


class PaymentBatchSerializer(serializers.ModelSerializer):
    """One batch with its sums: months, people, cooperatives and đồng."""

    months = serializers.IntegerField(read_only=True)
    people = serializers.IntegerField(read_only=True)
    cooperatives = serializers.IntegerField(read_only=True)
    amount = serializers.IntegerField(read_only=True)

    class Meta:
        model = PaymentBatch
        list_serializer_class = SummedSerializer
        fields = [
            "id", "number", "decided_on", "paid_on", "from_month", "to_month", "note", "months", "people",
            "cooperatives", "amount",
        ]  # fmt: skip
        read_only_fields = fields

    sums: dict | None = None

    def to_representation(self, instance):
        """Return the row with its sums."""
        sums = batch_totals([instance]) if self.sums is None else self.sums
        for name, value in sums.get(instance.pk, Totals(0, 0, 0, 0))._asdict().items():
            setattr(instance, name, value)
        return super().to_representation(instance)


class PaymentBatchDetailSerializer(PaymentBatchSerializer):
    """One batch with every month it pays."""

    items = PaymentItemSerializer(many=True, read_only=True)

    class Meta(PaymentBatchSerializer.Meta):
        fields = [*PaymentBatchSerializer.Meta.fields, "items"]


class PaymentBatchViewSet(viewsets.ReadOnlyModelViewSet):
    """Payment batches, for those who see amounts."""

    queryset = PaymentBatch.objects.none()
    permission_classes = (ReviewOnly,)
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        """Return the batches, one of them with its months."""
        rows = payment_batches_for(self.request.user)
        if self.action == "list":
            return rows
        return rows.prefetch_related(Prefetch("items", PaymentItem.objects.select_related("placement")))

    def get_serializer_class(self):
        """Lists leave the months out."""
        return PaymentBatchSerializer if self.action == "list" else PaymentBatchDetailSerializer


class ParticipationSerializer(serializers.ModelSerializer):
    """How many people of one cooperative took part."""

    cooperative_name = serializers.CharField(source="cooperative.name", read_only=True)

    class Meta:
        model = TrainingParticipation
        fields = ["cooperative", "cooperative_name", "participants", "women", "ethnic_minority"]
        read_only_fields = fields


class TrainingClassSerializer(serializers.ModelSerializer):
    """One class with who took part; a cooperative's people see their own figures and no cost."""

    participations = ParticipationSerializer(many=True, read_only=True)
    cost = serializers.IntegerField(allow_null=True, read_only=True)

    class Meta:
        model = TrainingClass
        fields = [
            "id", "name", "organiser", "started_on", "ended_on", "place", "cost_source", "cost", "participations",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance):
        """Return the class, without its cost for people of a cooperative."""
        shown = super().to_representation(instance)
        if not self.context["request"].user.may_review:
            shown["cost"] = None
        return shown


class TrainingClassViewSet(viewsets.ReadOnlyModelViewSet):
    """Training classes: a cooperative's people see those their cooperative took part in."""

    queryset = TrainingClass.objects.none()
    serializer_class = TrainingClassSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        """Return the classes of the role, with the figures of the role."""
        came = training_participations_for(self.request.user).select_related("cooperative")
        return training_classes_for(self.request.user).prefetch_related(Prefetch("participations", came))
