"""Addresses of the register, below ``/htx/``."""

from django.urls import path

from cooperatives.views import lines, obligations, ocop, register, registration, support_payments, training, workforce

app_name = "cooperatives"
urlpatterns = [
    path("", register.cooperatives, name="list"),
    path("moi/", register.create, name="create"),
    path("nganh-nghe.json", lines.vsic_lookup, name="vsic-lookup"),
    path("xa.json", register.communes, name="communes"),
    path("nhom-sang-lap/", register.groups, name="groups"),
    path("nhom-sang-lap/moi/", register.group_create, name="group-create"),
    path("nghia-vu/", obligations.all_obligations, name="all-obligations"),
    path("nhan-luc/", workforce.placements, name="placements"),
    path("nhan-luc/moi/", workforce.placement_create, name="placement-create"),
    path("nhan-luc/<int:placement>/", workforce.placement, name="placement"),
    path("nhan-luc/<int:placement>/sua/", workforce.placement_update, name="placement-update"),
    path("nhan-luc/<int:placement>/xac-nhan/", workforce.month_confirm, name="month-confirm"),
    path("nhan-luc/phe-duyet/", workforce.approved, name="approved"),
    path("nhan-luc/phe-duyet/moi/", workforce.approved_create, name="approved-create"),
    path("nhan-luc/phe-duyet/<int:line>/sua/", workforce.approved_update, name="approved-update"),
    path("nhan-luc/chi-tra/", support_payments.batches, name="batches"),
    path("nhan-luc/chi-tra/moi/", support_payments.batch_create, name="batch-create"),
    path("nhan-luc/chi-tra/<int:batch>/", support_payments.batch, name="batch"),
    path("nhan-luc/tap-huan/", training.classes, name="classes"),
    path("nhan-luc/tap-huan/moi/", training.training_create, name="training-create"),
    path("nhan-luc/tap-huan/<int:training>/", training.training, name="training"),
    path("nhan-luc/tap-huan/<int:training>/sua/", training.training_update, name="training-update"),
    path("nhan-luc/tap-huan/<int:training>/htx/", training.participation, name="participation"),
    path("<int:pk>/", register.detail, name="detail"),
    path("<int:pk>/nganh-nghe/", lines.lines, name="lines"),
    path("<int:pk>/nghia-vu/", obligations.obligations, name="obligations"),
    path("<int:pk>/nghia-vu/cap-nhat/", obligations.annual_update, name="annual-update"),
    path("<int:pk>/nghia-vu/cap-nhat/<int:year>/bo/", obligations.take_back, name="annual-update-back"),
    path("<int:pk>/sua/", register.update, name="update"),
    path("<int:pk>/dang-ky/", registration.registration, name="registration"),
    path("<int:pk>/vi-pham/", registration.violation, name="violation"),
    path("ocop/", ocop.products, name="ocop-products"),
    path("<int:pk>/ocop/moi/", ocop.product_create, name="ocop-product-create"),
    path("<int:pk>/ocop/<int:product>/", ocop.product, name="ocop-product"),
    path("<int:pk>/ocop/<int:product>/sua/", ocop.product_update, name="ocop-product-update"),
    path("<int:pk>/ocop/<int:product>/giay-to/moi/", ocop.paper_add, name="ocop-paper-add"),
    path("<int:pk>/ocop/<int:product>/giay-to/<int:paper>/", ocop.paper_update, name="ocop-paper-update"),
]
