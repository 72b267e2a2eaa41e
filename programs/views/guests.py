"""The guest's pages: by a link and a code, the hand-overs of one invitation and her answer.

Nobody is signed in here. `request.session["guest"]` holds the invitation's id and, once the code
was typed, the version under which it holds. Whatever is not hers, wrong or over, is one and the
same page.
"""

from functools import wraps
from mimetypes import guess_extension

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hoiphunu.views import seen_version
from programs.forms import CodeForm, GuestAnswerForm
from programs.models import DeliveryFile
from programs.services import ProgramError, answer_as_guest, find_invitation, use_code

from .deliveries import file_response

KEY = "guest"


def guest_page(view):
    """Open without an account, in no cache and no search engine. The address goes to no other
    site, and within this one without its path ("no-referrer" would take the POST its origin)."""

    @login_not_required
    @wraps(view)
    def answered(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answered


def gone(request):
    return render(request, "guest/gone.html", status=404)


def invitation_of(request):
    """(the open invitation of this session or None, has its code been typed?)."""
    held = request.session.get(KEY)
    invitation = held and find_invitation(on=localdate(), pk=held["invitation"])
    return invitation, bool(invitation) and held["version"] == invitation.version


def entered(view):
    """The view gets the invitation whose code was typed; without one the page is gone."""

    @wraps(view)
    def answered(request, **kwargs):
        invitation, is_in = invitation_of(request)
        return view(request, invitation, **kwargs) if is_in else gone(request)

    return answered


@guest_page
@require_safe
def link(request, token):
    """The link leads on at once to an address that tells nothing."""
    invitation = find_invitation(on=localdate(), token=token)
    if invitation is None:
        return gone(request)
    held, is_in = invitation_of(request)
    if not (is_in and held == invitation):
        request.session[KEY] = {"invitation": invitation.pk, "version": None}
    return redirect("guest:home")


@guest_page
@require_http_methods(["GET", "HEAD", "POST"])
def home(request):
    """The hand-overs; before that, the code."""
    invitation, is_in = invitation_of(request)
    if invitation is None:
        return gone(request)
    if not is_in:
        return ask_code(request, invitation)
    context = {"invitation": invitation, "deliveries": list(invitation.shown().with_units())}
    return render(request, "guest/home.html", context)


def ask_code(request, invitation):
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            is_right = use_code(invitation=invitation, code=form.cleaned_data["code"], at=now())
        except ProgramError as error:
            form.add_error("code", str(error))
        else:
            if is_right:
                let_in(request, invitation)
                return redirect("guest:home")
            form.add_error("code", "Mã chưa đúng. Anh/chị xem lại tin nhắn có mã.")
    return render(request, "guest/code.html", {"form": form})


def let_in(request, invitation):
    request.session.cycle_key()
    request.session[KEY] = {"invitation": invitation.pk, "version": invitation.version}


@guest_page
@require_http_methods(["GET", "HEAD", "POST"])
@entered
def delivery(request, invitation, pk):
    row = invitation.shown().with_units().filter(pk=pk).first()
    if row is None:
        return gone(request)
    # Who has an account answers on the page of the hand-over, where the rules know her.
    may_answer = not request.user.is_authenticated
    form = GuestAnswerForm(request.POST or None)
    if request.method == "POST" and may_answer and form.is_valid():
        if keep_answer(request, invitation, row, form):
            return redirect("guest:home")
    files = DeliveryFile.objects.of_guest(invitation)  # scope: what her invitation names
    files = list(files.filter(delivery=row).select_related("file"))
    context = {
        "invitation": invitation,
        "delivery": row,
        "item": row.item,
        "form": form,
        "may_answer": may_answer,
        "photos": [file for file in files if file.kind == DeliveryFile.Kind.PHOTO],
        "minutes": [file for file in files if file.kind == DeliveryFile.Kind.MINUTES],
    }
    return render(request, "guest/delivery.html", context)


def keep_answer(request, invitation, row, form):
    """Was it kept? If not, the form says why."""
    try:
        answer_as_guest(
            invitation=invitation,
            delivery=row,
            seen_version=seen_version(request),
            at=now(),
            **form.cleaned_data,
        )
    except ProgramError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, "Đã ghi lời của anh/chị. Cảm ơn anh/chị.")
    return True


@guest_page
@require_safe
@entered
def file(request, invitation, pk):
    """Under a plain name, for that of the giver's file may tell more."""
    rows = DeliveryFile.objects.of_guest(invitation)  # scope: what her invitation names
    row = rows.filter(pk=pk).select_related("file").first()
    if row is None:
        return gone(request)
    name = {DeliveryFile.Kind.PHOTO: "anh-trao-tang", DeliveryFile.Kind.MINUTES: "bien-ban"}
    return file_response(row.file, name[row.kind] + (guess_extension(row.file.content_type) or ""))


@guest_page
@require_POST
def leave(request):
    """On a borrowed telephone: out, with nothing kept."""
    request.session.pop(KEY, None)
    return render(request, "guest/left.html")
