"""What stories begin with is the demonstration itself."""

import pytest
from django.db import transaction

from hoiphunu.tests.kept_rows import kept_rows
from reports.models import Period
from reports.totals import check_totals

from . import kept_demo

pytestmark = pytest.mark.once


@pytest.mark.django_db
def test_written_again_the_demonstration_is_the_same_to_the_last_cell():
    def written():
        with transaction.atomic():
            kept_demo.write_demo()
            cells = {table: sorted(map(str, rows)) for table, (_, rows) in kept_rows().items()}
            differences = check_totals(Period.objects.all())
            transaction.set_rollback(True)
        return cells, differences

    kept_demo.KEPT.clear()
    first, _ = written()
    again, differences = written()

    assert again == first
    assert len(first["branches_branch"]) > 1000
    assert differences == []
