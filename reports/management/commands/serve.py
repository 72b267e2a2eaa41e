from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application

from branches.models import ReorganisationRun, Upload
from hoiphunu.celery import app
from hoiphunu.jobs import Job
from reports.models import Export

HOST = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Says nothing of requests that went well."""

    def log_request(self, code="-", size="-"):
        if str(code).startswith("5"):
            super().log_request(code, size)


class Command(BaseCommand):
    help = "Pages and background worker in one process: for a trial, not for production."

    def handle(self, **options):
        if not settings.CELERY_BROKER_URL.startswith("memory"):
            raise CommandError("CELERY_BROKER_URL đã có: hãy chạy worker và gunicorn riêng.")
        settings.VAR_DIR.mkdir(exist_ok=True)
        interrupted = mark_interrupted()
        if interrupted:
            self.stdout.write(f"{interrupted} việc bị ngắt ở lần chạy trước.")
        try:
            server = ThreadedWSGIServer(
                (HOST, settings.PORT), QuietHandler, allow_reuse_address=True
            )
        except OSError as error:
            raise CommandError(
                f"Cổng {settings.PORT} đang có chương trình khác dùng. Thử: make run PORT=8001"
            ) from error
        start_worker()
        server.set_app(get_wsgi_application())
        self.stdout.write(f"Mở trình duyệt: http://{HOST}:{settings.PORT}/  (Ctrl+C để dừng)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Đã dừng.")


def mark_interrupted():
    """Jobs live in this process: whatever was under way when it ended will not go on."""
    states = [Job.State.WAITING, Job.State.RUNNING]
    note = {
        "state": Job.State.INTERRUPTED,
        "message": "Chương trình đã dừng. Chị làm lại việc này.",
    }
    return sum(
        model.objects.filter(state__in=states).update(**note)
        for model in (Export, ReorganisationRun, Upload)
    )


def start_worker():
    """Celery's worker and clock as daemon threads on the in-memory broker."""
    from celery import beat

    worker = app.WorkController(
        pool="threads",
        concurrency=1,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
        loglevel="WARNING",
        quiet=True,
    )
    Thread(target=worker.start, daemon=True).start()
    clock = beat.EmbeddedService(
        app, thread=True, schedule_filename=str(settings.VAR_DIR / "beat"), max_interval=1
    )
    clock.daemon = True
    clock.start()
