"""Pages of sums: a month at one unit, by unit, and the rows behind any number."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from branches.models import Branch, Position
from hoiphunu.fields import show_figure
from hoiphunu.views import get_visible
from programs.models import Indicator, Program
from reports import queries
from reports.checks import looks_below, rates_above
from reports.models import Basis, Geography, Period, Report, ReportForm
from reports.owed import forms_owed, milestones_owed, programs_owed, territory_of
from reports.parts import part_checks
from reports.stated import stated_rows
from reports.targets import target_progress

PER_PAGE = 50  # as the list of programmes
MOST_MISSING = 12  # named on the page of sums; the others one page on
ROW_HEAD = ["Đơn vị", "Thuộc", "Kỳ", "Chỉ tiêu", "Số liệu"]


def place(request, form, period, slug):
    """The unit and the period that an address names, both within her sight."""
    branch = get_visible(Branch, request.user, slug=slug)
    form = get_visible(ReportForm, request.user, code=form)
    return branch, get_object_or_404(
        Period.objects.visible_to(request.user).select_related("form__owner"),
        form=form,
        code=period,
    )


def address(period, branch):
    return reverse("reports:summary_detail", args=[period.form.code, period.code, branch.slug])


@dataclass(frozen=True)
class Choice:
    """What an address asks for besides the place."""

    to_date: bool = False
    geography: Geography = Geography.THEN
    basis: Basis = Basis.APPROVED

    @property
    def how(self):
        return {"geography": self.geography, "basis": self.basis}

    @property
    def query(self):
        """The end of an address: "?over=year&geography=now&basis=all", or nothing."""
        wanted = {"over": "year"} if self.to_date else {}
        if self.geography == Geography.NOW:
            wanted["geography"] = self.geography.value
        if self.basis == Basis.ALL:
            wanted["basis"] = self.basis.value
        return "?" + urlencode(wanted) if wanted else ""

    def but(self, **changes):
        """The end of the address that differs from this one in `changes`."""
        return replace(self, **changes).query


def chosen(request):
    is_now = request.GET.get("geography") == Geography.NOW
    is_all = request.GET.get("basis") == Basis.ALL
    return Choice(
        to_date=request.GET.get("over") == "year",
        geography=Geography.NOW if is_now else Geography.THEN,
        basis=Basis.ALL if is_all else Basis.APPROVED,
    )


def switches(period, choice):
    """What the switches of a page of sums need; the geographies only where they differ."""
    differ = choice.geography == Geography.NOW or queries.has_changed_since(period)
    return {
        "to_date": choice.to_date,
        **choice.how,
        "query": choice.query,
        "year_query": choice.but(to_date=True),
        "period_query": choice.but(to_date=False),
        "geographies": [(each, choice.but(geography=each)) for each in Geography if differ],
        "bases": [(each, choice.but(basis=each)) for each in Basis],
    }


def above(user, branch):
    """The units above `branch` that she may see, from the top down."""
    units = Branch.objects.visible_to(user).filter(pk__in=branch.ancestor_ids)
    return units.order_by("path")


def summary_index(request):
    """Straight to the latest opened month of her highest unit; or say that there is none."""
    branch = request.user.home_branch
    period = (
        Period.objects.visible_to(request.user)
        .filter(opened_at__isnull=False, form__is_active=True)
        .order_by("-starts_on")
        .first()
    )
    if branch is None or period is None:
        return render(request, "reports/summary_empty.html")
    return redirect("reports:summary_detail", period.form.code, period.code, branch.slug)


def summary_detail(request, form, period, slug):
    branch, period = place(request, form, period, slug)
    lines, choice = queries.form_lines(period), chosen(request)
    sums = queries.summary_lines(period, branch, lines, **choice.how)
    groups = queries.completeness(period, branch)
    return render(
        request,
        "reports/summary_detail.html",
        {
            "branch": branch,
            "period": period,
            "form": period.form,
            "periods": period.form.periods.filter(
                year=period.year, opened_at__isnull=False
            ).order_by("starts_on"),
            "lines": sums,
            "part_checks": part_checks(period, branch, lines, sums, request.user, **choice.how),
            **switches(period, choice),
            "columns": columns_of(period, branch, lines, choice),
            "last_row": [(line, line.to_date if choice.to_date else line.period) for line in sums],
            "form_lines": lines,
            "looks": looks_below(period, branch, Report.objects.visible_to(request.user)),
            "rates": rates_above((line.indicator, line.period) for line in sums),
            "groups": groups,
            "missing": sum(group.missing for group in groups),
            "not_in": queries.not_in(period, branch)[:MOST_MISSING],
            "crumbs": [
                *((unit.full_name, address(period, unit)) for unit in above(request.user, branch)),
                (branch.full_name, ""),
            ],
            "can_export": request.user.has_perm("reports.export_summary", branch),
        },
    )


def columns_of(period, branch, lines, choice):
    """The columns by unit; those of then with how many reports are in, of the units below them."""
    columns = queries.child_columns(period, branch, lines, to_date=choice.to_date, **choice.how)
    if choice.geography == Geography.THEN:
        of_unit = queries.handed_in_by_unit(period, branch)
        for column in columns:
            column.reports = None if column.is_own else of_unit.get(column.branch.pk)
    return columns


@require_safe
def summary_missing(request, form, period, slug):
    """Who below the unit has not handed in, how late, and whom to call."""
    branch, period = place(request, form, period, slug)
    everywhere, today = queries.not_in(period, branch), localdate()
    of_unit = queries.handed_in_by_unit(period, branch)
    hers = everywhere.visible_to(request.user)
    page = Paginator(hers, 50).get_page(request.GET.get("page"))
    reports = list(page)
    working = Position.objects.visible_to(request.user).in_force(today)
    callees = queries.officers_to_call(reports, working)
    contacts = queries.last_contacts(reports)
    choice = chosen(request)
    return render(
        request,
        "reports/summary_missing.html",
        {
            "branch": branch,
            "period": period,
            "page_obj": page,
            "owed": sum(unit.owed for unit in of_unit.values()),
            "submitted": sum(unit.submitted for unit in of_unit.values()),
            "elsewhere": everywhere.count() - page.paginator.count,
            "rows": [
                (
                    report,
                    max((today - report.last_day).days, 0),
                    callees[report.pk],
                    contacts.get(report.pk),
                )
                for report in reports
            ],
            "crumbs": [
                (
                    f"Tổng hợp {period.label.lower()} – {branch.full_name}",
                    address(period, branch) + choice.query,
                ),
                ("Chưa nộp", ""),
            ],
        },
    )


def summary_rows(request, form, period, slug, indicator):
    branch, period = place(request, form, period, slug)
    line = get_object_or_404(
        period.lines.select_related("indicator__numerator", "indicator__denominator"),
        indicator__code=indicator,
    )
    choice = chosen(request)
    rows = queries.rows_behind(period, branch, line.indicator, to_date=choice.to_date, **choice.how)
    summary = queries.summary_lines(period, branch, [line], **choice.how)[0]
    page = Paginator(rows.visible_to(request.user), 100).get_page(request.GET.get("page"))
    parts = Indicator.objects.filter(pk__in=rows.values("indicator").distinct())
    everything, seen = counted(rows), counted(rows.visible_to(request.user))
    return render(
        request,
        "reports/summary_rows.html",
        {
            "branch": branch,
            "period": period,
            "form": period.form,
            "indicator": line.indicator,
            **switches(period, choice),
            "amount": summary.to_date if choice.to_date else summary.period,
            "parts": [(part, everything[part.pk][1]) for part in parts],
            "count": sum(count for count, _ in everything.values()),
            "elsewhere": out_of_sight(parts, everything, seen),
            "page_obj": page,
            "head": [
                {"text": text, "num": text == ROW_HEAD[-1] and not line.indicator.is_text}
                for text in ROW_HEAD
            ],
            "rows": [list(zip(ROW_HEAD, cells_of(figure), strict=True)) for figure in page],
            "crumbs": [
                (
                    f"Tổng hợp {period.label.lower()} – {branch.full_name}",
                    address(period, branch) + choice.query,
                ),
                (line.indicator.name, ""),
            ],
        },
    )


def counted(rows):
    """Indicator's id → (how many figures, their sum)."""
    found = rows.order_by().values_list("indicator").annotate(Count("pk"), Sum("value"))
    return {pk: (count, total or 0) for pk, count, total in found}


