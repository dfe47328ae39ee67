"""Getting and giving back an API token."""

from axes.helpers import get_cool_off
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

_TOKEN = inline_serializer("Token", {"token": serializers.CharField()})


class TokenView(APIView):
    """Exchange a user name and password for a token; wrong guesses are counted as at the login page."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=AuthTokenSerializer, responses=_TOKEN, auth=[])
    def post(self, request):
        """Return the token of the account, made on first use; 429 to an address locked out of the account."""
        sent = AuthTokenSerializer(data=request.data, context={"request": request})
        known = sent.is_valid()
        if getattr(request, "axes_locked_out", False):
            raise _locked_out()
        if not known:
            raise serializers.ValidationError(sent.errors)
        token, _created = Token.objects.get_or_create(user=sent.validated_data["user"])
        return Response({"token": token.key})


def _locked_out() -> Throttled:
    """Return the refusal that says in ``Retry-After`` when the account opens again."""
    refusal = Throttled(detail=_("Đã gõ sai mật khẩu quá nhiều lần. Xin thử lại sau ít phút."))
    # Given to the constructor, the framework adds an English sentence with the seconds.
    refusal.wait = get_cool_off().total_seconds()
    return refusal


class TokenRevokeView(APIView):
    """Give the token back; whoever still holds it is signed out."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request):
        """Delete the token of the account, if there is one."""
        Token.objects.filter(user=request.user).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
