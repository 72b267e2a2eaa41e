"""Verbs on donors and on what they contribute; the lines of the ledger are in ledger.py."""

from django.db import transaction

from hoiphunu.text import exact_fold
from programs.models import Contribution, Donor

from .shared import ProgramError, hold, keep, keep_changes, refuse_closed, take_version


@transaction.atomic
def add_donor(*, branch, name, kind, by, contact="", note="", reason="ghi nhà tài trợ"):
    """A donor whom this unit knows. The same donor of another unit is that unit's row: whoever
    works below it names that one, so that a shared donor is one donor."""
    donor = Donor(branch=branch, name=name, kind=kind, contact=contact, note=note)
    refuse_twin(donor)
    keep(donor, by, reason)
    return donor


@transaction.atomic
def change_donor(*, donor, seen_version, by, reason="", **fields):
    """`fields`: name, kind, contact, note, is_active. The unit that keeps it stays."""
    donor = take_version(donor, seen_version)
    keep_changes(donor, fields, by, reason)
    refuse_twin(donor)
    return donor


def refuse_twin(donor):
    """Names that differ in case or in the place of a tone are one name."""
    others = Donor.objects.filter(branch=donor.branch_id).exclude(pk=donor.pk)
    wanted = exact_fold(donor.name)
    if any(exact_fold(name) == wanted for name in others.values_list("name", flat=True)):
        raise ProgramError("Đơn vị đã có nhà tài trợ tên này.")


@transaction.atomic
def add_contribution(*, program, donor, branch, what, by, reason="ghi nguồn lực", **fields):
    """What a donor gives to a programme through `branch`; the money follows in its entries.

    `fields`: is_in_kind, is_estimate, note, document, clause.
    """
    contribution = Contribution(
        program=hold(program), donor=donor, branch=branch, what=what, **fields
    )
    check_contribution(contribution)
    keep(contribution, by, reason)
    return contribution


@transaction.atomic
def change_contribution(*, contribution, seen_version, by, reason="", **fields):
    """`fields`: donor, branch, what, and those of `add_contribution`. The entries stay."""
    program = hold(contribution.program)
    contribution = take_version(contribution, seen_version)
    contribution.program = program
    keep_changes(contribution, fields, by, reason)
    check_contribution(contribution)
    return contribution


def check_contribution(contribution):
    program, branch, paper = contribution.program, contribution.branch, contribution.document
    refuse_closed(program)
    if not (program.contains(branch) or branch.contains(program.owner)):
        raise ProgramError(f"{branch.full_name} không tham gia chương trình này.")
    if paper and paper.program_id != program.pk:
        raise ProgramError("Văn bản này thuộc chương trình khác.")
    if contribution.pk and not contribution.is_in_kind and contribution.entries.unvalued().exists():
        raise ProgramError("Còn hiện vật chưa định giá nên chưa đổi sang tiền được.")