def out_of_sight(parts, everything, seen):
    """[(indicator, how many, their sum)] of units that have left her territory since: they stay
    in the sum of then, but what each of them wrote is no longer hers to read."""
    found = []
    for part in parts:
        (count, total), (hers, her_total) = everything[part.pk], seen.get(part.pk, (0, 0))
        if count > hers:
            found.append((part, count - hers, total - her_total))
    return found


def cells_of(figure):
    """One figure as a row of the table: whose, of which unit and period, of what, how much."""
    report, indicator = figure.report, figure.indicator
    return [
        {"text": report.branch.office_name, "url": report.get_absolute_url()},
        {"text": report.branch.parent.full_name if report.branch.parent else ""},
        {"text": report.period.label},
        {"text": indicator.name},
        {"text": show_figure(figure.typed, indicator.value_type), "num": not indicator.is_text},
    ]


@require_safe
def program_panel(request, slug):
    """What is owed of a programme's reports, as a part of its page: by the unit itself, by those
    below it, and for the plan's own deadlines."""
    program = get_visible(Program, request.user, slug=slug)
    branch, today = territory_of(request.user, program), localdate()
    forms = list(
        ReportForm.objects.visible_to(request.user).filter(program=program, is_active=True)
    )
    context = {
        "rows": forms_owed(forms, branch, today),
        "milestones": milestones_owed(program, forms, branch, today),
        "branch": branch,
    }
    return render(request, "reports/program_panel.html", context)


def is_id(text):
    return text.isascii() and text.isdigit() and len(text) < 12


@require_safe
def program_states(request):
    """How the reports of the programmes on a page of their list stand, each for its own cell."""
    asked = [pk for pk in request.GET.getlist("program")[:PER_PAGE] if is_id(pk)]
    shown = Program.objects.visible_to(request.user).filter(pk__in=asked)
    states = programs_owed(shown, request.user, localdate())
    rows = [(program, states[program.pk]) for program in shown if program.pk in states]
    return render(request, "reports/program_states.html", {"rows": rows})


@require_safe
def target_panel(request, slug):
    """How far the targets of a programme are reached, as a part of their page."""
    program = get_visible(Program, request.user, slug=slug)
    rows = target_progress(program, request.user)
    return render(request, "reports/target_panel.html", {"program": program, "rows": rows})


@require_safe
def figure_panel(request, slug):
    """What the reports come to beside a paper's printed figures, as a part of their page."""
    program = get_visible(Program, request.user, slug=slug)
    rows = stated_rows(program, request.user)
    return render(request, "reports/figure_panel.html", {"program": program, "rows": rows})
