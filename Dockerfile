# docker build -t parley . && docker run -p 127.0.0.1:8000:8000 -v parley:/data parley
# More in docs/deploy/README.md.

# Its Node is for npm only: the server brings the Node it runs on.
FROM node:24-slim

WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/client/package.json packages/client/
COPY packages/server/package.json packages/server/
COPY packages/terminal/package.json packages/terminal/
RUN npm ci --omit=dev && npm cache clean --force
COPY packages/protocol/src packages/protocol/src
COPY packages/server/src packages/server/src
COPY packages/server/teams packages/server/teams

RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
EXPOSE 8000
HEALTHCHECK --start-period=10s CMD ["node_modules/.bin/node", "-e", "fetch(`http://localhost:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node_modules/.bin/node", "packages/server/src/main.ts"]
