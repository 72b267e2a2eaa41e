"""What is to be given: kind, how many, what each is worth, where; firm or only if possible."""

import re
from decimal import Decimal

from programs.reading import places
from programs.reading.facts import Item, Total
from programs.reading.kinds import sort_of
from programs.reading.letters import compiled
from programs.reading.quantities import AREAS, quantities

GIVING = re.compile(
    r"(?:^|[\s,;])(?:trao|tặng|xây|sửa chữa|sửa|hỗ trợ|đỡ đầu|thăm hỏi|thăm,|cấp phát"
    r"|ủng hộ|giúp đỡ"
    r"|mức hỗ trợ|xây mới|mở|lắp|mua|trang bị|chuyển giao|cam kết"
    r"|tổ chức\s+(?:đoàn|chương trình))\b",
    re.I,
)
GIFTS = re.compile(
    r"tặng quà|suất quà|phần quà|thăm hỏi|Đoàn công tác|chuyển giao tài liệu|cách thức hỗ trợ", re.I
)
LIKELY = re.compile(
    r"(?:tặng|trao|xây|sửa chữa|cấp phát|hỗ trợ|đỡ đầu|ủng hộ|lắp|mua)\s(?:[^\W\d]+\s){0,4}\d"
    r"|mái ấm|sinh kế|học bổng",
    re.I,
)
MONEY = re.compile(r"\d\s*(?:đồng|đ\b|triệu|tỷ|nghìn)", re.I)
TO_WHOM = re.compile(r"\b(?:tại|cho|của|ở|trong|thuộc|cùng)\s+(?:các\s+)?$", re.I)
IF_POSSIBLE = re.compile(
    r"có thể|trên cơ sở[^;.]*nguồn lực|tùy theo|tuỳ theo|trong trường hợp|khi có điều kiện|\bnếu\b"
    r"|căn cứ (?:theo )?(?:khả năng|nhu cầu)",
    re.I,
)
NOT_GIVEN = re.compile(r"^(?:Tổ chức )?tuyên truyền|^Truyền thông|^Phấn đấu", re.I)
BUDGET = re.compile(r"^(?:Tổng |Dự toán )*kinh phí\b", re.I)
PLACE_HEADING = re.compile(r"^(?:Tại|Đối với|Ở)\s", re.I)
EACH = re.compile(r"(?:mỗi|mức|/)\s*[^,;.]{0,40}$", re.I)
MONTHLY = re.compile(r"(?:mỗi|h[àằ]ng) (tháng|năm)\s*$", re.I)
CONSISTS = re.compile(r"\((?:bao )?gồm[^)]*$|\(trong đó[^)]*$", re.I)
TOGETHER = re.compile(r"tổng\s+(?:trị giá|giá trị|kinh phí|số tiền)\s*$", re.I)
MONTHS = re.compile(r"(?:trong|thời gian|ít nhất|đủ|kéo dài)[\s\w]{0,12}?(\d{1,2})\s+tháng", re.I)
OBJECT = compiled(
    r"(?:[Tt]ặng|[Tt]rao(?! đổi)(?: kinh phí)?(?: hỗ trợ)?|[Hh]ỗ trợ|[Tt]ổ chức"
    r"|[Cc]huyển giao|[Xx]ây mới|[Ss]ửa chữa"
    r"|[Vv]ận động)\s+(?P<what>(?:[^\s,;.()]+\s?){1,3}?)(?=\s*(?:cho|tại|của|,|;|\.|\(|:"
    r"|phụ nữ|thực hiện|$))"
)


def read_items(line, sentence, heading_places=(), is_aim=False):
    """Pairs of an item and where its numbers begin; one for each clause that gives something.

    A sentence that sets a target gives something only where it names an amount.
    """
    found, position = [], 0
    for clause in _clauses(sentence):
        position = sentence.index(clause, position)
        if _gives(clause, line, is_aim):
            item, used = _item(clause, sentence, line, heading_places)
            found.append((item, {position + start for start in used}))
    return found


def places_of_heading(line):
    """ "Tại Hội LHPN xã Bản Mới, huyện Yên An" above a list says where its items go."""
    for heading in reversed(line.above):
        if PLACE_HEADING.match(heading) and (found := places.lowest(heading)):
            return found
    return ()


def total_of_items(items):
    """What the valued items come to: computed, never printed."""
    parts = [(item.what, Decimal(item.value)) for item in items if item.value is not None]
    if len(parts) < 2:
        return []
    computed = sum(value for _, value in parts)
    return [
        Total(items[0].source, "Tổng giá trị các hạng mục", None, computed, "đồng", tuple(parts))
    ]


