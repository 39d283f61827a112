"""Login from the first password to the second factor, and every way in which it is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core.cache import cache
from django.core.exceptions import ValidationError

from panshi.console.events.models import Event
from panshi.console.events.refusal import RefusedError
from panshi.console.identity import deeds
from panshi.console.identity.passwords import NotUsedLately, Strength
from panshi.console.identity.roles import SECOND_FACTOR, Role
from panshi.console.identity.standing import is_dormant, is_password_due
from panshi.console.policy import FAILURES_MAX, LOCK_TIME
from panshi.console.web.gatekeeper import PUSHED
from tests.unit.console.conftest import PASSWORD, StillClock

if TYPE_CHECKING:
    from django.test import Client

    from panshi.console.identity.models import Organisation, User
    from tests.unit.console.conftest import MakeUser

pytestmark = pytest.mark.django_db

OTHER = "Yue-luo-wu-ti-8"
LOGIN, CODE, SETUP = "/account/login/", "/account/2fa/authenticate/", "/account/2fa/totp/activate/"
PASSWORD_PAGE = "/account/password/"  # noqa: S105 - an address


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def totp(secret: str, step: int) -> str:
    """RFC 6238 with SHA-1 and six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def current_step() -> int:
    return deeds.now().timestamp().__int__() // 30


def log_in(client: Client, user: User, password: str = PASSWORD) -> str:
    response = client.post(LOGIN, {"login": user.username, "password": password})
    return response.headers.get("Location", str(response.status_code))


def actions(count: int) -> list[str]:
    return list(Event.objects.order_by("-sequence").values_list("action", flat=True)[:count])[::-1]


def test_the_first_password_has_to_go_before_anything_else(
    client: Client, centre: Organisation
) -> None:
    user = deeds.create_user(None, centre, "zhang", "张", "first")
    assert log_in(client, user, "first") == "/"
    for path in ("/", "/g/duty/", "/nowhere/"):
        assert client.get(path).headers["Location"] == PASSWORD_PAGE
    form = {"oldpassword": "first", "password1": OTHER, "password2": OTHER}
    for weak in ("Kurz-1", "nurkleinbuchstaben", "first"):
        answer = client.post(PASSWORD_PAGE, {**form, "password1": weak, "password2": weak})
        assert answer.status_code == 200
        assert "invalid-feedback" in answer.text
    assert client.post(PASSWORD_PAGE, form).status_code == 302
    assert client.get("/").status_code == 200
    user.refresh_from_db()
    assert not is_password_due(user, deeds.now())
    assert actions(1) == ["password.change"]


def test_whoever_needs_a_second_factor_sets_it_up_and_then_needs_it(
    client: Client, make_user: MakeUser
) -> None:
    user = make_user(Role.DUTY_LEAD)
    assert log_in(client, user) == "/"
    assert client.get("/").headers["Location"] == SETUP
    page = client.get(SETUP).text
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert secret is not None
    step = current_step()
    assert client.post(SETUP, {"code": "000000"}).status_code == 200
    assert client.post(SETUP, {"code": totp(secret[1], step)}).status_code == 302
    assert client.get("/").status_code == 200
    assert "second-factor.add" in actions(3)
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret[1] not in stored, "a secret is kept encrypted"
    client.post("/account/logout/")
    assert log_in(client, user) == CODE
    assert client.get("/").headers["Location"].startswith(LOGIN)
    assert client.post(CODE, {"code": "000000"}).status_code == 200
    assert client.get("/").headers["Location"].startswith(LOGIN)
    assert client.post(CODE, {"code": totp(secret[1], step)}).status_code == 302
    client.post("/account/logout/")
    log_in(client, user)
    used = client.post(CODE, {"code": totp(secret[1], step)})
    assert used.status_code == 200, "a code works once"
    assert client.post(CODE, {"code": totp(secret[1], step + 1)}).status_code == 302
    assert client.get("/").status_code == 200
    assert actions(1) == ["login"]
    assert client.post("/account/2fa/totp/deactivate/").status_code == 200, "it is needed"
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_a_lost_second_factor_is_reset_by_the_security_administrator(make_user: MakeUser) -> None:
    user, security = make_user(Role.DUTY_LEAD), make_user(Role.SECURITY_ADMIN)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    for other in (user, make_user(Role.SYSTEM_ADMIN)):
        with pytest.raises(RefusedError):
            deeds.reset_second_factor(other, user)
    deeds.reset_second_factor(security, user)
    assert not Authenticator.objects.filter(user=user).exists()
    with pytest.raises(RefusedError, match="own-account"):
        deeds.reset_second_factor(security, security)


def test_every_role_but_the_applicants_needs_a_second_factor() -> None:
    assert set(Role) - SECOND_FACTOR == {Role.CHANGE_APPLICANT}


