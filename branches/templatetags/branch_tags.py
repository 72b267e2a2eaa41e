"""Where a unit stands, drawn the same on the pages of all floors."""

from django import template
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("components/breadcrumbs.html")
def branch_crumbs(branch, label="", place=None):
    """The way from the root to `branch`; with `label`, to a page of that unit.

    `place` are the units above, from the root down, when the page has read them already.
    """
    place = branch.ancestors() if place is None else place
    items = [("Đơn vị", reverse("branches:branch_list"))]
    items += [(str(unit), unit.get_absolute_url()) for unit in place]
    items.append((str(branch), branch.get_absolute_url() if label else ""))
    if label:
        items.append((label, ""))
    return {"items": items}
