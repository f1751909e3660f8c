// A chat with a team of agents, without a framework: every question and every answer is one element, and a refresh loses nothing.
import { type AgentConnection, type AgentMessage, AgentSession, type AgentTool } from '@parley/client/agents'

/** An element of the page, which is there. */
const of = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T

const [status, list, tools, form] = [of('state'), of('messages'), of('tools'), of<HTMLFormElement>('form')]
const question = of<HTMLTextAreaElement>('question')
const session = new AgentSession()
const drawn = new Map<string, HTMLElement>()

const WORDS: Readonly<Record<AgentConnection['state'], string>> = {
  idle: 'Not connected',
  connecting: 'Connecting…',
  open: 'Connected',
  waiting: 'Not connected. Trying again…',
  failed: 'The server could not be reached. Reload the page to try again.',
}

function draw(): void {
  const { connection, agent, messages, problem, tools: running } = session.state
  say(status, [WORDS[connection.state], agent, problem?.message].filter(Boolean).join(' · '))
  for (const [id, element] of drawn) if (!messages.some(message => message.id === id)) forget(id, element)
  messages.forEach(drawMessage)
  tools.replaceChildren(...running.map(toolElement))
}

function forget(id: string, element: HTMLElement): void {
  drawn.delete(id)
  element.remove()
}

function drawMessage(message: AgentMessage, at: number): void {
  const element = drawn.get(message.id) ?? messageElement(message)
  drawn.set(message.id, element)
  if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null)
  const [text, about] = element.children as unknown as [HTMLElement, HTMLElement] // as made below
  say(text, message.content)
  say(about, aboutOf(message))
  // What is busy is read aloud once it is whole.
  element.setAttribute('aria-busy', String(message.state === 'streaming'))
  if (message.state === 'streaming') list.scrollTop = list.scrollHeight
}

function messageElement({ role }: AgentMessage): HTMLElement {
  const element = document.createElement('li')
  element.className = role
  element.append(document.createElement('p'), document.createElement('small'))
  return element
}

function aboutOf(message: AgentMessage): string {
  if (message.role === 'assistant') return message.error ?? message.agent ?? ''
  if (message.state === 'sent') return ''
  return message.state === 'waiting' ? 'waits for a connection' : 'the server did not get this'
}

function toolElement({ name, message, progress, status }: AgentTool): HTMLElement {
  const [element, bar] = [document.createElement('li'), document.createElement('progress')]
  bar.value = progress
  bar.setAttribute('aria-label', name)
  element.append(bar, ` ${status === 'failed' ? 'Failed: ' : ''}${message}`)
  return element
}

/** Text is only ever set as text, and only where it is another: the page is not read aloud anew. */
function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

form.addEventListener('submit', event => {
  event.preventDefault()
  if (session.send(question.value)) form.reset()
})
question.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  form.requestSubmit()
})
of('again').addEventListener('click', () => session.restart())
session.subscribe(draw)
