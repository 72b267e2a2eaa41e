"""Pages of editions: the next one from this one's set-up, and a programme called off."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render

from hoiphunu.views import require, seen_version
from programs.forms import CopyForm, ReasonForm
from programs.models import Program
from programs.services import ProgramError, cancel_program, copy_program

from .shared import visible_program


def copy(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    first = {"name": program.name, "starts_on": program.ends_on + timedelta(days=1)}
    form = CopyForm(request.POST or None, instance=Program(owner=program.owner), initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            draft, left_out = copy_program(program=program, by=request.user, **form.cleaned_data)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            say_copied(request, left_out)
            return redirect(draft)
    return render(request, "programs/program_copy.html", {"program": program, "form": form})


def say_copied(request, left_out):
    messages.success(request, "Đã chép sang đợt mới, còn là bản đang soạn. Chị xem lại từng phần.")
    if left_out:
        names = "; ".join(str(line) for line in left_out)
        messages.warning(request, f"Không chép dòng của đơn vị đã kết thúc hoạt động: {names}.")


def cancel(request, slug):
    """Asks once more, with the reason."""
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_program(
                program=program,
                seen_version=seen_version(request),
                by=request.user,
                reason=form.cleaned_data["reason"],
            )
        except ProgramError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, "Đã hủy chương trình.")
            return redirect(program)
    return render(request, "programs/program_cancel.html", {"program": program, "form": form})
