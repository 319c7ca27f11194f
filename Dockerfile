# swarmroll in a container. The executable needs glibc and nothing else. Build the executable first:
#   npm run build:executable && docker build --tag swarmroll .
#   docker run --rm -v /var/run/docker.sock:/var/run/docker.sock swarmroll wait --stack app
# The image contains neither ssh nor docker, so DOCKER_HOST=ssh://... and `stack deploy` do not work in it. Dockerfile.docker
# makes one that has both.
ARG BASE=gcr.io/distroless/base-debian12
FROM ${BASE}
COPY LICENSE dist/NOTICE /usr/share/doc/swarmroll/
ARG EXECUTABLE=dist/swarmroll
COPY ${EXECUTABLE} /usr/local/bin/swarmroll
ENTRYPOINT ["/usr/local/bin/swarmroll"]
