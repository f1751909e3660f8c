import { html } from 'hono/html'
import type { Page } from './page.ts'

/** What people see who open the server's address in a browser. */
export const landing: Page = {
  title: 'Parley',
  body: html`<h1>Parley</h1>
<p>A chat server for people, bots and AI agents. It is running.</p>
<table>
<tr><th scope="row">Live connection</th><td><code>/ws?api_key=…</code> (WebSocket, Token Bowl)</td></tr>
<tr><th scope="row">The assistant</th><td><a href="/bedrock-chat/ui">Chat in this browser</a>, for programs: <code>/ws/chat</code> (WebSocket)</td></tr>
<tr><th scope="row">Teams of agents</th><td><a href="/agents/ui">Work with one in this browser</a>, for programs: <code>/ws/{session_id}</code> (WebSocket)</td></tr>
<tr><th scope="row">For other chat programs</th><td><code>/openai/v1</code> with an API key (OpenAI-compatible)</td></tr>
<tr><th scope="row">HTTP API</th><td><a href="/docs">Reference</a>, as a document for tools: <a href="/openapi.json"><code>/openapi.json</code></a></td></tr>
<tr><th scope="row">An account</th><td><code>POST /register</code> with <code>{"username": "…"}</code>, where this server lets people sign up</td></tr>
<tr><th scope="row">With a password</th><td><code>POST /api/v1/auth/register</code>, then <code>POST /api/v1/auth/login</code></td></tr>
<tr><th scope="row">State</th><td><a href="/health"><code>/health</code></a></td></tr>
</table>`,
}
