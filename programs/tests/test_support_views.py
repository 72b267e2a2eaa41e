import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate
from PIL import Image

from conftest import person, unit
from programs.models import Delivery, ItemKind, Partner, SupportItem
from programs.services import (
    STALE,
    add_item,
    attach_minutes,
    change_item,
    close_program,
    end_assignment,
    end_item,
    record_delivery,
)

from .conftest import build_program
from .people_helped import child_of, donor_of, sponsored
from .support import PLACE, minutes, photo

DAY = date(2021, 5, 10)
pytestmark = pytest.mark.django_db


@pytest.fixture
def give_item(program, units, people):
    def give(*places, **fields):
        fields = {
            "program": program,
            "giver": units.son_tra,
            "kind": ItemKind.objects.get(code="qua"),
            "what": "50 suất quà",
            "by": people.an,
        } | fields
        return add_item(places=places or [units.tho_quang], **fields)

    return give


@pytest.fixture
def delivery(give_item, units, people):
    return record_delivery(
        item=give_item(), place=units.tho_quang, given_on=DAY, by=people.giang, value=5_000_000,
        photos=[photo()],
    )  # fmt: skip


@pytest.fixture
def abroad(program, units, people, give_item):
    """Sơn Trà gives to phường Minh An of another province, whose officer is Yến."""
    program.reaches_out = True
    program.save()
    yen = person("yen", "Trần Thị Yến", ("officer", units.minh_an))
    item = give_item(units.minh_an, what="Sách cho thư viện")
    return yen, record_delivery(
        item=item, place=units.minh_an, given_on=DAY, by=people.giang, photos=[photo()]
    )


def page(response):
    assert response.status_code == 200
    return response.content.decode()


def item_data(units, **more):
    return {
        "giver": units.son_tra.pk,
        "kind": ItemKind.objects.get(code="sinh-ke").pk,
        "what": "Bò sinh sản",
        "quantity": "2",
        "unit_value": "15 triệu",
        "receivers": [units.tho_quang.pk],
    } | more


# --- Items --------------------------------------------------------------------------------------


def test_what_an_item_and_a_hand_over_are_worth_is_said_in_words_too(
    as_person, give_item, delivery, units
):
    item = give_item(stated_value=10_000_000, total_cost=12_500_000, counterpart=2_500_000)
    client = as_person("giang")

    text = page(client.get(item.get_absolute_url()))
    handed = page(client.get(delivery.get_absolute_url()))
    unvalued = page(client.get(delivery.item.get_absolute_url()))

    assert "Mười triệu đồng" in text
    assert "Mười hai triệu năm trăm nghìn đồng" in text
    assert "Hai triệu năm trăm nghìn đồng" in text
    assert "Năm triệu đồng" in handed
    assert "nghìn đồng" not in unvalued and "Không đồng" not in unvalued


def test_an_item_is_written_with_a_place_that_is_typed(as_person, program, units):
    url = reverse("programs:item_create", args=[program.slug])

    response = as_person("giang").post(
        url, item_data(units, receivers=[], receiver_text="phường Mân Thái")
    )

    item = SupportItem.objects.get()
    assert response.url == item.get_absolute_url()
    assert (item.value, list(item.places.all())) == (30_000_000, [units.man_thai])


def test_from_an_ended_assignment_a_gift_by_itself_is_written_and_listed_there(
    as_person, program, help_given, units, people
):
    assignment = help_given(units.son_tra, units.chi_hoi_1)
    end_assignment(
        assignment=assignment, seen_version=1, ends_on=date(2021, 9, 1), reason="đủ", by=people.an
    )
    client, home = as_person("giang"), assignment.get_absolute_url()
    create = reverse("programs:item_create", args=[program.slug])
    assert f'href="{create}?assignment={assignment.pk}"' in page(client.get(home))
    form = page(client.get(f"{create}?assignment={assignment.pk}"))
    assert re.search(r'name="is_one_off"[^>]* checked', form)

    sent = item_data(units, receivers=[units.chi_hoi_1.pk])
    assert "Nếu chỉ trao thêm một lần" in page(client.post(create, sent))
    assert client.post(create, sent | {"is_one_off": "on"}).status_code == 302

    text = page(client.get(home))
    assert "Hỗ trợ một lần, ngoài phân công này" in text and "Bò sinh sản" in text


def test_more_places_are_added_one_by_one_and_nothing_typed_is_lost(as_person, program, units):
    url = reverse("programs:item_create", args=[program.slug])

    text = page(
        as_person("giang").post(
            url, item_data(units, receiver=units.man_thai.pk, receiver_text="Mân Thái", more="1")
        )
    )

    assert not SupportItem.objects.exists()
    for place in (units.tho_quang, units.man_thai):
        assert f'value="{place.pk}" checked' in text
    assert "Bò sinh sản" in text
    assert "15 triệu" in text


