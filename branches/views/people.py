"""Accounts and positions: a unit's lead looks after those of her unit and below."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import ListView

from hoiphunu.history import history_of_parts, history_rows
from hoiphunu.text import clean, fold
from hoiphunu.views import ScopedMixin, get_visible, require

from ..forms import (
    AccountForm,
    EndPositionForm,
    HandOverForm,
    NewAccountForm,
    PositionForm,
    ReasonForm,
    SlipsForm,
)
from ..models import Position, Upload, User
from ..services import (
    ONE_TIME_DAYS,
    BranchError,
    TwinError,
    change_account,
    create_account,
    end_position,
    hand_over,
    hand_own_over,
    hold_position,
    issue_one_time_password,
    refuse_twin,
    set_active,
)

LONGEST_SEARCH = 100
CHOICES = 20  # lines of a picker
SLIPS = 50  # on one sheet: each password takes the hasher a moment
STATES = [
    ("", "Đang giữ vị trí"),
    ("never", "Chưa đăng nhập lần nào"),
    ("off", "Đang tạm khóa"),
    ("ended", "Đã thôi giữ vị trí"),
    ("all", "Tất cả"),
]


# --- Whom she looks after -------------------------------------------------------------------


def people_of(user):
    """Those whose accounts she may change; nobody who is placed higher."""
    return User.objects.visible_to(user).looked_after_by(user, localdate())


def find_person(request, pk, permission):
    """404 for strangers, 403 for a colleague whose account is not hers to look after."""
    person = get_visible(User, request.user, pk=pk)
    require(request.user, "branches.see_person", person)
    require(request.user, permission, person)
    return person


def positions_in_sight(user):
    return Position.objects.visible_to(user).select_related("branch__level")


class PersonList(ScopedMixin, ListView):
    model = User
    paginate_by = 50
    template_name = "people/person_list.html"

    def get_queryset(self):
        user, today = self.request.user, localdate()
        require(user, "branches.manage_people")
        self.words = search_words(self.request)
        asked = self.request.GET.get("state", "")
        self.state = asked if asked in dict(STATES) else ""
        held = Position.objects.visible_to(user).in_force(today).filter(user=OuterRef("pk"))
        people = super().get_queryset().administered_by(user)
        people = narrow(people.annotate(holds=Exists(held)), self.state)
        if fold(self.words):
            people = people.matching(self.words)
            if any(map(str.isdigit, self.words)):  # or a search would tell whose phone it is
                people = people.known_to(user, today)
        now_held = positions_in_sight(user).in_force(today)
        return people.prefetch_related(Prefetch("positions", now_held, to_attr="held_now"))

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            words=self.words, state=self.state, states=STATES, **kwargs
        )
        shown = User.objects.visible_to(self.request.user).known_to(self.request.user, localdate())
        ids = [person.pk for person in context["object_list"]]
        context["known"] = set(shown.filter(pk__in=ids).values_list("pk", flat=True))
        return context


def narrow(people, state):
    """Keep those of one tab of the list."""
    if state == "all":
        return people
    if state == "ended":
        return people.filter(holds=False)
    if state == "off":
        return people.filter(is_active=False)
    people = people.filter(holds=True)
    return people.filter(last_login=None) if state == "never" else people


@require_safe
def search(request):
    """Lines for `components/picker.html`: persons she looks after, by the words in `q`."""
    require(request.user, "branches.manage_people")
    words = clean(request.GET.get("to_text", request.GET.get("q", ""))[:LONGEST_SEARCH])
    now_held = positions_in_sight(request.user).in_force(localdate())
    found = people_of(request.user).filter(is_active=True).matching(words) if fold(words) else []
    if found:
        found = found.prefetch_related(Prefetch("positions", now_held, to_attr="held_now"))
    return render(request, "people/_choices.html", {"people": found[:CHOICES], "words": words})


def search_words(request):
    return clean(request.GET.get("q", "")[:LONGEST_SEARCH])


# --- One person -----------------------------------------------------------------------------


@require_safe
def detail(request, pk):
    user = request.user
    person = get_visible(User, user, pk=pk)
    require(user, "branches.see_person", person)
    positions = positions_in_sight(user).filter(user=person).order_by("-started_on", "pk")
    context = {
        "person": person,
        "positions": [p for p in positions if not p.is_over],
        "former": [p for p in positions if p.is_over],
        "today": localdate(),
        "may_know": user.has_perm("branches.see_account", person),
        "may_change": user.has_perm("branches.change_user", person),
        "may_issue": user.has_perm("branches.issue_password", person),
        "may_close": user.has_perm("branches.set_active", person),
    }
    return render(request, "people/person_detail.html", context)


@require_safe
def history(request, pk):
    person = find_person(request, pk, "branches.see_account")
    seen = Position.objects.visible_to(request.user)
    parts = history_of_parts(Position._meta.get_field("user"), person, seen)
    rows = sorted([*history_rows(person), *parts], key=lambda row: row["at"], reverse=True)
    return render(request, "people/person_history.html", {"person": person, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def create(request):
    """An account with its first position; the password is made on the next page."""
    require(request.user, "branches.manage_people")
    form = NewAccountForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        person = try_write(form, open_account, request.user, form.cleaned_data)
        if person:
            messages.success(request, f"Đã tạo tài khoản {person.username} cho {person}.")
            return redirect("people:person_password", person.pk)
    return render(request, "people/person_form.html", {"form": form})


@transaction.atomic
def open_account(by, data):
    names = ("full_name", "phone", "email")
    known = {name: data[name] for name in names}
    refuse_twin(by=by, branches=[data["branch"]], is_another=data["is_another"], **known)
    names = (*names, "username")
    person = create_account(by=by, **{name: data[name] for name in names})
    give_position(by, person, data)
    return person


def letters_of(person):
    """Whoever has given her more rights looks once more at where her letters go."""
    if not person.email:
        return ""
    return f" Thư quên mật khẩu của {person} gửi tới {person.email}; chị xem có đúng không."


def tell_if_locked_out(request, person):
    person.refresh_from_db()
    if person.is_active and not person.can_sign_in:
        said = f"{person} chưa có mật khẩu dùng được. Chị cấp mật khẩu một lần mới."
        messages.warning(request, said)


def give_position(by, person, data):
    fields = ("branch", "role", "title", "started_on")
    return hold_position(user=person, by=by, **{name: data[name] for name in fields})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    person = find_person(request, pk, "branches.change_user")
    known = {name: getattr(person, name) for name in ("full_name", "phone", "email")}
    form = AccountForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        if try_write(form, change_account, user=person, by=request.user, **form.cleaned_data):
            messages.success(request, "Đã lưu.")
            return redirect(person)
    return render(request, "people/person_edit.html", {"form": form, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
def state(request, pk):
    """Close the account for now, or open it again; a reason is asked either way."""
    person = find_person(request, pk, "branches.set_active")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = not person.is_active
        reason = form.cleaned_data["reason"]
        if try_write(
            form, set_active, user=person, is_active=wanted, by=request.user, reason=reason
        ):
            said = "Đã mở lại tài khoản." if wanted else "Đã tạm khóa tài khoản."
            messages.success(request, said)
            return redirect(person)
    return render(request, "people/person_state.html", {"form": form, "person": person})


# --- Positions ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def position_add(request, pk):
    person = find_person(request, pk, "branches.change_user")
    form = PositionForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        if try_write(form, give_position, request.user, person, form.cleaned_data):
            messages.success(request, f"Đã giao vị trí.{letters_of(person)}")
            tell_if_locked_out(request, person)
            return redirect(person)
    return render(request, "people/position_form.html", {"form": form, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
def position_end(request, pk, position):
    person = find_person(request, pk, "branches.change_user")
    held = get_object_or_404(positions_in_sight(request.user), pk=position, user=person)
    form = EndPositionForm(request.POST or None)
    if held.is_over:
        messages.error(request, f"Vị trí này đã kết thúc ngày {held.ended_on:%d/%m/%Y}.")
        return redirect(person)
    if person == request.user:  # or her unit might be left with nobody who looks after it
        messages.error(request, "Vị trí của chính mình thì chị bàn giao, không tự kết thúc.")
        return redirect(person)
    if request.method == "POST" and form.is_valid():
        if try_write(form, end_position, position=held, by=request.user, **form.cleaned_data):
            messages.success(request, "Đã ghi ngày thôi giữ vị trí.")
            return redirect(person)
    context = {"form": form, "person": person, "position": held}
    return render(request, "people/position_end.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_on(request, pk):
    """Bàn giao: her positions go to an account that there is, or to a new one."""
    person = find_person(request, pk, "branches.change_user")
    held = [p.pk for p in positions_in_sight(request.user).filter(user=person) if not p.is_over]
    positions = positions_in_sight(request.user).filter(pk__in=held)
    form = HandOverForm(request.POST or None, user=request.user, positions=positions)
    if request.method == "POST" and form.is_valid():
        is_own = person == request.user
        passed = try_write(form, pass_on, request.user, form, is_own)
        if passed:
            return after_hand_over(request, form, is_own, *passed)
    context = {"form": form, "person": person, "positions": positions}
    return render(request, "people/hand_over.html", context)


def after_hand_over(request, form, is_own, successor, password):
    if password:  # on this page or never: another may not open to her any more
        return slips(request, [(successor, password)], "/", is_last=True)
    said = f"Đã bàn giao cho {successor}."
    messages.success(request, said if form.is_new else said + letters_of(successor))
    if is_own:
        return redirect("/")
    if form.is_new:
        return redirect("people:person_password", successor.pk)
    tell_if_locked_out(request, successor)
    return redirect(successor)


@transaction.atomic
def pass_on(by, form, is_own):
    """The successor, who holds from now on what was chosen, and her password if one was made."""
    data = form.cleaned_data
    to = data["to"]
    if form.is_new:
        known = {name: data[name] for name in ("full_name", "phone", "email")}
        branches = [position.branch for position in data["positions"]]
        refuse_twin(by=by, branches=branches, is_another=data["is_another"], **known)
        to = create_account(by=by, **known)
    terms = {name: data[name] for name in ("positions", "on", "title", "reason")}
    if is_own:
        return to, hand_own_over(to=to, by=by, **terms)[1]
    hand_over(to=to, by=by, **terms)
    return to, None


def try_write(form, verb, *args, **kwargs):
    """What the service gives; its refusal stands above the fields, and nothing is changed."""
    try:
        return verb(*args, **kwargs)
    except BranchError as error:
        form.add_error(None, str(error))
        if isinstance(error, TwinError):
            form.ask_again()
        return None


# --- One-time passwords ---------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def password(request, pk):
    """Asks why; then shows the password once, on the page that answers, and keeps it nowhere."""
    person = find_person(request, pk, "branches.issue_password")
    is_first = person.last_login is None
    form = ReasonForm(request.POST or None, initial={"reason": "tài khoản mới"} if is_first else {})
    if request.method == "POST" and form.is_valid():
        issued = try_write(
            form,
            issue_one_time_password,
            user=person,
            by=request.user,
            reason=form.cleaned_data["reason"],
        )
        if issued:
            return slips(request, [(person, issued)], person.get_absolute_url())
    return render(request, "people/person_password.html", {"form": form, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
def list_slips(request, pk):
    """The sheet of a list: passwords are made when it is opened for printing, not before."""
    uploads = Upload.objects.visible_to(request.user).select_related("branch")
    upload = get_object_or_404(uploads, pk=pk, kind="accounts", applied_at__isnull=False)
    require(request.user, "branches.bring_accounts", upload.branch)
    people = people_of(request.user).filter(pk__in=upload.rows.values("target_id"), is_active=True)
    people = people.without_own_password().exclude(pk=request.user.pk)
    form = SlipsForm(request.POST or None, people=people, most=SLIPS)
    if request.method == "POST" and form.is_valid():
        chosen = list(form.cleaned_data["people"])
        return slips(request, issue_all(upload, chosen, request.user), upload.get_absolute_url())
    waiting = list(people)
    fresh = [person.pk for person in waiting if not person.has_usable_password()][:SLIPS]
    context = {"form": form, "upload": upload, "waiting": waiting, "fresh": fresh, "most": SLIPS}
    context["done"] = upload.rows.values("target_id").distinct().count() - len(waiting)
    return render(request, "people/list_slips.html", context)


@transaction.atomic
def issue_all(upload, people, by):
    reason = f"danh sách tải lên số {upload.pk}"
    return [(p, issue_one_time_password(user=p, by=by, reason=reason)) for p in people]


def slips(request, issued, back_url, *, is_last=False):
    """A page to print: one strip for each person.

    `is_last`: she has handed over the right by which she made them, and makes no more.
    """
    held = positions_in_sight(request.user).in_force(localdate())
    held = held.filter(user__in=[person for person, _ in issued])
    by_person = {}
    for position in held:
        roles = by_person.setdefault(position.user_id, {}).setdefault(str(position), [])
        roles.append(position.get_role_display().lower())
    strips = [
        {"person": person, "password": word, "positions": by_person.get(person.pk, {})}
        for person, word in issued
    ]
    context = {
        "strips": strips,
        "site_url": request.build_absolute_uri(reverse("login")),
        "days": ONE_TIME_DAYS,
        "back_url": back_url,
        "is_last": is_last,
    }
    return render(request, "people/slips.html", context)
