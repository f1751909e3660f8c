/** How many files, sockets among them, this process may have open; Infinity where nothing limits it. */
export function openFilesLimit(): number {
  if (!process.report) return FALLBACK
  Object.assign(process.report, { excludeNetwork: true }) // else the report looks up the names of all peers; not typed yet
  // The report is untyped; every part that is not what we expect falls back.
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } }
  const soft = userLimits?.open_files?.soft
  if (soft === 'unlimited') return Number.POSITIVE_INFINITY
  return typeof soft === 'number' ? soft : FALLBACK
}

/** What systems without such a limit can be trusted with. */
const FALLBACK = 10_000
