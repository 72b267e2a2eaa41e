"""Lịch báo cáo: which periods there are, by when they are due; planned, opened, given longer."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hoiphunu.views import get_visible, require, seen_version
from programs.views.conflicts import conflict_with
from reports.forms import AskForm, ExtendForm, OwedFilter, PeriodForm, PhaseForm, PlanForm
from reports.models import Holiday, Period, Report, ReportForm
from reports.queries import calendars_of, forms_with_periods
from reports.services import (
    ReportError,
    Stale,
    ask_once,
    change_period,
    extend_all,
    extend_reports,
    known_days_off,
    open_period,
    plan_phase,
    plan_year,
)

FORMS_ON_A_PAGE, UNITS_ON_A_PAGE = 10, 50


def find_form(request, code):
    return get_visible(ReportForm, request.user, code=code, is_active=True)


def find_period(request, form, code):
    return get_visible(Period, request.user, form=find_form(request, form), code=code)


def crumbs(here):
    ups = [("Báo cáo", reverse("reports:report_list"))]
    if here:
        return [*ups, ("Lịch báo cáo", reverse("reports:period_list")), (here, "")]
    return [*ups, ("Lịch báo cáo", "")]


def ids_in(texts):
    """The ids among what an address or a form says."""
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 12]


def to_calendar(user, form, year):
    """The calendar of the year, on the page where the form stands."""
    codes = [each.code for each in forms_to_show(user, year)]
    page = codes.index(form.code) // FORMS_ON_A_PAGE + 1 if form.code in codes else 1
    return redirect(f"{reverse('reports:period_list')}?year={year}&page={page}#{form.code}")


@require_safe
def period_list(request):
    """Each form with its periods of a year: days, how many have handed in, what may be done."""
    user, today = request.user, localdate()
    chosen = PlanForm(request.GET if "year" in request.GET else {"year": today.year})
    year = chosen.cleaned_data["year"] if chosen.is_valid() else today.year
    page = Paginator(forms_to_show(user, year), FORMS_ON_A_PAGE).get_page(request.GET.get("page"))
    periods = calendars_of([form.pk for form in page], year, user.home_branch)
    boards = [
        {
            "form": form,
            "periods": periods[form.pk],
            "plans": user.has_perm("reports.change_reportform", form),
            "asks": user.has_perm("reports.ask_once", form),
            "locks": user.has_perm("reports.lock_some", form),
        }
        for form in page
    ]
    context = {
        "crumbs": crumbs(""),
        "year": year,
        "before": year - 1,
        "after": year + 1,
        "boards": boards,
        "page_obj": page,
        "extends": user.has_perm("reports.extend_some"),
        "holidays": Holiday.objects.visible_to(user).filter(day__year=year),
    }
    return render(request, "reports/period_list.html", context)


def forms_to_show(user, year):
    """The forms that have periods in the year, and those for which she may make some."""
    forms = ReportForm.objects.visible_to(user).filter(is_active=True)
    forms = list(forms.select_related("owner__level", "program"))
    with_periods = forms_with_periods(forms, year)
    return [
        form
        for form in forms
        if form.pk in with_periods
        or user.has_perm("reports.change_reportform", form)
        or user.has_perm("reports.ask_once", form)
    ]


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
    return to_calendar(request.user, form, year)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, form):
    """Đột xuất: with everything proposed, one click asks all units of the form."""
    form = find_form(request, form)
    require(request.user, "reports.ask_once", form)
    today = localdate()
    off = known_days_off(today, today + timedelta(days=366))
    typed = AskForm(request.POST or None, form=form, today=today, off=off)
    if request.method == "POST" and typed.is_valid():
        facts = {k: typed.cleaned_data[k] for k in ("label", "starts_on", "ends_on", "cut_off_on")}
        try:
            period, made = ask_once(form=form, dues=typed.dues, by=request.user, at=now(), **facts)
        except ReportError as error:
            typed.add_error(None, str(error))
        else:
            messages.success(request, f"Đã yêu cầu {made} đơn vị báo cáo: {period.label}.")
            return to_calendar(request.user, form, period.year)
    return render(
        request,
        "reports/period_ask.html",
        {"form": typed, "report_form": form, "crumbs": crumbs("Đột xuất")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def phase(request, form):
    """Giai đoạn: one period over the years of the form's programme, its days proposed."""
    form = find_form(request, form)
    require(request.user, "reports.change_reportform", form)
    if form.program is None:
        messages.error(request, "Biểu mẫu này không thuộc chương trình nào nên không có giai đoạn.")
        return redirect("reports:period_list")
    ends_on = form.program.ends_on
    off = known_days_off(ends_on, ends_on + timedelta(days=366))
    typed = PhaseForm(request.POST or None, form=form, off=off)
    if request.method == "POST" and typed.is_valid():
        names = ("starts_on", "ends_on", "cut_off_on")
        facts = {name: typed.cleaned_data[name] for name in names}
        try:
            period = plan_phase(form=form, dues=typed.dues, by=request.user, **facts)
        except (ReportError, ValidationError) as error:
            typed.add_error(None, " ".join(getattr(error, "messages", [str(error)])))
        else:
            messages.success(request, f"Đã lập {period.label}. Chị mở kỳ khi đến lúc.")
            return to_calendar(request.user, form, period.year)
    context = {"form": typed, "report_form": form, "crumbs": crumbs("Kỳ giai đoạn")}
    return render(request, "reports/period_phase.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def update(request, form, period):
    """The days of a period that has not been opened yet."""
    period = find_period(request, form, period)
    require(request.user, "reports.change_period", period)
    typed, conflict = PeriodForm(request.POST or None, period=period), None
    if period.opened_at:
        messages.info(request, "Kỳ này đã mở nên hạn nộp không đổi nữa; có thể gia hạn.")
        return to_calendar(request.user, period.form, period.year)
    if request.method == "POST" and typed.is_valid():
        seen = seen_version(request)
        try:
            change_period(
                period=period, seen_edits=seen, dues=typed.dues, by=request.user,
                cut_off_on=typed.cleaned_data["cut_off_on"],
                opens_on=typed.cleaned_data["opens_on"],
            )  # fmt: skip
        except Stale:
            saved = find_period(request, period.form.code, period.code)
            fresh = PeriodForm(period=saved)
            conflict = conflict_with(saved, typed, fresh, seen=seen, version=saved.edits)
        except (ReportError, ValidationError) as error:
            typed.add_error(None, str(error))
        if typed.is_valid() and conflict is None:  # saved, or somebody saved just the same
            messages.success(request, f"Đã lưu {period.label}.")
            return to_calendar(request.user, period.form, period.year)
    context = {
        "form": typed, "period": period, "conflict": conflict, "crumbs": crumbs("Sửa ngày"),
    }  # fmt: skip
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
    return to_calendar(request.user, period.form, period.year)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request, form, period):
    """Longer for units that have not handed in: those that she reviews, or all of her form."""
    period = find_period(request, form, period)
    owed = Report.objects.visible_to(request.user).filter(period=period).not_handed_in()
    if not request.user.has_perm("reports.change_period", period):
        require(request.user, "reports.extend_some")
        owed = owed.reviewed_by(request.user)
    narrowed = OwedFilter(request.GET)
    owed = narrowed.of(owed, request.user)
    order = ("branch__level__rank", "branch__sort_key", "pk")
    turning = request.POST.get("turn")
    number = turning or request.POST.get("page") or request.GET.get("page")
    page = Paginator(owed.with_units().order_by(*order), UNITS_ON_A_PAGE).get_page(number)
    ticked = owed.filter(pk__in=ids_in(request.POST.getlist("reports"))).with_units()
    first = typed_so_far(request.POST) if turning else {"reports": narrowed.ids}
    data = None if turning else request.POST or None
    typed = ExtendForm(data, owed={*page, *ticked}, initial=first)
    if request.method == "POST" and not turning and typed.is_valid():
        try:
            made = give_longer(request, typed.cleaned_data, owed)
        except ReportError as error:
            typed.add_error(None, str(error))
        else:
            messages.success(request, f"Đã gia hạn cho {made} đơn vị.")
            return to_calendar(request.user, period.form, period.year)
    context = {
        "form": typed, "filter": narrowed, "period": period, "page_obj": page,
        "count": page.paginator.count, "crumbs": crumbs("Gia hạn"),
    }  # fmt: skip
    return render(request, "reports/period_extend.html", context)


def typed_so_far(data):
    """What stands on the page that she turns; nothing is asked of it yet."""
    return {
        "reports": data.getlist("reports"),
        "everyone": "everyone" in data,
        "until": data.get("until"),
        "reason": data.get("reason"),
    }


def give_longer(request, typed, owed):
    """To those that she ticked, or to all that the filter leaves; how many."""
    how = {"until": typed["until"], "reason": typed["reason"], "by": request.user, "at": now()}
    if not typed["everyone"]:
        return len(extend_reports(reports=typed["reports"], **how))
    count = request.POST.get("count", "")
    seen = int(count) if count.isascii() and count.isdigit() and len(count) < 9 else 0
    return extend_all(reports=owed, seen_count=seen, **how)
