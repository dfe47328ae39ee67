"""Lending to cooperatives: the acts on loans, what stands in the way of one, and what they sum up to."""

from cooperatives.lending.checks import Asked, Concern, checks
from cooperatives.lending.hindrances import Hindrance, hindrances
from cooperatives.lending.record import Payment, add_disbursement, record_loan, void_disbursement
from cooperatives.lending.sums import Line, sums, total_of

__all__ = [
    "Asked",
    "Concern",
    "Hindrance",
    "Line",
    "Payment",
    "add_disbursement",
    "checks",
    "hindrances",
    "record_loan",
    "sums",
    "total_of",
    "void_disbursement",
]
