import type { End } from './siege.ts'

const RESTARTING = 1012
const STOP_TIMEOUT = 10_000

/** The orderly end: clients are told to come back, and the process ends by itself. */
export const stopped: End = {
  async run(server) {
    const began = performance.now()
    const { code, signal } = await server.kill('SIGTERM')
    const took = Math.round(performance.now() - began)
    if (code === 0 && took < STOP_TIMEOUT) return
    throw new Error(`the server stopped with ${code ?? signal} after ${took} ms:\n${server.printed()}`)
  },
  closes: RESTARTING,
}
