# One image for the environment server and its agents. `docker build --target green .` builds another entry point; without
# a target it is the server, as OpenEnv expects.
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
ENV PATH=/opt/gym/bin:$PATH \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
# What the project needs is a layer of its own, which a change of its code leaves as it was.
COPY pyproject.toml constraints.txt ./
RUN python -m venv /opt/gym \
    && python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
       extras = project['optional-dependencies']; \
       print(*project['dependencies'], *extras['server'], *extras['agents'], *extras['postgres'], sep='\\n')" > needed.txt \
    && pip install --constraint constraints.txt --requirement needed.txt
COPY . .
RUN pip install --no-deps .

FROM build AS build-trainer
# Other releases of torch may ask for another CUDA than the machine has: `--build-arg TORCH=torch==VERSION` chooses.
ARG TORCH=torch==2.13.0
RUN pip install "$TORCH" && pip install --constraint constraints.txt ".[trl]"

FROM ${PYTHON_IMAGE} AS runtime
# State goes to /data alone, caches to /tmp: the root file system may be read-only.
ENV PATH=/opt/gym/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    LITELLM_LOCAL_MODEL_COST_MAP=True
# curl is what AgentBeats asks after an agent's health with.
RUN apt-get update && apt-get install --yes --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 gym && useradd --uid 10001 --gid gym --no-create-home --home-dir /tmp gym \
    && install -d -o gym -g gym /data /results /train
USER 10001:10001
WORKDIR /data
STOPSIGNAL SIGTERM

FROM runtime AS base
COPY --from=build /opt/gym /opt/gym

FROM base AS green
EXPOSE 9009
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:9009/health"]
ENTRYPOINT ["dipg-gym", "green-agent", "--host", "0.0.0.0"]

FROM base AS purple
EXPOSE 9010
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:9010/health"]
ENTRYPOINT ["dipg-gym", "purple-agent", "--host", "0.0.0.0"]

FROM base AS bench
ENTRYPOINT ["dipg-gym", "bench"]

# Runs a training script of the user's: torch and TRL beside the client.
FROM runtime AS trainer
COPY --from=build-trainer /opt/gym /opt/gym
WORKDIR /train
ENTRYPOINT ["python"]
CMD ["train.py"]

FROM base AS server
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8000/health"]
CMD ["dipg-gym", "serve", "--host", "0.0.0.0", "--port", "8000"]