def test_a_name_that_several_units_bear_is_asked_again(as_person, program, units):
    url = reverse("programs:item_create", args=[program.slug])

    text = page(as_person("giang").post(url, item_data(units, receiver_text="khu dân cư 1")))

    assert "Có mấy đơn vị tên như vậy; chị chọn một." in text
    assert f'name="receiver" id="match_{units.chi_hoi_1.pk}"' in text
    assert not SupportItem.objects.exists()


def test_a_place_outside_is_refused_with_words(as_person, program, units):
    url = reverse("programs:item_create", args=[program.slug])

    text = page(as_person("an").post(url, item_data(units, receivers=[units.minh_an.pk])))

    assert "phường Minh An không thuộc Hội LHPN thành phố Đà Nẵng" in text


@pytest.mark.parametrize("odd", ["9" * 30, "abc", "987654321", "-1"])
@pytest.mark.parametrize("name", ["receivers", "receiver", "assignment", "giver", "document"])
def test_ids_that_mean_nothing_are_refused_on_the_page(name, odd, as_person, program, units):
    url = reverse("programs:item_create", args=[program.slug])

    page(as_person("an").post(url, item_data(units) | {name: odd}))

    assert not SupportItem.objects.exists()


def test_an_officer_gives_in_the_name_of_her_own_units_only(as_person, program, units):
    url = reverse("programs:item_create", args=[program.slug])

    response = as_person("lan").post(url, item_data(units))

    assert "giver" in response.context["page"].form.errors
    assert not SupportItem.objects.exists()
    givers = response.context["page"].form.fields["giver"].choices
    assert givers == [(units.thanh_binh.pk, "phường Thanh Bình – quận Hải Châu")]


def test_a_stale_form_is_refused_and_keeps_what_was_typed(as_person, give_item, units, people):
    item = give_item()
    change_item(item=item, seen_version=1, by=people.an, what="60 suất quà")

    text = page(
        as_person("giang").post(
            reverse("programs:item_update", args=[item.pk]), item_data(units, version=1)
        )
    )

    assert "Chưa lưu được" in text
    assert "Bò sinh sản" in text
    assert SupportItem.objects.get().what == "60 suất quà"


def test_the_history_of_an_item_names_its_places(as_person, give_item, units, people):
    item = give_item()
    change_item(
        item=item, seen_version=1, by=people.giang, reason="đổi nơi", places=[units.man_thai]
    )

    text = page(as_person("an").get(reverse("programs:item_history", args=[item.pk])))

    assert "Mân Thái" in text
    assert "đổi nơi" in text


def test_the_list_keeps_its_filters_and_never_says_nought(as_person, program, give_item, units):
    give_item(what="Quà Tết")
    give_item(what="Bò", kind=ItemKind.objects.get(code="sinh-ke"), stated_value=7_000_000)
    give_item(what="Điểm trường", is_conditional=True)
    url = reverse("programs:item_list", args=[program.slug])
    client = as_person("an")

    def names(query):
        return [item.what for item in client.get(url + query).context["page_obj"]]

    assert names("?kind=sinh-ke") == ["Bò"]
    assert names("?state=unvalued") == ["Quà Tết", "Điểm trường"]
    assert names("?state=conditional") == ["Điểm trường"]
    assert names("?state=ended") == []
    assert names("?state=xyz&kind=khong-co") == ["Bò", "Quà Tết", "Điểm trường"]
    text = page(client.get(url))
    assert "7.000.000" in text
    assert "chưa định giá" in text
    assert "0 đồng</" not in text.replace("7.000.000", "")


def test_a_neighbour_finds_none_of_the_rows(as_person, program, give_item, delivery, units):
    give_item(units.thanh_binh, what="Quà cho Thanh Bình")
    url = reverse("programs:item_list", args=[program.slug])

    text = page(as_person("lan").get(url))

    assert "Quà cho Thanh Bình" in text
    assert "50 suất quà" not in text
    assert "5.000.000" not in text


@pytest.mark.parametrize("route", ["item_list", "support_detail"])
def test_many_items_take_the_same_questions(route, client, program, give_item, units, people):
    def rows(number):
        for _ in range(number):
            item = give_item(units.tho_quang, units.man_thai)
            record_delivery(item=item, place=units.tho_quang, given_on=DAY, by=people.giang)

    slug = program.slug if route == "item_list" else units.tho_quang.slug
    url = reverse(f"programs:{route}", args=[slug])
    client.force_login(people.an)
    rows(3)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    rows(12)

    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(many) == len(few)


