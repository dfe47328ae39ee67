"""Which cooperatives a person may see: one queryset for every door, closed by default."""

from cooperatives.models import (
    Agency,
    Cooperative,
    FoundingGroup,
    Loan,
    OcopProduct,
    PaymentBatch,
    Placement,
    TrainingClass,
    TrainingParticipation,
)


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


def placements_for(user):
    """Return the placements ``user`` may see: all for those who review, a cooperative's people their own."""
    if not user.is_authenticated:
        return Placement.objects.none()
    if user.may_review:
        return Placement.objects.all()
    return Placement.objects.filter(cooperative__in=user.memberships.values("cooperative"))


def payment_batches_for(user):
    """Return the payment batches ``user`` may see: amounts are for those who review alone."""
    if user.is_authenticated and user.may_review:
        return PaymentBatch.objects.all()
    return PaymentBatch.objects.none()


def training_classes_for(user):
    """Return the training classes ``user`` may see: a cooperative's people those their cooperative took part in."""
    if not user.is_authenticated:
        return TrainingClass.objects.none()
    if user.may_review:
        return TrainingClass.objects.all()
    return TrainingClass.objects.filter(pk__in=training_participations_for(user).values("training"))


def training_participations_for(user):
    """Return who took part in classes, as far as ``user`` may see: a cooperative's people their own alone."""
    if not user.is_authenticated:
        return TrainingParticipation.objects.none()
    if user.may_review:
        return TrainingParticipation.objects.all()
    return TrainingParticipation.objects.filter(cooperative__in=user.memberships.values("cooperative"))


def may_confirm_months(user) -> bool:
    """Whether ``user`` may confirm months of the placements they see: the office's staff, a cooperative's people."""
    return user.may_work or not user.may_review


def ocop_products_for(user):
    """Return the OCOP products ``user`` may see: those of the cooperatives they may see."""
    if user.is_authenticated and user.may_review:
        return OcopProduct.objects.all()
    return OcopProduct.objects.filter(cooperative__in=cooperatives_for(user).order_by().values("pk"))


def loans_for(user):
    """Return the loans ``user`` may see: all for those who review, a cooperative's people their own.

    What they see of one is lender, purpose, result and days: amounts and reasons are the office's own.
    """
    if not user.is_authenticated:
        return Loan.objects.none()
    if user.may_review:
        return Loan.objects.all()
    return Loan.objects.filter(cooperative__in=user.memberships.values("cooperative"))
