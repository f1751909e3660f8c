import { type Effort, type Scenario, scaled } from './scenario.ts'
import { CONTENT_LENGTH } from './traffic.ts'

const CLIENTS_PER_ROOM = 10
const MISSED = 100
/** Below what a listening socket queues, so that no handshake waits for a retry. */
const AT_ONCE = 256

/** Everybody comes back after a gap in the network, and has missed something. */
export function resume(effort: Effort): Scenario {
  const rooms = scaled(100, effort, 2)
  const clients = rooms * CLIENTS_PER_ROOM
  return {
    name: 'resume',
    title: `${clients} clients come back at once, each missed ${MISSED} messages`,
    about:
      `${rooms} rooms of ${CLIENTS_PER_ROOM}. All are cut off, one more user in each room writes ${MISSED} messages of 200 bytes, then all come back, ` +
      `${AT_ONCE} handshakes at once, with their cursor. Parley reads what was missed from the database; Socket.IO is set up with its connection ` +
      'state recovery, which keeps the packets of the last two minutes in memory.',
    durable: false,
    peers: ['parley-level2', 'socket.io'],
    variants: [
      {
        name: '',
        users: clients + rooms,
        room: user => (user < clients ? Math.floor(user / CLIENTS_PER_ROOM) : user - clients),
        plan: {
          kind: 'resume',
          rooms,
          clientsPerRoom: CLIENTS_PER_ROOM,
          missed: MISSED,
          contentLength: CONTENT_LENGTH,
          atOnce: AT_ONCE,
        },
        recovery: true,
      },
    ],
    columns: [
      { head: 'CPU ms/client', key: 'cpuMillisPerClient', digits: 2 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'all caught up, s', key: 'caughtUpSeconds', digits: 2 },
      { head: 'missed messages/s', key: 'missedPerSecond', digits: 0 },
      { head: 'CPU µs/message', key: 'cpuMicrosPerMissed', digits: 1 },
      { head: 'a client p50 ms', key: 'clientP50', digits: 0 },
      { head: 'p99 ms', key: 'clientP99', digits: 0 },
      { head: 'RSS before, MB', key: 'startMegabytes', digits: 0 },
      { head: 'high water, MB', key: 'highWaterMegabytes', digits: 0 },
      { head: 'more, MB', key: 'moreMegabytes', digits: 0 },
    ],
    ratioOf: 'missedPerSecond',
    notApplicable: () => undefined,
  }
}
