import re
from pathlib import Path

import pytest

from hoiphunu.checks import says_whether_there_is_a_proxy
from hoiphunu.settings import BASE_DIR


@pytest.mark.parametrize(
    ("is_secure", "behind_proxy", "warnings"),
    [
        (True, None, ["hoiphunu.W001"]),
        (True, False, []),
        (True, True, []),
        (False, None, []),  # the demonstration and a developer's own machine
    ],
)
def test_in_production_somebody_has_to_say_whether_there_is_a_proxy(
    is_secure, behind_proxy, warnings, settings
):
    settings.IS_SECURE, settings.BEHIND_PROXY = is_secure, behind_proxy

    assert [w.id for w in says_whether_there_is_a_proxy(None)] == warnings


def test_compose_starts_nothing_before_that_is_said_and_the_example_says_it():
    compose, example = (Path(BASE_DIR, n).read_text() for n in ("compose.yaml", ".env.example"))

    assert "BEHIND_PROXY: ${BEHIND_PROXY:?" in compose
    assert "\nBEHIND_PROXY=on\n" in example
    for name in re.findall(r"\$\{(\w+):\?", compose):
        assert f"\n{name}=" in example, name
