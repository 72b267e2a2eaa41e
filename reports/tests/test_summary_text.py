"""The pages of a unit's summary: gathering, editing, freezing, and the Word file."""

from io import BytesIO
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from branches.services import move_branch
from reports.models import FrozenSummary, SummaryParagraph
from reports.paper import day_in_words, summary_paper
from reports.services import (
    ReportError,
    approve_report,
    gather_summary,
    submit_report,
    summaries,
)
from reports.services.freezing import standing_content

from .conftest import moment
from .proof.pages import forms_of

pytestmark = pytest.mark.django_db

AT = moment(2021, 1, 19)


@pytest.fixture
def january_below(january, units, people, written, report_of):
    """Thọ Quang is approved, Mân Thái only handed in; Sơn Trà has begun, Hải Châu's ward too."""
    words = {"results": "- Họp <chi hội>.\n- Tặng 5 suất quà."}
    for unit, by, reviewer in (
        (units.tho_quang, people.hoa, people.ha),
        (units.man_thai, people.nga, None),
        (units.thanh_binh, people.lan, None),
    ):
        report = written(report_of(unit, january), by, cuoc=3, narrative=words)
        submit_report(report=report, seen_version=report.version, by=by, at=AT)
        if reviewer:
            approve_report(report=report, seen_version=report.version, by=reviewer, at=AT)
    written(report_of(units.son_tra, january), people.giang, cuoc=2, narrative={"results": "Quận."})
    return january


def url(period, unit, name="summary_text", *more):
    return reverse(f"reports:{name}", args=[period.form.code, period.code, unit.slug, *more])


def read(client, address):
    return client.get(address).content.decode()


def sent(page, **typed):
    """What a browser would send of the form to edit, with something typed."""
    data = {"page": "1", "new": ""}
    for row in page.context["form"].paragraphs:
        data[f"initial-text-{row.pk}"] = data[f"text-{row.pk}"] = row.text
        data[f"initial-keep-{row.pk}"] = "no" if row.is_dropped else "yes"
        if not row.is_dropped:
            data[f"keep-{row.pk}"] = "on"
    return data | typed


def test_an_officer_gathers_shortens_drops_and_adds(january_below, units, as_person):
    giang = as_person("giang")
    page = giang.post(url(january_below, units.son_tra, "summary_gather"), follow=True)
    assert "Đã lấy về 3 đoạn." in page.content.decode()
    write = url(january_below, units.son_tra, "summary_write", "results")
    page = giang.get(write)
    own, meeting, gift = page.context["form"].paragraphs

    data = sent(page, new="Toàn quận có [Số cuộc tuyên truyền] cuộc.")
    data[f"text-{meeting.pk}"] = "Các chi hội họp."
    del data[f"keep-{gift.pk}"]
    giang.post(write, data)

    text = read(giang, url(january_below, units.son_tra))
    assert "Các chi hội họp." in text
    assert "Tặng 5 suất quà" not in text
    assert "Toàn quận có 5 cuộc." in text
    assert "Đã bỏ 1 đoạn" in text
    assert units.tho_quang.reports.get(period=january_below).get_absolute_url() in text

    data = sent(giang.get(write))
    data[f"keep-{gift.pk}"] = "on"
    giang.post(write, data)
    assert "Tặng 5 suất quà" in read(giang, url(january_below, units.son_tra))
    changes = read(giang, url(january_below, units.son_tra, "summary_history"))
    assert "Các chi hội họp." in changes and "Võ Thị Giang" in changes


def test_emptying_a_box_drops_the_paragraph_and_keeps_its_words(january_below, units, as_person):
    giang = as_person("giang")
    giang.post(url(january_below, units.son_tra, "summary_gather"))
    write = url(january_below, units.son_tra, "summary_write", "results")
    page = giang.get(write)
    first = page.context["form"].paragraphs[0]

    giang.post(write, sent(page, **{f"text-{first.pk}": "  "}))

    first.refresh_from_db()
    assert (first.text, first.is_dropped) == ("Quận.", True)


def test_the_second_of_two_editors_is_told_and_keeps_what_she_typed(
    january_below, units, as_person
):
    giang = as_person("giang")
    giang.post(url(january_below, units.son_tra, "summary_gather"))
    write = url(january_below, units.son_tra, "summary_write", "results")
    page = giang.get(write)
    first, second, _ = page.context["form"].paragraphs
    ha = as_person("ha")
    ha.post(write, sent(page, **{f"text-{first.pk}": "Ha viết."}))

    giang = as_person("giang")
    typed = {f"text-{first.pk}": "Giang viết.", f"text-{second.pk}": "Giang sửa."}
    answer = giang.post(write, sent(page, **typed, new="Lời thêm."))

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "cùng sửa" in text and "Ha viết." in text and "Giang viết." in text
    second.refresh_from_db()
    assert second.text == "Giang sửa."
    answer = giang.post(write, sent(answer, **{f"text-{first.pk}": "Giang viết."}))
    assert answer.status_code == 302
    first.refresh_from_db()
    assert first.text == "Giang viết."
    assert SummaryParagraph.objects.filter(text="Lời thêm.").count() == 1


