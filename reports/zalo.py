"""Words to paste into Zalo. They name units and no person: a group is read by many."""

from django.utils.timezone import localdate

MOST_IN_TEXT = 60  # units by name; a longer message is read by nobody


def days_late(report, day):
    return max((day - report.last_day).days, 0)


def deadline(report, day):
    """ "hạn nộp 20/01/2021, đã quá 5 ngày" """
    late = days_late(report, day)
    words = f"hạn nộp {report.last_day:%d/%m/%Y}"
    if late:
        return f"{words}, đã quá {late} ngày"
    return f"{words}, là hôm nay" if report.last_day == day else words


def unit_text(report, address, day):
    """To one unit about its report; `address` is that of the report's page."""
    unit = report.branch.office_name
    return (
        f"Kính gửi {unit}: báo cáo {report.period.label.lower()} "
        f"({report.period.form.name}) của đơn vị có {deadline(report, day)}, đến nay chưa "
        f"nhận được. Nhờ các chị nhập và nộp tại: {address}\n"
        "Nếu kỳ này đơn vị không có hoạt động, các chị bấm “Không phát sinh, nộp luôn”. "
        "Nếu vừa nộp xong thì bỏ qua lời nhắc này. Cảm ơn các chị."
    )


def group_text(branch, period, reports, address_of, day):
    """To the group of units directly below `branch`; `address_of`: report → its address."""
    lines = [
        f"{number}. {report.branch.office_name} ({deadline(report, day)}): {address_of(report)}"
        for number, report in enumerate(reports[:MOST_IN_TEXT], start=1)
    ]
    if len(reports) > MOST_IN_TEXT:
        lines.append(f"… và {len(reports) - MOST_IN_TEXT} đơn vị khác.")
    return "\n".join(
        [
            f"{branch.office_name} nhắc nộp báo cáo {period.label.lower()} "
            f"({period.form.name}). Còn {len(reports)} đơn vị chưa nộp:",
            *lines,
            "Nhờ các chị mở địa chỉ bên cạnh tên đơn vị mình, nhập rồi bấm “Lưu và nộp”; không có "
            "hoạt động thì bấm “Không phát sinh, nộp luôn”. Cảm ơn các chị.",
        ]
    )


def territory_text(branch, period, counts, owed, submitted, address, at):
    """To those who look after the units below `branch`: where how many are missing.
    `counts`: [(unit, how many)]."""
    lines = [f"- {unit.office_name}: {count} đơn vị" for unit, count in counts[:MOST_IN_TEXT]]
    if len(counts) > MOST_IN_TEXT:
        lines.append(f"… và {len(counts) - MOST_IN_TEXT} nơi khác.")
    return "\n".join(
        [
            f"{branch.office_name}: đến ngày {localdate(at):%d/%m/%Y}, báo cáo "
            f"{period.label.lower()} ({period.form.name}) đã nộp {submitted}/{owed} đơn vị. "
            "Còn chưa nộp:",
            *lines,
            f"Nhờ các chị đôn đốc các đơn vị của mình. Danh sách từng đơn vị: {address}",
            "Cảm ơn các chị.",
        ]
    )