def _clauses(sentence):
    """Parts at a semicolon; what only says "trị giá …" stays with what it is worth."""
    clauses = []
    for part in re.split(r";\s+", sentence):
        if clauses and not GIVING.search(" " + part):
            clauses[-1] += "; " + part
        else:
            clauses.append(part)
    return clauses


def _gives(clause, line, is_aim):
    if BUDGET.match(clause) or (NOT_GIVEN.match(clause) and not MONEY.search(clause)):
        return False
    found = quantities(clause)
    has_money = any(quantity.sort == "money" for quantity in found)
    gives = GIVING.search(" " + clause)
    if has_money and (gives or line.is_under("muc do dau", "muc ho tro")):
        return True
    if is_aim or not gives:
        return False
    counts = bool(_counted(clause, found)) or bool(IF_POSSIBLE.search(clause))
    return bool(GIFTS.search(clause) or (counts and LIKELY.search(clause)))


def _counted(clause, found):
    """The number of what is given, not of the places or people it goes to."""
    counts = [q for q in found if q.sort == "count" and q.unit and not q.sign]
    counts = [q for q in counts if q.unit.split()[0].lower() not in AREAS]
    given = [q for q in counts if not TO_WHOM.search(clause[: q.start])]
    people = [q for q in counts if clause[: q.start].rstrip().endswith("cho")]
    return (given or people or [None])[0]


def _item(clause, sentence, line, heading_places):
    found = quantities(clause)
    counted = _counted(clause, found)
    amounts = [quantity for quantity in found if quantity.sort == "money"]
    quantity = counted.value if counted else None
    unit_value, per, value, used = _amounts(clause, amounts)
    value, months, computed = _worked_out(quantity, unit_value, per, value, _months(clause))
    is_given = counted and not TO_WHOM.search(clause[: counted.start])
    what = counted.unit if is_given else _object(clause)
    where = places.lowest(_without_parents(clause)) or heading_places
    conditional = bool(IF_POSSIBLE.search(_with_condition(clause, sentence)))
    item = Item(
        line.source(sentence), sort_of(clause), what, quantity, unit_value, per, months, value,
        computed, conditional, where,
    )  # fmt: skip
    return item, {q.start for q in used + ([counted] if counted else [])}


def _with_condition(clause, sentence):
    """A condition at the head of a sentence holds for its clauses."""
    head = sentence.split(",")[0]
    return f"{head} {clause}" if IF_POSSIBLE.search(head) else clause


def _amounts(clause, amounts):
    """(unit value, "tháng" or "", value, the amounts that say so) of a clause."""
    unit_value, per, value, used = None, "", None, []
    for amount in amounts:
        before = clause[: amount.start]
        if CONSISTS.search(before):
            continue
        is_each = bool(amount.per) or (EACH.search(before) and not TOGETHER.search(before))
        if is_each and unit_value is None:
            unit_value, used = int(amount.value), [*used, amount]
            every = MONTHLY.search(clause[: amount.start])
            per = next((p for p in amount.per if p in ("tháng", "năm")), every[1] if every else "")
        elif not is_each and value is None:
            value, used = int(amount.value), [*used, amount]
    return unit_value, per, value, used


def _months(clause):
    found = MONTHS.search(clause)
    return int(found[1]) if found else None


def _worked_out(quantity, unit_value, per, value, months):
    """What the printed numbers imply: the value, or the months; and which of them."""
    if unit_value is None or not quantity:
        return value, months, ()
    each = quantity * unit_value
    if value is None and (not per or months):
        return int(each * (months if per and months else 1)), months, ("value",)
    if value is not None and per == "tháng" and months is None and value % each == 0:
        return value, int(value / each), ("months",)
    return value, months, ()


def _object(clause):
    if found := GIFTS.search(clause):
        return found[0]
    if found := OBJECT.search(clause):
        return found["what"].strip()
    before, colon, _ = clause.partition(":")
    verbs = GIVING.findall(" " + re.split(r"\d", clause)[0])
    return before.strip() if colon or not verbs else verbs[-1].strip(" ,;")


def _without_parents(clause):
    """What stands before "cùng" or "phối hợp" with an organisation is not where it goes."""
    return re.sub(r"(?:[Pp]hối hợp|[Pp]hối kết hợp)\s+(?:cùng|với)[^;]*?\btổ chức\b", "", clause)
