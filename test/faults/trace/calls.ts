/** A system call as strace shows it. `begin` and `end` are positions in the trace: nothing at `end` was before `begin`. */
export interface Call {
  readonly name: string
  /** What the file descriptor stands for: a path, or `TCP:[...]`. */
  readonly target: string
  /** The bytes that were handed over, of all buffers in their order. */
  readonly data: Buffer
  readonly begin: number
  readonly end: number
}

/** Calls that succeeded, in the order of their beginning. Reads the output of `strace -f -yy -xx`. */
export function callsOf(trace: string): readonly Call[] {
  const calls: Call[] = []
  const unfinished = new Map<string, { readonly begin: number; readonly text: string }>()
  for (const [line, text] of trace.split('\n').entries()) {
    const [, process = '', rest = ''] = /^(\d+) +(.*)$/s.exec(text) ?? []
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(rest)
    const whole = resumed ? unfinished.get(process) : { begin: line, text: rest }
    if (!whole) continue
    if (rest.endsWith('<unfinished ...>')) unfinished.set(process, { begin: line, text: rest.slice(0, -16) })
    else {
      const call = callOf(whole.text + (resumed?.[1] ?? ''), whole.begin, line)
      if (call) calls.push(call)
    }
  }
  return calls.sort((a, b) => a.begin - b.begin)
}

function callOf(text: string, begin: number, end: number): Call | undefined {
  const [, name, target = '', rest = '', result] =
    /^(\w+)\(\d+<([^>]*(?:->[^>]*)?)>(.*) = (-?\d+)[^"]*$/s.exec(text) ?? []
  if (name === undefined || Number(result) < 0) return undefined
  const data = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, escaped = '']) => bytesOf(escaped))
  return { name, target: bytesOf(target).toString(), data: Buffer.concat(data), begin, end }
}

/** Text in which some or all bytes are written as `\x00`. */
const bytesOf = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
