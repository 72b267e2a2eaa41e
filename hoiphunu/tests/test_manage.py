"""The command line in a process of its own, as on a machine that is not set up yet."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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
