import { type Line, span, type Tone, textOf } from '../text/line.ts'
import { width } from '../text/width.ts'
import { type Paragraph, wrap } from '../text/wrap.ts'

/** An answer while it comes in. */
interface Stream {
  readonly id: string
  readonly lead: Line
  readonly hang: number
  readonly text: string
  /** How much of the text has been printed for good, and whether the lead has. */
  readonly printed: number
  readonly isBegun: boolean
}

/**
 * What is on its way to the scrollback. Everything is printed once. An answer is printed row by row as it comes in, so what comes in
 * meanwhile is held back below it until it ends: whatever order the parts came in, the same is printed. A value: every function
 * here answers another one.
 */
export interface Paper {
  readonly ready: readonly Paragraph[]
  readonly stream: Stream | undefined
  readonly held: readonly Paragraph[]
  /** Answers that begin when this one has ended. */
  readonly waiting: readonly Stream[]
}

export const BLANK: Paper = { ready: [], stream: undefined, held: [], waiting: [] }

/** So much is held back; for more, an answer is interrupted. */
export const HELD_MAX = 6

export function add(paper: Paper, ...paragraphs: readonly Paragraph[]): Paper {
  if (!paper.stream) return { ...paper, ready: [...paper.ready, ...paragraphs] }
  const held = [...paper.held, ...paragraphs]
  return held.length > HELD_MAX ? interrupt({ ...paper, held }, paper.stream) : { ...paper, held }
}

/** Adds what belongs before the text of an answer that has none yet. */
export function addBefore(paper: Paper, id: string, paragraph: Paragraph): Paper {
  const isFree = paper.stream?.id === id && paper.stream.text === ''
  return isFree ? { ...paper, ready: [...paper.ready, paragraph] } : add(paper, paragraph)
}

export const isOpen = ({ stream, waiting }: Paper, id: string): boolean =>
  stream?.id === id || waiting.some(one => one.id === id)

/** An answer begins. */
export function begin(paper: Paper, id: string, lead: Line, hang: number): Paper {
  if (isOpen(paper, id)) return paper
  const stream: Stream = { id, lead, hang, text: '', printed: 0, isBegun: false }
  return paper.stream ? { ...paper, waiting: [...paper.waiting, stream] } : { ...paper, stream }
}

/** An answer goes on. */
export function grow(paper: Paper, id: string, text: string): Paper {
  const longer = (stream: Stream): Stream => (stream.id === id ? { ...stream, text: stream.text + text } : stream)
  return { ...paper, stream: paper.stream && longer(paper.stream), waiting: paper.waiting.map(longer) }
}

/** An answer ended. `whole` is all of its text, null where what came in is. */
export function finish(paper: Paper, id: string, whole: string | null): Paper {
  const { stream } = paper
  if (stream?.id === id) return release({ ...paper, ready: [...paper.ready, ...rest(stream, whole)] })
  const late = paper.waiting.find(one => one.id === id)
  if (!late) return paper
  return add({ ...paper, waiting: paper.waiting.filter(one => one !== late) }, ...rest(late, whole))
}

/** All that is open ends here, because nothing more will come of it. */
export function finishAll(paper: Paper): Paper {
  const { stream } = paper
  return stream ? finishAll(finish(paper, stream.id, null)) : paper
}

function rest(stream: Stream, whole: string | null): readonly Paragraph[] {
  const text = whole ?? stream.text
  if (text.slice(0, stream.printed) !== stream.text.slice(0, stream.printed)) {
    // What was printed can't be taken back.
    return [{ lead: [...stream.lead, span('(as it is now) ', 'dim')], hang: stream.hang, text }]
  }
  return stream.isBegun && text.trimEnd().length <= stream.printed ? [] : [remaining({ ...stream, text })]
}

/** White space at the end waits for what comes behind it: where nothing does, it makes no row. */
const remaining = ({ lead, hang, text, printed, isBegun }: Stream): Paragraph => ({
  lead: isBegun ? [span(' '.repeat(hang))] : lead,
  hang,
  text: text.slice(printed).trimEnd(),
})

/** The answer being printed is over. What waited for that follows, and the next answer begins. */
function release({ ready, held, waiting }: Paper): Paper {
  const [stream, ...others] = waiting
  return { ready: [...ready, ...held], stream, held: [], waiting: others }
}

function interrupt(paper: Paper, stream: Stream): Paper {
  const { text, printed } = stream
  const shown =
    text.trimEnd().length > printed || !stream.isBegun ? [remaining({ ...stream, text: `${text.trimEnd()} …` })] : []
  const goesOn: Stream = { ...stream, printed: text.length, isBegun: false }
  return { ...paper, ready: [...paper.ready, ...shown, ...paper.held], held: [], stream: goesOn }
}

export interface Printed {
  /** For good. */
  readonly rows: readonly Line[]
  readonly paper: Paper
}

/** What can be printed by now, in rows of at most `columns`. */
export function print(paper: Paper, columns: number): Printed {
  const rows = paper.ready.flatMap(paragraph => wrap(paragraph, columns).map(({ line }) => line))
  if (!paper.stream) return { rows, paper: { ...paper, ready: [] } }
  const whole = wrap(remaining(paper.stream), columns).slice(0, -1)
  const used = whole.at(-1)?.end
  const { printed } = paper.stream
  const stream = used === undefined ? paper.stream : { ...paper.stream, printed: printed + used, isBegun: true }
  return { rows: [...rows, ...whole.map(({ line }) => line)], paper: { ...paper, ready: [], stream } }
}

/** What is shown below what was printed, at most `height` rows of it: the answer's last row, and what is held back. */
export function unprinted({ stream, held, waiting }: Paper, columns: number, height: number): readonly Line[] {
  if (!stream) return []
  const last = wrap(remaining(stream.text ? stream : { ...stream, text: '…' }), columns).at(-1)
  const below = held.flatMap(paragraph => wrap(paragraph, columns).map(({ line }) => line))
  const others: readonly Line[] = waiting.map(({ lead }) => [...lead, span('…', 'dim')])
  const rows = [...(last ? [last.line] : []), ...below, ...others]
  return rows.length <= height ? rows : [...rows.slice(0, 1), ...rows.slice(rows.length - Math.max(height - 1, 0))]
}

/** A paragraph that stands for itself. */
export const note = (text: string, tone: Tone = 'dim'): Paragraph => ({ lead: [], hang: 2, text, tone })

/** A paragraph that begins with who says it. */
export const said = (lead: Line, text: string, tone: Tone = 'plain'): Paragraph => ({
  lead,
  hang: Math.min(HANG, width(textOf(lead))),
  text,
  tone,
})

/** Below the time comes nothing but text. */
export const HANG = 6
