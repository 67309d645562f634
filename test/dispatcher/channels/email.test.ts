import { createHash } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { email } from '../../../src/dispatcher/channels/email.js'
import { createGuard } from '../../../src/network/guard.js'
import { mailServers, type Script } from './fakes/smtp.js'
import { addressBook, message, vendors } from './vendor.js'

const servers = mailServers()
const vendor = vendors()
const login = ['alerts', 's3cret-password'] as const
const from = 'Callboard <alerts@example.com>'

/** Over TLS, with a login. */
async function secured(more: Parameters<typeof vendor.send<object>>[2] = {}, config: object = {}) {
  const { port, taken } = await servers.open({ login: [...login] })
  const outcome = await vendor.send(
    email,
    { ...usual(port), username: login[0], password: login[1], ...config } as never,
    { recipient: { email: 'ann@example.com' }, ...more } as never,
  )
  return { outcome, mail: taken[0], port, taken }
}

const usual = (port: number) => ({ host: 'localhost', port, tls: 'starttls' as const, ca: servers.caFile, from })

/** In clear text, without a login. */
async function scripted(script: Script, config: object = {}, more: object = {}) {
  const { port, lines } = await servers.scripted(script)
  const outcome = await vendor.send(
    email,
    { host: '127.0.0.1', port, tls: 'none', from, ...config } as never,
    { recipient: { email: 'ann@example.com' }, ...more } as never,
  )
  return { outcome, lines }
}

/** Header fields, unfolded, by their name in lower case. */
function headersOf(raw = ''): Record<string, string> {
  const [head = ''] = raw.split('\r\n\r\n')
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  return Object.fromEntries(lines.map((line) => [line.split(':')[0]?.toLowerCase(), line.replace(/^[^:]*:\s*/, '')]))
}

