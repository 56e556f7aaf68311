# The server: `docker build -t handstamp . && docker run -e SESSION_SECRET=… -p 8080:8080 -v handstamp:/data handstamp`
FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts && npm install --no-save --omit=dev --ignore-scripts pg redis

FROM node:24-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    HANDSTAMP_DATA=/data \
    HANDSTAMP_MANAGEMENT_PORT=9090 \
    HANDSTAMP_MANAGEMENT_HOST=0.0.0.0
WORKDIR /srv/handstamp
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
COPY --from=build /src/bin ./bin
RUN mkdir -m 0700 /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
# Health and metrics are on 9090: do not publish it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9090/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "bin/handstamp.js"]
CMD ["serve"]
