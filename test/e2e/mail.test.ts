// From an event that is posted to a mail in the reader's language, and to what is sent when its words cannot be made.

import { describe, expect, it } from 'vitest'
import { mailServers } from '../dispatcher/channels/fakes/smtp.js'
import { eventually } from './eventually.js'
import { doc, NotifyingWorld } from './notifying.js'

const servers = mailServers()

const declarations = {
  'channels.yaml': doc('Channel', 'mail', { type: 'email' }),
  'people.yaml': [
    doc('User', 'ann', { email: 'ann@example.com', displayName: 'Ann' }),
    doc('User', 'jan', { email: 'jan@example.com', displayName: 'Jan', locale: 'de', timezone: 'Europe/Berlin' }),
    doc('UserBinding', 'ann-mail', { user: 'ann', channel: 'mail' }),
    doc('UserBinding', 'jan-mail', { user: 'jan', channel: 'mail' }),
  ].join('\n---\n'),
  'events.yaml': [
    doc('EventType', 'run.failed', {
      description: 'A run failed',
      sample: { name: 'Checkout', failed: 2 },
      title: '{{ payload.name }} failed',
      body: '{% for n in range(payload.failed) %}{% for m in range(payload.failed) %}{{ "x" if n == m }}{% endfor %}{% endfor %}',
    }),
    doc('Template', 'german', {
      event: 'run.failed',
      lang: 'de',
      title: '{{ payload.name }} ist fehlgeschlagen',
      body: "Hallo {{ user.displayName }}, es war {{ event.time | date('HH:mm') }} Uhr",
    }),
  ].join('\n---\n'),
}

describe('mail about an event', () => {
  it('is in the language and the time zone of each reader, by the server of the settings', async () => {
    const { port, taken } = await servers.open({ login: ['alerts', 'pass-word'] })
    const world = await NotifyingWorld.start(() => declarations, undefined, {
      network: { allow: ['127.0.0.1', 'localhost'] },
      smtp: {
        host: 'localhost',
        port,
        ca: servers.caFile,
        username: 'alerts',
        password: 'pass-word',
        from: 'alerts@example.com',
      },
    })
    const event = { type: 'run.failed', time: '2026-01-31T12:30:00Z', payload: { name: 'Basket', failed: 2 } }
    const receipt = await world.accepted(event)
    expect(receipt.deliveries).toMatchObject({ send: 2 })
    await eventually('two mails', async () => taken.length === 2 && taken)
    const to = (address: string) => taken.find((mail) => mail.to[0] === address)?.raw ?? ''
    expect(to('ann@example.com')).toContain('Subject: Basket failed')
    expect(to('jan@example.com')).toContain('Subject: Basket ist fehlgeschlagen')
    expect(to('jan@example.com')).toContain('Hallo Jan, es war 13:30 Uhr')
    for (const { user, delivery } of receipt.decisions) {
      const view = await world.ended(delivery as string, 'delivered')
      expect(view.notification).toMatchObject({ template: user === 'jan' ? 'Template/-/german' : null })
      expect(JSON.stringify(view)).not.toContain('pass-word')
    }

    const huge = await world.accepted({ ...event, payload: { name: 'Basket', failed: 5000 } })
    await eventually('two more mails', async () => taken.length === 4)
    const plain = taken.slice(2).find((mail) => mail.to[0] === 'ann@example.com')?.raw ?? ''
    expect(plain).toContain('Subject: Basket failed')
    const ofAnn = huge.decisions.find(({ user }) => user === 'ann')?.delivery as string
    expect(JSON.stringify(await world.ended(ofAnn, 'delivered'))).toContain(
      'the template does too much: it was stopped',
    )
  })
})