describe('email', () => {
  it('sends text and HTML over TLS, logged in', async () => {
    const { outcome, mail } = await secured()
    expect(outcome).toEqual({ ok: true, status: 250, response: expect.stringContaining('queued as 42') })
    expect(mail).toMatchObject({ from: 'alerts@example.com', to: ['ann@example.com'], user: 'alerts', secure: true })
    const headers = headersOf(mail?.raw)
    expect(headers).toMatchObject({
      from: 'Callboard <alerts@example.com>',
      to: 'ann@example.com',
      subject: 'Run 42 failed',
      'auto-submitted': 'auto-generated',
      'mime-version': '1.0',
    })
    expect(headers['content-type']).toMatch(/^multipart\/alternative;/)
    const [text = -1, html = -1] = ['Content-Type: text/plain', 'Content-Type: text/html'].map((part) =>
      mail?.raw.indexOf(part),
    )
    expect(text).toBeGreaterThan(0)
    expect(html).toBeGreaterThan(text)
    for (const words of ['2 of 14 tests failed', 'Service: checkout', 'https://ci.example/runs/42']) {
      expect(mail?.raw).toContain(words)
    }
  })

  it('speaks TLS from the first byte on other servers', async () => {
    const { port, taken } = await servers.open({ secure: true, login: [...login] })
    const config = { ...usual(port), tls: 'implicit' as const, username: login[0], password: login[1] }
    const outcome = await vendor.send(email, config, { recipient: { email: 'ann@example.com' } })
    expect(outcome).toMatchObject({ ok: true })
    expect(taken[0]).toMatchObject({ secure: true, user: 'alerts' })
  })

  it('has the same id for every attempt, and another for another message', async () => {
    const ids = []
    for (const [deliveryId, attempt] of [
      ['d-1', 1],
      ['d-1', 2],
      ['d-2', 1],
    ] as const) {
      const { mail } = await secured({ deliveryId, attempt })
      ids.push(headersOf(mail?.raw)['message-id'])
    }
    const id = createHash('sha256').update('d-1').digest('hex').slice(0, 32)
    expect(ids[0]).toBe(`<${id}@example.com>`)
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
  })

  it('threads what is about the same matter, and nothing else', async () => {
    const { mail } = await secured()
    const { references, 'in-reply-to': inReplyTo } = headersOf(mail?.raw)
    expect(references).toMatch(/^<[0-9a-f]{32}\.matter@example\.com>$/)
    expect(inReplyTo).toBe(references)
    const alone = await secured({ message: { ...message, key: message.event.id } })
    expect(headersOf(alone.mail?.raw)).not.toHaveProperty('references')
  })

  it.each([
    [{ url: 'https://example.com/u?who={recipient}' }, '<https://example.com/u?who=ann%40example.com>', undefined],
    [
      { url: 'https://example.com/u', mail: 'stop@example.com', oneClick: true },
      '<https://example.com/u>, <mailto:stop@example.com?subject=unsubscribe>',
      'List-Unsubscribe=One-Click',
    ],
    [{ mail: 'stop@example.com', oneClick: true }, '<mailto:stop@example.com?subject=unsubscribe>', undefined],
  ])('offers to unsubscribe by %j', async (unsubscribe, list, post) => {
    const { mail } = await secured({}, { unsubscribe })
    const headers = headersOf(mail?.raw)
    expect(headers['list-unsubscribe']).toBe(list)
    expect(headers['list-unsubscribe-post']).toBe(post)
  })

  it('sends plain messages without HTML, and native ones as HTML that is not touched', async () => {
    const plain = await secured({ message: { ...message, format: 'plain', body: '<b>x</b>' } })
    expect(headersOf(plain.mail?.raw)['content-type']).toMatch(/^text\/plain/)
    expect(plain.mail?.raw).toContain('<b>x</b>')
    const native = await secured({ message: { ...message, format: 'native', body: '<b>bold &amp; new</b><br>line' } })
    expect(native.mail?.raw).toContain('<b>bold &amp; new</b><br>line')
    expect(native.mail?.raw).toContain('bold & new\r\nline')
  })

  it('escapes what comes from outside', async () => {
    const nasty = { title: '<script>"x"</script>', body: '<img src=x>', link: 'https://example.com/?a="><b>' }
    const { mail } = await secured({ message: { ...message, ...nasty } })
    const html = mail?.raw.slice(mail.raw.indexOf('text/html')) ?? ''
    expect(html.replaceAll('=\r\n', '')).not.toMatch(/<script|<img|"><b>/)
  })

  it.each([
    ['a title', { message: { ...message, title: 'x\r\nBcc: eve@example.com\r\n\r\nbody' } }],
    ['an address', { recipient: { email: 'ann@example.com\r\nBcc: eve@example.com' } }],
    [
      'an address of the envelope',
      { recipient: { email: 'ann@example.com> NOTIFY=NEVER\r\nRCPT TO:<eve@example.com' } },
    ],
    ['an override', { override: { to: 'ann@example.com\nBcc: eve@example.com' } }],
    ['a key', { message: { ...message, key: 'x>\r\nBcc: eve@example.com' } }],
    ['a delivery', { deliveryId: 'd\r\nBcc: eve@example.com' }],
  ])('lets no header in by %s', async (_name, more) => {
    const { taken, outcome } = await secured(more as never)
    for (const mail of taken) {
      expect(mail.to).not.toContain('eve@example.com')
      expect(headersOf(mail.raw)).not.toHaveProperty('bcc')
    }
    expect(taken.length === 1 || !outcome.ok).toBe(true)
  })

  it('writes names and subjects in any script', async () => {
    const { mail } = await secured(
      { message: { ...message, title: 'Prüfung fehlgeschlagen 🔴' } },
      { from: 'Wächter <waechter@example.com>' },
    )
    const { subject = '', from: sender = '' } = headersOf(mail?.raw)
    expect(subject).toMatch(/^=\?UTF-8\?[QB]\?/)
    expect(sender).toMatch(/^=\?UTF-8\?[QB]\?.*<waechter@example\.com>$/)
  })

  it('writes the names of hosts as mail servers know them', async () => {
    const { mail } = await secured({ recipient: { email: 'ann@bücher.example' } })
    expect(mail?.to[0]).toMatch(/^ann@(xn--bcher-kva|bücher)\.example$/)
  })

  it('goes to all addresses of the channel, or to those of an event, in one message', async () => {
    const both = await secured({ recipient: {} }, { to: 'ann@example.com, bob@example.com' })
    expect(both.mail?.to).toEqual(['ann@example.com', 'bob@example.com'])
    const other = await secured({ recipient: {}, override: { to: 'ops@example.com' } }, { to: 'ann@example.com' })
    expect(other.mail?.to).toEqual(['ops@example.com'])
    expect(email.recipients({})).toEqual(['email'])
    expect(email.recipients({ to: 'a@example.com' })).toBe('channel')
  })

  it('has been delivered when some addresses are refused, and says which', async () => {
    const { port, taken } = await servers.open({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address.startsWith('bob') ? Object.assign(new Error('5.1.1 who?'), { responseCode: 550 }) : null),
    })
    const config = { ...usual(port), to: 'ann@example.com, bob@example.com' }
    const outcome = await vendor.send(email, config)
    expect(outcome).toMatchObject({ ok: true, response: expect.stringMatching(/refused: .*550 5\.1\.1 who\?/) })
    expect(taken).toHaveLength(1)
  })

  it('is tried again for those alone who are refused for now, until they have it or never will', async () => {
    const answers = ['4.2.0 come back later', undefined, '4.2.0 come back later', '5.1.1 who?']
    const { port, taken } = await servers.open({
      onRcptTo: ({ address }, _session, callback) => {
        const said = address.startsWith('bob') ? answers.shift() : undefined
        callback(
          said === undefined ? null : Object.assign(new Error(said), { responseCode: said[0] === '4' ? 450 : 550 }),
        )
      },
    })
    const config = { ...usual(port), to: 'ann@example.com, bob@example.com' }
    const addresses = addressBook()
    const to = () => taken.map((mail) => mail.to)
    for (const [deliveryId, before] of [
      ['d-1', 0],
      ['d-2', 2],
    ] as const) {
      const first = await vendor.send(email, config, { addresses, deliveryId })
      expect(first).toMatchObject({
        ok: false,
        class: 'server',
        message: expect.stringMatching(/^not taken for bob@example.com, but for the others: .*450 4\.2\.0 come back/),
      })
      expect(first).not.toHaveProperty('unusable')
      expect(to().slice(before)).toEqual([['ann@example.com']])
      const second = await vendor.send(email, config, { addresses, deliveryId, attempt: 2 })
      expect(second).toMatchObject({ ok: true })
      expect(addresses.all.size).toBe(0)
    }
    expect(to()).toEqual([['ann@example.com'], ['bob@example.com'], ['ann@example.com']])
  })

  it('uses the server of the settings where the channel names none', async () => {
    const { port, taken } = await servers.open({ login: [...login] })
    const smtp = { ...usual(port), username: login[0], password: login[1] }
    const recipient = { email: 'ann@example.com' }
    expect(await vendor.send(email, {}, { recipient, smtp })).toMatchObject({ ok: true })
    expect(await vendor.send(email, { from: 'Other <o@example.org>' }, { recipient, smtp })).toMatchObject({ ok: true })
    expect(taken.map((mail) => mail.from)).toEqual(['alerts@example.com', 'o@example.org'])
  })

  it('gives the login of the settings to no other server', async () => {
    const { port, lines } = await servers.scripted()
    const smtp = { host: 'mail.example.com', username: login[0], password: login[1], from }
    const config = { host: '127.0.0.1', port, tls: 'none' as const }
    expect(await vendor.send(email, config, { recipient: { email: 'ann@example.com' }, smtp })).toMatchObject({
      ok: true,
    })
    expect(lines.filter((line) => line.startsWith('AUTH'))).toEqual([])
  })

  it.each([
    [{}, 'there is no mail server: declare config.host, or smtp.host in the settings'],
    [{ host: 'localhost' }, 'there is no sender: declare config.from, or smtp.from in the settings'],
    [{ host: 'localhost', from, ca: '/nowhere.pem' }, 'the file /nowhere.pem, named by ca, cannot be used: ENOENT'],
    [
      { host: 'localhost', from, tls: 'none' as const, username: 'u', password: 'x' },
      'a password does not go out in clear text: use tls: starttls, or no password',
    ],
  ])('says what %j lacks', async (config, words) => {
    const outcome = await vendor.send(email, config, { recipient: { email: 'ann@example.com' } })
    expect(outcome).toEqual({ ok: false, class: 'rejected', message: words })
  })

  it('says when there is nobody to send it to', async () => {
    expect(await vendor.send(email, { host: 'localhost', from })).toEqual({
      ok: false,
      class: 'rejected',
      message: 'there is no address to send it to',
    })
  })
})

