"""Units as a sheet in the admin: new ones are opened, known ones renamed or moved."""

from django.core.exceptions import ValidationError
from import_export.instance_loaders import ModelInstanceLoader

from hoiphunu.resources import ChoiceWidget, DayWidget, RowWidget, StrictResource, column

from ..models import Branch, Level
from ..services import BranchError, change_branch, open_branch

REASON = "nạp từ tệp trong Quản trị"


def administered(user):
    return Branch.objects.visible_to(user).administered_by(user)


class SlugLoader(ModelInstanceLoader):
    """An empty address is a new unit."""

    def get_instance(self, row):
        return super().get_instance(row) if row.get("Địa chỉ") else None


class BranchResource(StrictResource):
    slug = column("Địa chỉ", "slug")
    level = column(
        "Cấp",
        "level",
        RowWidget("code", lambda user: Level.objects.all(), "không có cấp nào mang mã này"),
        required=True,
    )
    parent = column(
        "Trực thuộc",
        "parent",
        RowWidget("slug", administered, "không có đơn vị này trong phạm vi chị quản trị"),
    )
    type = column("Loại", "type")
    name = column("Tên", "name", required=True)
    code = column("Mã hành chính", "code")
    kind = column("Hình thức", "kind", ChoiceWidget(Branch.Kind), required=True)
    opened_on = column("Thành lập ngày", "opened_on", DayWidget(), required=True)

    class Meta:
        model = Branch
        name = "Đơn vị"
        fields = ["slug", "level", "parent", "type", "name", "code", "kind", "opened_on"]
        import_id_fields = ["slug"]
        instance_loader_class = SlugLoader
        skip_unchanged = True
        report_skipped = True

    def get_queryset(self):
        return administered(self.user) if self.user else super().get_queryset()

    def import_field(self, field, instance, row, is_m2m=False, **kwargs):
        """The top of her territory keeps a parent that is not hers to name otherwise."""
        if field.attribute == "parent" and instance.pk and instance.parent:
            if row.get(field.column_name) == instance.parent.slug:
                return
        super().import_field(field, instance, row, is_m2m, **kwargs)

    def do_instance_save(self, instance, is_create):
        """Through the services, which give the path, keep the history and refuse."""
        read = {name: getattr(instance, name) for name in self._meta.fields}
        try:
            if is_create:
                self.open(instance, **read)
            else:
                self.change(instance, **read)
        except BranchError as error:
            raise ValidationError(str(error)) from error

    def open(self, instance, *, parent, **read):
        if parent is None:
            raise ValidationError("Cột Trực thuộc: không được để trống")
        made = open_branch(parent=parent, by=self.user, **read)
        instance.__dict__.update(made.__dict__)

    def change(self, instance, *, slug, level, **read):
        known = Branch.objects.get(pk=instance.pk)
        if known.level_id != level.pk:
            raise ValidationError("Cột Cấp: không đổi cấp của một đơn vị đang có được")
        if read["parent"] is None and known.parent_id:
            raise ValidationError("Cột Trực thuộc: không được để trống")
        made = change_branch(branch=known, by=self.user, reason=REASON, **read)
        instance.__dict__.update(made.__dict__)
