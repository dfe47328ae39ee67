"""The tables of the register, one small file per subject."""

from cooperatives.models.agencies import Agency
from cooperatives.models.business_lines import BusinessLine, ListRevision
from cooperatives.models.cooperative import Contact, Cooperative, FoundingGroup
from cooperatives.models.cutoff import Cutoff, may_be_in_figures, moment_to_close, moment_to_record
from cooperatives.models.governance import AnnualUpdate, Congress, Term
from cooperatives.models.legal_rules import Holiday, LegalRule
from cooperatives.models.loan_programmes import LoanProgramme
from cooperatives.models.loans import Disbursement, FurtherRefusal, Loan
from cooperatives.models.ocop import OcopPaper, OcopProduct, OcopProductSet, OcopRating
from cooperatives.models.past import (
    COUNTED_FACTS,
    PastName,
    PastState,
    as_known,
    called_then,
    keep_past_name,
    keep_past_state,
    known_with,
    names_then,
    places_then,
)
from cooperatives.models.procedures import Effect, Procedure, RegistrationProcedure
from cooperatives.models.registration import (
    Branch,
    BranchKind,
    RegisteredFact,
    RegistrationChange,
    Suspension,
    ViolationNotice,
)
from cooperatives.models.support_payments import PaymentBatch, PaymentItem
from cooperatives.models.tax import DeadlineOverride, TaxObligation, TaxProfile
from cooperatives.models.territory import TWO_LEVELS_FROM, AdminUnit, Place, find_commune, place_of
from cooperatives.models.training import TrainingClass, TrainingParticipation
from cooperatives.models.version import RegisterVersion, raise_register_version
from cooperatives.models.vsic import ConditionalLine, VsicChange, VsicLine, VsicVersion, version_on
from cooperatives.models.workforce import ApprovedSupport, MonthlyConfirmation, Placement
from cooperatives.models.yearly import YearFigures, YearRating

__all__ = [
    "COUNTED_FACTS",
    "TWO_LEVELS_FROM",
    "AdminUnit",
    "Agency",
    "AnnualUpdate",
    "ApprovedSupport",
    "Branch",
    "BranchKind",
    "BusinessLine",
    "ConditionalLine",
    "Congress",
    "Contact",
    "Cooperative",
    "Cutoff",
    "DeadlineOverride",
    "Disbursement",
    "Effect",
    "FoundingGroup",
    "FurtherRefusal",
    "Holiday",
    "LegalRule",
    "ListRevision",
    "Loan",
    "LoanProgramme",
    "MonthlyConfirmation",
    "OcopPaper",
    "OcopProduct",
    "OcopProductSet",
    "OcopRating",
    "PastName",
    "PastState",
    "PaymentBatch",
    "PaymentItem",
    "Place",
    "Placement",
    "Procedure",
    "RegisterVersion",
    "RegisteredFact",
    "RegistrationChange",
    "RegistrationProcedure",
    "Suspension",
    "TaxObligation",
    "TaxProfile",
    "Term",
    "TrainingClass",
    "TrainingParticipation",
    "ViolationNotice",
    "VsicChange",
    "VsicLine",
    "VsicVersion",
    "YearFigures",
    "YearRating",
    "as_known",
    "called_then",
    "find_commune",
    "keep_past_name",
    "keep_past_state",
    "known_with",
    "may_be_in_figures",
    "moment_to_close",
    "moment_to_record",
    "names_then",
    "place_of",
    "places_then",
    "raise_register_version",
    "version_on",
]
