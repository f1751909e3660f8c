// The same chat with React: `useAgentSession` has the state, the components draw it.
import { type AgentMessage, type AgentSessionView, type AgentTool, useAgentSession } from '@parley/client/react'
import { type KeyboardEvent, memo, StrictMode, type SubmitEvent, useEffect, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'

function Chat() {
  const session = useAgentSession()
  return (
    <>
      <h1>A team of agents</h1>
      <Status {...session} />
      <Messages messages={session.messages} />
      <ul aria-label="Tools at work">
        {session.tools.map(tool => (
          <Tool key={tool.id} {...tool} />
        ))}
      </ul>
      <Question send={session.send} restart={session.restart} />
    </>
  )
}

function Status({ connection, agent, problem, reconnect }: AgentSessionView) {
  return (
    <p role="status">
      {connection.state === 'open' ? 'Connected' : 'Not connected'}
      {agent && ` · ${agent}`}
      {problem && ` · ${problem.message}`}
      {connection.state === 'failed' && (
        <button type="button" onClick={reconnect}>
          Try again
        </button>
      )}
    </p>
  )
}

function Messages({ messages }: Pick<AgentSessionView, 'messages'>) {
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' })
  }, [messages])
  return (
    <ol ref={list} role="log" aria-label="Conversation">
      {messages.map(message => (
        <Message key={message.id} message={message} />
      ))}
    </ol>
  )
}

/** While an answer is written, the others are the same objects, and are not drawn again. */
const Message = memo(({ message }: { readonly message: AgentMessage }) => (
  <li className={message.role} aria-busy={message.state === 'streaming'}>
    <p>{message.content}</p>
    {message.role === 'assistant' && <small>{message.error ?? message.agent}</small>}
    {message.state === 'waiting' && <small>waits for a connection</small>}
    {message.state === 'unconfirmed' && <small>the server did not get this</small>}
  </li>
))

const Tool = ({ name, message, progress, status }: AgentTool) => (
  <li>
    <progress aria-label={name} value={progress} /> {status === 'failed' && 'Failed: '}
    {message}
  </li>
)

function Question({ send, restart }: Pick<AgentSessionView, 'send' | 'restart'>) {
  const [text, setText] = useState('')
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (send(text)) setText('')
  }
  const typed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.currentTarget.form?.requestSubmit()
  }
  return (
    <form onSubmit={submit}>
      <label htmlFor="question">What shall the team do?</label>
      <textarea id="question" rows={3} value={text} onChange={event => setText(event.target.value)} onKeyDown={typed} />
      <button type="submit" disabled={text.trim() === ''}>
        Send
      </button>
      <button type="button" onClick={restart}>
        New conversation
      </button>
    </form>
  )
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Chat />
    </StrictMode>,
  )
}
