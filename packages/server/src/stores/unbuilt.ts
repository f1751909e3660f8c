import type { FileReads, RunReads } from '../core/ports/store.ts'

const notBuilt = async (): Promise<never> => {
  throw new Error('not built yet')
}

export const NO_RUNS: RunReads = { runs: notBuilt, runSteps: notBuilt, runHeads: notBuilt, openRuns: notBuilt }
export const NO_FILES: FileReads = { upload: notBuilt, uploads: notBuilt, file: notBuilt, filesOf: notBuilt }
