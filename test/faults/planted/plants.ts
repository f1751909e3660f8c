/** A change to one file of the product: `from` stands in it exactly once. */
export interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

const SQLITE = 'packages/server/src/stores/sqlite'

/**
 * Bugs that the tests must notice, as changes to the product's own source. They are made while a process loads it, by
 * `preload.ts`; on the disk and in the product there is nothing of them.
 */
export const PLANTS = {
  /** Answers leave while the transaction is open; it is committed up to 50 ms later. */
  'acknowledges before the commit': [
    {
      file: `${SQLITE}/writes.ts`,
      from: '      begin.run()\n',
      to: '      if (!db.isTransaction) {\n begin.run()\n setTimeout(() => end.run(), 50) }\n',
    },
    { file: `${SQLITE}/writes.ts`, from: '        end.run()\n        return outcomes', to: '        return outcomes' },
  ],
  'commits without waiting for the disk': [
    { file: `${SQLITE}/connection.ts`, from: 'synchronous = FULL', to: 'synchronous = NORMAL' },
    { file: `${SQLITE}/connection.ts`, from: 'synchronous === 2', to: 'synchronous === 1' },
  ],
  'stores a repeat as a new message': [
    {
      file: `${SQLITE}/retries.ts`,
      from: 'retry ? reads.firstSent(sender, retry.clientId, retry.digest) : undefined',
      to: 'retry ? undefined : undefined',
    },
    { file: `${SQLITE}/retries.ts`, from: 'INSERT INTO retries', to: 'INSERT OR IGNORE INTO retries' },
  ],
  'resumes from the log one too late': [
    {
      file: 'packages/server/src/core/replay.ts',
      from: 'known ? await eventsOf(ctx, known, rows) : []',
      to: 'known ? await eventsOf(ctx, known, rows.slice(1)) : []',
    },
  ],
  'resumes from the log one too early': [
    { file: 'packages/server/src/core/replay.ts', from: 'log(room, after, limit)', to: 'log(room, after - 1, limit)' },
  ],
  'resumes a cursor one too late': [
    {
      file: 'packages/server/src/core/commands/resuming.ts',
      from: 'from.set(id, isReset ? seq : asked)',
      to: 'from.set(id, isReset ? seq : asked + 1)',
    },
  ],
  'resumes from the history one too late': [
    {
      file: `${SQLITE}/history.ts`,
      from: 'span.first, ordinalAt(span, offset), limit',
      to: 'span.first, ordinalAt(span, offset) - 1, limit',
    },
  ],
  'gives every tenth message the number after the next': [
    {
      file: `${SQLITE}/transaction.ts`,
      from: 'const seq = room.seq + 1',
      to: 'const seq = room.seq + (at % 10 ? 1 : 2)',
    },
  ],
  'forgets to count own messages': [
    { file: `${SQLITE}/messages.ts`, from: '    sender.own++\n', to: '    sender.own += write.at % 10 ? 1 : 0\n' },
  ],
  'loses a committed step of an answer': [
    {
      file: `${SQLITE}/run-steps.ts`,
      from: 'insert.run(run, last, at, JSON.stringify(steps))',
      to: 'insert.run(run, last, at, JSON.stringify(at % 3 ? steps : steps.slice(1)))',
    },
  ],
  'shows a step of an answer before the commit': [
    {
      file: 'packages/server/src/core/runs/answering.ts',
      from: `await commits.run(write, ({ steps }) => {
          emit({ type: 'run.moved', of, run, agent, asker, steps, via })
          hear?.(steps)
        })`,
      to: `const first = (this.told ??= 0)
        this.told += steps.length
        const early = steps.map((step, i) => ({ ...step, n: first + i + 1, at: write.at }))
        emit({ type: 'run.moved', of, run, agent, asker, steps: early, via })
        await new Promise(resolve => setTimeout(resolve, 30))
        await commits.run(write, ({ steps }) => hear?.(steps))`,
    },
  ],
  'has an answer go on one character too late': [
    {
      file: 'packages/server/src/core/runs/question.ts',
      from: "begun = (answer?.body ?? '') + (begun ?? '')",
      to: "begun = (answer?.body ?? '').slice(0, -1) + (begun ?? '')",
    },
  ],
  'gives an answer that goes on by itself from its beginning': [
    {
      file: 'packages/server/src/core/runs/retracing.ts',
      from: 'if (!next) return [step]',
      to: 'return [step]',
    },
  ],
} as const satisfies Record<string, readonly Edit[]>

export type Plant = keyof typeof PLANTS

/** Arguments of Node.js with which a process loads the product with the bug in it. Its threads inherit them. */
export function withPlant(plant: Plant | undefined): readonly string[] {
  if (!plant) return []
  const preload = new URL('./preload.ts', import.meta.url)
  preload.searchParams.set('plant', plant)
  return ['--import', preload.href]
}
