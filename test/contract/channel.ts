// What every channel type that speaks HTTP owes the dispatcher, whatever the vendor.

import { describe, expect, it } from 'vitest'
import type { ChannelType, Recipient } from '../../src/dispatcher/channel-type.js'
import type { Answering } from '../callbacks/receiver.js'
import { vendors } from '../dispatcher/channels/vendor.js'

export interface ChannelCase<Config extends object> {
  readonly type: ChannelType<Config>
  /** Every secret in it contains the text `s3cret`. */
  readonly config: (url: string) => Config
  readonly recipient?: Recipient
  /** The vendor on a good day. */
  readonly accepts: Answering
}

export function describeChannel<Config extends object>({ type, config, recipient = {}, accepts }: ChannelCase<Config>) {
  describe(`channel type ${type.type}, as every channel,`, () => {
    const vendor = vendors()
    const attempt = async (answer: Answering, signal = new AbortController().signal) => {
      const { url, received } = await vendor.open(answer)
      return { received, outcome: await vendor.send(type, config(url), { recipient, signal }) }
    }

    it('delivers when the vendor takes the message', async () => {
      const { outcome, received } = await attempt(accepts)
      expect(outcome).toMatchObject({ ok: true })
      expect(received.length).toBeGreaterThan(0)
    })

    it.each([
      [500, 'server'],
      [502, 'server'],
      [503, 'server'],
    ])('tries a %i again', async (status, kind) => {
      const { outcome } = await attempt((_, res) => res.writeHead(status).end('<html>down</html>'))
      expect(outcome).toMatchObject({ ok: false, class: kind, status })
      expect(outcome).not.toHaveProperty('unusable')
    })

    it('follows no redirect, and takes none for success', async () => {
      const other = await vendor.open()
      const { outcome } = await attempt((_, res) => res.writeHead(302, { location: other.url }).end())
      expect(outcome.ok).toBe(false)
      expect(other.received).toEqual([])
    })

    it('does not take garbage with a 200 for success where the vendor says more than a status', async () => {
      const { outcome } = await attempt((_, res) => res.end('\u0000\u0001 not what was promised'))
      if (type.type !== 'webhook' && type.type !== 'teams' && type.type !== 'discord') expect(outcome.ok).toBe(false)
    })

    it('reports a connection that breaks as a failure of the network', async () => {
      const { outcome } = await attempt((_, __, req) => req.socket.destroy())
      expect(outcome).toMatchObject({ ok: false, class: 'network' })
    })

    it('reports a refused connection as a failure of the network', async () => {
      const { url } = await vendor.open()
      const port = Number(new URL(url).port)
      const outcome = await vendor.send(type, config(url.replace(String(port), '1')), { recipient })
      expect(outcome).toMatchObject({ ok: false, class: 'network' })
    })

    it('ends with the signal while the answer is awaited, and while its body drips', async () => {
      for (const answer of [() => {}, ((_, res) => res.writeHead(200).write('o')) as Answering]) {
        const controller = new AbortController()
        const { url } = await vendor.open((request, res, req) => {
          answer(request, res, req)
          setImmediate(() => controller.abort(new Error('time is up')))
        })
        const sending = vendor.send(type, config(url), { recipient, signal: controller.signal })
        await expect(sending).rejects.toThrow('time is up')
      }
    })

    it('reads no more than the beginning of an endless answer', async () => {
      const { outcome } = await attempt((_, res) => {
        const more = (): void => {
          while (!res.destroyed && res.write('x'.repeat(16_384)));
        }
        res.on('drain', more).writeHead(400)
        more()
      })
      expect(outcome).toMatchObject({ ok: false })
      expect(JSON.stringify(outcome).length).toBeLessThan(4000)
    })

    it('never shows a secret in what is recorded', async () => {
      for (const status of [200, 400, 401, 403, 404, 410, 429, 500]) {
        const { outcome } = await attempt((_, res) => res.writeHead(status).end('no'))
        expect(JSON.stringify(outcome)).not.toContain('s3cret')
      }
    })

    it('is refused by the guard where it may not go', async () => {
      const outcome = await vendor.send(type, config('http://10.0.0.1:9'), { recipient })
      expect(outcome).toMatchObject({ ok: false, class: 'guard' })
    })
  })
}
