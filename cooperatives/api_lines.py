"""Business lines over HTTP: the list of a cooperative on any day, and the classification itself."""

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, mixins, serializers, viewsets

from cooperatives.access import cooperatives_for
from cooperatives.filters import BusinessLineFilter, VsicFilter
from cooperatives.models import BusinessLine, ConditionalLine, VsicLine
from htx_portal.accounts.permissions import ReadOrWork


class NotedLines(serializers.ListSerializer):
    """A list of lines; what licences they need is asked for once for all of them."""

    def to_representation(self, data):
        """Return the rows, with the notes of today put beside them."""
        rows = list(data)
        lines = [self.child.line_of(row) for row in rows]
        self.child.notes = ConditionalLine.objects.notes(lines, timezone.localdate())
        return super().to_representation(rows)


class VsicLineSerializer(serializers.ModelSerializer):
    """One line of the classification and the licences it needs today."""

    name = serializers.CharField(read_only=True)
    conditions = serializers.SerializerMethodField()
    notes: dict[int, list[str]] = {}

    class Meta:
        model = VsicLine
        list_serializer_class = NotedLines
        fields = ["id", "version", "code", "name", "name_vi", "name_en", "confidence", "conditions"]

    def line_of(self, row: VsicLine) -> VsicLine:
        """Return the line a row is about."""
        return row

    def get_conditions(self, row) -> list[str]:
        """Return which licences or conditions the law of the sector asks for, in words."""
        return self.notes.get(self.line_of(row).pk, [])


class BusinessLineSerializer(VsicLineSerializer):
    """One line of a cooperative over the time it was in force."""

    version = serializers.CharField(source="line.version", read_only=True)
    code = serializers.CharField(source="line.code", read_only=True)
    name = serializers.CharField(source="line.name", read_only=True)

    class Meta(VsicLineSerializer.Meta):
        model = BusinessLine
        fields = [
            "id", "line", "version", "code", "name", "detail", "is_main", "valid_from", "valid_to", "legal_basis",
            "conditions",
        ]  # fmt: skip

    def line_of(self, row: BusinessLine) -> VsicLine:
        """Return the line a row is about."""
        return row.line


class BusinessLineList(generics.ListAPIView):
    """Lines of a cooperative: those in force on ``on``, all there ever were without it."""

    queryset = BusinessLine.objects.none()
    serializer_class = BusinessLineSerializer
    filterset_class = BusinessLineFilter
    permission_classes = (ReadOrWork,)

    def get_queryset(self):
        """Return the lines of a cooperative the signed-in person may see."""
        pk = self.kwargs.get("pk")
        if pk is None:
            return BusinessLine.objects.none()
        if not cooperatives_for(self.request.user).filter(pk=pk).exists():
            raise Http404
        return BusinessLine.objects.filter(cooperative=pk).select_related("line")


@extend_schema_view(list=extend_schema(responses=VsicLineSerializer(many=True)))
class VsicViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Lines of the classification, found by code or by words without accents."""

    queryset = VsicLine.objects.all()
    serializer_class = VsicLineSerializer
    filterset_class = VsicFilter
    permission_classes = (ReadOrWork,)
