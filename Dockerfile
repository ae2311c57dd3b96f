# Laurel for production: the web server by default, the worker as `manage.py worker`. See docs/operations.md.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/laurel
COPY requirements-production.lock .
RUN python -m venv /srv/venv \
 && /srv/venv/bin/pip install --require-hashes --no-deps --only-binary :all: -r requirements-production.lock
COPY manage.py .
COPY config config
COPY organizations organizations
COPY earners earners
COPY badges badges
COPY claimcodes claimcodes
COPY templates templates
COPY static static
# Secrets are asked for as soon as settings are read; these are used here alone and are in no layer.
RUN SECRET_KEY="$(head -c 48 /dev/urandom | base64 -w0)" KEY_ENCRYPTION_KEYS="$(head -c 32 /dev/urandom | base64 -w0 | tr '+/' '-_')" \
    DATA_DIR=/data /srv/venv/bin/python -c "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; import django; django.setup(); from config.static_files import collect_static_files; collect_static_files()" \
 && /srv/venv/bin/python -m compileall -q /srv/laurel

FROM python:3.13-slim-bookworm
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
RUN useradd --system --uid 10001 --no-create-home --home-dir /data laurel
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/laurel /srv/laurel
COPY --from=build --chown=laurel:laurel /data /data
WORKDIR /srv/laurel
USER laurel
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import os, urllib.parse, urllib.request as r; host = urllib.parse.urlsplit(os.environ.get('PUBLIC_URL', 'http://127.0.0.1')).netloc; r.urlopen(r.Request('http://127.0.0.1:8000/health', headers={'Host': host}), timeout=4)"]
CMD ["python", "manage.py", "serve", "--bind", "0.0.0.0:8000", "--no-worker"]
