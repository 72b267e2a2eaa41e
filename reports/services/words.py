"""A unit's Word report: kept with the report, its texts put into the draft where she says so."""

import re
from hashlib import sha256
from tempfile import NamedTemporaryFile

from django.db import transaction

from branches.services import store_file
from hoiphunu.text import clean
from programs.reading import ReadingError, read_apart
from programs.reading.intake import NOT_TEXT

from ..models import Report, ReportFile, WordText
from ..word_draft import OLD_LETTERS, texts_in
from .life import SOMEBODY_CHANGED, ReportError, save_draft
from .papers import LARGEST, PAPERS, editable

WORD_ENDINGS = (".docx", ".docm", ".doc")
NOT_WORD = (
    "“{name}” không phải là tệp Word. Chị gửi bản Word (.docx); tệp PDF hoặc ảnh thì kèm vào báo "
    "cáo ở mục “Tệp kèm báo cáo”."
)
NO_HEADING = (
    "Không thấy mục nào trong bốn mục kết quả, khó khăn, kiến nghị, phương hướng trong tệp. "
    "Chị chép lời vào từng ô, hoặc ghi tên các mục trong tệp rồi gửi lại."
)
FULL = (
    "Báo cáo này đã giữ {most} tệp Word. Chị mở trang báo cáo, bỏ bớt tệp cũ ở mục “Tệp kèm báo "
    "cáo” rồi gửi lại."
)
# The reader's advice is for the page of plans where it speaks of these.
OF_PLANS = re.compile(r"[Kk]ế hoạch|dán|PDF|chép")
OTHER_WAY = (
    "Chị lưu báo cáo thành tệp Word (.docx) chỉ có chữ rồi gửi lại, hoặc chép lời vào từng ô."
)
PUT, APPEND = "put", "append"
MOST = 5  # Word files of one report


def bring_word(*, report, file, by):
    """Keep a Word report, as the browser sent it, with the texts under its headings; the
    ReportFile. It is read in a child process, before anything is held."""
    name, content = clean(file.name)[-200:], content_of(file)
    found = read_word(content, name)
    if not found.texts:
        raise ReportError(NO_HEADING)
    return keep_word(report, name, content, found, by=by)


def content_of(file):
    if not file.name.lower().endswith(WORD_ENDINGS):
        raise ReportError(NOT_WORD.format(name=file.name))
    if file.size > LARGEST:
        raise ReportError(f"“{file.name}” lớn hơn 10 MB. Chị bỏ bớt ảnh trong tệp rồi gửi lại.")
    file.seek(0)
    content = file.read()
    if not content:
        raise ReportError(f"“{file.name}” không có gì bên trong. Chị xem lại tệp rồi gửi lại.")
    return content


def read_word(content, name):
    """The WordTexts of a .docx; ReportError with a sentence for the screen."""
    with NamedTemporaryFile(suffix=".docx") as kept:
        kept.write(content)
        kept.flush()
        try:
            document = read_apart(kept.name, name)
            if document.form != "docx":
                raise ReportError(NOT_WORD.format(name=name))
            return texts_in(document)
        except ReadingError as error:
            raise ReportError(sentence_of(error)) from error


def sentence_of(error):
    """What is the matter, as the reader says it, and what to do on this page."""
    said = str(error)
    if said == OLD_LETTERS:
        return said
    if said == NOT_TEXT:
        return f"Đây không phải là tệp Word. {OTHER_WAY}"
    what, _, advice = said.partition(". ")
    return f"{what}. {OTHER_WAY}" if OF_PLANS.search(advice) else said


@transaction.atomic
def keep_word(report, name, content, found, *, by):
    """The same file again is the one that is kept. The report is not begun by it: only by what she
    takes of it."""
    report = editable(report)
    before = report.files.standing().word_reports()
    same = before.filter(file__sha256=sha256(content).hexdigest()).first()
    if same:
        return same
    if before.count() >= MOST:
        raise ReportError(FULL.format(most=MOST))
    stored = store_file(
        content=content, name=name, content_type=PAPERS[".docx"][1], branch=report.branch, by=by
    )
    kept = ReportFile.objects.create(report=report, file=stored)
    texts = {**found.texts, "": found.rest}
    WordText.objects.bulk_create(
        WordText(file=kept, narrative=key, text=text) for key, text in texts.items() if text
    )
    return kept


@transaction.atomic
def take_words(*, file, seen_version, choices, by, at):
    """Put texts of the file into the draft; how many. `choices`: name of a text → PUT, where the
    draft has none, or APPEND, below what it has; any other is left alone."""
    report = file.report
    texts = {row.narrative: row for row in file.word_texts.exclude(narrative="")}
    wanted = {name: how for name, how in choices.items() if name in texts and how in (PUT, APPEND)}
    report.refresh_from_db(fields=list(Report.NARRATIVE))
    words = {}
    for name, how in wanted.items():
        old = getattr(report, name)
        if how == PUT and old:
            raise ReportError(SOMEBODY_CHANGED)
        words[name] = "\n".join(filter(None, [old, texts[name].text]))
    if not words:
        return 0
    save_draft(report=report, seen_version=seen_version, figures={}, narrative=words, by=by, at=at)
    WordText.objects.filter(pk__in=[texts[name].pk for name in words]).update(
        taken_at=at, taken_by=by
    )
    return len(words)
