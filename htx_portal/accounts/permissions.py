"""Which roles may use which door of the API."""

from rest_framework.permissions import SAFE_METHODS, BasePermission


class ReadOrWork(BasePermission):
    """Signed-in people may read what their queryset shows; only those who may work may write."""

    def has_permission(self, request, view):
        """Whether the request may come in at all."""
        user = request.user
        if not (user and user.is_authenticated):
            return False
        return request.method in SAFE_METHODS or user.may_work


class ReviewOnly(BasePermission):
    """Only those who see everything."""

    def has_permission(self, request, view):
        """Whether the request may come in at all."""
        return bool(request.user and request.user.is_authenticated and request.user.may_review)
