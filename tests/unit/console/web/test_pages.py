"""What holds for every page: policy, cookies, login, language, menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from panshi.console.identity.deeds import choose_language
from panshi.console.identity.roles import Role
from panshi.console.web.menu import GROUPS

if TYPE_CHECKING:
    from tests.unit.console.conftest import MakeUser

pytestmark = pytest.mark.django_db


def test_nothing_inline_and_nothing_from_elsewhere_may_be_loaded(client: Client) -> None:
    for path in ("/account/login/", "/nowhere/", "/alive"):
        response = client.get(path, follow=True)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"].startswith(("no-store", "max-age=0"))


@pytest.mark.parametrize("path", ["/", "/g/duty/", "/account/2fa/", "/account/password/"])
def test_whoever_is_not_logged_in_sees_the_login(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/account/login/?next=")


def test_pages_that_nobody_needs_do_not_exist(client: Client) -> None:
    for path in ("/account/signup/", "/account/password/reset/", "/account/email/", "/admin/"):
        assert client.get(path).status_code in {302, 404}
        assert client.post(path).status_code in {302, 403, 404}


def test_a_form_without_its_token_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/account/login/", {"login": "x", "password": "y"}).status_code == 403


def test_cookies_are_secure() -> None:
    for cookie in ("SESSION", "CSRF"):
        assert getattr(settings, f"{cookie}_COOKIE_SECURE")
        assert getattr(settings, f"{cookie}_COOKIE_HTTPONLY")
        assert getattr(settings, f"{cookie}_COOKIE_SAMESITE") == "Strict"
        assert getattr(settings, f"{cookie}_COOKIE_NAME").startswith("__Host-")


def test_the_language_is_the_users_and_not_the_browsers(
    client: Client, make_user: MakeUser
) -> None:
    login = client.get("/account/login/", headers={"Accept-Language": "en"})
    assert 'lang="zh-hans"' in login.text
    user = make_user(Role.CHANGE_APPLICANT)
    client.force_login(user)
    chinese = client.get("/", headers={"Accept-Language": "en"}).text
    assert 'lang="zh-hans"' in chinese
    assert "工作台" in chinese
    choose_language(user, "en")
    english = client.get("/", headers={"Accept-Language": "zh"}).text
    assert 'lang="en"' in english
    assert "Workbench" in english
    assert "工作台" not in english


def test_the_menu_has_eight_groups_and_marks_the_open_one(
    client: Client, make_user: MakeUser
) -> None:
    client.force_login(make_user(Role.CHANGE_APPLICANT))
    assert len(GROUPS) == 8
    for name in GROUPS:
        if name != "workbench":
            text = client.get(f"/g/{name}/").text
            assert text.count('class="menu-group"') == 8
            assert text.count('<li class="here">') == 1
    assert client.get("/g/nothing/").status_code == 404


def test_errors_are_pages_in_words(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user(Role.CHANGE_APPLICANT))
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "页面不存在" in response.text
