"""Small decrees for tests: Đà Nẵng on 1 July 2025, drawn small."""

from datetime import date

from django.db import transaction
from django.utils.timezone import now

from branches.models import Level, Reorganisation
from branches.services import add_line, add_lines, add_successor, apply_to_tree, new_decree

REFORM = date(2025, 7, 1)


def empty_decree(owner, by, effective_on=REFORM, title="Sắp xếp đơn vị hành chính", **fields):
    return new_decree(owner=owner, title=title, effective_on=effective_on, by=by, **fields)


def successor(decree, name, parent, *, by, type="phường", level="xa", code=""):
    """A unit of the decree below one that stands, or below another one of the decree."""
    above = "parent_successor" if getattr(parent, "reorganisation_id", None) else "parent_branch"
    return add_successor(
        reorganisation=decree,
        level=Level.objects.get(code=level),
        name=name,
        type=type,
        code=code,
        by=by,
        **{above: parent},
    )


def reform_of_da_nang(units, by):
    """Two wards become one, the districts end, phường Thanh Bình is divided."""
    decree = empty_decree(units.da_nang, by, number="1659/NQ-UBTVQH15")
    son_tra = successor(decree, "Sơn Trà", units.da_nang, by=by, code="20263")
    hai_chau = successor(decree, "Hải Châu", units.da_nang, by=by, code="20242")
    hoa_cuong = successor(decree, "Hòa Cường", units.da_nang, by=by, code="20257")
    add_lines(
        reorganisation=decree,
        predecessors=[units.tho_quang, units.man_thai],
        kind="whole",
        successor=son_tra,
        by=by,
    )
    for part, is_suggested in ((hai_chau, True), (hoa_cuong, False)):
        add_line(
            reorganisation=decree,
            predecessor=units.thanh_binh,
            kind="part",
            successor=part,
            is_suggested=is_suggested,
            by=by,
        )
    for district in (units.son_tra, units.hai_chau):
        add_line(reorganisation=decree, predecessor=district, kind="abolished", by=by)
    return decree


@transaction.atomic
def apply_tree_alone(decree, by):
    """The tree's own step, without the floors above: what the product does in one run."""
    kept = apply_to_tree(decree, by)
    decree.journal = {"tree": kept}
    decree.stage, decree.applied_at, decree.applied_by = Reorganisation.Stage.APPLIED, now(), by
    decree.save()
    return kept


def opened(decree, name):
    """The unit that the decree opened under this name."""
    return decree.successors.get(name=name).branch
