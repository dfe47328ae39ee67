"""Signing in: who may, who may not, and what guessing leads to."""

import pytest

from htx_portal.accounts.models import Role, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def sign_in(client, user, password=PASSWORD):
    """Send the sign-in form."""
    return client.post("/accounts/login/", {"username": user.username, "password": password})


def test_every_role_signs_in_and_lands_on_the_home_page(client):
    for role in Role.values:
        answer = sign_in(client, make_user(role))
        assert (answer.status_code, answer.url) == (302, "/")
        assert client.get("/").status_code == 200
        client.logout()


def test_a_demo_account_signs_in_only_while_the_demo_is_on_and_is_put_out_when_it_ends(client, settings):
    user = make_user(is_demo=True)
    assert sign_in(client, user).status_code == 200
    settings.DEMO = True
    assert sign_in(client, user).status_code == 302
    assert client.get("/").status_code == 200
    settings.DEMO = False
    assert client.get("/").url == "/accounts/login/?next=/"


def test_ten_wrong_passwords_lock_the_account_for_that_address_and_say_so_in_words(client):
    user, other = make_user(), make_user()
    for _ in range(9):
        assert sign_in(client, user, "wrong").status_code == 200
    locked = sign_in(client, user, "wrong")
    assert locked.status_code == 429
    assert "Tạm khóa đăng nhập" in locked.content.decode()
    assert sign_in(client, user).status_code == 429
    assert sign_in(client, other).status_code == 302


def test_a_wrong_password_keeps_the_name_typed_and_tells_in_vietnamese(client):
    user = make_user()
    answer = sign_in(client, user, "wrong")
    page = answer.content.decode()
    assert f'value="{user.username}"' in page
    assert "Sai tên đăng nhập hoặc mật khẩu." in page


def test_only_administrators_enter_the_admin_site(client):
    codes = {}
    for role in Role.values:
        client.force_login(make_user(role), backend="htx_portal.accounts.backends.PortalBackend")
        codes[role] = client.get("/quan-tri/").status_code
    assert codes == {"staff": 302, "manager": 302, "cooperative": 302, "admin": 200}


def test_a_superuser_made_from_the_command_line_is_an_administrator():
    user = User.objects.create_superuser("root", password=PASSWORD)
    assert (user.role, user.is_staff, user.is_superuser) == ("admin", True, True)


def test_a_page_speaks_vietnamese_to_a_browser_set_to_english_until_its_reader_switches(client):
    page = client.get("/accounts/login/", headers={"accept-language": "en-US,en"})
    assert page.headers["Content-Language"] == "vi"
    client.post("/ngon-ngu/", {"language": "en", "next": "/accounts/login/"})
    assert client.get("/accounts/login/").headers["Content-Language"] == "en"
