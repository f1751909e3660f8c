import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** After how many bytes in each direction a connection breaks. */
export interface Cut {
  readonly down: number
  readonly up: number
}

/** A line to a server, whose connections break in the middle of a frame or anywhere else. */
export interface Cutter extends AsyncDisposable {
  readonly port: number
  /** How many broke. */
  readonly cuts: number
  /** From now on nothing breaks any more; what is open stays open. */
  calm(): void
}

/** Leads to `port` of this machine. `next` says of each new connection when it breaks. */
export async function openCutter(port: number, next: () => Cut): Promise<Cutter> {
  const open = new Set<Socket>()
  let isCalm = false
  let cuts = 0
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    const cut = next()
    const both = [near, far]
    for (const socket of both) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        for (const other of both) other.destroy()
      })
    }
    const pass = (from: Socket, to: Socket, limit: number) => {
      let passed = 0
      from.on('data', (chunk: Buffer) => {
        const isOver = !isCalm && passed + chunk.length >= limit
        passed += chunk.length
        // What arrived before the line broke has arrived.
        if (!isOver) return void to.write(chunk)
        cuts++
        to.write(chunk.subarray(0, Math.max(0, limit - passed + chunk.length)), () => far.destroy())
      })
    }
    pass(far, near, cut.down)
    pass(near, far, cut.up)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    get cuts() {
      return cuts
    },
    calm() {
      isCalm = true
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