def on_page(response):
    """What the boxes and hidden fields of the page to edit hold, as a browser would send it."""
    forms = forms_of(response.content.decode())
    [form] = [form for form in forms if "page" in form.fields]
    return form.sent()


def test_a_page_shown_again_holds_no_old_text_that_the_next_press_would_write_back(
    january_below, units, as_person
):
    giang = as_person("giang")
    giang.post(url(january_below, units.son_tra, "summary_gather"))
    write = url(january_below, units.son_tra, "summary_write", "results")
    page = giang.get(write)
    first, second, third = page.context["form"].paragraphs
    hers = on_page(page)
    changed = {f"text-{first.pk}": "Ha viết.", f"text-{second.pk}": "Ha sửa."}
    data = on_page(page) | changed
    del data[f"keep-{third.pk}"]
    as_person("ha").post(write, data)

    giang = as_person("giang")
    answer = giang.post(write, hers | {f"text-{first.pk}": "Giang viết."})

    assert answer.status_code == 409
    shown = on_page(answer)
    assert shown[f"text-{first.pk}"] == ["Giang viết."]
    assert giang.post(write, shown).status_code == 302
    kept = [(row.text, row.is_dropped) for row in SummaryParagraph.objects.order_by("position")]
    assert kept == [("Giang viết.", False), ("Ha sửa.", False), ("- Tặng 5 suất quà.", True)]


def test_a_page_shown_again_after_a_refusal_keeps_hers_and_what_came_in_meanwhile(
    january_below, units, people, as_person, monkeypatch
):
    giang = as_person("giang")
    giang.post(url(january_below, units.son_tra, "summary_gather"))
    write = url(january_below, units.son_tra, "summary_write", "results")
    page = giang.get(write)
    first, second, _ = page.context["form"].paragraphs
    hers = on_page(page) | {f"text-{first.pk}": "Giang viết.", "new": "Lời thêm."}
    changed = on_page(page) | {f"text-{first.pk}": "Ha viết.", f"text-{second.pk}": "Ha sửa."}
    as_person("ha").post(write, changed | {"new": "Ha thêm."})
    giang = as_person("giang")

    def refuse(period, texts, by):
        raise ReportError("Không được.")

    with monkeypatch.context() as patched:
        patched.setattr(summaries, "refuse_named", refuse)
        answer = giang.post(write, hers)

    text, shown = answer.content.decode(), on_page(answer)
    assert answer.status_code == 409 and "Đã lưu:" in text
    assert (shown[f"text-{first.pk}"], shown["new"]) == (["Giang viết."], ["Lời thêm."])
    giang.post(write, shown)
    kept = SummaryParagraph.objects.filter(heading="results", is_dropped=False)
    assert [row.text for row in kept] == [
        "Giang viết.", "Ha sửa.", "- Tặng 5 suất quà.", "Ha thêm.", "Lời thêm.",
    ]  # fmt: skip


def test_somebody_named_in_the_register_is_not_written_into_a_summary(
    january_below, units, as_person, monkeypatch
):
    record = SimpleNamespace(full_name="Lê Bé Na", code="HS-1")
    monkeypatch.setattr(summaries, "guarded_names", lambda program, user: [(" le be na ", record)])
    monkeypatch.setattr(
        summaries, "refuse_named",
        lambda period, texts, by, real=summaries.refuse_named: real(
            SimpleNamespace(form=SimpleNamespace(program=True)), texts, by
        ),
    )  # fmt: skip
    giang = as_person("giang")
    write = url(january_below, units.son_tra, "summary_write", "results")

    answer = giang.post(write, {"page": "1", "new": "Giúp cháu Lê Bé Na."})

    assert answer.status_code == 409
    text = answer.content.decode()
    assert "HS-1" in text
    assert "Giúp cháu Lê Bé Na." in text, "what she typed stays"
    assert not SummaryParagraph.objects.exists()


