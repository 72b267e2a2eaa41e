"""What a paper says, as rows to tick: from the reader's facts to what a programme can hold.

Knows no database. A proposal is a plain dict, kept on the reading:
`id` (stable), `kind` (decides its form), `fields` (as a person would type them), `source` (the
words it was read from), `clause`, `block`, `row`; `remark` says what is worked out, not printed.
What has no home in a programme (who signed, other papers' periods) is not offered.
"""

import calendar
import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date

from hoiphunu.numbers import format_number
from hoiphunu.text import fold
from programs.reading.quantities import quantities

MOST = 800  # rows on a page; of a longer paper the rest is listed as not taken
RESULTS = ("bài viết", "báo cáo")  # papers whose tables tell what was done
# kind → field that chooses a unit → the field with the words it is found by
UNIT_FIELDS = {"unit": {"branch": "words"}, "quota": {"branch": "label", "place": "place_words"}}
QUOTA_COLUMN = re.compile(r"chi hoi|nhan giup|^so luong")
MOST_EACH = 999
LEVELS = (
    ("chi_hoi", re.compile(r"\bchi hội\b", re.I)),
    ("xa", re.compile(r"\b(?:(?<!thị )xã|phường|thị trấn|cơ sở|đặc khu)\b", re.I)),
    ("huyen", re.compile(r"\b(?:quận|huyện|thị xã)\b", re.I)),
    ("tinh", re.compile(r"\btỉnh\b", re.I)),
    ("truc_thuoc", re.compile(r"\btrực thuộc\b", re.I)),
)
WHERE = re.compile(r"\b(?:thuộc|của|trong|trên địa bàn) $", re.I)
MANY = re.compile(r"\bcác\b|\bmỗi\b|/", re.I)
QUALIFIERS = {
    "hơn": "more_than", "trên": "over", "gần": "nearly", "khoảng": "about", "ước": "estimated",
    "phấn đấu": "strive", "ít nhất": "at_least", "tối thiểu": "minimum", "trở lên": "and_up",
    "không dưới": "not_under", "dưới": "under", "không quá": "at_most", "tối đa": "maximum",
    "xấp xỉ": "almost", "ngót": "nearly",
}  # fmt: skip
RHYTHMS = {
    "thang": "monthly", "quy": "quarterly", "6_thang": "half_yearly", "nam": "yearly",
    "giai_doan": "phase", "dot_xuat": "ad_hoc", "theo_yeu_cau": "ad_hoc", "": "once",
}  # fmt: skip
LISTS = ("title", "content", "aim", "recipients", "signing")  # rows that say several lines
SAYING_ALL = ("duty", "period")  # rows whose words leave no number of their sentence out
NUMBERED = re.compile(r"^(?:[-+•]|(?:\d{1,2}[./)-])+)\s*")
DUTIES = {"danh sách": "list", "kế hoạch": "plan", "dự trù kinh phí": "budget"}
ITEM_KINDS = {
    "mái ấm": "mai-am", "vốn sinh kế": "sinh-ke", "đỡ đầu": "do-dau", "quà": "qua",
    "tập huấn": "tap-huan", "tài liệu": "tai-lieu", "tuyên truyền": "tuyen-truyen",
    "mô hình": "mo-hinh", "công trình": "cong-trinh", "sửa chữa": "cong-trinh",
    "đoàn công tác": "doan-cong-tac",
}  # fmt: skip
PARTNERS = (
    ("bank", re.compile(r"ngan hang|quy tin dung")),
    ("armed_forces", re.compile(r"bien phong|bo doi|cong an|quan su|bo tu lenh|quan doi")),
    ("company", re.compile(r"cong ty|tap doan|doanh nghiep|hop tac xa")),
    ("association", re.compile(r"^hiep hoi|^hoi |doan thanh nien|lien doan|mat tran")),
    ("state", re.compile(r"^(?:so|phong|ban|uy ban|ubnd|truong|trung tam|benh vien|chi cuc)\b")),
)


def proposals_of(reading, own_level=""):
    """(proposals, unknown) of a Reading; `own_level`: the code of the level that issues it."""
    rows, counts = [], Counter()
    for kind, source, fields, remark in _rows(reading, own_level):
        counts[kind] += 1
        rows.append(
            {
                "id": f"{kind}-{counts[kind]}",
                "kind": kind,
                "fields": fields,
                "remark": remark,
                **_cited(source),
            }
        )
    _join_totals(rows, reading.of("total"))
    _number_targets(rows)
    return rows[:MOST], left_over(reading, rows[:MOST], rows[MOST:])


