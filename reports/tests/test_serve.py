"""`make run`, without make: the two commands in processes of their own, as a newcomer's."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from reports.demo import PASSWORD, SHOWN_ACCOUNTS

# Its processes stand on SQLite whatever the suite stands on.
pytestmark = pytest.mark.skipif(
    "DATABASE_URL" in os.environ and os.environ["DATABASE_URL"].startswith("postgres"),
    reason="make run stands on SQLite: asked in that half of the suite",
)
ROOT = Path(__file__).resolve().parents[2]


def manage(*arguments, env, **more):
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more,
    )  # fmt: skip


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "ALLOWED_HOSTS")
    }
    return inherited | {
        "DEMO": "1",
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "VAR_DIR": str(folder),
        "PORT": str(free_port()),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="module")
def site(environment):
    """The address of a running demonstration."""
    with manage("demo", env=environment) as demo:
        said = demo.communicate(timeout=120)[0]
    assert demo.returncode == 0, said
    with manage("serve", env=environment) as server:
        try:
            address = f"http://127.0.0.1:{environment['PORT']}"
            wait_for(f"{address}/healthz")
            yield address
        finally:
            server.terminate()


def wait_for(address):
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


class Visitor:
    """A browser without pictures."""

    def __init__(self, site):
        self.site = site
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path):
        with self.opener.open(self.site + path, timeout=20) as answer:
            return answer.read().decode()

    def post(self, path, form_page, **fields):
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(form_page))[1]
        data = urlencode({"csrfmiddlewaretoken": token} | fields).encode()
        with self.opener.open(self.site + path, data, timeout=20) as answer:
            return answer.geturl(), answer.read().decode()

    def sign_in(self, username):
        return self.post(
            "/accounts/login/", "/accounts/login/", username=username, password=PASSWORD
        )


@pytest.mark.parametrize("account", SHOWN_ACCOUNTS, ids=lambda account: account["username"])
def test_each_log_in_that_is_printed_works(site, account):
    visitor = Visitor(site)

    address, page = visitor.sign_in(account["username"])

    assert address == f"{site}/"
    assert account["unit"] in page
    assert "Dữ liệu mẫu" in page


def test_a_stranger_is_asked_to_sign_in_and_offered_the_accounts(site):
    page = Visitor(site).get("/")

    assert "Tên đăng nhập" in page
    assert "danang.lanhdao" in page


def test_a_missing_page_is_the_real_one_and_shows_no_code(site):
    visitor = Visitor(site)
    visitor.sign_in("danang.lanhdao")

    with pytest.raises(urllib.error.HTTPError) as refused:
        visitor.get("/reports/999999/")

    page = refused.value.read().decode()
    assert refused.value.code == 404
    assert "Traceback" not in page
    assert "urlpatterns" not in page


def test_the_worker_in_the_same_process_writes_an_export(site):
    visitor = Visitor(site)
    visitor.sign_in("danang.lanhdao")
    summary = "/summaries/hvch-thang/2021-03/thanh-pho-da-nang/"

    address, page = visitor.post(f"{summary}export/", summary)
    for _ in range(100):
        if "/branches/files/" in page:
            break
        time.sleep(0.2)
        page = visitor.get(address.removeprefix(site))

    assert "Đã xong" in page
    assert "Tải tệp Excel" in page


def test_the_second_demo_keeps_the_data(site, environment):
    started = time.monotonic()
    with manage("demo", env=environment) as demo:
        said = demo.communicate(timeout=60)[0]

    assert demo.returncode == 0
    assert "giữ nguyên" in said
    assert time.monotonic() - started < 60


def test_a_taken_port_is_answered_with_a_sentence(site, environment):
    with manage("serve", env=environment) as second:
        said = second.communicate(timeout=60)[0]

    assert second.returncode == 1
    assert "đang có chương trình khác dùng" in said
    assert "Traceback" not in said


def test_without_demo_and_without_a_key_nothing_starts(environment):
    bare = {name: value for name, value in environment.items() if name != "DEMO"}
    with manage("check", env=bare) as check:
        said = check.communicate(timeout=60)[0]

    assert check.returncode != 0
    assert "SECRET_KEY" in said


def test_demo_accounts_never_meet_a_real_database(environment):
    mixed = environment | {"DATABASE_URL": "postgres://somebody@127.0.0.1:1/real"}
    with manage("demo", env=mixed) as demo:
        said = demo.communicate(timeout=60)[0]

    assert demo.returncode != 0
    assert "SQLite" in said
