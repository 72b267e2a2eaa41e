"""The scope rule, tried on small files: what it refuses and what it lets pass."""

import subprocess
import sys

import pytest
from django.apps import apps

from tools import check_scope


def run(root, source, *, file="reports/views.py"):
    """Write one file below `root` and give the tool's exit status for it."""
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return check_scope.main(root)


def our_models():
    return [m for m in apps.get_models() if m._meta.app_label in check_scope.APPS]


@pytest.mark.parametrize(
    "line",
    [
        "Report.objects.filter(pk=1)",
        "Report.objects.all()",
        "Report.objects.select_related('branch').visible_to(user)",
        "models.Report.objects.get(pk=1)",
        "Report.history.all()",
        "Report._default_manager.all()",
        "get_object_or_404(Report, pk=1)",
        "get_object_or_404(Report.objects, pk=1)",
        "shortcuts.get_list_or_404(Report)",
        "get_user_model().objects.get(pk=1)",
        "method = Report.objects.visible_to",
    ],
)
def test_rows_of_everyone_are_refused(tmp_path, line):
    assert run(tmp_path, f"{line}\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        "Report.objects.visible_to(user).filter(pk=1)",
        "Branch.objects.directory().search('hoa')",
        "Export.objects.create(by=user)",
        "get_object_or_404(Report.objects.visible_to(user), pk=1)",
        "Level.objects.all()",
        "Report.Status.DRAFT",
        "report.history.all()",
    ],
)
def test_narrowed_rows_and_open_lists_pass(tmp_path, line):
    assert run(tmp_path, f"{line}\n") == 0


def test_refusal_names_file_and_line(tmp_path, capsys):
    run(tmp_path, "one = 1\nReport.objects.all()\n")

    assert capsys.readouterr().out.splitlines() == [
        "reports/views.py:2: Report.objects.all sees every row; begin with visible_to(user).",
        "Scope rule: 1 files read, 1 refused.",
    ]


def test_another_name_for_the_model_hides_nothing(tmp_path):
    source = "from reports.models import Report as R\nR.objects.all()\n"

    assert run(tmp_path, source) == 1


def test_chain_over_several_lines_is_refused(tmp_path):
    source = "rows = (\n    Report.objects\n    .order_by('pk')\n    .visible_to(user)\n)\n"

    assert run(tmp_path, source) == 1


def test_reason_on_the_statement_excuses_it(tmp_path):
    source = "rows = Report.objects.filter(\n    pk=1,\n)  # scope: the central's own page\n"

    assert run(tmp_path, source) == 0


@pytest.mark.parametrize(
    "source",
    [
        "Report.objects.all()  # scope:\n",
        "Report.objects.filter(title='# scope: not a comment')\n",
        "# scope: on the line before\nReport.objects.all()\n",
        "def page():\n    Report.objects.all()\n    return 1  # scope: another statement\n",
        "if Report.objects.all():\n    pass  # scope: inside the body\n",
    ],
)
def test_exception_without_a_reason_of_its_own_is_refused(tmp_path, source):
    assert run(tmp_path, source) == 1


@pytest.mark.parametrize(
    "file",
    [
        "branches/admin.py",
        "programs/exporters.py",
        "reports/forms.py",
        "reports/context_processors.py",
        "reports/views/approval.py",
    ],
)
def test_rule_holds_in_pages_and_exports_of_every_app(tmp_path, file):
    assert run(tmp_path, "Report.objects.all()\n", file=file) == 1


BEHIND_THE_PAGES = [
    "reports/tasks.py",
    "programs/importers/assignments.py",
    "reports/notifications.py",
    "branches/search.py",
]


def test_services_may_use_ids(tmp_path):
    run(tmp_path, "", file="reports/views.py")

    assert run(tmp_path, "Report.objects.filter(pk=1)\n", file="reports/services.py") == 0


@pytest.mark.parametrize("file", BEHIND_THE_PAGES)
@pytest.mark.parametrize(
    "line",
    [
        "Report.objects.get(pk=1)",
        "Branch.objects.under(upload.branch)",
        "Quota.objects.of(program)",
        "Notification.objects.bulk_create(rows)",
    ],
)
def test_behind_the_pages_one_begins_with_a_row_that_was_found(tmp_path, file, line):
    assert run(tmp_path, f"{line}\n", file=file) == 0


@pytest.mark.parametrize("file", BEHIND_THE_PAGES)
@pytest.mark.parametrize("line", ["Report.objects.all()", "User.objects.filter(is_active=True)"])
def test_behind_the_pages_rows_of_everyone_need_a_reason(tmp_path, file, line):
    assert run(tmp_path, f"{line}\n", file=file) == 1
    assert run(tmp_path, f"{line}  # scope: nightly, of all units\n", file=file) == 0


def test_pages_may_not_begin_with_an_id(tmp_path):
    assert run(tmp_path, "Report.objects.get(pk=1)\n") == 1
    assert run(tmp_path, "Branch.objects.under(branch)\n") == 1


def test_folder_with_nothing_to_read_is_not_a_success(tmp_path):
    assert check_scope.main(tmp_path) == 2


def test_command_ends_with_status_one_when_it_refuses(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "views.py").write_text("Report.objects.all()\n")

    done = subprocess.run([sys.executable, check_scope.__file__, tmp_path], capture_output=True)

    assert done.returncode == 1


def test_every_model_with_visible_to_is_under_the_rule():
    scoped = {m.__name__ for m in our_models() if hasattr(m._default_manager, "visible_to")}

    assert scoped - check_scope.SCOPED == set()


def test_rule_names_only_models_that_exist():
    assert check_scope.SCOPED - {m.__name__ for m in our_models()} == set()
