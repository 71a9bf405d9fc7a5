# A site with the plugin in it. The build stage makes the wheel; the image runs as a user without rights.
FROM python:3.12-slim-bookworm AS build
WORKDIR /source
RUN pip install --no-cache-dir build
COPY . .
RUN python -m build --outdir /dist

FROM python:3.12-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    PADWIJZER_DEBUG=0 PADWIJZER_DATA=/data DJANGO_SETTINGS_MODULE=demo.settings
RUN groupadd --system --gid 10001 padwijzer \
 && useradd --system --uid 10001 --gid padwijzer --no-create-home --shell /usr/sbin/nologin padwijzer \
 && install --directory --owner=padwijzer --group=padwijzer --mode=0700 /data
RUN --mount=type=bind,from=build,source=/dist,target=/dist \
    pip install --no-cache-dir "$(ls /dist/*.whl)[demo]"
WORKDIR /site
COPY demo/ .
USER padwijzer
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8000), 4).close()"]
CMD ["gunicorn", "demo.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--access-logfile", "-"]
