"""Organisations outside the Hội that give or work along: banks, companies, border guards."""

import re

from hoiphunu.text import exact_fold
from programs.reading.facts import Partner
from programs.reading.letters import compiled

HEADS = (
    r"Ngân hàng|Công ty|Tổng công ty|Tập đoàn|Quỹ|Hiệp hội|Bộ đội [Bb]iên phòng|Bộ Chỉ huy"
    r"|Bộ Tư lệnh"
    r"|Trường(?= (?:TH|THCS|THPT|Đại học|Cao đẳng|Tiểu học))|Doanh nghiệp"
    r"|Hợp tác xã(?= [[:upper:]])"
    r"|Đồn Biên phòng"
)
HEAD = compiled(rf"(?<![[:lower:][:upper:]“])(?<!Phụ nữ )(?<!phụ nữ )(?:{HEADS})(?![[:lower:]])")
BRAND = compiled(r"(?<!\w)[[:upper:]][[:lower:]]+bank(?!\w)")
TOKEN = compiled(r"\s+(?:&|–|-|[\w'’./-]+)|,(?=\s[[:upper:]]{2,})")
STOPS = frozenset(
    "đã đang sẽ cam hỗ trao tặng giúp nhận tổ cho về với tại trong để phối triển kết thực"
    " tham là có"
    " được xây duy tiếp vận do từ theo của ký giữa chủ ủng đóng bằng tài giai năm thống"
    " chăm quản lý"
    " nhằm cùng nằm một khi trên trực chỉ".split()
)
KEPT = frozenset("thực phẩm|chủ nghĩa|tài chính|phát triển|xã hội".split("|"))
AMOUNTS = ("đồng", "triệu", "tỷ", "nghìn")
MAX_WORDS = 12


def read_partners(passages):
    """Each partner once, under its longest name; `passages` are (text, Source)."""
    found = []
    for text, source in passages:
        position = 0
        while match := HEAD.search(text, position):
            name = _name(text, match)
            position = match.start() + max(len(name), len(match[0]))
            if _is_name(name, match, text):
                found.append(Partner(source, name))
        found += [Partner(source, match[0]) for match in BRAND.finditer(text)]
    return _once(found)


def _name(text, head):
    end, count = head.end(), len(head[0].split())
    while count < MAX_WORDS and (token := TOKEN.match(text, end)):
        if not _goes_on(text, token, end):
            break
        end, count = token.end(), count + 1
    return text[head.start() : end].rstrip(" -–&,.")


def _goes_on(text, token, start):
    word = token[0].strip()
    following = TOKEN.match(text, token.end())
    after = following[0].strip() if following else ""
    if word[:1].isdigit() and after in AMOUNTS:
        return False
    if word in ("và", "&"):
        return after[:1].isupper() and not HEAD.match(text, token.end() + 1) and after != "Hội"
    if word in ("-", "–", ","):
        return after[:1].isupper()
    if word[:1].isupper() or f"{word} {after}".lower() in KEPT:
        return True
    return word.lower() not in STOPS


def _is_name(name, head, text):
    """More than its kind: "Ngân hàng Phù Sa", not "Ngân hàng" at a sentence's start."""
    rest = name[len(head[0]) :].split()
    is_force = head[0].startswith(("Bộ đội", "Bộ Chỉ huy", "Bộ Tư lệnh", "Đồn"))
    inside = bool(text[: head.start()].strip(" -+•")) and len(rest) > 2
    return is_force or inside or any(word[:1].isupper() for word in rest)


def _once(partners):
    """A short name that begins a longer one is that one."""
    kept = {}
    for partner in sorted(partners, key=lambda partner: -len(partner.name)):
        key = re.sub(r"\W+", " ", exact_fold(partner.name)).replace(" và ", " ")
        if not any(f"{known} ".startswith(f"{key} ") for known in kept):
            kept[key] = partner
    return sorted(kept.values(), key=lambda partner: partner.source.block)
