import type { Account, AckedMessage, Life } from '../history.ts'
import { keyOf } from '../history.ts'
import { type Actor, ask, type Member, type Stage, untilGone } from './actor.ts'
import { type Frame, isPushed, openWire, type Wire } from './wire.ts'

/** Changes and deletes messages of others that were acknowledged, one after the other. */
export function editor(member: Member, { history, random }: Stage): Actor {
  let count = 0

  async function edit(url: string, message: AckedMessage): Promise<void> {
    const text = `${keyOf(message.body)} edit ${++count}`
    message.unansweredEdits.push(text)
    const { status } = await ask(url, 'PATCH', `/admin/messages/${message.id}`, member.key, { content: text })
    if (status !== 200) return
    message.text = text
    message.unansweredEdits.length = 0
  }

  async function remove(wire: Wire, message: AckedMessage, answered: Promise<Frame | undefined>): Promise<void> {
    message.deletion = 'asked'
    wire.send({ type: 'delete_message', message_id: message.id })
    if ((await answered)?.type === 'message_deleted') message.deletion = 'acknowledged'
  }

  return {
    async enter(url) {
      const life: Life = { user: member.name, shown: [] }
      let answered = Promise.withResolvers<Frame | undefined>()
      let more = Promise.withResolvers<void>()
      const wire = await openWire(url, member.key, frame => {
        if (!isPushed(frame)) return answered.resolve(frame)
        life.shown.push(frame.id)
        more.resolve()
      })
      const over = wire.closed.then(code => {
        life.closed = code
        answered.resolve(undefined)
        more.resolve()
      })
      const turn = async () => {
        await more.promise
        if (life.closed !== undefined) return 'enough'
        more = Promise.withResolvers()
        const message = history.messages.get(random.pick(life.shown))
        if (message?.deletion !== 'none') return 'more'
        if (random.chance(0.5)) await edit(url, message)
        else {
          answered = Promise.withResolvers()
          await remove(wire, message, answered.promise)
        }
        return 'more'
      }
      return {
        life,
        async work() {
          await untilGone(turn)
          await over
        },
      }
    },
  }
}

/** Accounts made in one life of the server. */
const ACCOUNTS = 8

/** Makes accounts and gives some of them a new key. */
export function registrar(name: string, { history, random }: Stage): Actor {
  let count = 0

  async function register(url: string): Promise<Account | undefined> {
    const username = `${name}.${++count}`
    const answer = await ask(url, 'POST', '/register', undefined, { username })
    if (answer.status !== 201) return undefined
    const { id, api_key } = answer.body as { id: string; api_key: string } // the contract of POST /register
    const account = { id, key: api_key, dead: [] }
    history.accounts.set(username, account)
    return account
  }

  async function replaceKey(url: string, account: Account, key: string): Promise<void> {
    account.key = null
    const answer = await ask(url, 'POST', '/users/me/regenerate-api-key', key)
    account.key = (answer.body as { api_key: string }).api_key // the contract of this endpoint
    account.dead.push(key)
  }

  return {
    async enter(url) {
      let left = ACCOUNTS
      return {
        work: () =>
          untilGone(async () => {
            const account = await register(url)
            if (account?.key && random.chance(0.5)) await replaceKey(url, account, account.key)
            return --left > 0 ? 'more' : 'enough'
          }),
      }
    },
  }
}