def test_submitting_leads_to_the_frozen_page_and_that_says_what_changed(
    january_below, units, people, as_person, report_of
):
    report = report_of(units.son_tra, january_below)
    giang = as_person("giang")
    assert "Bản tổng hợp của" in read(giang, report.get_absolute_url())
    assert "Còn 2 đoạn" in read(giang, report.get_absolute_url())
    giang.post(reverse("reports:report_submit", args=[report.pk]), {"version": report.version})
    frozen = FrozenSummary.objects.get()

    assert frozen.get_absolute_url() in read(giang, report.get_absolute_url())
    page = read(giang, frozen.get_absolute_url())
    assert "1/2 đơn vị trực tiếp" in page
    assert "Số liệu chung chưa thay đổi" in page
    waiting = report_of(units.man_thai, january_below)
    approve_report(report=waiting, seen_version=waiting.version, by=people.ha, at=AT)
    page = read(giang, frozen.get_absolute_url())
    assert "Số liệu đã thay đổi từ đó" in page
    assert "Nay đã duyệt 2/2 đơn vị trực tiếp" in page
    assert "Hội LHPN phường Mân Thái" in page


def test_own_words_corrected_after_gathering_are_shown_as_they_will_be_signed(
    january_below, units, people, as_person, report_of, written
):
    gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)
    report = report_of(units.son_tra, january_below)
    own = SummaryParagraph.objects.get(source=report)
    written(report, people.giang, narrative={"results": "Quận họp lại."})
    giang, write = as_person("giang"), url(january_below, units.son_tra, "summary_write", "results")

    text = read(giang, url(january_below, units.son_tra))
    assert "Quận họp lại." in text and "Quận." not in text
    assert "vào thẳng bản ký" in text
    assert "không lấy đoạn này" in read(giang, write)
    assert "đã sửa trong" not in read(giang, report.get_absolute_url())

    giang.post(write, sent(giang.get(write), **{f"text-{own.pk}": "Toàn quận họp."}))
    text = read(giang, url(january_below, units.son_tra))
    assert "Quận họp lại." in text and "Toàn quận họp." in text
    assert "1 đoạn của báo cáo này chị đã sửa" in read(giang, report.get_absolute_url())
    written(report, people.giang, hoi_vien=120, phu_nu=100)
    explain = reverse("reports:report_explain", args=[report.pk])
    assert "1 đoạn của báo cáo này chị đã sửa" in read(giang, explain)


def test_a_leader_makes_a_paper_to_sign_where_the_unit_owes_no_report(
    january_below, units, as_person
):
    cuc = as_person("cuc")
    page = cuc.get(url(january_below, units.da_nang))
    assert "Lập bản ký" in page.content.decode()

    answer = cuc.post(
        url(january_below, units.da_nang, "summary_freeze"), {"version": page.context["version"]}
    )

    assert answer.url == FrozenSummary.objects.get().get_absolute_url()
    assert "Lập bản ký" not in read(cuc, url(january_below, units.son_tra))


def test_neighbours_see_nothing_of_it(january_below, units, people, as_person):
    gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)
    report = units.son_tra.reports.get(period=january_below)
    submit_report(report=report, seen_version=report.version, by=people.giang, at=AT)
    frozen = FrozenSummary.objects.get()
    for name in ("lan", "xuan", "mai"):
        client = as_person(name)
        for address in (
            url(january_below, units.son_tra),
            url(january_below, units.son_tra, "summary_history"),
            frozen.get_absolute_url(),
            reverse("reports:summary_frozen_word", args=[frozen.pk]),
        ):
            assert client.get(address).status_code == 404
        gather = client.post(url(january_below, units.son_tra, "summary_gather"))
        assert gather.status_code == 404


def test_what_a_unit_wrote_that_left_is_gathered_no_more_and_named_without_a_link(
    january_below, units, people, as_person
):
    gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)
    source = units.tho_quang.reports.get(period=january_below)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="sắp xếp")

    giang = as_person("giang")
    text = read(giang, url(january_below, units.son_tra))

    assert source.get_absolute_url() not in text
    assert "đơn vị nay thuộc nơi khác" in text
    SummaryParagraph.objects.update(is_dropped=True)
    SummaryParagraph.history.all().delete()
    SummaryParagraph.objects.all().delete()
    again = gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)
    assert [row.text for row in again] == ["Quận."]


def words_of(response):
    word = Document(BytesIO(b"".join(response) if response.streaming else response.content))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in word.paragraphs], cells, word


