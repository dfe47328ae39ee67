"""The public status of a case over HTTP."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from htx_portal.throttles import allow_status_lookup, note_failed_lookup
from support_cases.choices import Status
from support_cases.public_status import look_up
from support_cases.support_types import topic_choices


class StatusQuestionSerializer(serializers.Serializer):
    """Code and secret as printed on the receipt."""

    code = serializers.CharField(max_length=40)
    secret = serializers.CharField(max_length=40)


class StatusAnswerSerializer(serializers.Serializer):
    """All the public may know, and nothing more."""

    reference = serializers.CharField()
    topic = serializers.ChoiceField(choices=topic_choices())
    status = serializers.ChoiceField(choices=Status.choices)
    status_label = serializers.CharField()
    stage = serializers.CharField()
    next_step = serializers.CharField()
    missing = serializers.ListField(child=serializers.CharField())
    appointment = serializers.DateField(allow_null=True)
    updated_on = serializers.DateField()


class StatusView(APIView):
    """Where a case stands, for whoever holds its receipt; throttled by address."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=StatusQuestionSerializer, responses=StatusAnswerSerializer, auth=[])
    def post(self, request):
        """Return the public status; a wrong code and a wrong secret get one and the same 404."""
        wait = allow_status_lookup(request)
        if wait is not None:
            raise _too_often(wait)
        sent = StatusQuestionSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        found = look_up(sent.validated_data["code"], sent.validated_data["secret"])
        if found is None:
            note_failed_lookup(request)
            raise NotFound(_("Không tìm thấy hồ sơ với mã và mã bí mật này."))
        return Response(StatusAnswerSerializer(found).data)


def _too_often(seconds: int) -> Throttled:
    """Return the refusal that says in ``Retry-After`` when to come back."""
    refusal = Throttled(detail=_("Tra cứu quá nhiều lần. Xin thử lại sau ít phút."))
    # Given to the constructor, the framework adds an English sentence with the seconds.
    refusal.wait = seconds
    return refusal
