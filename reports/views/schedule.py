"""Lịch báo cáo: which periods there are, by when they are due; planned, opened, given longer."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hoiphunu.views import get_visible, require
from reports.forms import AskForm, ExtendForm, PeriodForm, PlanForm
from reports.models import Holiday, Period, Report, ReportForm
from reports.queries import calendar_of
from reports.services import (
    ReportError,
    ask_once,
    change_period,
    extend_reports,
    open_period,
    plan_year,
)


def find_form(request, code):
    return get_visible(ReportForm, request.user, code=code, is_active=True)


def find_period(request, form, code):
    return get_visible(Period, request.user, form=find_form(request, form), code=code)


def crumbs(here):
    ups = [("Báo cáo", reverse("reports:report_list"))]
    if here:
        return [*ups, ("Lịch báo cáo", reverse("reports:period_list")), (here, "")]
    return [*ups, ("Lịch báo cáo", "")]


def to_calendar(form, year):
    return redirect(f"{reverse('reports:period_list')}?year={year}#{form.code}")


@require_safe
def period_list(request):
    """Each form with its periods of a year: days, how many have handed in, what may be done."""
    user, today = request.user, localdate()
    chosen = PlanForm(request.GET if "year" in request.GET else {"year": today.year})
    year = chosen.cleaned_data["year"] if chosen.is_valid() else today.year
    forms = ReportForm.objects.visible_to(user).filter(is_active=True).select_related("owner")
    boards = []
    for form in forms:
        periods = calendar_of(form, year, user.home_branch)
        plans = user.has_perm("reports.change_reportform", form)
        asks = user.has_perm("reports.ask_once", form)
        locks = user.has_perm("reports.lock_some", form)
        if periods or plans or asks:
            boards.append(
                {"form": form, "periods": periods, "plans": plans, "asks": asks, "locks": locks}
            )
    context = {
        "crumbs": crumbs(""),
        "year": year,
        "before": year - 1,
        "after": year + 1,
        "boards": boards,
        "extends": user.has_perm("reports.extend_some"),
        "holidays": Holiday.objects.visible_to(user).filter(day__year=year),
    }
    return render(request, "reports/period_list.html", context)


@require_POST
def plan(request, form):
    """Make the periods of a year by the form's rules."""
    form = find_form(request, form)
    require(request.user, "reports.change_reportform", form)
    typed = PlanForm(request.POST)
    if not typed.is_valid():
        messages.error(request, "Chị chọn năm từ 2000 đến 2100.")
        return redirect("reports:period_list")
    year = typed.cleaned_data["year"]
    try:
        made = plan_year(form=form, year=year, by=request.user)
    except ReportError as error:
        messages.error(request, str(error))
    else:
        said = f"Đã lập {len(made)} kỳ của năm {year}." if made else f"Năm {year} đã đủ kỳ."
        messages.success(request, said)
    return to_calendar(form, year)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, form):
    """Đột xuất: with everything proposed, one click asks all units of the form."""
    form = find_form(request, form)
    require(request.user, "reports.ask_once", form)
    today = localdate()
    off = Holiday.objects.days_off(today, today.replace(year=today.year + 1, day=1))  # scope: all's
    typed = AskForm(request.POST or None, form=form, today=today, off=off)
    if request.method == "POST" and typed.is_valid():
        facts = {k: typed.cleaned_data[k] for k in ("label", "starts_on", "ends_on", "cut_off_on")}
        try:
            period, made = ask_once(form=form, dues=typed.dues, by=request.user, at=now(), **facts)
        except ReportError as error:
            typed.add_error(None, str(error))
        else:
            messages.success(request, f"Đã yêu cầu {made} đơn vị báo cáo: {period.label}.")
            return to_calendar(form, period.year)
    return render(
        request,
        "reports/period_ask.html",
        {"form": typed, "report_form": form, "crumbs": crumbs("Đột xuất")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def update(request, form, period):
    """The days of a period that has not been opened yet."""
    period = find_period(request, form, period)
    require(request.user, "reports.change_period", period)
    typed = PeriodForm(request.POST or None, period=period)
    if period.opened_at:
        messages.info(request, "Kỳ này đã mở nên hạn nộp không đổi nữa; có thể gia hạn.")
        return to_calendar(period.form, period.year)
    if request.method == "POST" and typed.is_valid():
        try:
            change_period(
                period=period, dues=typed.dues, by=request.user,
                cut_off_on=typed.cleaned_data["cut_off_on"],
                opens_on=typed.cleaned_data["opens_on"],
            )  # fmt: skip
        except (ReportError, ValidationError) as error:
            typed.add_error(None, str(error))
        else:
            messages.success(request, f"Đã lưu {period.label}.")
            return to_calendar(period.form, period.year)
    context = {"form": typed, "period": period, "crumbs": crumbs("Sửa ngày")}
    return render(request, "reports/period_form.html", context)


@require_POST
def open_now(request, form, period):
    period = find_period(request, form, period)
    require(request.user, "reports.change_period", period)
    try:
        made = open_period(period=period, by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã mở {period.label}: giao {made} báo cáo.")
    return to_calendar(period.form, period.year)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request, form, period):
    """Longer for units that have not handed in: those that she reviews, or all of her form."""
    period = find_period(request, form, period)
    owed = Report.objects.visible_to(request.user).filter(period=period).not_handed_in()
    if not request.user.has_perm("reports.change_period", period):
        require(request.user, "reports.extend_some")
        owed = owed.reviewed_by(request.user)
    owed = owed.with_units().order_by("branch__level__rank", "branch__sort_key", "pk")
    chosen = {"reports": request.GET.getlist("report")}
    typed = ExtendForm(request.POST or None, owed=owed, initial=chosen)
    if request.method == "POST" and typed.is_valid():
        try:
            made = extend_reports(by=request.user, at=now(), **typed.cleaned_data)
        except ReportError as error:
            typed.add_error(None, str(error))
        else:
            messages.success(request, f"Đã gia hạn cho {len(made)} đơn vị.")
            return to_calendar(period.form, period.year)
    context = {
        "form": typed, "period": period, "count": len(typed.owed), "crumbs": crumbs("Gia hạn"),
    }  # fmt: skip
    return render(request, "reports/period_extend.html", context)
