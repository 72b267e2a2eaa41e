"""The command line in a process of its own, as on a machine that is not set up yet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
OURS = [name for name, app in get_commands().items() if (ROOT / app / "management").is_dir()]
MAY_SAY = {"__module__", "__doc__", "help", "add_arguments", "handle"}


def test_a_missing_setting_is_said_in_one_line(tmp_path):
    bare = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}

    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT, env=bare | {"VAR_DIR": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "SECRET_KEY" in done.stderr
    assert "Cấu hình còn thiếu" in done.stderr


@pytest.mark.parametrize("name", OURS)
def test_a_command_of_ours_hides_nothing_that_django_calls_before_it(name):
    """`manage.py` calls more of a command than `call_command` does, as `check`."""
    command = type(load_command_class(get_commands()[name], name))

    assert set(vars(command)) & set(vars(BaseCommand)) <= MAY_SAY
