import { resetBody, verifyEmailBody } from '@parley/protocol/rooms/accounts'
import { magicLinkTokenBody } from '@parley/protocol/token-bowl/accounts'
import { html } from 'hono/html'
import type { z } from 'zod'
import type { Core } from '../core/core.ts'
import type { Actor } from '../core/user.ts'
import type { Log } from '../sessions/observe.ts'
import { type Ask, reportedReply } from './answer.ts'
import { readText } from './body.ts'
import { caller } from './caller.ts'
import type { Dialect } from './dialect.ts'
import { Invalid } from './faults.ts'
import { issuesOf } from './issues.ts'
import { type Markup, type Page, show } from './page.ts'
import { setupBody } from './token-bowl/accounts.ts'
import { tokenBowl } from './token-bowl/dialect.ts'
import type { App } from './visit.ts'

/** A door for people: a page with a form, and what sending the form shows. The tables serve some of the paths to programs. */
interface Door<Body> {
  readonly page: string
  readonly form: string
  readonly body: z.ZodType<Body>
  ask(given: Readonly<Record<string, string>>): Page
  enter(core: Core, actor: Actor, body: Body): Promise<Page>
}

const firstAdmin: Door<{ token: string; username: string }> = {
  page: '/setup',
  form: '/setup',
  body: setupBody,
  ask: ({ token = '', username = '' }) => ({
    title: 'Set up Parley',
    body: html`<h1>Set up Parley</h1>
<p>Make the first administrator of this server.</p>
<form method="post" action="/setup">
${token === '' ? tokenField : hidden(token)}
<label for="username">Your name</label>
<input id="username" name="username" value="${username}" required maxlength="50" autocomplete="username" autofocus>
<br><button>Create administrator</button>
</form>`,
  }),
  enter: async (core, actor, { token, username }) => {
    const { user, key } = await core.execute(actor, { type: 'account.claim_admin', token, name: username })
    return welcome(user.name, key)
  },
}

// Opening the link must not spend it: mail programs open links to look at them.
const mailedLink: Door<{ token: string }> = {
  page: '/auth/magic-link',
  form: '/auth/magic-link/authenticate',
  body: magicLinkTokenBody,
  ask: ({ token = '' }) => ({
    title: 'Sign in to Parley',
    body: html`<h1>Sign in to Parley</h1>
<form method="post" action="/auth/magic-link/authenticate">
${token === '' ? tokenField : hidden(token)}
<button>Sign in</button>
</form>`,
  }),
  enter: async (core, actor, { token }) => {
    const { user, key } = await core.execute(actor, { type: 'link.use', token })
    return welcome(user.name, key)
  },
}

const resetPassword: Door<{ token: string; new_password: string }> = {
  page: '/auth/reset-password',
  form: '/auth/reset-password',
  body: resetBody,
  ask: ({ token = '' }) => ({
    title: 'Set a new password',
    body: html`<h1>Set a new password</h1>
<form method="post" action="/auth/reset-password">
${token === '' ? tokenField : hidden(token)}
<label for="new_password">New password</label>
<input id="new_password" name="new_password" type="password" required minlength="8" maxlength="128" autocomplete="new-password" autofocus>
<br><button>Set password</button>
</form>`,
  }),
  enter: async (core, actor, { token, new_password: password }) => {
    await core.execute(actor, { type: 'password.reset', token, password })
    return said('Your password is set', 'You are signed out everywhere. Sign in with the new password.')
  },
}

const verifyEmail: Door<{ token: string }> = {
  page: '/auth/verify-email',
  form: '/auth/verify-email',
  body: verifyEmailBody,
  ask: ({ token = '' }) => ({
    title: 'Confirm your address',
    body: html`<h1>Confirm your address</h1>
<form method="post" action="/auth/verify-email">
${token === '' ? tokenField : hidden(token)}
<button>Confirm</button>
</form>`,
  }),
  enter: async (core, actor, { token }) => {
    await core.execute(actor, { type: 'email.verify', token })
    return said('Your address is confirmed', 'You can close this page.')
  },
}

const said = (title: string, text: string): Page => ({ title, body: html`<h1>${title}</h1><p>${text}</p>` })

const hidden = (token: string): Markup => html`<input type="hidden" name="token" value="${token}">`

const tokenField = html`<label for="token">Token</label>
<input id="token" name="token" required autocomplete="off">`

const welcome = (name: string, key: string): Page => ({
  title: 'Welcome to Parley',
  body: html`<h1>Welcome, ${name}</h1>
<p>This is your API key. It is your password for every client: keep it to yourself, and keep it safe.</p>
<p class="key"><code>${key}</code></p>
<p class="note">Clients take it from the environment variable <code>TOKEN_BOWL_CHAT_API_KEY</code>.</p>`,
})

/** The first administrator's door, and those of people with a mailed link. To be routed before the tables. */
export function routeEntry(app: App, core: Core, log: Log): void {
  open(app, core, log, firstAdmin)
  open(app, core, log, mailedLink)
  open(app, core, log, resetPassword)
  open(app, core, log, verifyEmail)
}

function open<Body>(app: App, core: Core, log: Log, door: Door<Body>): void {
  app.get(door.page, ({ req }) => show(door.ask({ token: req.query('token') ?? '' })))
  app.post(door.form, async (ask, next) => (isForm(ask) ? enter(core, log, door, ask) : await next()))
}

const isForm = ({ req }: Ask): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(req.header('content-type') ?? '')

/** Errors as one text, for people. */
const onPage: Dialect<{ readonly text: string }> = {
  ...tokenBowl,
  error: ({ text }) => ({ text }),
  invalid: issues => ({ text: issues.map(({ loc, msg }) => `${loc.slice(1).join('.')}: ${msg}`).join('. ') }),
}

async function enter<Body>(core: Core, log: Log, door: Door<Body>, ask: Ask): Promise<Response> {
  let given: Record<string, string> = {}
  try {
    const actor = await caller(core, tokenBowl, ask.env, 'none')
    given = Object.fromEntries(new URLSearchParams(await readText(ask.req.raw)))
    const read = door.body.safeParse(given, { reportInput: true })
    if (!read.success) throw new Invalid(issuesOf('body', read.error))
    return await show(await door.enter(core, actor, read.data))
  } catch (error) {
    const { status, headers, body } = reportedReply(error, onPage, log, ask)
    const page = door.ask(given)
    return show({ ...page, status, headers, body: html`<p class="problem" role="alert">${body.text}</p>${page.body}` })
  }
}
