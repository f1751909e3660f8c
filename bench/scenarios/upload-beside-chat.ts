import { beside } from './beside.ts'
import { type Effort, type Scenario, scaled } from './scenario.ts'
import { trafficVariant } from './traffic.ts'

const MIB = 1024 * 1024
const PER_SECOND = 200

/** A large file on its way: what the others notice of it. */
export function uploadBesideChat(effort: Effort): Scenario {
  const fileBytes = scaled(50, effort, 2) * MIB
  const readers = scaled(100, effort, 10)
  const traffic = trafficVariant('', {
    rooms: 1,
    sendersPerRoom: 10,
    readersPerRoom: readers,
    to: 'room',
    markers: 0,
    load: { perSecond: PER_SECOND },
    seconds: effort.seconds,
  })
  const plan = { ...traffic.plan, kind: 'upload', pieceBytes: MIB, pieces: 2 } as const
  return {
    name: 'upload-beside-chat',
    title: `Files of ${fileBytes / MIB} MB beside chat`,
    about:
      `10 senders write ${PER_SECOND} messages of 200 bytes a second to a room with ${readers} readers, at level 2; first without, then on a fresh ` +
      'server with one more user who sends a file of random bytes in pieces of 1 MiB, base64 in frames of text, two on their way at once, finishes it with ' +
      'its checksum, and begins again. Peers know no files.',
    durable: false,
    peers: ['parley-level2'],
    variants: [
      {
        ...traffic,
        users: traffic.users + 1,
        plan: { ...plan, fileBytes },
        settings: { FILE_QUOTA_PER_USER: '0' },
        beside: {
          plan: { ...plan, fileBytes: 0 },
          compare: (without, numbers) => ({
            ...beside(without, numbers),
            highWaterWithout: without.highWaterMegabytes!,
            cpuMillisPerMegabyte:
              ((numbers.cpuSeconds! - without.cpuSeconds!) * 1e3) / ((numbers.uploads! * fileBytes) / 1e6),
          }),
        },
      },
    ],
    columns: [
      { head: 'upload MB/s', key: 'uploadMegabytesPerSecond', digits: 1 },
      { head: 'files', key: 'uploads', digits: 0 },
      { head: 'CPU ms/MB', key: 'cpuMillisPerMegabyte', digits: 1 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'chat p50 ms without', key: 'p50Without', digits: 1 },
      { head: 'with', key: 'deliveryP50', digits: 1 },
      { head: 'chat p99 ms without', key: 'p99Without', digits: 1 },
      { head: 'with', key: 'deliveryP99', digits: 1 },
      { head: '÷', key: 'p99Ratio', digits: 2 },
      { head: 'high water without, MB', key: 'highWaterWithout', digits: 0 },
      { head: 'with, MB', key: 'highWaterMegabytes', digits: 0 },
    ],
    notApplicable: () => undefined,
  }
}
