# The image holds the proxy, Node with npx, and nothing else: servers that are started with npx work, uvx and docker do not.
#   docker build -t mcp-marshal .
#   docker run --rm -i --init -v "$HOME/.config/mcp-marshal:/config:ro" -v marshal-state:/state mcp-marshal
# --init: processes that servers leave behind when they end are taken away. Over HTTP (make a token first; `docker stop` kills after 10 s, and what runs gets 10 s to end):
#   docker run --rm -v … -v … mcp-marshal token create laptop --scopes read,write
#   docker run -d --init --stop-timeout 15 -p 127.0.0.1:7337:7337 -v … -v … mcp-marshal serve --http 0.0.0.0:7337
FROM node:22-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --ignore-scripts && npm pack --pack-destination /

FROM node:22-slim
COPY --from=build /mcp-marshal-*.tgz /tmp/
RUN npm install --global --omit=dev /tmp/mcp-marshal-*.tgz && rm /tmp/mcp-marshal-*.tgz && npm cache clean --force \
  && mkdir -p /config /state && chown node:node /state
ENV MCP_MARSHAL_CONFIG=/config/marshal.yaml XDG_STATE_HOME=/state NODE_ENV=production
USER node
VOLUME ["/config", "/state"]
EXPOSE 7337
ENTRYPOINT ["mcp-marshal"]
CMD ["serve"]
