# One image; web, worker, beat and migrate differ by their command (see compose.yaml).
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt /tmp/
RUN /venv/bin/pip install -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --home-dir /app --no-create-home hoiphunu
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# The key lives for this one command. `var` and `beat` are mounted: a new volume takes its
# owner from here. The code itself stays root's, so the site cannot change it.
RUN SECRET_KEY=only-to-collect-static-files ALLOWED_HOSTS=localhost \
        python manage.py collectstatic --noinput \
    && mkdir -p var/media beat \
    && chown -R hoiphunu: var beat
USER hoiphunu
EXPOSE 8000
# Asked by a name the site answers to; /healthz needs no TLS.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import os, urllib.request as web; \
host = os.environ['ALLOWED_HOSTS'].split(',')[0].strip().lstrip('.*') or 'localhost'; \
web.urlopen(web.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
# gunicorn reads WEB_CONCURRENCY for the number of its workers.
CMD ["gunicorn", "hoiphunu.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