def left_over(reading, rows, beyond=()):
    """What no row says: first what has a number that no rule took, then the other sentences.

    `beyond` are rows for which the page has no room. `is_prose` marks the other
    sentences. That a sentence names a place or a partner is not enough.
    """
    whole = [row for row in rows if row["kind"] in SAYING_ALL]
    numbers = [s for s in reading.unknown if not any(_holds(row, s) for row in whole)]
    names = ("source", "clause", "block", "row")
    listed = [_cited(source) for source in numbers]
    listed += [{name: row[name] for name in names} for row in beyond]
    known, is_said = {(row["block"], row["source"]) for row in listed}, said_by(rows)
    others = [s for s in reading.passages if (s.block, s.text) not in known and not is_said(s)]
    unknown = [row | {"is_prose": False} for row in listed]
    unknown += [_cited(source) | {"is_prose": not quantities(source.text)} for source in others]
    return sorted(unknown, key=lambda row: (row["is_prose"], row["block"]))


def said_by(rows):
    """A function of a Source: does one of these rows hold it, or stand on a part of it?"""
    near, wide = defaultdict(list), []
    for row in rows:
        if row["kind"] not in ("unit", "partner"):
            near[row["block"], row["row"]].append(plain_of(row["source"]))
        if row["kind"] in LISTS:
            wide.append(plain_of(f"{row['source']} {row['fields'].get('text', '')}"))

    def is_said(source):
        text = plain_of(source.text)
        beside = near[source.block, source.row]
        return any(text in said or said in text for said in beside) or any(text in w for w in wide)

    return is_said


def _holds(row, source):
    return row["block"] == source.block and plain_of(source.text) in plain_of(row["source"])


def plain_of(text):
    return re.sub(r"\W+", " ", text).strip()


def cite(clause, block, row=None):
    """ "Mục II.4, dòng 3"; of a paper without numbers its paragraph, "Đoạn 17"."""
    place = f"Mục {clause}" if clause else f"Đoạn {block}"
    return f"{place}, dòng {row}"[:100] if row else place[:100]


def _cited(source):
    clause = cite(source.clause, source.block, source.row)
    return {"source": source.text, "clause": clause, "block": source.block, "row": source.row}


def _rows(reading, own_level):
    """(kind, source, fields, remark), in the order of the page."""
    kind = next((fact.name for fact in reading.of("type")), "")
    yield from _paper(reading)
    yield from _times(reading)
    yield from _tables(reading, own_level, is_plan=kind not in RESULTS)
    for fact in reading.of("deadline"):
        if fact.last_day:
            yield "milestone", fact.source, _milestone(fact, own_level), ""
    yield from _places(reading)
    yield from _counted(reading)
    yield from _duties(reading, own_level)
    for fact in reading.of("partner"):
        yield "partner", fact.source, {"name": short(fact.name, 200), **_partner(fact)}, ""


def _places(reading):
    for fact in reading.of("unit"):
        words = ", ".join(filter(None, [fact.wording, fact.district, fact.province]))
        yield "unit", fact.source, {"words": words}, ""
    for fact in reading.of("assignment"):
        yield "pairing", fact.source, {"heading": _pairing(fact)}, ""
    for fact in reading.of("content"):
        text = "\n".join(item.text for item in fact.items)
        fields = {"number": fact.no[:20], "heading": short(fact.heading, 500), "text": text}
        yield "content", fact.source, fields, ""


def _counted(reading):
    for fact in reading.of("item"):
        yield "item", fact.source, *_item(fact)
    for fact in reading.of("target"):
        yield "target", fact.source, *_target(fact)
    year, figures = own_year(reading), reading.of("figure")
    for fact in figures:
        if fact.restates is None:  # the same figure again, rounded: one, not two
            fields, remark = _figure(fact, year)
            again = [f.source.text for f in figures if f.restates and f.restates == fact.value]
            said = "".join(f" Ghi tròn ở chỗ khác: “{short(text, 150)}”." for text in again)
            yield "figure", fact.source, fields, remark + said


