from django.core.management import BaseCommand, CommandError

from branches.models import Reorganisation, ReorganisationRun, User
from branches.services import BranchError
from reports.reorganisation import ask_reorganisation, plan_reorganisation
from reports.tasks import run_reorganisation

WORDS = {
    "chi_hoi": "chi hội",
    "affiliated": "đơn vị trực thuộc",
    "positions": "vị trí",
    "teams": "đoàn phụ trách",
    "departments": "ban, bộ phận",
    "supporting": "phân công đang giúp",
    "supported": "phân công được giúp",
    "quotas": "chỉ tiêu phân bổ",
    "reports_kept": "báo cáo làm tiếp",
    "reports_lapsing": "báo cáo không còn phải nộp",
    "programs": "chương trình chủ trì",
    "forms": "biểu mẫu",
    "collisions": "chi hội trùng tên",
}


class Command(BaseCommand):
    help = "Try out a decree, apply it, or take it back."

    def add_arguments(self, parser):
        parser.add_argument("decree", type=int, metavar="ID")
        step = parser.add_mutually_exclusive_group()
        step.add_argument("--plan", action="store_const", dest="step", const="plan")
        step.add_argument("--apply", action="store_const", dest="step", const="apply")
        step.add_argument("--undo", action="store_const", dest="step", const="undo")
        parser.add_argument("--by", metavar="USERNAME", help="in whose name it is done")
        parser.set_defaults(step="plan")

    def handle(self, *, decree, step, by, **options):
        decree = Reorganisation.objects.filter(pk=decree).first()
        if decree is None:
            raise CommandError("Không có văn bản này.")
        if step == "plan":
            return self.show(plan_reorganisation(decree))
        person = User.objects.filter(username=by, is_active=True).first()
        if person is None:
            raise CommandError("Cần --by với tên đăng nhập của người thực hiện.")
        return self.carry_out(decree, step, person)

    def show(self, plan):
        for unit in plan.units:
            self.stdout.write(f"{unit.unit.full_name}: {unit.what}")
        for name, words in WORDS.items():
            count = getattr(plan.total, name)
            if count:
                self.stdout.write(f"{count} {words}")
        for decision in plan.decisions:
            self.stdout.write(f"Cần quyết: {decision.unit.full_name}: {decision.words}")
        if plan.problems:
            raise CommandError("\n".join(plan.problems))

    def carry_out(self, decree, step, person):
        try:
            run = ask_reorganisation(reorganisation=decree, step=step, by=person)
        except BranchError as error:
            raise CommandError(str(error)) from error
        run_reorganisation(run.pk)
        run.refresh_from_db()
        if run.state != ReorganisationRun.State.READY:
            raise CommandError(run.message)
        self.stdout.write(run.message)
