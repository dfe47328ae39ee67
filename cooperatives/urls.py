"""Addresses of the register, below ``/htx/``."""

from django.urls import path

from cooperatives.views import lines, obligations, register, registration

app_name = "cooperatives"
urlpatterns = [
    path("", register.cooperatives, name="list"),
    path("moi/", register.create, name="create"),
    path("nganh-nghe.json", lines.vsic_lookup, name="vsic-lookup"),
    path("xa.json", register.communes, name="communes"),
    path("nhom-sang-lap/", register.groups, name="groups"),
    path("nhom-sang-lap/moi/", register.group_create, name="group-create"),
    path("nghia-vu/", obligations.all_obligations, name="all-obligations"),
    path("<int:pk>/", register.detail, name="detail"),
    path("<int:pk>/nganh-nghe/", lines.lines, name="lines"),
    path("<int:pk>/nghia-vu/", obligations.obligations, name="obligations"),
    path("<int:pk>/nghia-vu/cap-nhat/", obligations.annual_update, name="annual-update"),
    path("<int:pk>/nghia-vu/cap-nhat/<int:year>/bo/", obligations.take_back, name="annual-update-back"),
    path("<int:pk>/sua/", register.update, name="update"),
    path("<int:pk>/dang-ky/", registration.registration, name="registration"),
    path("<int:pk>/vi-pham/", registration.violation, name="violation"),
]