# --- Deliveries ---------------------------------------------------------------------------------


def test_a_delivery_is_recorded_with_a_clean_photo(as_person, give_item, units):
    item = give_item()

    as_person("giang").post(
        reverse("programs:delivery_create", args=[item.pk]),
        {
            "place": units.chi_hoi_1.pk,
            "given_on": "10/05/2021",
            "quantity": "50",
            "photos": [photo("a.jpg"), photo("b.jpg")],
        },
    )

    delivery = Delivery.objects.get()
    assert (delivery.place, delivery.value, delivery.quantity) == (units.chi_hoi_1, None, 50)
    assert [row.file.name for row in delivery.files.all()] == ["a.jpg", "b.jpg"]


def test_a_bad_file_keeps_what_was_typed(as_person, give_item, units):
    item = give_item()

    text = page(
        as_person("giang").post(
            reverse("programs:delivery_create", args=[item.pk]),
            {
                "place": units.tho_quang.pk,
                "given_on": "10/05/2021",
                "note": "trao tại nhà văn hóa",
                "photos": [minutes()],
            },
        )
    )

    assert "“Biên bản.pdf” không phải là ảnh JPEG, PNG hoặc WebP." in text
    assert "trao tại nhà văn hóa" in text
    assert "chị chọn lại giúp" in text


def test_a_day_to_come_is_refused(as_person, give_item, units):
    item = give_item()

    text = page(
        as_person("giang").post(
            reverse("programs:delivery_create", args=[item.pk]),
            {"place": units.tho_quang.pk, "given_on": f"{localdate() + timedelta(days=1)}"},
        )
    )

    assert "Ngày trao chưa đến" in text


def test_a_photo_is_shown_to_who_sees_the_delivery_without_its_place(as_person, delivery):
    url = reverse("programs:delivery_file", args=[delivery.files.get().pk])

    response = as_person("hoa").get(url)

    content = response.getvalue()
    assert Image.open(BytesIO(content)).format == "JPEG"
    assert PLACE.encode() not in content
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline")
    assert as_person("lan").get(url).status_code == 404
    assert as_person("xuan").get(url).status_code == 404


def test_minutes_are_saved_and_never_shown(as_person, delivery, people):
    attach_minutes(delivery=delivery, seen_version=1, minutes=[minutes()], by=people.giang)
    kept = delivery.files.get(kind="minutes")

    response = as_person("hoa").get(reverse("programs:delivery_file", args=[kept.pk]))

    response.getvalue()
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_receiver_confirms_on_the_page_and_the_giver_sees_it(as_person, delivery):
    text = page(as_person("hoa").get(delivery.get_absolute_url()))
    assert "Xác nhận</button>" in text
    assert "Kèm biên bản" not in text

    as_person("hoa").post(
        reverse("programs:delivery_confirm", args=[delivery.pk]), {"version": delivery.version}
    )

    text = page(as_person("giang").get(delivery.get_absolute_url()))
    assert "Bên nhận đã xác nhận" in text
    assert "Bùi Thị Hoa" in text
    assert "Xác nhận</button>" not in text


def test_a_closed_programme_still_asks_for_the_answer_and_said_so_before(
    as_person, delivery, program, people
):
    close = reverse("programs:program_close", args=[program.slug])
    assert "Còn 1 lần trao chưa được xác nhận" in page(as_person("an").get(close))
    program.refresh_from_db()
    close_program(program=program, seen_version=program.version, by=people.an, reason="xong")

    assert "Hỗ trợ chờ chị xác nhận" in page(as_person("hoa").get(reverse("reports:home")))
    text = page(as_person("hoa").get(delivery.get_absolute_url()))
    assert "Xác nhận</button>" in text and "Báo chưa đúng" in text
    text = page(as_person("giang").get(delivery.get_absolute_url()))
    assert "Kèm biên bản" in text and "Hủy lần trao" not in text


def test_a_complaint_is_read_by_the_giver(as_person, delivery):
    url = reverse("programs:delivery_dispute", args=[delivery.pk])
    assert "Chị ghi giúp lý do." in page(as_person("hoa").post(url, {"version": 1}))

    as_person("hoa").post(url, {"version": 1, "reason": "mới nhận 40 suất"})

    text = page(as_person("giang").get(delivery.get_absolute_url()))
    assert "Bên nhận báo chưa đúng: mới nhận 40 suất" in text


