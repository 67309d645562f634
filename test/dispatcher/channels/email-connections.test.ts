// Mails over connections that are there already, and what becomes of those when something goes wrong.

import type { SMTPServerOptions } from 'smtp-server'
import { describe, expect, it } from 'vitest'
import { email } from '../../../src/dispatcher/channels/email.js'
import { MailConnections } from '../../../src/dispatcher/email/mail-connections.js'
import { Clock } from '../../delivery/clock.js'
import { eventually } from '../../e2e/eventually.js'
import { mailServers, type Script } from './fakes/smtp.js'
import { vendors } from './vendor.js'

const servers = mailServers()
const vendor = vendors()
const login = ['alerts', 's3cret-password'] as const
const refusal = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

/** A real server; `opened` counts its connections. */
async function open(options: SMTPServerOptions & { readonly login?: readonly [string, string] } = {}) {
  let opened = 0
  let isOpen = 0
  const { port, taken } = await servers.open({
    onConnect: (_, callback) => {
      opened += 1
      isOpen += 1
      callback()
    },
    onClose: () => {
      isOpen -= 1
    },
    ...options,
  })
  const clock = new Clock()
  const mail = new MailConnections({ timer: clock.timer })
  const base = { host: 'localhost', port, tls: 'starttls', ca: servers.caFile, from: 'alerts@example.com' }
  const send = (config: object = {}, more: object = {}) =>
    vendor.send(
      email,
      { ...base, ...config } as never,
      { recipient: { email: 'ann@example.com' }, mail, ...more } as never,
    )
  const closed = (left: number) => eventually('connections are closed', () => isOpen === left)
  return { send, taken, mail, clock, closed, opened: () => opened }
}

/** A server by a script, of which the second message over a connection may have another. */
async function scripted(script: Script) {
  const { port, lines } = await servers.scripted(script)
  const mail = new MailConnections({ timer: new Clock().timer })
  const send = (more: object = {}) =>
    vendor.send(
      email,
      { host: '127.0.0.1', port, tls: 'none', from: 'alerts@example.com' } as never,
      { recipient: { email: 'ann@example.com' }, mail, ...more } as never,
    )
  const times = (start: string) => lines.filter((line) => line.startsWith(start)).length
  return { send, lines, mail, times }
}

describe('mails to one server', () => {
  it('go over one connection, one after the other, each with its own answer', async () => {
    const { send, taken, opened } = await open({ login: [...login] })
    const config = { username: login[0], password: login[1] }
    for (const deliveryId of ['d-1', 'd-2', 'd-3']) {
      expect(await send(config, { deliveryId })).toMatchObject({
        ok: true,
        status: 250,
        response: '250 2.0.0 queued as 42',
      })
    }
    expect([opened(), taken.length]).toEqual([1, 3])
    expect(taken.every(({ secure, user }) => secure && user === 'alerts')).toBe(true)
    expect(new Set(taken.map(({ raw }) => /^Message-ID: (.*)$/im.exec(raw)?.[1])).size).toBe(3)
  })

  it('go over several at the same time, of which five are kept', async () => {
    const { send, taken, opened, closed } = await open()
    await Promise.all(Array.from({ length: 8 }, () => send()))
    expect([opened(), taken.length]).toEqual([8, 8])
    await closed(5)
  })

  it('share none with another login, sender of settings or way of speaking', async () => {
    const { send, opened } = await open({
      authOptional: true,
      disabledCommands: [],
      onAuth: (auth, _, done) => done(null, { user: auth.username }),
    })
    const config = { username: 'a', password: 'one' }
    expect(await send(config)).toMatchObject({ ok: true })
    await send({ ...config, from: 'other@example.com' })
    expect(opened()).toBe(1)
    await send({ ...config, password: 'two' })
    await send({ ...config, username: 'b' })
    await send()
    expect(opened()).toBe(4)
  })

  it('go on over the same connection when one of them is refused', async () => {
    const { send, taken, opened } = await open({
      onRcptTo: ({ address }, _, callback) =>
        callback(address === 'eve@example.com' ? refusal(550, '5.1.1 nobody here') : null),
    })
    expect(await send()).toMatchObject({ ok: true })
    const refused = await send({}, { recipient: { email: 'eve@example.com' } })
    expect(refused).toMatchObject({ ok: false, class: 'gone', status: 550, unusable: 'recipient' })
    const partly = await send({ to: 'ann@example.com, eve@example.com' }, { recipient: {} })
    expect(partly).toMatchObject({ ok: true, response: expect.stringContaining('refused:') })
    await eventually('it is ready again', async () => (await send()).ok)
    expect(taken.map(({ to }) => to)).toEqual([['ann@example.com'], ['ann@example.com'], ['ann@example.com']])
    expect(opened()).toBeLessThanOrEqual(2)
  })

  it('are closed when they are not used for a while, and when all ends', async () => {
    const { send, clock, mail, closed, opened } = await open()
    await send()
    await clock.pass(9_999)
    await send()
    expect(opened()).toBe(1)
    await clock.pass(10_000)
    await closed(0)
    await send()
    expect(opened()).toBe(2)
    mail.close()
    await closed(0)
    await send()
    await closed(0)
  })

  it('take a new connection after a hundred', async () => {
    const { send, times } = await scripted({})
    for (let sent = 0; sent < 101; sent += 1) expect(await send()).toMatchObject({ ok: true })
    expect(times('EHLO')).toBe(2)
  })
})

