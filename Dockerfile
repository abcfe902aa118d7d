# docker build -t nmt . && docker run -p 8000:8000 nmt
# Read-only root file system: docker run --read-only -p 8000:8000 nmt

ARG PYTHON_VERSION=3.11

FROM python:${PYTHON_VERSION}-slim AS build
# The index to take PyTorch from, for a GPU (--build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130) or for what int8
# does not do on a CPU (https://download.pytorch.org/whl/cpu). Empty: the image has none, and is a fraction of the size.
ARG TORCH_INDEX=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# For the kernel that decodes in int8; it stays behind in this stage.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /build
COPY requirements.lock ./
RUN if [ -n "$TORCH_INDEX" ]; then \
        pip install --no-deps --index-url "$TORCH_INDEX" "$(grep '^torch==' requirements.lock)"; \
    fi
COPY pyproject.toml setup.py README.md LICENSE ./
COPY nmt nmt
COPY service service
# The lock only bounds versions here, so that what tests and linters need stays out.
RUN pip install --constraint requirements.lock ".[serve,documents${TORCH_INDEX:+,train}]"

FROM python:${PYTHON_VERSION}-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin nmt \
    # A volume here, named by NMT_STATE, keeps its owner.
    && install --directory --owner=10001 --mode=700 /state
COPY --from=build /opt/venv /opt/venv
COPY checkpoints /app/checkpoints
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    NMT_HOST=0.0.0.0 \
    NMT_PORT=8000 \
    NMT_MODELS=/app/checkpoints
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['NMT_PORT'] + '/ready', timeout=2)"]
CMD ["nmt", "serve"]