def _paper(reading):
    for fact in reading.of("programme"):
        yield "name", fact.source, {"name": short(fact.name, 200)}, ""
    for fact in reading.of("title"):
        yield "title", fact.source, {"title": short(fact.text, 300)}, ""
    for fact in reading.of("number"):
        if fact.number:
            fields = {"number": f"{fact.number}/{fact.sign}"[:60], "printed": fact.printed[:60]}
            yield "number", fact.source, fields, ""
    for fact in reading.of("place"):
        yield "place", fact.source, {"place": short(fact.name, 60)}, ""
    for fact in reading.of("date"):
        yield "date", fact.source, {"issued_on": fact.day.isoformat()}, ""
    for fact in reading.of("issuer"):
        yield "issuer", fact.source, {"issuer": short(f"{fact.organ} {fact.name}", 150)}, ""
    yield from _foot(reading)
    yield from _aims(reading)
    for fact in reading.of("basis"):
        fields = {
            "title": short(fact.name, 300),
            "number": fact.number[:60],
            "issued_on": fact.day.isoformat() if fact.day else "",
            "issuer": short(", ".join(fact.issuers), 150),
            "changes": fact.changes,
        }
        yield "basis", fact.source, fields, ""


def _aims(reading):
    for fact in reading.of("aim"):
        text = "\n".join(NUMBERED.sub("", item.text) for item in fact.items)
        whole = replace(fact.source, text="\n".join(item.text for item in fact.items))
        yield "aim", whole, {"aim": text}, ""
    for fact in reading.of("lead"):
        yield "lead", fact.source, {"contact": short(fact.name, 200)}, ""


def _foot(reading):
    """For whom and as what it is signed, never by whom; and the lines under "Nơi nhận"."""
    for fact in reading.of("signature"):
        if fact.authority:
            as_what = f"{fact.deputy_for} {fact.role}".strip()
            fields = {
                "signed_for": short(fact.authority, 200),
                "signed_as": short(as_what, 200),
            }
            yield "signing", fact.source, fields, "Tên người ký không được lưu."
    lines = reading.of("addressee") + reading.of("recipient")
    if lines:
        text = "\n".join(getattr(fact, "text", "") or fact.name for fact in lines)
        whole = replace(lines[0].source, text="\n".join(fact.source.text for fact in lines))
        yield "recipients", whole, {"recipients": text}, ""


def _times(reading):
    for fact in reading.of("period"):
        if fact.own:
            fields = {"starts_on": first_day(fact.first), "ends_on": last_day(fact.last)}
            yield "period", fact.source, fields, ""


def _tables(reading, own_level, *, is_plan):
    """Lines of a plan's table about chi hội are quotas; other tables tell figures."""
    lines = reading.of("quota")
    asked = [line for line in lines if is_plan and _is_quota(line)]
    for number, line in enumerate(asked, start=1):
        yield "quota", line.source, _quota(line, number, own_level), ""
    year = own_year(reading)
    for line in lines:
        if line not in asked:
            fields = _cell(line) | {"year": year}
            yield "figure", line.source, fields, f"In trong văn bản: {line.printed}"
    for total in reading.of("total"):
        if total.printed is not None and total.source.row:
            fields = _total(total) | {"year": year}
            yield "figure", total.source, fields, f"In trong văn bản: {total.words}"


def _is_quota(line):
    is_small = line.quantity == int(line.quantity) and 0 < line.quantity <= MOST_EACH
    return is_small and bool(QUOTA_COLUMN.search(fold(line.column)))


def _quota(line, number, own_level):
    applies, level = "branch", ""
    if "đoàn" in line.per.lower():
        applies = "teams"
    elif MANY.search(line.unit) and (levels := levels_of(line.unit, own_level)):
        applies, level = "level", levels[0]  # a line of the table is shared out over one level
    each = line.quantity if applies == "branch" else line.per_quantity or 1
    return {
        "number": str(number),
        "label": short(line.unit, 150),
        "applies_to": applies,
        "level": level,
        "place_words": line.places[0] if len(line.places) == 1 and applies != "teams" else "",
        "minimum_each": format_number(each),
        "stated_total": format_number(line.quantity),
        "note": short(line.note, 300),
    }


def _cell(line):
    column = line.column
    unit = "%" if "%" in column else "đồng" if "đồng" in column.lower() else ""
    fields = {"label": line.unit, "value": line.quantity, "unit": unit, "heading": column}
    return _figure_fields(fields, line.printed)


def _total(total):
    fields = {"label": f"Tổng cộng: {total.label}", "value": total.printed, "unit": total.unit}
    return _figure_fields(fields | {"heading": total.label}, total.words)


