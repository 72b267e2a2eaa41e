"""The page after log-in: what waits for her today, and for leaders how the programme stands."""

from django.shortcuts import render
from django.utils.timezone import localdate

from branches.decrees import count_waiting
from branches.models import Position
from programs.models import Delivery, Program
from programs.queries import obligations_of, owed_by, quota_progress_by_district
from programs.queries.keeping import erased_from
from reports import queries
from reports.leftovers import count_left
from reports.models import Report, ReportForm
from reports.querysets import LAST_DAY

from .exchange import exchange_today

Role = Position.Role
MOST_PROGRAMS = 3
TO_DO = [Report.Status.NOT_BEGUN, Report.Status.DRAFT, Report.Status.RETURNED]


def home(request):
    user = request.user
    today = localdate()
    context = {
        "today": today,
        "has_tasks": user.branch_paths(Role.OFFICER) or user.branch_paths(Role.REVIEWER),
        "to_write": Report.objects.visible_to(user)
        .own_of(user)
        .filter(status__in=TO_DO)
        .with_units()
        .order_by(LAST_DAY)[:20],
        "to_review": Report.objects.visible_to(user)
        .waiting_for(user)
        .with_units()
        .order_by(LAST_DAY)[:20],
        "owed": owed_by(user, today),
        "obligations": obligations_of(user, today),
        "to_confirm": Delivery.objects.visible_to(user)
        .waiting_for(user)
        .with_units()
        .order_by("given_on", "pk")[:20],
        "to_erase": to_erase_of(user),
        **exchange_today(user, today),
    }
    if user.home_branch:
        context["waiting"] = count_waiting(user.home_branch)
    if user.branch_paths(Role.ADMINISTRATOR):
        context["leftovers"] = count_left(user)
    if user.branch_paths(Role.LEADER) or user.branch_paths(Role.REVIEWER):
        context |= boards(user)
    return render(request, "reports/home.html", context)


def to_erase_of(user):
    """Programmes of her own unit whose records will be erased, each with the day."""
    programs = Program.objects.visible_to(user).owned_by(user).about_to_erase()
    return [(program, erased_from(program)) for program in programs if program.keep_until]


def boards(user):
    """Charts with the same figures as a table: quota by district, punctuality by month."""
    branch = user.home_branch
    running = Program.objects.visible_to(user).filter(status=Program.Status.RUNNING)
    form = ReportForm.objects.visible_to(user).filter(is_active=True, periods__isnull=False).first()
    found = {
        "branch": branch,
        "quota_charts": [
            (program, quota_chart(quota_progress_by_district(program, top=branch)))
            for program in running[:MOST_PROGRAMS]
        ],
    }
    if form is not None:
        latest = form.periods.filter(opened_at__isnull=False).order_by("-starts_on").first()
        if latest is not None:
            months = queries.punctuality(form, branch, latest.year)
            found |= {
                "form": form,
                "period": latest,
                "groups": queries.completeness(latest, branch),
                "months": months,
                "months_chart": months_chart(months),
            }
    return found


def quota_chart(progress):
    return {
        "type": "bar",
        "labels": [row.branch.full_name for row in progress],
        "datasets": [
            {"label": "Giao", "tone": "grey", "data": [row.tally.minimum for row in progress]},
            {"label": "Đã nhận", "tone": "accent", "data": [row.tally.taken for row in progress]},
        ],
    }


def months_chart(months):
    return {
        "type": "bar",
        "stacked": True,
        "labels": [m["label"].replace("Tháng ", "T") for m in months],
        "datasets": [
            {"label": "Đúng hạn", "tone": "green", "data": [m["in_time"] for m in months]},
            {"label": "Nộp muộn", "tone": "amber", "data": [m["late"] for m in months]},
            {"label": "Chưa nộp", "tone": "red", "data": [m["missing"] for m in months]},
        ],
    }
