import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'

export type Markup = ReturnType<typeof html>

export interface Page {
  readonly title: string
  readonly body: Markup
  /** Source of a script of ours; nothing else may run. */
  readonly script?: string
  /** Whether the script talks with this server. */
  readonly connects?: boolean
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

const STYLE = `
:root { color-scheme: light dark; --edge: color-mix(in srgb, currentColor 18%, transparent); --accent: light-dark(#0b5cad, #7ab8ff) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 56rem; padding: 2rem 1rem 4rem; font: 1rem/1.6 system-ui, sans-serif }
h1 { margin: 0 0 .5rem; font-size: 1.9rem; line-height: 1.2 } h2 { margin: 2.2rem 0 .6rem; font-size: 1.25rem }
h3 { margin: 1rem 0 .3rem; font-size: 1rem }
a { color: var(--accent) } code, pre { font: .9em/1.5 ui-monospace, monospace }
pre, .key { overflow: auto; padding: .7rem .9rem; border: 1px solid var(--edge); border-radius: .5rem; overflow-wrap: anywhere; user-select: all }
label { display: block; margin: 1rem 0 .3rem; font-weight: 600 }
input, select { width: 100%; max-width: 28rem; padding: .5rem .7rem; font: inherit; border: 1px solid var(--edge); border-radius: .5rem }
button { margin-top: 1rem; padding: .55rem 1.2rem; font: inherit; font-weight: 600; border: 0; border-radius: .5rem; background: var(--accent); color: Canvas; cursor: pointer }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
table { border-collapse: collapse; width: 100% } th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--edge); text-align: left; vertical-align: top }
details { border: 1px solid var(--edge); border-radius: .5rem; margin: .5rem 0; padding: 0 .9rem }
summary { padding: .55rem 0; cursor: pointer } summary b { display: inline-block; min-width: 4.5rem } summary code { margin-right: .8rem; font-weight: 600 }
.note { opacity: .75 } .problem { padding: .6rem .9rem; border-left: 4px solid light-dark(#b3261e, #ff8a80) }
`

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing from elsewhere, nothing inline but ours, no frame around us; forms come back to us only. */
const policy = (script: string | undefined, connects: boolean): string =>
  [
    "default-src 'none'",
    `style-src ${sourceOf(STYLE)}`,
    ...(script === undefined ? [] : [`script-src ${sourceOf(script)}`]),
    ...(connects ? ["connect-src 'self'"] : []),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** A page for people. It tells other sites nothing, not even that it was here; ours see where a form came from. */
export async function show({
  title,
  body,
  script,
  connects = false,
  status = 200,
  headers = {},
}: Page): Promise<Response> {
  const text = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>${body}</main>
${script === undefined ? '' : html`<script>${raw(script)}</script>`}
</body>
</html>
`
  return new Response(String(text), {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy(script, connects),
      'X-Content-Type-Options': 'nosniff',
      // `no-referrer` would make browsers send our own forms with `Origin: null`.
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cache-Control': 'no-store',
      ...headers,
    },
  })
}