def _milestone(fact, own_level):
    folded = fold(fact.source.text)
    kind = "list" if "danh sach" in folded else "report" if "bao cao" in folded else "other"
    return {
        "kind": kind,
        "levels": levels_of(fact.sender, own_level),
        "label": short(fact.source.text, 200),
        "due_on": fact.last_day.isoformat(),
        "printed": fact.printed[:100],
        "recipient": short(", ".join(filter(None, [fact.via, fact.receiver])), 200),
    }


def _pairing(fact):
    if fact.ends:
        since = f" từ năm {fact.year}" if fact.year else ""
        reason = f": {fact.reason}" if fact.reason else ""
        return short(f"{fact.supporter} thôi giúp {fact.supported}{since}{reason}", 500)
    span = f" ({fact.first}–{fact.last})" if fact.first and fact.last else ""
    return short(f"{fact.supporter} giúp {fact.supported}{span}", 500)


def _item(fact):
    """A price a month without the months says no value: it stays in words."""
    unit_value, months, note = fact.unit_value, fact.months, ""
    if unit_value is not None and "tháng" in fact.per and months is None:
        note, unit_value = f"{format_number(unit_value)} đồng/{fact.per}", None
    remark = "Số tháng là tính ra, văn bản không in." if "months" in fact.computed else ""
    fields = {
        "item_kind": ITEM_KINDS.get(fact.sort, "khac"),
        "what": short(fact.what, 300),
        "quantity": format_number(fact.quantity),
        "unit_value": format_number(unit_value),
        "months": format_number(months),
        "stated_value": "" if "value" in fact.computed else format_number(fact.value),
        "places": "; ".join(fact.places),
        "is_conditional": fact.conditional,
        "note": short(note, 300),
    }
    return fields, remark


def _target(fact):
    shape = "share_of_units" if "share_of_units" in fact.shape else fact.shape[0]
    words = f"{fact.printed} {fact.unit}" if fact.value is not None else f"{fact.printed} {fact.of}"
    open_words = f"“{fact.printed}”: tăng đến mức này hay tăng thêm chừng này?"
    fields = {
        "number": fact.no[:20],
        "year": str(fact.year or ""),
        "shape": shape,
        "text": short(words if fact.compound else fact.source.text, 500),
        "value": format_number(fact.value),
        "unit": short(f"{fact.unit}/{fact.per}" if fact.per else fact.unit, 40),
        "share": format_number(fact.share),
        "of_whom": short(fact.of, 300),
        "qualifier": QUALIFIERS.get(fact.qualifier, ""),
        "question": short(open_words, 300) if fact.ambiguous else "",
        "levels": list(fact.levels),
    }
    return fields, ""


def own_year(reading):
    """The only year that a report or article is about, as text; a plan's counts are of no year."""
    kind = next((fact.name for fact in reading.of("type")), "")
    own = [fact for fact in reading.of("period") if fact.own]
    years = {day[:4] for fact in own for day in (fact.first, fact.last)}
    return years.pop() if kind in RESULTS and len(years) == 1 else ""


def _figure(fact, year):
    """A figure with its moment; one without is of the paper's own `year`."""
    is_percent = fact.percent is not None
    remark = f"In trong văn bản: {_as_printed(fact)}"
    if year and not fact.as_of:
        remark += f". Cạnh số không in thời gian; {year} là năm của văn bản."
    fields = {
        "label": _label(fact),
        "value": fact.percent if is_percent else fact.value,
        "unit": "%" if is_percent else f"{fact.unit}/{fact.per}" if fact.per else fact.unit,
        "qualifier": QUALIFIERS.get(fact.qualifier, ""),
        "role": fact.role,
        "as_of": last_day(fact.as_of) if len(fact.as_of) > 4 else "",
        "year": fact.as_of[:4] or year,
        "is_cumulative": fact.cumulative,
    }
    return _figure_fields(fields, _as_printed(fact)), remark


def _as_printed(fact):
    """The number with its word where the paper prints them side by side: "gần 150 tỷ đồng"."""
    both = f"{fact.qualifier} {fact.printed}", f"{fact.printed} {fact.qualifier}"
    found = re.search("|".join(map(re.escape, both)), fact.source.text, re.I)
    return found[0] if fact.qualifier and found else fact.printed


def _label(fact):
    """What is counted, with the words that lead to it: "công nhận hội viên danh dự"."""
    counted = fact.of or ("" if fact.unit == "đồng" else fact.unit)
    if fact.listed or fold(counted) in fold(fact.label):
        return fact.label or fact.unit
    return f"{fact.label} {counted}".strip() or fact.source.text


