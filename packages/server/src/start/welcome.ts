import { styleText } from 'node:util'
import type { Settings } from '../config.ts'

export interface Started {
  readonly version: string
  /** Where this machine reaches the server. */
  readonly url: string
  readonly directory: string
  readonly settings: Settings
  /** Who answers as the assistant. */
  readonly assistant: string
  /** Token of the one-time link; null when there is an admin. */
  readonly adminToken: string | null
}

/** What a person at the terminal wants to know of a server that just started. */
export function welcome({ version, url, directory, settings, assistant, adminToken }: Started): string {
  const row = (name: string, text: string) => `  ${styleText('dim', name.padEnd(10))} ${text}`
  const home = settings.PUBLIC_URL ?? url
  const lines = [
    `${styleText('bold', `Parley ${version}`)} is ready.`,
    '',
    row('listens', `${styleText('cyan', url)}, for bots ${url.replace(/^http/, 'ws')}/ws${reach(settings.HOST)}`),
    ...(settings.PUBLIC_URL ? [row('public', styleText('cyan', settings.PUBLIC_URL))] : []),
    row('data', directory),
    row('sign-up', registration(settings)),
    row('assistant', assistant),
    ...openings(settings).map(text => row('open', styleText('yellow', text))),
    row('docs', `${home}/docs`),
    row('health', `${home}/health`),
  ]
  return `\n${[...lines, ...admin(home, adminToken)].join('\n')}\n\n`
}

const reach = (host: string): string =>
  host === '0.0.0.0' || host === '::' ? `, and on every other address of this machine (HOST=${host})` : ''

/** What these settings open to more than they should in daily use. */
export function openings(settings: Settings): readonly string[] {
  return [
    ...(settings.TOKEN_BOWL_SELF_ASSIGNED_ROLES
      ? ['whoever registers can make themselves admin (TOKEN_BOWL_SELF_ASSIGNED_ROLES=true)']
      : []),
    ...(settings.METRICS_PUBLIC ? ['everybody may read /metrics (METRICS_PUBLIC=true)'] : []),
    ...(settings.VIRUS_SCAN_ENABLED || isLocal(settings)
      ? []
      : ['files that people send are not looked at for viruses (VIRUS_SCAN_ENABLED=false)']),
  ]
}

/** Whether only this machine reaches the server. */
const isLocal = ({ HOST: host, PUBLIC_URL: url, TRUST_PROXY: proxies }: Settings): boolean =>
  /^(localhost|127\..*|::1)$/i.test(host) && !url && proxies.length === 0

/** Who may make an account without having one: what REGISTRATION comes down to. */
export function registration({ REGISTRATION: open, PUBLIC_URL: url, TRUST_PROXY: proxies }: Settings): string {
  switch (open) {
    case 'on':
      return 'open to everybody who reaches this server (REGISTRATION=on)'
    case 'off':
      return 'closed (REGISTRATION=off)'
    case 'local':
      return url || proxies.length > 0
        ? 'closed: REGISTRATION=local means nobody where PUBLIC_URL or TRUST_PROXY is set'
        : 'open to this machine only (REGISTRATION=local)'
    default:
      return open satisfies never
  }
}

const admin = (home: string, token: string | null): readonly string[] =>
  token === null
    ? []
    : [
        '',
        'There is no admin yet. This link makes you one; it works once, within an hour:',
        styleText('cyan', `${home}/setup?token=${token}`),
      ]