@pytest.mark.parametrize("route", ["dispute", "cancel"])
def test_a_stale_answer_keeps_the_words(route, as_person, delivery, people):
    attach_minutes(delivery=delivery, seen_version=1, minutes=[minutes()], by=people.giang)
    name = {"dispute": "hoa", "cancel": "giang"}[route]

    text = page(
        as_person(name).post(
            reverse(f"programs:delivery_{route}", args=[delivery.pk]),
            {"version": 1, "reason": "thiếu 10 suất"},
        )
    )

    assert STALE in text
    assert "thiếu 10 suất" in text
    assert 'name="version" value="1"' in text


def test_the_giver_attaches_minutes_on_the_page(as_person, delivery):
    url = reverse("programs:delivery_minutes", args=[delivery.pk])
    assert "Chị chọn tệp biên bản." in page(as_person("giang").post(url, {"version": 1}))

    as_person("giang").post(url, {"version": 1, "minutes": minutes()})

    assert Delivery.objects.get().status == "by_minutes"


# --- Who is helped from another province --------------------------------------------------------


def links(text):
    return set(re.findall(r'href="(/(?:programs|branches)/[^"#?]*)', text))


def test_the_unit_helped_from_outside_sees_its_help_and_no_dead_link(client, abroad, give_item):
    yen, delivery = abroad
    give_item(what="Quà trong thành phố")
    client.force_login(yen)
    assert client.get(delivery.item.program.get_absolute_url()).status_code == 404

    pages = [
        delivery.get_absolute_url(),
        delivery.item.get_absolute_url(),
        reverse("programs:item_history", args=[delivery.item.pk]),
        reverse("programs:delivery_dispute", args=[delivery.pk]),
        reverse("programs:support_detail", args=[delivery.place.slug]),
    ]
    for url in pages:
        text = page(client.get(url))
        assert "Sách cho thư viện" in text
        assert "Quà trong thành phố" not in text
        for link in links(text):
            answer = client.get(link)
            if answer.streaming:
                answer.getvalue()  # reads the photo to its end, which closes it
            assert answer.status_code == 200, f"{url} leads to {link}"


def test_the_unit_helped_from_outside_reaches_its_records_without_a_dead_link(
    client, abroad, program, units, people
):
    yen, delivery = abroad
    child = child_of(program, units.minh_an, people.an)
    other = child_of(program, units.tho_quang, people.hoa, full_name="Lê Thị Khác")
    sponsored(program, donor_of(units.son_tra), [child], people.giang)
    client.force_login(yen)
    support = reverse("programs:support_detail", args=[delivery.place.slug])

    text = page(client.get(support))

    assert child.code in text and other.code not in text
    for row in (child, child.sponsorships.get()):
        for link in links(page(client.get(row.get_absolute_url()))):
            assert client.get(link).status_code == 200, f"{row} leads to {link}"


def test_home_tells_the_receiver_alone_what_waits_for_her_answer(as_person, delivery, people):
    home, title = reverse("reports:home"), "Hỗ trợ chờ chị xác nhận"

    assert title in page(as_person("hoa").get(home))
    for other in ("giang", "an", "xuan"):  # who gave it, who holds both, a neighbour
        assert title not in page(as_person(other).get(home))

    confirm = reverse("programs:delivery_confirm", args=[delivery.pk])
    as_person("hoa").post(confirm, {"version": delivery.version})
    assert title not in page(as_person("hoa").get(home))


def test_a_delivery_to_the_commune_is_seen_where_the_item_is_not(client, abroad, units, people):
    yen, _ = abroad
    item = SupportItem.objects.get()
    change_item(item=item, seen_version=1, by=people.an, places=[units.quang_nam])
    delivery = Delivery.objects.get()
    client.force_login(yen)

    text = page(client.get(delivery.get_absolute_url()))

    assert client.get(item.get_absolute_url()).status_code == 404
    assert f'href="{item.get_absolute_url()}"' not in text


def test_the_page_of_a_helped_unit_tells_who_helps_with_what(
    as_person, delivery, help_given, units
):
    help_given(units.cong_an, units.chi_hoi_1)
    url = reverse("programs:support_detail", args=[units.tho_quang.slug])

    text = page(as_person("hoa").get(url))

    for words in ("Hội Phụ nữ Công an", "50 suất quà", "5.000.000", "Chưa xác nhận"):
        assert words in text
    assert as_person("lan").get(url).status_code == 404
    own = reverse("programs:support_detail", args=[units.thanh_binh.slug])
    assert "Chưa có nơi nào giúp" in page(as_person("lan").get(own))


