"""How long a programme keeps the people helped by name."""

from hoiphunu.views import require, seen_version
from programs.forms.keeping import KeepingForm
from programs.services import set_keeping

from .shared import form_page, program_crumb, visible_program


def program_keeping(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)

    def save(typed):
        set_keeping(program=program, seen_version=seen_version(request), by=request.user, **typed)

    return form_page(
        request,
        form=KeepingForm(request.POST or None, initial={"keep_months": program.keep_months}),
        save=save,
        done="Đã lưu thời hạn lưu hồ sơ.",
        row=program,
        version=program.version,
        heading="Thời hạn lưu hồ sơ người được giúp",
        note="Hết thời hạn, hồ sơ người được giúp, ảnh trao tặng và phần chữ của văn bản đã đọc "
        "vào tự xóa; trước đó 30 ngày phần mềm báo ở trang đầu của đơn vị chủ trì. Mã hồ sơ, số "
        "lượng, số tiền, biên bản và văn bản của chương trình giữ nguyên.",
        submit="Lưu",
        crumbs=[program_crumb(request.user, program), ("Thời hạn lưu hồ sơ", "")],
    )