def test_the_word_file_has_the_form_of_an_administrative_paper(
    january_below, units, people, as_person
):
    gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)
    report = units.son_tra.reports.get(period=january_below)
    submit_report(report=report, seen_version=report.version, by=people.giang, at=AT)
    frozen = FrozenSummary.objects.get()

    response = as_person("ha").get(reverse("reports:summary_frozen_word", args=[frozen.pk]))

    assert response["Content-Disposition"] == (
        "attachment; filename=bao-cao-tong-hop-2021-01-quan-son-tra.docx"
    )
    lines, cells, word = words_of(response)
    head = "\n".join(cells[:2])
    for words in ("HỘI LHPN QUẬN SƠN TRÀ", "BAN THƯỜNG VỤ", "Số: ……/BC-BTV",
                  "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
                  "Sơn Trà, ngày 19 tháng 01 năm 2021"):  # fmt: skip
        assert words in head
    assert "BÁO CÁO" in lines
    assert "I. KẾT QUẢ THỰC HIỆN" in lines and "IV. PHƯƠNG HƯỚNG KỲ TỚI" in lines
    assert "- Họp <chi hội>." in lines
    assert any("1/2 đơn vị trực tiếp đã được duyệt" in line for line in lines)
    assert "Nơi nhận:\n- Hội LHPN thành phố Đà Nẵng;\n- Lưu: VT." in cells
    figures = [[cell.text for cell in row.cells] for row in word.tables[-1].rows]
    assert ["1", "Số cuộc tuyên truyền", "cuộc", "2", "3", "5", "5"] in figures
    rule = word.tables[0].cell(0, 1).paragraphs[2]._p.pPr
    assert [child.tag.rpartition("}")[2] for child in rule] == ["pBdr", "spacing", "ind", "jc"]
    assert "DỰ THẢO" not in "\n".join(p.text for p in word.sections[0].first_page_header.paragraphs)


def test_the_paper_says_how_many_more_are_missing_than_it_names(january_below, units):
    content = standing_content(january_below, units.son_tra) | {"more_missing": 12}

    word = Document(BytesIO(summary_paper(content, signed_on=None)))

    said = [paragraph.text for paragraph in word.paragraphs]
    assert "Chưa tổng hợp: Hội LHPN phường Mân Thái và 12 đơn vị khác." in said


def test_words_are_not_said_to_repeat_those_that_were_dropped(
    january_below, units, people, as_person, report_of
):
    waiting = report_of(units.man_thai, january_below)
    approve_report(report=waiting, seen_version=waiting.version, by=people.ha, at=AT)
    gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)
    giang = as_person("giang")
    assert "giống lời của" in read(giang, url(january_below, units.son_tra))

    SummaryParagraph.objects.filter(repeated_by__isnull=False).update(is_dropped=True)

    assert "giống lời của" not in read(giang, url(january_below, units.son_tra))


def test_the_page_of_a_report_sends_along_which_summary_it_told_of(
    january_below, units, people, as_person, report_of
):
    report = report_of(units.son_tra, january_below)
    giang = as_person("giang")
    page = giang.get(report.get_absolute_url()).content.decode()
    [form] = [f for f in forms_of(page) if f.action.endswith("/submit/")]
    gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)

    answer = giang.post(form.action, form.sent(), follow=True)

    assert "Bản tổng hợp vừa có người khác sửa" in answer.content.decode()
    assert not FrozenSummary.objects.exists()


def test_a_draft_in_word_says_that_it_is_one_and_leaves_the_day_open(
    january_below, units, as_person
):
    _, cells, word = words_of(
        as_person("cuc").get(url(january_below, units.da_nang, "summary_word"))
    )

    header = word.sections[0].first_page_header
    assert "DỰ THẢO" in [paragraph.text for paragraph in header.paragraphs]
    assert "2021" not in cells[1]
    assert "HỘI LHPN THÀNH PHỐ ĐÀ NẴNG" in cells[0]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (moment(2021, 1, 5), "ngày 05 tháng 01 năm 2021"),
        (moment(2021, 6, 29), "ngày 29 tháng 6 năm 2021"),
        (moment(2021, 12, 31, 23, 30), "ngày 31 tháng 12 năm 2021"),
    ],
)
def test_days_are_written_as_papers_write_them(at, words):
    assert day_in_words(at) == words


def test_the_pages_ask_as_many_questions_for_many_units_as_for_few(
    january_below, units, people, as_person, report_of
):
    gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)
    giang = as_person("giang")
    addresses = [
        url(january_below, units.son_tra),
        url(january_below, units.son_tra, "summary_write", "results"),
        url(january_below, units.son_tra, "summary_history"),
    ]

    def asked():
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                assert giang.get(address).status_code == 200
            found.append(len(queries))
        return found

    few = asked()
    waiting = report_of(units.man_thai, january_below)
    approve_report(report=waiting, seen_version=waiting.version, by=people.ha, at=AT)
    gather_summary(period=january_below, branch=units.son_tra, by=people.giang, at=AT)
    more = asked()

    assert more == few
