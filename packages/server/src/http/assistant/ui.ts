import { html } from 'hono/html'
import type { Page } from '../page.ts'
import type { AssistantState } from './statistics.ts'

/** A page on which one person talks with the assistant. `socket` is the path of the WebSocket endpoint. */
export const chatPage = (state: AssistantState, socket: string): Page => ({
  title: 'Chat with the assistant',
  connects: true,
  script: `${globals(state, socket)}${SCRIPT}`,
  body: html`<h1>Chat with the assistant</h1>
<p id="state" class="note" role="status">Connecting…</p>
<div id="log" role="log" aria-live="polite" aria-label="Conversation"></div>
<form id="ask">
<label for="message">Your message</label>
<input id="message" autocomplete="off" required disabled>
<br><button disabled>Send</button>
</form>
<details><summary>Sign in</summary>
<form id="sign-in">
<label for="username">Name</label>
<input id="username" autocomplete="username">
<label for="password">Password</label>
<input id="password" type="password" autocomplete="current-password">
<label for="token">or a token or API key</label>
<input id="token" type="password" autocomplete="off">
<br><button>Sign in</button> <button type="button" id="sign-out">Sign out</button>
</form>
</details>
<p class="note">Answered by ${state.model}.</p>`,
})

/** What pages of this family have as globals. `<` is written so that no text ends the script. */
function globals({ model, isProofRequired, authTypes }: AssistantState, socket: string): string {
  const text = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')
  return `
var websocketUrl = location.origin.replace(/^http/, 'ws') + ${text(socket)}
var authEnabled = true
var requireAuth = ${text(isProofRequired)}
var supportedAuthTypes = ${text(authTypes)}
var modelId = ${text(model)}
`
}

// Text is only ever set as text. Credentials stay in this page's memory.
const SCRIPT = `
const of = id => document.getElementById(id)
const [state, log, ask, message, signIn] = ['state', 'log', 'ask', 'message', 'sign-in'].map(of)
let socket, session, credentials, typing

const say = text => { state.textContent = text }
function add(who, text) {
  const line = document.createElement('p')
  const name = document.createElement('strong')
  name.textContent = who + ': '
  line.append(name, text)
  line.style.whiteSpace = 'pre-wrap'
  log.append(line)
  line.scrollIntoView({ block: 'nearest' })
  return line
}
const enable = on => { for (const field of ask.elements) field.disabled = !on }
const send = frame => socket.send(JSON.stringify(frame))

const on = {
  connection_established({ session_id }) {
    session = session_id
    enable(true)
    say('Connected')
    if (credentials) send(credentials)
    else if (log.childElementCount === 0) send({ type: 'history' })
  },
  typing({ message }) {
    typing ??= add('Assistant', message)
  },
  ai_response({ message }) {
    typing?.remove()
    typing = undefined
    add('Assistant', message)
  },
  history({ messages }) {
    for (const { role, content } of messages) add(role === 'user' ? 'You' : 'Assistant', content)
  },
  auth_response({ success, message }) {
    say(message)
    if (!success) credentials = undefined
    else { log.replaceChildren(); send({ type: 'history' }) }
  },
  logout_success({ message }) {
    log.replaceChildren()
    say(message)
  },
  error({ message }) { say(message) },
}

function connect() {
  socket = new WebSocket(websocketUrl + (session ? '?session_id=' + session : ''))
  socket.onmessage = ({ data }) => { const frame = JSON.parse(data); on[frame.type]?.(frame) }
  socket.onclose = ({ reason }) => {
    enable(false)
    typing?.remove()
    typing = undefined
    say((reason || 'Not connected') + '. Trying again…')
    setTimeout(connect, 3000)
  }
}

ask.onsubmit = event => {
  event.preventDefault()
  add('You', message.value)
  send({ type: 'chat', message: message.value })
  message.value = ''
}
signIn.onsubmit = event => {
  event.preventDefault()
  const token = of('token').value
  credentials = token
    ? { type: 'auth', auth_type: 'bearer_token', token }
    : { type: 'auth', auth_type: 'basic_auth', username: of('username').value, password: of('password').value }
  signIn.reset()
  send(credentials)
}
of('sign-out').onclick = () => {
  credentials = undefined
  send({ type: 'logout' })
}
connect()
`
