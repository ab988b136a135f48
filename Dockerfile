# The API and the command line in a container; the database has one of its own.
FROM python:3.11-slim

# Everything kith keeps goes to one volume, owned by a user that may do nothing else.
RUN useradd --system --uid 10001 --home-dir /var/lib/kith --create-home kith \
    && chmod 0700 /var/lib/kith
ENV KITH_HOME=/var/lib/kith \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /opt/kith
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY graph graph
COPY loaders loaders
COPY algorithms algorithms
COPY api api
COPY examples examples
COPY queries queries
# in place: the named queries lie beside the packages
RUN pip install --no-cache-dir --constraint constraints.txt --editable .

USER kith
VOLUME /var/lib/kith
EXPOSE 8000
CMD ["kith", "serve"]
