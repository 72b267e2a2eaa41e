"""The papers that a paper stands on: name, number, day, who issued them."""

import re
from dataclasses import replace

from programs.reading import dates
from programs.reading.facts import Basis
from programs.reading.letters import compiled

NAMES = (
    "Kế hoạch|Công văn|Chương trình|Nghị quyết|Quyết định|Chỉ thị|Hướng dẫn|Thông báo|Đề án"
    "|Kết luận|Nghị định|Thông tư|Tờ trình|Thông tri|Quy chế|Quy định|Báo cáo|Luật"
)
PAPER = compiled(
    rf"(?P<name>(?:{NAMES})(?:\s+[[:lower:]]+){{0,4}}?)\s+số\s*:?\s*"
    r"(?P<number>\d+\w*(?:\s?[-/]\s?[\wĐđ.&]+)+)"
    rf"(?:\s*,?\s*(?:{dates.DAY.pattern}))?"
    r"(?:\s+(?:của|giữa)\s+(?P<issuers>[^;:.]+?)(?=\s+(?:về|thực hiện|giai đoạn|tại|trong"
    r"|ban hành)\b|[,;:.]|$))?"
)
AND_CAPITAL = compiled(
    r"\s+và\s+(?=(?:Hội|Bộ|Sở|Ban|UBND|Ủy ban|Công an|Tỉnh đoàn|Ngân hàng|Trung ương|Liên đoàn"
    r"|Công ty|Mặt trận|Báo|Đài|Đoàn|Tỉnh ủy|Quỹ)\b)"
)
CHANGES = compiled(r"điều chỉnh|sửa đổi|thay thế|bổ sung", re.I)


def read_basis(lines):
    """Every numbered paper once; a later mention may add that it changes something."""
    found = {}
    for line in lines:
        for sentence in line.sentences:
            for match in PAPER.finditer(sentence):
                basis = _basis(match, line.source(sentence), sentence)
                known = found.setdefault(basis.number, basis)
                if basis.changes and not known.changes:
                    found[basis.number] = replace(known, changes=True)
    return list(found.values())


def _basis(match, source, sentence):
    day = dates.find_day(match[0][match.end("number") - match.start() :])
    number = re.sub(r"\s", "", match["number"]).rstrip(".,")
    issuers = tuple(part.strip() for part in AND_CAPITAL.split(match["issuers"] or "") if part)
    after = sentence[match.end() :].split(";")[0]
    name = match["name"][0].upper() + match["name"][1:]
    return Basis(source, name, number, day, issuers, bool(CHANGES.search(after[:80])))
