"""Lists from Excel: one upload row from the file to the written rows, whatever the list.

Read: the workbook becomes staged rows, compared with the database; nothing else is written.
Apply: after somebody has looked and confirmed, all of them in one transaction, or none.
"""

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.timezone import now

from branches import importers as branches
from branches.models import Upload, UploadRow
from branches.services import store_file
from hoiphunu.excel import WorkbookError
from hoiphunu.lists import ListError, read_list
from programs import importers as programs

KINDS = {kind.code: kind for kind in [programs.ASSIGNMENTS, branches.ACCOUNTS, branches.DECREES]}

Outcome, State, Step = UploadRow.Outcome, Upload.State, Upload.Step
BATCH = 500
AGAIN = "Chưa ghi gì. Chị tải tệp lên lại; nếu vẫn vậy, chị báo người quản trị."
MEANWHILE = "Vừa có người ghi trùng với danh sách này nên chưa ghi gì. Chị tải tệp lên lại."


@transaction.atomic
def new_upload(*, kind, branch, by, content, name, content_type="", params):
    """Keep the file and the row that says what is to be done with it."""
    stored = store_file(
        content=content,
        name=name,
        content_type=content_type,
        branch=branch,
        by=by,
        is_personal=KINDS[kind].is_private,
    )
    return Upload.objects.create(kind=kind, branch=branch, asked_by=by, file=stored, params=params)


def run_step(upload):
    """Read or write, whichever is next."""
    {Step.READ: read_upload, Step.APPLY: apply_upload}[upload.step](upload)


def read_upload(upload):
    """Turn the file into staged rows. A file that is no such list fails with its sentence."""
    kind = KINDS[upload.kind]
    try:
        reading = read_list(upload.file.file.path, kind)
        upload.progress(0, len(reading.lines))
        rows, remarks = kind.check(upload, reading.lines)
        stage(upload, rows)
    except WorkbookError as error:
        fail(upload, str(error))
    except Exception:
        fail(upload, f"Không đọc được tệp. {AGAIN}")
        raise  # for the log: the person has her sentence, the developer the reason
    else:
        upload.columns, upload.notes = reading.columns, remarks + reading.notes
        succeed(upload, len(rows), in_words(outcomes(upload)))


def stage(upload, rows):
    upload.rows.all().delete()  # of a run that was cut off
    for start in range(0, len(rows), BATCH):
        UploadRow.objects.bulk_create(rows[start : start + BATCH])
        upload.progress(min(start + BATCH, len(rows)), len(rows))


def confirm_upload(upload):
    """Somebody has looked at the rows and wants them written; true for the first one only."""
    if upload.rows.filter(outcome=Outcome.ERROR).exists():
        raise ListError("Danh sách còn dòng lỗi nên chưa ghi được.")
    taken = Upload.objects.filter(pk=upload.pk, step=Step.READ, state=State.READY).update(
        step=Step.APPLY, state=State.WAITING, done=0, message=""
    )
    if not taken:
        raise ListError("Danh sách này đã được ghi, hoặc đang ghi.")


def apply_upload(upload):
    """Write the staged rows and say so in one transaction: a run cut off has written nothing."""
    rows = list(upload.rows.all())
    upload.progress(0, len(rows))
    try:
        with transaction.atomic():
            new, changed = KINDS[upload.kind].apply(upload, rows)
            upload.applied_at = now()
            succeed(upload, len(rows), f"Đã ghi {new} mới, {changed} thay đổi.")
    except ListError as error:
        fail(upload, str(error))
    except IntegrityError:
        fail(upload, MEANWHILE)
    except Exception:
        fail(upload, f"Không ghi được danh sách. {AGAIN}")
        raise


def succeed(upload, count, message):
    upload.done = upload.total = count
    upload.state, upload.message = State.READY, message
    upload.save(
        update_fields=["columns", "notes", "applied_at", "done", "total", "state", "message"]
    )


def fail(upload, message):
    upload.applied_at = None
    upload.finish(State.FAILED, message)


def outcomes(upload):
    """Outcome → how many rows, all four of them."""
    counted = upload.rows.order_by().values_list("outcome").annotate(Count("pk"))
    return dict.fromkeys(Outcome.values, 0) | dict(counted)


def in_words(counts):
    """ "12 mới, 1 thay đổi, 3 không đổi, 2 lỗi"."""
    return ", ".join(f"{counts[outcome.value]} {outcome.label}" for outcome in Outcome) + "."