def _figure_fields(fields, printed):
    blank = dict.fromkeys(("heading", "qualifier", "as_of", "year"), "")
    blank |= {"role": "level", "is_cumulative": False, "printed": short(printed, 300)}
    fields = blank | fields
    fields |= {"label": short(fields["label"], 300), "heading": short(fields["heading"], 200)}
    return fields | {"value": format_number(fields["value"]), "unit": short(fields["unit"], 40)}


def _duties(reading, own_level):
    """What is owed, once for each sentence and rhythm, and what each unit is to do. A letter asks
    whom it is addressed to."""
    seen, asked = set(), next((fact.name for fact in reading.of("addressee")), "")
    for fact in reading.of("duty") + [d for d in reading.of("deadline") if not d.last_day]:
        is_deadline = fact.kind == "deadline"
        subject = "báo cáo" if is_deadline else fact.subject
        kind = DUTIES.get(subject, "report")
        rhythm = RHYTHMS[fact.every if is_deadline else fact.rhythm]
        if (key := (fact.source.block, kind, rhythm)) in seen:
            continue
        seen.add(key)
        who, to = (fact.sender, fact.receiver) if is_deadline else (fact.who, fact.to)
        who = who or asked
        yield "duty", fact.source, _duty(who, kind, rhythm, fact.source, to, own_level), ""
    for fact in reading.of("task"):
        for line in fact.items:
            yield "duty", line, _duty(fact.who, "task", "ongoing", line, "", own_level), ""


def _duty(who, kind, rhythm, source, recipient, own_level):
    return {
        "who": short(who, 200),
        "levels": levels_of(who, own_level),
        "kind": kind,
        "rhythm": rhythm,
        "text": source.text.lstrip("-+• "),
        "recipient": short(recipient, 200),
    }


def _partner(fact):
    name = fold(fact.name)
    return {"kind": next((kind for kind, words in PARTNERS if words.search(name)), "other")}


def _join_totals(rows, totals):
    """A part names the row of its printed total, where both stand on the page."""
    figures = [row for row in rows if row["kind"] == "figure"]
    for total in totals:
        if total.printed is None:
            continue
        near = [f for f in figures if f["block"] == total.source.block and "part_of" not in f]
        whole = next((f for f in near if _is_whole(f, total)), None)
        for label, value in total.parts if whole else ():
            wanted = (short(label, 300), format_number(value), whole["fields"]["unit"])
            part = next((f for f in near if f is not whole and _says(f, wanted)), None)
            if part and (not total.source.row or part["fields"]["heading"] == total.label):
                part["part_of"] = whole["id"]
                near.remove(part)


def _is_whole(figure, total):
    fields = figure["fields"]
    is_same = fields["value"] == format_number(total.printed)
    if total.source.row:
        return is_same and figure["row"] == total.source.row and fields["heading"] == total.label
    return is_same and fields["unit"] == short(total.unit, 40)


def _says(figure, wanted):
    label, *number = wanted
    fields = figure["fields"]
    return [fields["value"], fields["unit"]] == number and fields["label"].startswith(label)


def _number_targets(rows):
    """Each paragraph is one target; one without a number of its own is counted."""
    targets, taken = [row for row in rows if row["kind"] == "target"], {}
    for row in targets:
        fields = row["fields"]
        key = fields["number"], fields["year"]
        if not fields["number"] or taken.setdefault(key, row["block"]) != row["block"]:
            blocks = list(dict.fromkeys(r["block"] for r in targets))
            fields["number"] = f"({blocks.index(row['block']) + 1})"


def levels_of(words, own_level=""):
    """The codes of the levels all of whose units are meant, in the order of the words.

    One unit by name is not meant, nor her own level, nor what only says where the units lie
    ("các xã thuộc huyện").
    """
    found = []
    for code, pattern in LEVELS:
        for match in pattern.finditer(words):
            is_named = words[match.end() :].lstrip()[:1].isupper()
            if code != own_level and not is_named and not WHERE.search(words[: match.start()]):
                found.append((match.start(), code))
    return list(dict.fromkeys(code for _, code in sorted(found)))


def first_day(text):
    return text if len(text) == 10 else f"{text}-01" if len(text) == 7 else f"{text}-01-01"


def last_day(text):
    """ "2023-11" is until 30/11/2023, "2023" until its last day."""
    if len(text) == 10:
        return text
    year, month = int(text[:4]), int(text[5:7] or 12)
    return date(year, month, calendar.monthrange(year, month)[1]).isoformat()


def short(text, most):
    """At most so many signs, cut between words."""
    text = " ".join(str(text).split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