describe('email that is refused', () => {
  it.each<[string, Script, object]>([
    ['busy when greeting', { greeting: '421 4.3.2 closing' }, { class: 'server' }],
    ['not a mail server for us', { greeting: '554 5.7.1 no service' }, { class: 'server' }],
    ['busy after EHLO', { EHLO: '421 later', HELO: '421 later' }, { class: 'server' }],
    ['gone before it greets', { greeting: null }, { class: 'network' }],
    ['gone after MAIL', { MAIL: null }, { class: 'network' }],
    ['gone after the message', { '.': null }, { class: 'network' }],
    ['no server for mail', { greeting: 'SSH-2.0-OpenSSH_9.6' }, { class: 'network' }],
    ['busy at MAIL', { MAIL: '421 4.7.0 slow down' }, { class: 'server', status: 421 }],
    ['against the sender', { MAIL: '550 5.7.1 not yours' }, { class: 'rejected', status: 550 }],
    ['strict about logins', { MAIL: '530 5.7.0 log in first' }, { class: 'auth', unusable: 'channel' }],
    ['greylisting', { RCPT: '450 4.2.0 try again' }, { class: 'server', status: 450 }],
    [
      'without such an address',
      { RCPT: '550 5.1.1 no such user' },
      { class: 'gone', status: 550, unusable: 'recipient' },
    ],
    ['without such an address, and says no more', { RCPT: '550 who?' }, { class: 'gone', unusable: 'recipient' }],
    ['told that somebody is not local', { RCPT: '551 user not local' }, { class: 'gone', unusable: 'recipient' }],
    ['given a name that is none', { RCPT: '553 5.1.3 bad syntax' }, { class: 'gone', unusable: 'recipient' }],
    ['out of places', { RCPT: '452 4.5.3 too many recipients' }, { class: 'server', status: 452 }],
    ['against long mail', { '.': '552 5.3.4 too big' }, { class: 'rejected', status: 552 }],
    ['lost in the commands', { MAIL: '503 5.5.1 bad sequence' }, { class: 'rejected', status: 503 }],
    ['unable just now', { DATA: '451 4.3.0 local error' }, { class: 'server', status: 451 }],
    ['full', { RCPT: '552 5.2.2 mailbox full' }, { class: 'rejected', status: 552 }],
    ['no relay', { RCPT: '554 5.7.1 relay access denied' }, { class: 'rejected' }],
    ['against a policy with 550', { RCPT: '550 5.7.1 blocked' }, { class: 'rejected' }],
    ['out of space', { '.': '452 4.3.1 no space' }, { class: 'server', status: 452 }],
    ['against the message', { '.': '554 5.6.0 looks like spam' }, { class: 'rejected', status: 554 }],
    ['against DATA', { DATA: '554 5.5.1 no valid recipients' }, { class: 'rejected', status: 554 }],
  ])('by a server that is %s', async (_name, script, expected) => {
    const { outcome } = await scripted(script)
    expect(outcome).toMatchObject({ ok: false, ...expected })
    if (!('unusable' in expected)) expect(outcome).not.toHaveProperty('unusable')
  })

  it('at all fixed addresses of a channel makes the channel useless', async () => {
    const { outcome } = await scripted({ RCPT: '550 5.1.1 no' }, { to: 'a@example.com' }, { recipient: {} })
    expect(outcome).toMatchObject({ class: 'gone', unusable: 'channel' })
  })

  it('now at one address and for good at another is tried again', async () => {
    const script = { 'RCPT TO:<a': '550 5.1.1 no', 'RCPT TO:<b': '451 4.3.0 later' }
    const { outcome } = await scripted(script, { to: 'a@example.com, b@example.com' }, { recipient: {} })
    expect(outcome).toMatchObject({ class: 'server', status: 451 })
  })

  it.each<[string, Script, object]>([
    ['does no TLS', {}, { class: 'gone', unusable: 'channel' }],
    ['refuses TLS', { STARTTLS: '502 5.5.1 not here' }, { class: 'gone', status: 502, unusable: 'channel' }],
    ['cannot do TLS now', { STARTTLS: '454 4.7.0 later' }, { class: 'server', status: 454 }],
    ['breaks off TLS', { STARTTLS: '220 go' }, { class: 'network' }],
  ])('and gets neither login nor message when it %s', async (_name, script, expected) => {
    const { port, lines } = await servers.scripted({ STARTTLS: '502 5.5.1 unknown', ...script })
    const config = { ...usual(port), host: '127.0.0.1', username: login[0], password: login[1] }
    const outcome = await vendor.send(email, config, { recipient: { email: 'ann@example.com' } })
    expect(outcome).toMatchObject({ ok: false, ...expected })
    expect(lines.filter((line) => /^(AUTH|MAIL)/.test(line))).toEqual([])
  })

  it('by a certificate that nobody vouches for', async () => {
    const { port, taken } = await servers.open()
    const { ca: _, ...config } = usual(port)
    const outcome = await vendor.send(email, config, { recipient: { email: 'ann@example.com' } })
    expect(outcome).toMatchObject({
      ok: false,
      class: 'network',
      message: expect.stringMatching(/certificate.*name the authority/),
    })
    expect(taken).toEqual([])
  })

  it('by a certificate of another name', async () => {
    const { port } = await servers.open()
    const lookup = createGuard({
      allow: ['127.0.0.1', 'mail.example.com'],
      allowPrivate: true,
      connectTimeoutMs: 1000,
      lookup: async () => [{ address: '127.0.0.1' }],
    }).lookup
    const config = { ...usual(port), host: 'mail.example.com' }
    const outcome = await vendor.send(email, config, { recipient: { email: 'ann@example.com' }, lookup })
    expect(outcome).toMatchObject({
      ok: false,
      class: 'network',
      message: expect.stringMatching(/altnames|mail\.example\.com/),
    })
  })

  it('for a wrong login, which is shown nowhere', async () => {
    const { outcome } = await secured({}, { password: 'wrong-s3cret-0123456789' })
    expect(outcome).toMatchObject({ ok: false, class: 'auth', status: 535, unusable: 'channel' })
    expect(JSON.stringify(outcome)).not.toContain('s3cret')
  })

  it('for a login that is echoed as it was sent, which is shown nowhere', async () => {
    const sent = Buffer.from(`\u0000${login.join('\u0000')}`).toString('base64')
    const { port } = await servers.open({
      login: [...login],
      onAuth: (_auth, _session, callback) =>
        callback(Object.assign(new Error(`5.5.2 cannot read ${sent} of ${login.join('/')}`), { responseCode: 501 })),
    })
    const config = { ...usual(port), username: login[0], password: login[1] }
    const outcome = await vendor.send(email, config, { recipient: { email: 'ann@example.com' } })
    expect(outcome).toMatchObject({
      ok: false,
      class: 'auth',
      message: expect.stringContaining('cannot read … of alerts/…'),
    })
    expect(JSON.stringify(outcome)).not.toContain('s3cret')
  })

  it('for a login now', async () => {
    const { port } = await servers.open({
      login: [...login],
      onAuth: (_auth, _session, callback) => callback(Object.assign(new Error('4.7.0 busy'), { responseCode: 454 })),
    })
    const config = { ...usual(port), username: login[0], password: login[1] }
    const outcome = await vendor.send(email, config, { recipient: { email: 'ann@example.com' } })
    expect(outcome).toMatchObject({ ok: false, class: 'server', status: 454 })
    expect(outcome).not.toHaveProperty('unusable')
  })

  it('for letters in an address that the server does not know', async () => {
    const script = { 'RCPT TO:<jörg': '553 5.6.7 SMTPUTF8 is needed' }
    const { outcome } = await scripted(script, {}, { recipient: { email: 'jörg@example.com' } })
    expect(outcome).toMatchObject({ ok: false, class: 'rejected', status: 553 })
    expect(outcome).not.toHaveProperty('unusable')
  })

  it('where nobody listens', async () => {
    const config = { host: '127.0.0.1', port: 1, from }
    expect(await vendor.send(email, config, { recipient: { email: 'a@example.com' } })).toMatchObject({
      class: 'network',
    })
  })

  it('where the name is not known, for now', async () => {
    const { lookup } = createGuard({
      allow: [],
      allowPrivate: false,
      connectTimeoutMs: 1000,
      lookup: async (host) => {
        throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
      },
    })
    const config = { host: 'mail.example.com', from }
    const outcome = await vendor.send(email, config, { recipient: { email: 'a@example.com' }, lookup })
    expect(outcome).toMatchObject({ ok: false, class: 'network', message: 'getaddrinfo ENOTFOUND mail.example.com' })
    expect(outcome).not.toHaveProperty('unusable')
  })

  it('by a server that hangs up at once, before anything is said', async () => {
    const server = createServer((socket) => void socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const config = { host: '127.0.0.1', port, tls: 'none' as const, from }
    expect(await vendor.send(email, config, { recipient: { email: 'a@example.com' } })).toMatchObject({
      class: 'network',
    })
  })

  it.each(['10.0.0.1', '169.254.169.254', '[::1]', 'localhost.'])(
    'by the guard where it may not go: %s',
    async (host) => {
      const { lookup } = createGuard({ allow: [], allowPrivate: false, connectTimeoutMs: 1000 })
      const outcome = await vendor.send(email, { host, from }, { recipient: { email: 'a@example.com' }, lookup })
      expect(outcome).toMatchObject({ ok: false, class: 'guard' })
    },
  )

  it('by the guard when a name leads where it may not go', async () => {
    const guard = createGuard({
      allow: [],
      allowPrivate: false,
      connectTimeoutMs: 1000,
      lookup: async () => [{ address: '10.1.2.3' }],
    })
    const { lookup } = guard
    const config = { host: 'mail.example.com', from }
    const outcome = await vendor.send(email, config, { recipient: { email: 'a@example.com' }, lookup })
    expect(outcome).toMatchObject({ ok: false, class: 'guard', message: expect.stringContaining('10.1.2.3') })
  })

  it.each<[string, Script]>([
    ['greets', { greeting: '' }],
    ['answers MAIL', { MAIL: '' }],
    ['takes the message', { '.': '' }],
  ])('ends with the attempt when the server never %s', async (_name, script) => {
    const controller = new AbortController()
    const { port, lines } = await servers.scripted(script)
    const config = { host: '127.0.0.1', port, tls: 'none' as const, from }
    const sending = vendor.send(email, config, { recipient: { email: 'a@example.com' }, signal: controller.signal })
    const waiting =
      script.greeting === ''
        ? () => true
        : () => lines.some((line) => line.startsWith(script.MAIL === '' ? 'MAIL' : '.'))
    while (!waiting()) await new Promise((resolve) => setImmediate(resolve))
    controller.abort(new Error('time is up'))
    await expect(sending).rejects.toThrow('time is up')
  })
})

describe('checking email', () => {
  it('logs in and sends nothing', async () => {
    const { port, taken } = await servers.open({ login: [...login] })
    const config = { ...usual(port), username: login[0], password: login[1] }
    expect(await email.check?.(vendor.contextOf(config))).toMatchObject({ ok: true })
    expect(taken).toEqual([])
    expect(await email.check?.(vendor.contextOf({ ...config, password: 'other' }))).toMatchObject({
      ok: false,
      class: 'auth',
    })
  })
})
