"""Indicators as a sheet in the admin, known by their code."""

from django.core.exceptions import ValidationError

from hoiphunu.resources import (
    ChoiceWidget,
    RowWidget,
    StrictResource,
    YesNoWidget,
    column,
)

from ..models import Indicator
from ..services import ProgramError
from ..services.shared import keep

REASON = "nạp từ tệp trong Quản trị"


def indicator_widget():
    return RowWidget(
        "code", lambda user: Indicator.objects.all(), "không có chỉ tiêu nào mang mã này"
    )


class IndicatorResource(StrictResource):
    code = column("Mã", "code", required=True)
    name = column("Tên chỉ tiêu", "name", required=True)
    unit = column("Đơn vị tính", "unit", required=True)
    aggregation = column(
        "Cách cộng", "aggregation", ChoiceWidget(Indicator.Aggregation), required=True
    )
    value_type = column(
        "Loại giá trị", "value_type", ChoiceWidget(Indicator.ValueType), required=True
    )
    numerator = column("Tử số", "numerator", indicator_widget())
    denominator = column("Mẫu số", "denominator", indicator_widget())
    help = column("Hướng dẫn", "help")
    is_active = column("Đang dùng", "is_active", YesNoWidget(), required=True)

    class Meta:
        model = Indicator
        name = "Chỉ tiêu báo cáo"
        fields = [
            "code",
            "name",
            "unit",
            "aggregation",
            "value_type",
            "numerator",
            "denominator",
            "help",
            "is_active",
        ]
        import_id_fields = ["code"]
        skip_unchanged = True
        report_skipped = True

    def do_instance_save(self, instance, is_create):
        """Through the checks of every other write; the kind of an indicator in use stays."""
        if not is_create:
            self.refuse_other_kind(instance)
        try:
            keep(instance, self.user, REASON)
        except ProgramError as error:
            raise ValidationError(str(error)) from error

    def refuse_other_kind(self, instance):
        known = Indicator.objects.get(pk=instance.pk)
        for name, title in (("aggregation", "Cách cộng"), ("value_type", "Loại giá trị")):
            if getattr(known, name) != getattr(instance, name):
                raise ValidationError(
                    f"Cột {title}: không đổi được, vì số liệu đã có được cộng theo cách cũ. "
                    "Hãy thôi dùng chỉ tiêu này và thêm chỉ tiêu mới."
                )
