import { html } from 'hono/html'
import type { TeamInfo } from '../../core/ports/teams.ts'
import type { Page } from '../page.ts'

/** Where the page is. */
export const UI = '/agents/ui'

/** A page on which one person works with a team. */
export const teamPage = (teams: readonly TeamInfo[]): Page => ({
  title: 'Work with a team of agents',
  connects: true,
  script: SCRIPT,
  body: html`<h1>Work with a team of agents</h1>
<p id="state" class="note" role="status">Connecting…</p>
<div id="log" role="log" aria-live="polite" aria-label="Conversation"></div>
<ul id="tools" aria-label="Tools at work"></ul>
<form id="ask">
<label for="team">Team</label>
<select id="team">${teams.map(({ name, title }) => html`<option value="${name}">${title}</option>`)}</select>
<label for="message">What shall the team do?</label>
<input id="message" autocomplete="off" required maxlength="10000">
<br><button>Send</button> <button type="button" id="stop" disabled>Stop</button> <button type="button" id="again">New conversation</button>
</form>
<details><summary>Sign in</summary>
<form id="sign-in">
<label for="token">A token or API key; without one you are a guest, where guests may come</label>
<input id="token" type="password" autocomplete="off">
<br><button>Use it</button>
</form>
</details>
<p class="note">A refresh loses nothing. For programs: <code>/ws/{session_id}</code> (WebSocket).</p>`,
})

// Text is only ever set as text. Which session it is stays in this tab, a token in this page's memory.
const SCRIPT = `
const of = id => document.getElementById(id)
const [state, log, tools, ask, team, message, stop] = ['state', 'log', 'tools', 'ask', 'team', 'message', 'stop'].map(of)
const KEPT = 'parley-team-session'
let socket, token, answer
let isReady = false

const fresh = () => ({ id: [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join(''), team: team.value })
let session = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') ?? fresh()
const keep = () => sessionStorage.setItem(KEPT, JSON.stringify(session))
team.value = session.team
keep()

const say = text => { state.textContent = text }
const send = frame => socket.send(JSON.stringify(frame))
function add(who, text) {
  const line = document.createElement('p')
  const name = document.createElement('strong')
  name.textContent = who + ': '
  line.append(name, document.createTextNode(text))
  line.style.whiteSpace = 'pre-wrap'
  log.append(line)
  line.scrollIntoView({ block: 'nearest' })
  return line
}
// One element for each answer. It is read aloud when it is whole.
function begin(who) {
  answer = add(who, '')
  answer.setAttribute('aria-busy', 'true')
  stop.disabled = false
}
function end(text) {
  answer?.setAttribute('aria-busy', 'false')
  answer = undefined
  tools.replaceChildren()
  stop.disabled = true
  say(text)
}
function show({ tool_name, status, message, progress }) {
  const line = [...tools.children].find(one => one.dataset.tool === tool_name) ?? document.createElement('li')
  line.dataset.tool = tool_name
  line.textContent = message + (status === 'executing' ? ' ' + Math.round(progress * 100) + ' %' : '')
  tools.append(line)
}

const on = {
  connection_established() {
    send({ type: 'session_restore' })
  },
  session_restored({ messages }) {
    isReady = true
    end('Connected')
    log.replaceChildren()
    for (const { role, content, agent, streaming } of messages) {
      if (streaming) { begin(agent ?? 'Team'); answer.lastChild.data = content }
      else add(role === 'user' ? 'You' : agent ?? 'Team', content)
    }
  },
  stream_chunk({ content, agent }) {
    if (!answer) begin(agent)
    answer.lastChild.data += content
    answer.scrollIntoView({ block: 'nearest' })
  },
  agent_switch({ to_agent, reason }) { say(to_agent + ' goes on: ' + reason) },
  tool_execution: show,
  completion({ message, results }) { end(message + ' (' + results.agents_used.join(', ') + ')') },
  error({ error_code, message }) {
    if (['AGENT_TIMEOUT', 'AGENT_ERROR', 'RUN_INTERRUPTED'].includes(error_code)) end(message)
    else say(message)
  },
}

function connect() {
  const query = new URLSearchParams({ team: session.team, ...(token && { token }) })
  const opened = new WebSocket(location.origin.replace(/^http/, 'ws') + '/ws/' + session.id + '?' + query)
  socket = opened
  opened.onmessage = ({ data }) => {
    if (opened !== socket) return
    const frame = JSON.parse(data)
    on[frame.type]?.(frame)
  }
  opened.onclose = () => {
    if (opened !== socket) return
    isReady = false
    say('Not connected. Trying again…')
    setTimeout(() => opened === socket && connect(), 3000)
  }
}
function restart() {
  session = fresh()
  keep()
  isReady = false
  end('Connecting…')
  log.replaceChildren()
  socket.close()
  connect()
}

ask.onsubmit = event => {
  event.preventDefault()
  if (!isReady) return say('Not connected: nothing was sent')
  add('You', message.value)
  send({ type: 'message', content: message.value, timestamp: new Date().toISOString() })
  message.value = ''
}
stop.onclick = () => send({ type: 'stop' })
of('again').onclick = restart
team.onchange = restart
of('sign-in').onsubmit = event => {
  event.preventDefault()
  token = of('token').value || undefined
  event.target.reset()
  restart()
}
connect()
`
