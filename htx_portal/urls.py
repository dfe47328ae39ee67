"""The whole site on one screen."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from htx_portal import api, health
from support_cases.pages.home import home

urlpatterns = [
    path("", home, name="home"),
    path("htx/", include("cooperatives.urls")),
    path("", include("support_cases.urls")),
    path("api/v1/", include(api.urlpatterns)),
    path("accounts/login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/password_change/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("accounts/password_change/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("ngon-ngu/", login_not_required(set_language), name="set_language"),
    path("quan-tri/", admin.site.urls),
    path("health/live/", health.live, name="live"),
    path("health/ready/", health.ready, name="ready"),
]

handler400 = "htx_portal.server_error.not_understood"
handler404 = "htx_portal.not_found.not_found"
handler500 = "htx_portal.server_error.failed"
