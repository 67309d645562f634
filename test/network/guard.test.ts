import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { createGuard, type Guard, GuardError, type GuardOptions } from '../../src/network/guard.js'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

function guard(options: Partial<GuardOptions> = {}): Guard {
  const made = createGuard({
    allow: [],
    allowPrivate: false,
    connectTimeoutMs: 2000,
    lookup: (name) => Promise.reject(new Error(`${name} was looked up`)),
    ...options,
  })
  cleanups.push(() => made.close())
  return made
}

/** What `check` says about a URL; undefined when it lets it pass. */
function refusal(url: string, options: Partial<GuardOptions> = {}): string | undefined {
  try {
    guard(options).check(new URL(url))
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(GuardError)
    return (error as Error).message
  }
}

/** A server on loopback that counts the requests it gets. */
async function listen(host = '127.0.0.1', headers: Record<string, string> = {}, status = 200) {
  const seen: string[] = []
  const server: Server = createServer((incoming, answer) => {
    seen.push(`${incoming.method} ${incoming.headers.host} ${incoming.url}`)
    answer.writeHead(status, headers).end('hello')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  cleanups.push(() => new Promise((resolve) => server.close(resolve)))
  cleanups.push(async () => server.closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { port, seen }
}

async function get(made: Guard, url: string): Promise<string> {
  const { statusCode, body } = await request(url, { dispatcher: made.dispatcher })
  return `${statusCode} ${await body.text()}`
}

const refused: [url: string, words: string][] = [
  ['http://127.0.0.1/', '127.0.0.1 is a loopback address'],
  ['http://127.255.255.254/', 'loopback'],
  ['http://127.0.0.1./', '127.0.0.1 is a loopback address'],
  ['http://127.1/', '127.0.0.1 is a loopback address'],
  ['http://127.0.1/', '127.0.0.1 is a loopback address'],
  ['http://2130706433/', '127.0.0.1 is a loopback address'],
  ['http://0x7f000001/', '127.0.0.1 is a loopback address'],
  ['http://0x7F.0.0.1/', '127.0.0.1 is a loopback address'],
  ['http://0177.0.0.1/', '127.0.0.1 is a loopback address'],
  ['http://017700000001/', '127.0.0.1 is a loopback address'],
  ['http://0x7f.1/', '127.0.0.1 is a loopback address'],
  ['http://%31%32%37.0.0.1/', '127.0.0.1 is a loopback address'],
  ['http://１２７.０.０.１/', '127.0.0.1 is a loopback address'],
  ['http://①②⑦.0.0.1/', '127.0.0.1 is a loopback address'],
  ['http://127。0。0。1/', '127.0.0.1 is a loopback address'],
  ['http://user:pw@127.0.0.1:80/', 'loopback'],
  ['https://127.0.0.1/', 'loopback'],
  ['ws://127.0.0.1/', 'loopback'],
  ['amqp://127.0.0.1/', 'loopback'],
  ['amqp://127.1/', '127.0.0.1 is a loopback address'],
  ['amqp://0x7f.1/', '127.0.0.1 is a loopback address'],
  ['amqp://0177.0.0.1/', '127.0.0.1 is a loopback address'],
  ['amqp://2130706433/', '127.0.0.1 is a loopback address'],
  ['amqp://127.0.0.1./', '127.0.0.1 is a loopback address'],
  ['amqp://%31%32%37.0.0.1/', '127.0.0.1 is a loopback address'],
  ['amqp://１２７.0.0.1/', '127.0.0.1 is a loopback address'],
  ['amqp://LOCALHOST/', 'localhost resolves to 127.0.0.1, which is a loopback address'],
  ['amqp://1.2.3.4.5/', 'no host that can be dialled'],
  ['amqp://0x7f.0x100.1/', 'no host that can be dialled'],
  ['amqp:///path', 'no host that can be dialled'],
  ['amqp://[::1]/', '::1 is a loopback address'],
  ['http://localhost/', 'localhost resolves to 127.0.0.1'],
  ['http://LocalHost./', 'localhost resolves to 127.0.0.1'],
  ['http://api.localhost/', 'api.localhost resolves to 127.0.0.1'],
  ['http://localhost../', 'localhost resolves to 127.0.0.1'],
  ['http://10.0.0.1/', '10.0.0.1 is a private address'],
  ['http://10.255.255.255/', 'private'],
  ['http://172.16.0.1/', 'private'],
  ['http://172.31.255.255/', 'private'],
  ['http://192.168.0.1/', 'private'],
  ['http://0xa.1/', '10.0.0.1 is a private address'],
  ['http://169.254.1.1/', 'link-local'],
  ['http://169.254.169.254/latest/meta-data/', 'a cloud metadata address'],
  ['http://2852039166/', '169.254.169.254 is a cloud metadata address'],
  ['http://169.254.170.2/', 'metadata'],
  ['http://100.100.100.200/', 'metadata'],
  ['http://168.63.129.16/', 'metadata'],
  ['http://100.64.0.1/', 'carrier NAT'],
  ['http://100.127.255.255/', 'carrier NAT'],
  ['http://0.0.0.0/', 'unspecified'],
  ['http://0/', '0.0.0.0 is an unspecified address'],
  ['http://0.1.2.3/', 'unspecified'],
  ['http://198.18.0.1/', 'benchmarking'],
  ['http://198.19.255.255/', 'benchmarking'],
  ['http://192.0.2.1/', 'documentation'],
  ['http://198.51.100.1/', 'documentation'],
  ['http://203.0.113.1/', 'documentation'],
  ['http://192.0.0.1/', 'reserved'],
  ['http://192.88.99.1/', 'reserved'],
  ['http://224.0.0.1/', 'multicast'],
  ['http://239.255.255.255/', 'multicast'],
  ['http://240.0.0.1/', 'reserved'],
  ['http://255.255.255.255/', 'the broadcast address'],
  ['http://[::1]/', '::1 is a loopback address'],
  ['http://[0:0:0:0:0:0:0:1]/', '::1 is a loopback address'],
  ['http://[::]/', 'unspecified'],
  ['http://[fc00::1]/', 'private'],
  ['http://[fdff:ffff::1]/', 'private'],
  ['http://[fd00:ec2::254]/', 'metadata'],
  ['http://[fe80::1]/', 'link-local'],
  ['http://[febf::1]/', 'link-local'],
  ['http://[fec0::1]/', 'private'],
  ['http://[ff02::1]/', 'multicast'],
  ['http://[::ffff:127.0.0.1]/', '127.0.0.1 is a loopback address'],
  ['http://[::ffff:7f00:1]/', '127.0.0.1 is a loopback address'],
  ['http://[::FFFF:a9fe:a9fe]/', '169.254.169.254 is a cloud metadata address'],
  ['http://[0:0:0:0:0:ffff:10.0.0.1]/', '10.0.0.1 is a private address'],
  ['http://[::127.0.0.1]/', 'a wrapping of 127.0.0.1, a loopback address'],
  ['http://[::8.8.8.8]/', 'reserved'],
  ['http://[::ffff:0:127.0.0.1]/', 'a wrapping of 127.0.0.1'],
  ['http://[64:ff9b::10.0.0.1]/', 'a wrapping of 10.0.0.1, a private address'],
  ['http://[64:ff9b::a9fe:a9fe]/', 'a wrapping of 169.254.169.254'],
  ['http://[64:ff9b:1::808:808]/', 'private'],
  ['http://[2002:7f00:1::]/', 'a wrapping of 127.0.0.1'],
  ['http://[2002:c0a8:101::1]/', 'a wrapping of 192.168.1.1'],
  ['http://[2001:0:808:808:0:0:f5ff:fffe]/', 'a wrapping of 10.0.0.1'],
  ['http://[2001:0:a00:1::f7f7:f7f7]/', 'a wrapping of 10.0.0.1'],
  ['http://[2a00:1450::5efe:10.0.0.1]/', 'a wrapping of 10.0.0.1'],
  ['http://[2a00:1450::200:5efe:10.0.0.1]/', 'a wrapping of 10.0.0.1'],
  ['http://[2001:2::1]/', 'benchmarking'],
  ['http://[2001:db8::1]/', 'documentation'],
  ['http://[3fff::1]/', 'documentation'],
  ['http://[2001:10::1]/', 'reserved'],
  ['http://[100::1]/', 'reserved'],
  ['http://[4000::1]/', 'reserved'],
]

const passing = [
  'http://8.8.8.8/',
  'http://1.1.1.1:8080/',
  'http://100.63.255.255/',
  'http://100.128.0.1/',
  'http://172.15.255.255/',
  'http://172.32.0.1/',
  'http://192.0.1.1/',
  'http://198.17.255.255/',
  'http://198.20.0.1/',
  'http://223.255.255.255/',
  'http://[2606:4700:4700::1111]/',
  'http://[::ffff:8.8.8.8]/',
  'http://[64:ff9b::8.8.8.8]/',
  'http://[2002:808:808::1]/',
  'http://example.com/',
  'http://localhost.example.com/',
  'http://notlocalhost/',
  'http://10.0.0.1.example.com/',
  'amqp://broker.example.com/',
]

describe('check', () => {
  for (const [url, words] of refused) it(`refuses ${url}`, () => expect(refusal(url)).toContain(words))
  for (const url of passing) it(`lets ${url} pass`, () => expect(refusal(url)).toBeUndefined())

  it('refuses every IPv4 address of a private range in every spelling, and in every wrapping', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(fc.constantFrom(10, 127, 0, 224, 240), octet, octet, octet, (a, b, c, d) => {
        const number = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
        const hex = number.toString(16).padStart(8, '0')
        const [high, low] = [hex.slice(0, 4), hex.slice(4)]
        const octal = (part: number) => `0${part.toString(8)}`
        const hosts = [
          `${a}.${b}.${c}.${d}`,
          `${a}.${b}.${(c << 8) | d}`,
          `${a}.${(b << 16) | (c << 8) | d}`,
          `${number}`,
          `0x${hex}`,
          `0${number.toString(8)}`,
          `${octal(a)}.${octal(b)}.${octal(c)}.${octal(d)}`,
          `[::ffff:${high}:${low}]`,
          `[64:ff9b::${high}:${low}]`,
          `[2002:${high}:${low}::1]`,
        ]
        return hosts.every(
          (host) => refusal(`http://${host}/`) !== undefined && refusal(`amqp://${host}/`) !== undefined,
        )
      }),
      { numRuns: 200 },
    )
  })
})

describe('a refusal', () => {
  const cases: [url: string, line: string][] = [
    ['http://10.1.2.3:8080/', 'network.allow: ["10.1.2.3:8080"]'],
    ['https://10.1.2.3/', 'network.allow: ["10.1.2.3:443"]'],
    ['http://[fd00::0:1]/', 'network.allow: ["[fd00::1]:80"]'],
    ['http://localhost:9000/', 'network.allow: ["localhost:9000"]'],
    ['other://[fd00::1]/', 'network.allow: ["fd00::1"]'],
    ['http://[::ffff:10.1.2.3]/', 'network.allow: ["10.1.2.3:80"]'],
  ]
  for (const [url, line] of cases) {
    it(`of ${url} prints ${line}, and with that line the URL passes`, () => {
      expect(refusal(url)).toContain(line)
      const [, entry = ''] = /\["(.*)"\]/.exec(line) ?? []
      expect(refusal(url, { allow: [entry] })).toBeUndefined()
    })
  }
})

describe('network.allow', () => {
  const cases: [entry: string, passes: string[], fails: string[]][] = [
    [
      '10.0.0.0/8',
      ['http://10.1.2.3/', 'http://[::ffff:10.1.2.3]/', 'https://10.0.0.1:9/'],
      ['http://192.168.1.1/', 'http://[64:ff9b::10.0.0.1]/'],
    ],
    ['10.1.2.3/30', ['http://10.1.2.0/', 'http://10.1.2.3/'], ['http://10.1.2.4/']],
    ['10.1.2.3', ['http://10.1.2.3/', 'http://10.1.2.3:99/'], ['http://10.1.2.4/']],
    ['10.1.2.3:8080', ['http://10.1.2.3:8080/'], ['http://10.1.2.3/', 'http://10.1.2.3:8081/']],
    ['10.0.0.0/8:8080', ['http://10.1.2.3:8080/'], ['http://10.1.2.3/']],
    ['10.1.2.3:443', ['https://10.1.2.3/'], ['http://10.1.2.3/']],
    ['fd00::/8', ['http://[fd12::1]/'], ['http://[fc00::1]/', 'http://10.0.0.1/']],
    ['[fd00::/8]:8080', ['http://[fd12::1]:8080/'], ['http://[fd12::1]/']],
    ['[fd00::]/8:8080', ['http://[fd12::1]:8080/'], ['http://[fd12::1]/']],
    ['[::1]:9000', ['http://[::1]:9000/'], ['http://[::1]/', 'http://127.0.0.1:9000/']],
    ['::1', ['http://[::1]:9000/'], ['http://127.0.0.1/']],
    ['::ffff:10.0.0.0/104', ['http://10.1.2.3/'], ['http://127.0.0.1/']],
    [
      'localhost',
      ['http://localhost/', 'http://127.0.0.1/', 'http://[::1]/', 'http://api.localhost/'],
      ['http://127.0.0.2/'],
    ],
    ['LOCALHOST:9000', ['http://localhost:9000/', 'http://127.0.0.1:9000/'], ['http://localhost/']],
    ['127.0.0.1:9000', ['http://localhost:9000/', 'http://127.1:9000/'], ['http://localhost:9001/']],
    ['64:ff9b::/96', ['http://[64:ff9b::10.0.0.1]/'], ['http://10.0.0.1/']],
    ['224.0.0.0/4', ['http://224.0.0.1/'], ['http://240.0.0.1/']],
    ['db.internal', [], ['http://10.0.0.1/']],
  ]
  for (const [entry, passes, fails] of cases) {
    it(`${entry} opens ${passes.join(' and ') || 'no literal'}, and nothing else`, () => {
      for (const url of passes) expect([url, refusal(url, { allow: [entry] })]).toEqual([url, undefined])
      for (const url of fails) expect(refusal(url, { allow: [entry] })).toBeDefined()
    })
  }

  const broken = [
    '',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0',
    '127.1',
    '0x7f.0.0.1',
    '10.0.0.1:0',
    '10.0.0.1:70000',
    '*',
    'a b',
    'http://a',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    'a..b',
    '-a',
  ]
  for (const entry of broken) {
    it(`${JSON.stringify(entry)} is refused with the forms there are`, () => {
      expect(() => guard({ allow: [entry] })).toThrow(/^network\.allow: .* is .*; write an address/)
    })
  }
})

describe('ALLOW_PROXY_TO_PRIVATE_IPS', () => {
  it('opens what is local, and not what is nobody’s address', () => {
    for (const url of [
      'http://127.0.0.1/',
      'http://10.0.0.1/',
      'http://169.254.169.254/',
      'http://[fd00::1]/',
      'http://localhost/',
    ]) {
      expect(refusal(url, { allowPrivate: true })).toBeUndefined()
    }
    for (const url of ['http://224.0.0.1/', 'http://255.255.255.255/', 'http://240.0.0.1/', 'http://[ff02::1]/']) {
      expect(refusal(url, { allowPrivate: true })).toBeDefined()
    }
  })
})

describe('the own ports', () => {
  const forbiddenPorts = () => ({ control: 5790, resolver: 5770 })
  const localAddresses = () => ['192.168.7.7', '8.8.4.4', 'fe80::7%eth0']

  it('the control port is never dialled, whatever settings say', () => {
    const everything = {
      allowPrivate: true,
      allow: ['0.0.0.0/0', '::/0', 'localhost:5790', '127.0.0.1:5790'],
      forbiddenPorts,
      localAddresses,
    }
    for (const host of [
      '127.0.0.1',
      '127.9.9.9',
      'localhost',
      '[::1]',
      '0.0.0.0',
      '[::]',
      '[::ffff:127.0.0.1]',
      '192.168.7.7',
      '8.8.4.4',
      '[fe80::7]',
    ]) {
      expect(refusal(`http://${host}:5790/`, everything)).toMatch(/control port, which no setting opens/)
    }
    expect(refusal('http://8.8.8.8:5790/', everything)).toBeUndefined()
    expect(refusal('http://127.0.0.1:5791/', everything)).toBeUndefined()
  })

  it('the resolver’s port on loopback is dialled only when an entry names it', () => {
    const port = { forbiddenPorts, localAddresses }
    expect(refusal('http://127.0.0.1:5770/', { ...port, allowPrivate: true })).toContain(
      'network.allow: ["127.0.0.1:5770"]',
    )
    expect(refusal('http://127.0.0.1:5770/', { ...port, allow: ['127.0.0.1', '0.0.0.0/0'] })).toMatch(/resolver port/)
    expect(refusal('http://127.0.0.1:5770/', { ...port, allow: ['127.0.0.1:5770'] })).toBeUndefined()
    expect(refusal('http://localhost:5770/', { ...port, allow: ['localhost:5770'] })).toBeUndefined()
    expect(refusal('http://192.168.7.7:5770/', { ...port, allow: ['192.168.0.0/16'] })).toBeUndefined()
  })

  it('ports are asked for at each dial', () => {
    let control: number | undefined
    const made = guard({ allow: ['127.0.0.1'], forbiddenPorts: () => ({ control }) })
    const check = () => made.check(new URL('http://127.0.0.1:4000/'))
    expect(check).not.toThrow()
    control = 4000
    expect(check).toThrow(GuardError)
  })
})

describe('dialling', () => {
  it('reaches a server on loopback only when it is allowed, and refuses without a look-up or a connection', async () => {
    const { port, seen } = await listen()
    await expect(get(guard(), `http://127.0.0.1:${port}/`)).rejects.toThrow(GuardError)
    await expect(get(guard(), `http://localhost:${port}/`)).rejects.toThrow(GuardError)
    await expect(get(guard(), `http://2130706433:${port}/`)).rejects.toThrow(GuardError)
    await expect(get(guard({ allow: [`127.0.0.1:${port + 1}`] }), `http://127.0.0.1:${port}/`)).rejects.toThrow(
      GuardError,
    )
    expect(seen).toEqual([])
    expect(await get(guard({ allow: [`127.0.0.1:${port}`] }), `http://127.0.0.1:${port}/a`)).toBe('200 hello')
    expect(await get(guard({ allow: [`127.0.0.1:${port}`] }), `http://localhost:${port}/b`)).toBe('200 hello')
    expect(await get(guard({ allowPrivate: true }), `http://127.1:${port}/c`)).toBe('200 hello')
    expect(seen).toEqual([`GET 127.0.0.1:${port} /a`, `GET localhost:${port} /b`, `GET 127.0.0.1:${port} /c`])
  })

  it('reaches IPv6 loopback only when it is allowed', async () => {
    const { port } = await listen('::1')
    await expect(get(guard(), `http://[::1]:${port}/`)).rejects.toThrow(/::1 is a loopback address/)
    expect(await get(guard({ allow: ['::1'] }), `http://[::1]:${port}/`)).toBe('200 hello')
    expect(await get(guard({ allow: ['localhost'] }), `http://localhost:${port}/`)).toBe('200 hello')
  })

  it('judges each address that a name resolves to', async () => {
    const answers: Record<string, string[]> = {
      'inner.test': ['10.1.2.3'],
      'mixed.test': ['8.8.8.8', '10.1.2.3'],
      'six.test': ['::ffff:169.254.169.254'],
      'zone.test': ['fe80::1%eth0'],
      'odd.test': ['not an address'],
    }
    const made = guard({ lookup: async (name) => (answers[name] ?? []).map((address) => ({ address })) })
    await expect(get(made, 'http://inner.test:8080/')).rejects.toThrow(
      'inner.test resolves to 10.1.2.3, which is a private address and may not be dialled; to allow it, add to settings: network.allow: ["inner.test:8080"]',
    )
    await expect(get(made, 'https://inner.test/')).rejects.toThrow(GuardError)
    await expect(get(made, 'http://mixed.test/')).rejects.toThrow(/mixed.test resolves to 10.1.2.3/)
    await expect(get(made, 'http://six.test/')).rejects.toThrow(
      /resolves to 169.254.169.254, which is a cloud metadata/,
    )
    await expect(get(made, 'http://zone.test/')).rejects.toThrow(/link-local/)
    await expect(get(made, 'http://odd.test/')).rejects.toThrow(/which is no address/)
    await expect(get(made, 'http://none.test/')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it('a host in network.allow may resolve to a private address, on its port alone', async () => {
    const { port, seen } = await listen()
    const lookup = async () => [{ address: '127.0.0.1' }]
    expect(await get(guard({ lookup, allow: ['inner.test'] }), `http://INNER.test:${port}/`)).toBe('200 hello')
    expect(await get(guard({ lookup, allow: ['*.test'] }), `http://inner.test.:${port}/`)).toBe('200 hello')
    expect(await get(guard({ lookup, allow: ['127.0.0.0/8'] }), `http://inner.test:${port}/`)).toBe('200 hello')
    for (const entry of [`inner.test:${port + 1}`, 'other.test', 'test', '*.inner.test']) {
      await expect(get(guard({ lookup, allow: [entry] }), `http://inner.test:${port}/`)).rejects.toThrow(GuardError)
    }
    expect(seen).toHaveLength(3)
  })

  it('a name that resolves to the control port is refused although it is allowed', async () => {
    const { port, seen } = await listen()
    const lookup = async () => [{ address: '127.0.0.1' }]
    const made = guard({ lookup, allow: ['inner.test'], forbiddenPorts: () => ({ control: port }) })
    await expect(get(made, `http://inner.test:${port}/`)).rejects.toThrow(/control port/)
    expect(seen).toEqual([])
  })

  it('dials the address that was judged, whatever the name resolves to the second time', async () => {
    const { port, seen } = await listen()
    let asked = 0
    // An allowed answer first, another ever after: what a rebinding name server does.
    const lookup = async () => {
      asked += 1
      return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1' }]
    }
    const made = guard({ lookup, allow: ['127.0.0.1'] })
    expect(await get(made, `http://rebind.test:${port}/`)).toBe('200 hello')
    expect([asked, seen.length]).toEqual([1, 1])
  })

  it('a name that turns to loopback between check and dial is refused', async () => {
    const { port, seen } = await listen()
    const addresses = ['8.8.8.8', '127.0.0.1']
    const lookup = async () => [{ address: addresses.shift() ?? '127.0.0.1' }]
    const made = guard({ lookup })
    made.check(new URL(`http://rebind.test:${port}/`))
    await lookup()
    await expect(get(made, `http://rebind.test:${port}/`)).rejects.toThrow(/rebind.test resolves to 127.0.0.1/)
    expect(seen).toEqual([])
  })

  it('goes on after a refusal, and looks up again for each connection', async () => {
    const { port } = await listen('127.0.0.1', { connection: 'close' })
    const addresses = ['10.0.0.1', '127.0.0.1', '10.0.0.2']
    const made = guard({ allow: ['127.0.0.1'], lookup: async () => [{ address: addresses.shift() ?? '' }] })
    await expect(get(made, `http://a.test:${port}/`)).rejects.toThrow(/10\.0\.0\.1/)
    expect(await get(made, `http://a.test:${port}/`)).toBe('200 hello')
    await expect(get(made, `http://a.test:${port}/`)).rejects.toThrow(/10\.0\.0\.2/)
  })

  it('tries the next address when one does not answer', async () => {
    const { port } = await listen()
    const lookup = async () => [{ address: '127.0.0.9' }, { address: '127.0.0.1' }]
    expect(await get(guard({ allowPrivate: true, lookup }), `http://two.test:${port}/`)).toBe('200 hello')
  })

  it('does not follow a redirect', async () => {
    const target = await listen()
    const { port } = await listen('127.0.0.1', { location: `http://127.0.0.1:${target.port}/` }, 302)
    expect(await get(guard({ allowPrivate: true }), `http://127.0.0.1:${port}/`)).toBe('302 hello')
    expect(target.seen).toEqual([])
  })

  it('an error of the look-up comes through as it is', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
    await expect(get(guard({ lookup }), 'http://gone.test/')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it('a look-up that never answers ends with the connect timeout', async () => {
    const made = guard({ lookup: () => new Promise(() => undefined), connectTimeoutMs: 50 })
    await expect(get(made, 'http://slow.test/')).rejects.toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' })
  })
})