def test_wrong_passwords_lock_the_account_for_a_time(client: Client, make_user: MakeUser) -> None:
    user = make_user(Role.CHANGE_APPLICANT)
    for _number in range(FAILURES_MAX - 1):
        assert log_in(client, user, "wrong") == "200"
    assert log_in(client, user, "wrong") == "429"
    locked = client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    assert (locked.status_code, "账号已锁定" in locked.text) == (429, True)
    assert client.get("/").status_code == 302
    assert {"login.refused", "login.locked"} <= set(actions(4))
    other = make_user(Role.CHANGE_APPLICANT)
    assert log_in(client, other) == "/", "others are not locked"
    client.post("/account/logout/")
    attempt = AccessAttempt.objects.get(username=user.username)
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - LOCK_TIME * 2)
    assert log_in(client, user) == "/"


def test_an_unknown_name_is_refused_alike_and_not_kept(client: Client) -> None:
    response = client.post(LOGIN, {"login": "my-secret-password", "password": "x"})
    assert response.status_code == 200
    event = Event.objects.latest("sequence")
    assert (event.action, event.actor, event.subject) == ("login.refused", "?", "user:?")
    assert not Event.objects.filter(data__contains="my-secret").exists()


def test_a_disabled_account_cannot_log_in_and_ends_where_it_is(
    client: Client, make_user: MakeUser
) -> None:
    user = make_user(Role.CHANGE_APPLICANT)
    log_in(client, user)
    assert client.get("/").status_code == 200
    deeds.set_active(None, user, active=False)
    assert client.get("/").status_code == 302
    assert log_in(client, user) != "/"
    system = make_user(Role.SYSTEM_ADMIN)
    with pytest.raises(RefusedError, match="own-account"):
        deeds.set_active(system, system, active=False)


def test_a_reset_password_ends_sessions_and_has_to_go(client: Client, make_user: MakeUser) -> None:
    user = make_user(Role.CHANGE_APPLICANT)
    log_in(client, user)
    deeds.reset_password(make_user(Role.SYSTEM_ADMIN), user, "again")
    assert client.get("/").headers["Location"].startswith(LOGIN)
    log_in(client, user, "again")
    assert client.get("/").headers["Location"] == PASSWORD_PAGE


def test_an_idle_session_ends(client: Client, make_user: MakeUser, clock: StillClock) -> None:
    log_in(client, make_user(Role.CHANGE_APPLICANT))
    for _number in range(4):
        assert client.get("/").status_code == 200
        clock.move(minutes=14)
    assert client.get("/").status_code == 200
    clock.move(minutes=16)
    answer = client.get("/g/duty/")
    assert answer.headers["Location"] == "/account/login/?next=/g/duty/"
    assert "session.idle" in actions(2)
    assert client.get("/").status_code == 302


def test_a_page_that_renews_itself_keeps_nobody_awake(
    client: Client, make_user: MakeUser, clock: StillClock
) -> None:
    log_in(client, make_user(Role.CHANGE_APPLICANT))
    assert client.get("/").status_code == 200
    pushed = {PUSHED: "1", "HX-Request": "true"}
    clock.move(minutes=8)
    assert client.get("/", headers=pushed).status_code == 200
    clock.move(minutes=8)
    answer = client.get("/", headers=pushed)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith(LOGIN)


def test_old_passwords_are_due_and_quiet_accounts_are_dormant(
    client: Client, make_user: MakeUser, clock: StillClock
) -> None:
    user = make_user(Role.CHANGE_APPLICANT)
    log_in(client, user)
    user.refresh_from_db()
    assert not is_dormant(user, deeds.now())
    clock.move(days=91)
    assert is_password_due(user, deeds.now())
    assert is_dormant(user, deeds.now())
    client.logout()
    log_in(client, user)
    assert client.get("/").headers["Location"] == PASSWORD_PAGE
    user.refresh_from_db()
    assert not is_dormant(user, deeds.now())


def test_the_last_five_passwords_cannot_come_again(make_user: MakeUser) -> None:
    user = make_user()
    for number in range(5):
        deeds.take_password(user, f"Neues-Wort-{number}")
    for number in range(5):
        with pytest.raises(ValidationError):
            NotUsedLately().validate(f"Neues-Wort-{number}", user)
    NotUsedLately().validate(PASSWORD, user)
    assert user.used_passwords.count() == 5


@pytest.mark.parametrize(
    ("password", "holds"),
    [("Abcdefgh12", True), ("abcdefgh-1", True), ("Abcdefgh1", False), ("abcdefgh12", False)],
)
def test_strength(password: str, holds: object) -> None:
    if holds:
        Strength().validate(password)
    else:
        with pytest.raises(ValidationError):
            Strength().validate(password)
