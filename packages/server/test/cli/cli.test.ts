import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ask, collect, type Ended, register, start, variables } from '../start/server.ts'
import { folder } from '../system/folder.ts'

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))

/** Runs the real command line to its end. */
async function parley(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder(), env: variables({}) })
  const [output, errors] = [collect(child.stdout), collect(child.stderr)]
  const [code] = await once(child, 'close')
  return { code, output: output(), errors: errors() }
}

describe('without a server', () => {
  test('[OPS-52] what can’t be done is said in words, without a stack trace', async () => {
    const data = folder()
    await parley('admin', 'anna', '--data', data)
    const nowhere = join(data, 'missing', 'copy.db')
    expect(await parley('backup', nowhere, '--data', data)).toMatchObject({
      code: 1,
      errors: `That did not work.\nThe backup can't be written to ${join(data, 'missing')}: ENOENT.\n`,
    })
    writeFileSync(join(data, 'parley.db'), 'x'.repeat(8192))
    expect(await parley('check', '--data', data)).toMatchObject({
      code: 1,
      errors: `That did not work.\n${join(data, 'parley.db')} is damaged: file is not a database. Restore a backup.\n`,
    })
    expect((await parley('help')).output).toContain('Usage: npm run parley')
  })

  test('[OPS-50] users are made, listed, changed and deleted', async () => {
    const data = folder()
    const made = await parley('admin', 'anna', '--data', data)
    expect(made).toMatchObject({ code: 0, errors: '' })
    expect(made.output).toMatch(/^name {2}anna\nrole {2}admin\nid {4}[0-9a-f-]{36}\nkey {3}[0-9a-f]{64}\n$/)
    const added = await parley(
      'user',
      'add',
      'bob',
      '--role',
      'viewer',
      '--email',
      'bob@x.example',
      '--data',
      data,
      '--json',
    )
    const bob = JSON.parse(added.output)
    expect(bob).toMatchObject({ name: 'bob', role: 'viewer', email: 'bob@x.example' })
    const promoted = JSON.parse((await parley('admin', bob.id, '--data', data, '--json')).output)
    expect(promoted).toEqual({ ...bob, role: 'admin', key: undefined })
    const { output } = await parley('user', 'list', '--data', data)
    expect(output.split('\n').map(line => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['NAME', 'ROLE', 'MAIL'],
      ['anna', 'admin', '-'],
      ['bob', 'admin', 'bob@x.example'],
      [''],
    ])
    expect(await parley('user', 'delete', 'bob', '--data', data)).toMatchObject({
      code: 0,
      output: 'bob is deleted.\n',
    })
    expect(await parley('user', 'key', 'bob', '--data', data)).toMatchObject({
      code: 1,
      errors: 'That did not work.\nUser bob not found\n',
    })
  })

  test('[OPS-50] a mistyped data directory is not made', async () => {
    const data = join(folder(), 'nothing')
    const { code, errors } = await parley('user', 'list', '--data', data)
    expect(code).toBe(1)
    expect(errors).toContain(`There are no data of Parley in ${data}.`)
    expect(existsSync(data)).toBe(false)
  })

  test('[OPS-53] a foreign secret is found', async () => {
    const data = folder()
    await parley('admin', 'anna', '--data', data)
    expect(await parley('check', '--data', data)).toMatchObject({
      code: 0,
      output: `The data in ${data} are in order.\n`,
    })
    writeFileSync(join(data, 'secret'), `${'0'.repeat(64)}\n`)
    const { code, errors } = await parley('check', '--data', data)
    expect(code).toBe(1)
    expect(errors).toContain('is not the secret that the data')
  })
})

describe('wrong use', () => {
  test.each([
    [['fly'], 'There is no command fly.'],
    [['user'], 'There is no command user.'],
    [['user', 'add'], 'It has to be: user add NAME [--role ROLE] [--email EMAIL]'],
    [['user', 'role', 'anna'], 'It has to be: user role NAME ROLE'],
    [['user', 'list', '--role', 'admin'], 'It has to be: user list'],
    [['user', 'add', 'anna', '--role', 'king'], 'king is no role. Roles are admin, member, viewer, bot.'],
    [['check', '--fast'], "Unknown option '--fast'"],
  ])('[OPS-52] %j', async (args, text) => {
    const { code, output, errors } = await parley(...args)
    expect({ code, output }).toEqual({ code: 2, output: '' })
    expect(errors).toContain(text)
    expect(errors).toContain('--help')
  })

  test('[OPS-52] --help names every command', async () => {
    const { code, output } = await parley('--help')
    expect(code).toBe(0)
    for (const command of [
      'user add',
      'user list',
      'user key',
      'user role',
      'user delete',
      'admin',
      'backup',
      'check',
    ]) {
      expect(output).toContain(`\n  ${command} `)
    }
  })
})

describe('beside a running server', () => {
  test('[OPS-50] a new key counts within seconds, and a socket with the old one is closed', async () => {
    const data = folder()
    const server = await start({ DATA_DIR: data })
    const key = await register(server.url, 'anna')
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws?api_key=${key}`)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    const { output } = await parley('user', 'key', 'anna', '--data', data, '--json')
    expect((await closed)[0]).toBe(1008)
    expect((await ask(`${server.url}/users/me`, key)).status).toBe(401)
    expect((await ask(`${server.url}/users/me`, JSON.parse(output).key)).status).toBe(200)
    await server.stop()
  })

  test('[OPS-50] a role given from the shell counts within seconds', async () => {
    const data = folder()
    const server = await start({ DATA_DIR: data })
    const key = await register(server.url, 'anna')
    expect((await ask(`${server.url}/admin/users`, key)).status).toBe(403)
    await parley('admin', 'anna', '--data', data)
    await expect.poll(async () => (await ask(`${server.url}/admin/users`, key)).status, { timeout: 5_000 }).toBe(200)
    await server.stop()
  })

  test('[OPS-51] a backup has everything acknowledged before it, is for its owner only, and a server starts from it', async () => {
    const [data, elsewhere] = [folder(), folder()]
    const server = await start({ DATA_DIR: data, SECRET_KEY: 'the same secret key for both servers' })
    const key = await register(server.url, 'anna')
    for (let n = 0; n < 20; n++) await ask(`${server.url}/messages`, key, { content: `message ${n}` })
    const file = join(elsewhere, 'parley.db')
    expect((await parley('backup', file, '--data', data)).code).toBe(0)
    await ask(`${server.url}/messages`, key, { content: 'too late' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(elsewhere)).toEqual(['parley.db'])
    expect(await parley('backup', file, '--data', data)).toMatchObject({
      code: 1,
      errors: `That did not work.\n${file} is there already. Name a new file.\n`,
    })
    await server.stop()

    const copy = new DatabaseSync(file)
    expect(copy.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    copy.close()
    const restored = await start({ DATA_DIR: elsewhere, SECRET_KEY: 'the same secret key for both servers' })
    const { body } = await ask(`${restored.url}/messages`, key)
    const { messages, pagination } = JSON.parse(body)
    expect(pagination.total).toBe(20)
    expect(messages[0].content).toBe('message 19')
    await restored.stop()
  })
})