def test_who_gives_from_outside_sees_her_own_part_of_the_unit(as_person, abroad, units, people):
    url = reverse("programs:support_detail", args=[units.minh_an.slug])

    assert "Sách cho thư viện" in page(as_person("giang").get(url))
    assert "Sách cho thư viện" in page(as_person("xuan").get(url))
    assert as_person("lan").get(url).status_code == 404
    assert as_person("hoa").get(url).status_code == 404


def test_the_panel_of_a_unit_leads_to_what_it_is_helped_with(as_person, program, units):
    panel = reverse("programs:branch_panel", args=[units.tho_quang.slug])

    assert reverse("programs:support_detail", args=[units.tho_quang.slug]) in page(
        as_person("hoa").get(panel)
    )


def test_a_draft_shows_its_items_to_nobody_it_will_come_to(as_person, give_item, units, people):
    draft = build_program(units, people.an, name="Còn soạn", is_started=False)
    item = give_item(program=draft, giver=units.da_nang)
    end = end_item(item=give_item(), seen_version=1, ended_on=DAY, reason="hết", by=people.an)

    assert as_person("hoa").get(item.get_absolute_url()).status_code == 404
    assert as_person("an").get(item.get_absolute_url()).status_code == 200
    assert "Thôi thực hiện từ" in page(as_person("hoa").get(end.get_absolute_url()))


def test_the_search_for_places_keeps_to_the_programme(as_person, program, units):
    url = reverse("programs:place_search", args=[program.slug])
    unit("xa", units.hoi_an, "Thọ Quang Nam", "xã")

    assert "Thọ Quang Nam" not in page(as_person("an").get(url, {"q": "thọ quang"}))
    program.reaches_out = True
    program.save()
    assert "Thọ Quang Nam" in page(as_person("an").get(url, {"q": "thọ quang"}))


# --- Partners outside the Hội -------------------------------------------------------------------


@pytest.fixture
def post(units):
    return Partner.objects.create(
        branch=units.son_tra, name="Đồn Biên phòng Sơn Trà", contact="0236 111 222"
    )


@pytest.fixture
def visit(program, units, people):
    return add_item(
        program=program, giver=units.son_tra, kind=ItemKind.objects.get(code="qua"),
        what="Thăm đồn biên phòng", by=people.an,
    )  # fmt: skip


def test_a_hand_over_to_a_border_post_is_written_with_its_minutes(
    as_person, program, visit, post, units
):
    Partner.objects.create(branch=units.cong_an, name="Trại giam của ngành Công an")
    client, url = as_person("giang"), reverse("programs:delivery_create", args=[visit.pk])
    form = page(client.get(url))
    assert 'name="place"' not in form
    assert "Đồn Biên phòng Sơn Trà" in form
    assert "Trại giam" not in form

    text = page(
        client.post(
            url,
            {
                "partner": post.pk, "given_on": "10/05/2021", "value": "2.000.000",
                "minutes": [minutes()],
            },
            follow=True,
        )
    )  # fmt: skip

    assert Delivery.objects.get().partner == post
    assert "xác nhận bằng biên bản" in text
    assert "Đồn Biên phòng Sơn Trà" in text
    for name, parts in (("item_detail", [visit.pk]), ("item_list", [program.slug])):
        assert "Đồn Biên phòng Sơn Trà" in page(client.get(reverse(f"programs:{name}", args=parts)))
    assert "2.000.000 đ" in page(client.get(program.get_absolute_url()))


def test_of_a_post_without_minutes_the_giver_is_asked_for_them(as_person, visit, post):
    url = reverse("programs:delivery_create", args=[visit.pk])

    said = as_person("giang").post(url, {"partner": post.pk, "given_on": "10/05/2021"}, follow=True)

    assert "Khi có biên bản Đồn Biên phòng Sơn Trà đã ký" in page(said)
    assert "chị kèm biên bản có chữ ký của đối tác" in page(said)


def test_a_neighbour_sees_neither_the_post_nor_what_it_got(as_person, visit, post, people):
    made = record_delivery(item=visit, partner=post, given_on=DAY, by=people.giang, value=5_000_000)

    for name in ("lan", "phuong", "xuan"):
        assert as_person(name).get(made.get_absolute_url()).status_code == 404
    assert as_person("giang").get(made.get_absolute_url()).status_code == 200
    assert "0236 111 222" not in page(as_person("giang").get(made.get_absolute_url()))


def test_home_asks_nobody_to_answer_for_a_post(as_person, visit, post, people):
    record_delivery(item=visit, partner=post, given_on=DAY, by=people.giang)

    for name in ("an", "giang", "hoa"):
        assert "Hỗ trợ chờ chị xác nhận" not in page(as_person(name).get(reverse("reports:home")))
