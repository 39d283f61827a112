"""Every address of the console."""

from allauth.account import views as account
from django.urls import include, path

from panshi.console.identity import urls as identity
from panshi.console.web import urls as web

# Only what is needed of allauth is reachable: nobody signs up, nobody resets a password by mail.
urlpatterns = [
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("", include(identity)),
    path("", include(web)),
]
handler403 = "panshi.console.web.errors.refused"
handler404 = "panshi.console.web.errors.not_found"
handler500 = "panshi.console.web.errors.failed"
