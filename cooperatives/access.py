"""Which cooperatives a person may see: one queryset for every door, closed by default."""

from cooperatives.models import Agency, Cooperative, FoundingGroup


def cooperatives_for(user):
    """Return the cooperatives ``user`` may see: staff, managers and administrators all, others their own."""
    if not user.is_authenticated:
        return Cooperative.objects.none()
    if user.may_review:
        return Cooperative.objects.all()
    return Cooperative.objects.filter(memberships__user=user)


def founding_groups_for(user):
    """Return the founding groups ``user`` may see: all for those who review, none for others."""
    if user.is_authenticated and user.may_review:
        return FoundingGroup.objects.all()
    return FoundingGroup.objects.none()


def agencies_for(user):
    """Return the agencies ``user`` may see: all for those who review, none for others."""
    if user.is_authenticated and user.may_review:
        return Agency.objects.all()
    return Agency.objects.none()
