// A server that plays a vendor, and what a channel type is given to speak to it.

import { afterEach } from 'vitest'
import type { AddressBook, ChannelType, Outcome, Send } from '../../../src/dispatcher/channel-type.js'
import { MailConnections } from '../../../src/dispatcher/email/mail-connections.js'
import type { Message } from '../../../src/dispatcher/message.js'
import { createHttpClient } from '../../../src/network/http-client.js'
import { systemTimer } from '../../../src/store/timer.js'
import { type Answering, type Receiver, receivers } from '../../callbacks/receiver.js'

export const noon = Date.UTC(2026, 0, 2, 12)

export const message: Message = {
  event: {
    id: 'evt-1',
    type: 'test.run.failed',
    time: '2026-01-02T11:59:00Z',
    source: 'ci',
    service: 'checkout',
    payload: { run: { id: '42', failed: 2 } },
  },
  severity: 'error',
  title: 'Run 42 failed',
  body: '2 of 14 tests failed',
  link: 'https://ci.example/runs/42',
  format: 'rich',
  action: 'trigger',
  key: 'ci/run-42',
}

/** In memory, as the store's are. */
export function addressBook(
  known: Readonly<Record<string, string>> = {},
): AddressBook & { readonly all: Map<string, string> } {
  const all = new Map(Object.entries(known))
  return {
    all,
    find: (workspace, person) => all.get(`${workspace} ${person}`),
    learn: (workspace, person, address) => void all.set(`${workspace} ${person}`, address),
    forget: (workspace, person) => void all.delete(`${workspace} ${person}`),
  }
}

/** Servers and guards are closed after each test. */
export function vendors() {
  const { guard, open } = receivers()
  let mail = new MailConnections({ timer: systemTimer })
  afterEach(() => {
    mail.close()
    mail = new MailConnections({ timer: systemTimer })
  })
  return {
    open: (answer?: Answering): Promise<Receiver> => open(answer),
    contextOf<Config extends object>(config: Config, more: Partial<Send<Config>> = {}): Send<Config> {
      return {
        config,
        http: createHttpClient(guard(['127.0.0.1'])),
        lookup: guard(['127.0.0.1', 'localhost']).lookup,
        smtp: {},
        mail,
        addresses: addressBook(),
        now: () => noon,
        signal: new AbortController().signal,
        userAgent: 'callboard/test',
        message,
        recipient: {},
        override: {},
        deliveryId: 'delivery-1',
        attempt: 1,
        ...more,
      }
    },
    send<Config extends object>(
      type: ChannelType<Config>,
      config: Config,
      more: Partial<Send<Config>> = {},
    ): Promise<Outcome> {
      return type.send(this.contextOf(config, more))
    },
  }
}

/** The JSON of a captured request's body. */
export function jsonOf(received: Receiver['received'], at = 0): unknown {
  return JSON.parse(String(received[at]?.body))
}
