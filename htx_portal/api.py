"""The API on one screen: ``/api/v1/``."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.routers import SimpleRouter

from cooperatives.api import AgencyViewSet, CooperativeViewSet
from cooperatives.api_lines import BusinessLineList, VsicViewSet
from cooperatives.api_loans import LoanViewSet
from cooperatives.api_tax import TaxCalendarList
from cooperatives.ocop_api import OcopProductViewSet
from cooperatives.workforce_api import PaymentBatchViewSet, PlacementViewSet, TrainingClassViewSet
from htx_portal.accounts.api import TokenRevokeView, TokenView
from support_cases.api.cases import CaseViewSet
from support_cases.api.consultations import ConsultationViewSet
from support_cases.api.referrals import ReferralViewSet
from support_cases.api.report_tables import ReportListView, ReportRowsView, ReportView
from support_cases.api.reports import ServedView
from support_cases.api.schema import SchemaView
from support_cases.api.status import StatusView

router = SimpleRouter()
router.register("agencies", AgencyViewSet, basename="api-agencies")
router.register("cooperatives", CooperativeViewSet, basename="api-cooperatives")
router.register("placements", PlacementViewSet, basename="api-placements")
router.register("payment-batches", PaymentBatchViewSet, basename="api-payment-batches")
router.register("training-classes", TrainingClassViewSet, basename="api-training-classes")
router.register("ocop-products", OcopProductViewSet, basename="api-ocop-products")
router.register("loans", LoanViewSet, basename="api-loans")
router.register("cases", CaseViewSet, basename="api-cases")
router.register("referrals", ReferralViewSet, basename="api-referrals")
router.register("consultations", ConsultationViewSet, basename="api-consultations")
router.register("vsic", VsicViewSet, basename="api-vsic")

_public = {"permission_classes": [AllowAny], "authentication_classes": []}
docs = SpectacularSwaggerSplitView.as_view(url_name="api-schema", **_public)

urlpatterns = [
    path("", include(router.urls)),
    path("cooperatives/<int:pk>/business_lines/", BusinessLineList.as_view(), name="api-cooperatives-lines"),
    path("cooperatives/<int:pk>/tax-calendar/", TaxCalendarList.as_view(), name="api-cooperatives-tax"),
    path("auth/token/", TokenView.as_view(), name="api-token"),
    path("auth/token/revoke/", TokenRevokeView.as_view(), name="api-token-revoke"),
    path("reports/", ReportListView.as_view(), name="api-reports"),
    path("reports/served/", ServedView.as_view(), name="api-served"),
    path("reports/<slug:code>/", ReportView.as_view(), name="api-report"),
    path("reports/<slug:code>/tables/", ReportView.as_view(), name="api-report-tables"),
    path("reports/<slug:code>/rows/", ReportRowsView.as_view(), name="api-report-rows"),
    path("status/", StatusView.as_view(), name="api-status"),
    path("schema/", SchemaView.as_view(**_public), name="api-schema"),
    # Swagger UI writes style attributes of its own.
    path("docs/", csp_update({"style-src": [SELF, UNSAFE_INLINE]})(docs), name="api-docs"),
]
