"""Addresses of the register, below ``/htx/``."""

from django.urls import path

from cooperatives import views

app_name = "cooperatives"
urlpatterns = [
    path("", views.cooperatives, name="list"),
    path("moi/", views.create, name="create"),
    path("xa.json", views.communes, name="communes"),
    path("nhom-sang-lap/", views.groups, name="groups"),
    path("nhom-sang-lap/moi/", views.group_create, name="group-create"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/sua/", views.update, name="update"),
]
