import type { Lookup } from '../../src/outbound/dialer.ts'

/** An address on loopback that the operator allows: what stands behind it is a stranger's. */
export const STRANGER = '127.0.0.3'

/** A way to write an address that must not be reached. `PORT` is where the canary sits. */
export interface Form {
  readonly kind: string
  readonly url: string
  /** Whether it is only known when the name is looked up, so that it may be stored. */
  readonly isName: boolean
}

const of =
  (kind: string, isName = false) =>
  (url: string): Form => ({ kind, url, isName })

/** Hosts, each asked for over HTTP. */
const hosts = (kind: string, names: readonly string[]) => names.map(name => of(kind)(`http://${name}:PORT/`))

const named = (kind: string, names: readonly string[]) => names.map(name => of(kind, true)(`http://${name}:PORT/`))

export const FORMS: readonly Form[] = [
  ...hosts('loopback', ['127.0.0.1', '127.0.0.2', '127.255.255.254', '127.0.0.1.']),
  ...hosts('short', ['127.1', '127.0.1', '127.1.', '0', '10.1', '169.254.43518']),
  ...hosts('decimal', ['2130706433', '167772161', '2852039166', '3232235777', '4294967295']),
  ...hosts('octal', ['0177.0.0.1', '017700000001', '0251.0376.0251.0376', '012.0.0.1', '0300.0250.0.1']),
  ...hosts('hex', ['0x7f000001', '0x7f.1', '0x7F.0x0.0x0.0x1', '0xa9fea9fe', '0x0', '0xA.0.0.1']),
  ...hosts('this network', ['0.0.0.0', '0.1.2.3']),
  ...hosts('private', ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.1.1']),
  ...hosts('link-local', ['169.254.0.1', '169.254.169.254', '169.254.170.2', '169.254.169.254.']),
  ...hosts('carrier-grade NAT', ['100.64.0.1', '100.127.255.255']),
  ...hosts('metadata', ['100.100.100.200', '168.63.129.16', '192.0.0.192', '[fd00:ec2::254]']),
  ...hosts('not given out', ['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '240.0.0.1']),
  ...hosts('multicast', ['224.0.0.1', '239.255.255.255', '[ff02::1]']),
  ...hosts('broadcast', ['255.255.255.255']),
  ...hosts('IPv6 loopback', ['[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::]', '[::0.0.0.1]']),
  ...hosts('IPv6 local', ['[fc00::1]', '[fdff::1]', '[fe80::1]', '[febf::1]', '[fec0::1]']),
  ...hosts('mapped', [
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:10.0.0.1]',
    '[::ffff:169.254.169.254]',
  ]),
  ...hosts('compatible', ['[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]']),
  ...hosts('NAT64', ['[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b::a9fe:a9fe]', '[64:ff9b:1::10.0.0.1]']),
  ...hosts('6to4', ['[2002:7f00:1::]', '[2002:a00:1::1]']),
  ...hosts('Teredo', ['[2001:0:7f00:1::]', '[2001::1]']),
  ...hosts('IPv6 not given out', ['[2001:db8::1]', '[100::1]', '[3fff::1]', '[5f00::1]', '[4000::1]']),
  ...hosts('zone', ['[fe80::1%25eth0]', '[::1%25lo]', '[fe80::1%lo]', '[::1%251]']),
  ...hosts('unicode', [
    '①②⑦.⓪.⓪.①',
    '１２７.0.0.1',
    '127。0。0。1',
    '127．0．0．1',
    '127｡0｡0｡1',
    '⑩.0.0.1',
    '۱۲۷.0.0.1',
  ]),
  ...hosts('percent', [
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
    '%6cocalhost',
    '127.0.0.1%00.example.com',
    '127.0.0.1%23.example.com',
  ]),
  ...hosts('localhost', [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'a.b.LocalHost.',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'ｌocalhost',
  ]),
  ...named('name', [
    'loopback.test',
    'LOOPBACK.test.',
    'private.test',
    'metadata.test',
    'six.test',
    'mapped.test',
    'any.test',
  ]),
  ...named('name that says so', ['127.0.0.1.nip.test', 'ip6-localhost', 'metadata.google.internal', 'ⓛoopback.test']),
  ...named('mixed answers', ['first.test', 'last.test', 'between.test']),
  ...named('changing name', ['rebinding.test']),
  ...[
    'http://127.0.0.3@127.0.0.1:PORT/',
    'http://127.0.0.1:PORT@127.0.0.3/',
    'http://user:password@127.0.0.1:PORT/',
    'http://127.0.0.3%40127.0.0.1:PORT/',
    'http://127.0.0.3:80%40127.0.0.1:PORT/',
    'http://@127.0.0.1:PORT/',
    'http://127.0.0.1:PORT#@127.0.0.3/',
    'http://127.0.0.1:PORT?@127.0.0.3/',
    'http://127.0.0.1:PORT/@127.0.0.3/',
  ].map(of('userinfo')),
  ...[
    'http:\\\\127.0.0.1:PORT\\',
    'http:/\\127.0.0.1:PORT/',
    'http://127.0.0.1:PORT\\@127.0.0.3/',
    'http:127.0.0.1:PORT',
    'http:///127.0.0.1:PORT/',
    'http:////////127.0.0.1:PORT/',
  ].map(of('slashes')),
  ...['ht\ntp://127.0.0.1:PORT/', ' http://127.0.0.1:PORT/ ', 'http://127.0.\t0.1:PORT/', 'HTTP://127.0.0.1:PORT/'].map(
    of('blanks'),
  ),
  ...[
    'file:///etc/passwd',
    'file://127.0.0.1:PORT/etc/passwd',
    'gopher://127.0.0.1:PORT/_GET%20/',
    'ftp://127.0.0.1:PORT/',
    'dict://127.0.0.1:PORT/x',
    'ldap://127.0.0.1:PORT/',
    'ws://127.0.0.1:PORT/',
    'data:application/json,{}',
    'javascript:fetch("http://127.0.0.1:PORT/")',
    'blob:http://127.0.0.1:PORT/1',
    'view-source:http://127.0.0.1:PORT/',
    'unix:/var/run/docker.sock',
    'http+unix://%2Fvar%2Frun%2Fdocker.sock/info',
    'about:blank',
    '//127.0.0.1:PORT/',
    '127.0.0.1:PORT',
    '',
  ].map(of('protocol')),
  ...['http://127.0.0.1:0/', 'http://127.0.0.3:0/', 'http://127.0.0.1:65536/', 'http://127.0.0.1:PORT0000/'].map(
    of('port'),
  ),
]

/** What names lead to: one list of addresses per question, the last for all that follow. */
const NAMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'loopback.test': [['127.0.0.1']],
  'private.test': [['10.0.0.1']],
  'metadata.test': [['169.254.169.254']],
  'metadata.google.internal': [['169.254.169.254']],
  'six.test': [['::1']],
  'mapped.test': [['::ffff:127.0.0.1']],
  'any.test': [['0.0.0.0']],
  '127.0.0.1.nip.test': [['127.0.0.1']],
  'ip6-localhost': [['::1', '127.0.0.1']],
  'first.test': [['127.0.0.1', STRANGER]],
  'last.test': [[STRANGER, '127.0.0.1']],
  'between.test': [[STRANGER, '::1', STRANGER]],
  // Its first answer is for whoever looks it up to judge it, and again to call it.
  'rebinding.test': [[STRANGER], ['127.0.0.1']],
}

/** A resolver of these names alone. Every test has its own, so that each sees a name change. */
export function namesOfForms(): Lookup {
  const asked = new Map<string, number>()
  return (name, _, done) => {
    const answers = NAMES[name.toLowerCase().replace(/\.$/, '')]
    const times = asked.get(name) ?? 0
    asked.set(name, times + 1)
    const addresses = answers?.[Math.min(times, answers.length - 1)]
    if (!addresses) return done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])
    done(
      null,
      addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
}
