from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook
from PIL import Image

from programs.tests.support import PLACE, photo
from reports.models import FormVersion, ReportFile
from reports.services import (
    Cells,
    ReportError,
    add_files,
    bring_word,
    merge_draft,
    remove_file,
    submit_report,
)

from .conftest import moment
from .test_word_draft import uploaded, word

pytestmark = pytest.mark.django_db
AT = moment(2021, 1, 15)


@pytest.fixture
def report(january, units, people, report_of, written, settings, tmp_path):
    """Thọ Quang's draft; its form takes two files."""
    settings.MEDIA_ROOT = tmp_path
    FormVersion.objects.update(most_files=2)
    january.refresh_from_db()
    return written(report_of(units.tho_quang, january), people.hoa, cuoc=3)


def pdf(name="biên bản.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.4 thu", "application/pdf")


def workbook(name="bảng.xlsx"):
    content = BytesIO()
    Workbook().save(content)
    return SimpleUploadedFile(name, content.getvalue())


def content_of(kept):
    with kept.file.file.open("rb") as file:
        return file.read()


def test_photos_lose_their_place_and_papers_are_kept_as_they_are(report, people):
    picture, paper = add_files(report=report, files=[photo(), workbook()], by=people.hoa, at=AT)

    content = content_of(picture)
    assert Image.open(BytesIO(content)).getexif() == {}
    assert PLACE.encode() not in content
    assert paper.file.content_type.endswith("spreadsheetml.sheet")
    assert paper.file.branch == report.branch


def test_a_report_with_a_file_is_begun_and_that_is_remembered(
    january, report, units, people, report_of
):
    empty = report_of(units.man_thai, january)

    add_files(report=empty, files=[pdf()], by=people.nga, at=AT)

    empty.refresh_from_db()
    assert empty.status == "draft"
    assert empty.history.first().history_user == people.nga


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("virus.exe", b"MZ"), "không phải là"),
        (SimpleUploadedFile("thư.docx", b"khong phai Word"), "bị hỏng hoặc không phải"),
        (workbook("bảng.docx"), "bị hỏng hoặc không phải"),
        (SimpleUploadedFile("to.pdf", b"%PDF-" + b"0" * (10 * 2**20)), "lớn hơn 10 MB"),
    ],
)
def test_other_files_are_refused_and_with_them_all_that_were_sent(report, people, file, words):
    with pytest.raises(ReportError, match=words):
        add_files(report=report, files=[pdf(), file], by=people.hoa, at=AT)

    assert not ReportFile.objects.exists()


def test_no_more_files_than_the_form_takes_but_one_taken_out_makes_room(report, people):
    first, _ = add_files(report=report, files=[pdf(), pdf()], by=people.hoa, at=AT)
    with pytest.raises(ReportError, match="nhiều nhất 2 tệp"):
        add_files(report=report, files=[pdf()], by=people.hoa, at=AT)

    remove_file(file=first, by=people.hoa, at=moment(2021, 1, 19))
    add_files(report=report, files=[pdf()], by=people.hoa, at=AT)

    assert report.files.standing().count() == 2
    first.refresh_from_db()
    assert first.removed_by == people.hoa  # and its content is still kept
    assert content_of(first).startswith(b"%PDF")


def test_a_form_that_asks_for_none_takes_none(report, people):
    FormVersion.objects.update(most_files=0)

    with pytest.raises(ReportError, match="không hỏi tệp"):
        add_files(report=report, files=[pdf()], by=people.hoa, at=AT)


def test_what_was_submitted_keeps_its_files(report, people):
    [file] = add_files(report=report, files=[pdf()], by=people.hoa, at=AT)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19))

    with pytest.raises(ReportError, match="đã nộp"):
        add_files(report=report, files=[pdf()], by=people.hoa, at=AT)
    with pytest.raises(ReportError, match="đã nộp"):
        remove_file(file=file, by=people.hoa, at=moment(2021, 1, 20))


def test_the_officer_adds_and_whoever_reads_the_report_fetches(report, as_person):
    page = reverse("reports:report_files_add", args=[report.pk])
    as_person("hoa").post(page, {"files": [pdf()]})
    address = reverse("reports:report_file", args=[report.files.get().pk])

    assert "biên bản.pdf" in as_person("ha").get(report.get_absolute_url()).content.decode()
    response = as_person("ha").get(address)
    assert b"".join(response.streaming_content) == b"%PDF-1.4 thu"
    assert response["Content-Disposition"].startswith("attachment")
    assert as_person("lan").get(address).status_code == 404


def test_a_file_taken_out_is_fetched_by_nobody(report, people, as_person):
    [file] = add_files(report=report, files=[pdf()], by=people.hoa, at=AT)
    as_person("hoa").post(reverse("reports:report_file_remove", args=[file.pk]))

    assert as_person("hoa").get(reverse("reports:report_file", args=[file.pk])).status_code == 404


@pytest.mark.parametrize("what", ["nothing", "file", "explanation"])
def test_who_put_a_file_or_an_explanation_into_it_does_not_approve_it(
    report, people, indicators, what
):
    """Hà reviews for quận Sơn Trà."""
    if what == "file":
        add_files(report=report, files=[pdf()], by=people.ha, at=AT)
    if what == "explanation":
        typed = Cells(explanations={indicators.cuoc.pk: "Có lễ"})
        merge_draft(
            report=report, seen_version=report.version, seen=Cells(), typed=typed, by=people.ha,
            at=AT,
        )  # fmt: skip
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)

    assert people.ha.has_perm("reports.approve_report", report) == (what == "nothing")


def test_the_units_own_word_report_takes_no_place_of_an_attachment(report, people, as_person):
    for number in range(2):
        file = uploaded(word(f"I. Kết quả\n- Việc {number}"))
        bring_word(report=report, file=file, by=people.hoa)

    url = reverse("reports:report_files_add", args=[report.pk])
    assert url in as_person("hoa").get(report.get_absolute_url()).content.decode()
    add_files(report=report, files=[photo(), workbook()], by=people.hoa, at=AT)
    assert url not in as_person("hoa").get(report.get_absolute_url()).content.decode()