describe('a connection of before', () => {
  it.each<[string, SMTPServerOptions['onMailFrom']]>([
    ['takes no more over it', (_, __, callback) => callback(refusal(421, '4.7.0 too many messages'))],
    ['wants no more of it', (_, __, callback) => callback(refusal(451, '4.7.0 one message each'))],
  ])('is left for another when the server %s', async (_, onSecond) => {
    const seen = new Map<string, number>()
    const { send, taken, opened } = await open({
      onMailFrom: (address, session, callback) => {
        const count = (seen.get(session.id) ?? 0) + 1
        seen.set(session.id, count)
        if (count > 1) onSecond?.(address, session, callback)
        else callback()
      },
    })
    for (let sent = 0; sent < 3; sent += 1) expect(await send()).toMatchObject({ ok: true })
    expect([opened(), taken.length]).toEqual([3, 3])
  })

  it('is left for another when the server has ended it meanwhile', async () => {
    const { send, times } = await scripted({ QUIT: null, RSET: null, '.': '250 ok\r\n421 4.4.2 idle' })
    for (let sent = 0; sent < 3; sent += 1) expect(await send()).toMatchObject({ ok: true })
    expect(times('MAIL')).toBeGreaterThanOrEqual(3)
  })

  it('that breaks after the message counts as a failure: it may have been taken', async () => {
    let count = 0
    const { send, taken, opened } = await open({
      onData: (stream, session, callback) => {
        count += 1
        stream.resume().on('end', () => {
          if (count === 1) callback(null, 'ok')
          else (session as unknown as { connection?: { close(): void } }).connection?.close()
          if (count > 1) callback(refusal(421, 'going away'))
        })
      },
    })
    expect(await send()).toMatchObject({ ok: true })
    expect(await send()).toMatchObject({ ok: false, class: 'server' })
    expect([opened(), count, taken.length]).toEqual([1, 2, 0])
  })

  it('ends with the attempt that uses it', async () => {
    const { send, times } = await scripted({ 'RCPT TO:<eve': '' })
    expect(await send()).toMatchObject({ ok: true })
    const controller = new AbortController()
    const sending = send({ recipient: { email: 'eve@example.com' }, signal: controller.signal })
    await eventually('it is at it', () => times('RCPT TO:<eve') === 1)
    controller.abort(new Error('time is up'))
    await expect(sending).rejects.toThrow('time is up')
    expect(await send()).toMatchObject({ ok: true })
    expect(times('EHLO')).toBe(2)
  })

  it('is not what a login is checked over', async () => {
    const { send, opened, mail } = await open()
    await send()
    const config = { host: 'localhost', port: 1, from: 'a@example.com' }
    expect(await email.check?.(vendor.contextOf(config as never, { mail }))).toMatchObject({ ok: false })
    expect(opened()).toBe(1)
  })
})
