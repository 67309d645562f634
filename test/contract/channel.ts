// What every channel type that speaks HTTP owes the dispatcher, whatever the vendor.

import { describe, expect, it } from 'vitest'
import type { ChannelType, Recipient } from '../../src/dispatcher/channel-type.js'
import type { Answering } from '../callbacks/receiver.js'
import { noon, vendors } from '../dispatcher/channels/vendor.js'

export interface ChannelCase<Config extends object> {
  readonly type: ChannelType<Config>
  /** Every secret in it contains the text `s3cret`. */
  readonly config: (url: string) => Config
  readonly recipient?: Recipient
  /** The vendor on a good day. */
  readonly accepts: Answering
  /** How long is waited where a limit names no time: nothing said means as long as the engine likes. */
  readonly waitsMs?: number
}

export function describeChannel<Config extends object>({
  type,
  config,
  recipient = {},
  accepts,
  waitsMs,
}: ChannelCase<Config>) {
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

    it.each([301, 302, 303, 307, 308])('follows no redirect, and takes no %i for success', async (status) => {
      const other = await vendor.open(accepts)
      const { outcome, received } = await attempt((_, res) => res.writeHead(status, { location: other.url }).end())
      expect(outcome).toMatchObject({ ok: false, class: 'rejected', status })
      expect(outcome).not.toHaveProperty('unusable')
      expect(received).toHaveLength(1)
      expect(other.received).toEqual([])
    })

    it.each([
      ['12', 12_000],
      ['0', 0],
      ['1.5', 1500],
      [new Date(noon + 90_000).toUTCString(), 90_000],
      [new Date(noon - 90_000).toUTCString(), 0],
      ['soon', waitsMs],
      ['-5', waitsMs],
      [undefined, waitsMs],
    ])('waits as a limit with Retry-After %s says', async (header, wait) => {
      const headers = header === undefined ? {} : { 'retry-after': header }
      const { outcome } = await attempt((_, res) => res.writeHead(429, headers).end('<html>slow down</html>'))
      expect(outcome).toMatchObject({ ok: false, class: 'rate_limited', status: 429 })
      expect(outcome).not.toHaveProperty('unusable')
      expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(wait)
    })

    it('waits as long as a vendor asks that is down', async () => {
      const { outcome } = await attempt((_, res) => res.writeHead(503, { 'retry-after': '40' }).end())
      expect(outcome).toMatchObject({ ok: false, class: 'server', retryAfterMs: 40_000 })
    })

    it('takes an answer for a failure of the network that breaks in the middle', async () => {
      const { outcome } = await attempt((_, res, req) => {
        res.writeHead(200, { 'content-length': '1000' }).write('{"ok":true,')
        setImmediate(() => req.socket.destroy())
      })
      expect(outcome).toMatchObject({ ok: false, class: 'network' })
    })

    it('is timed out by a server that says so', async () => {
      const { outcome } = await attempt((_, res) => res.writeHead(408).end())
      expect(outcome).toMatchObject({ ok: false, class: 'timeout', status: 408 })
      expect(outcome).not.toHaveProperty('unusable')
    })

    it.each(['', '\u0000\u0001 not what was promised', '[]', 'null', '"ok', '{"ok":1}', '<html>hello</html>'])(
      'is not thrown off by %j with any status',
      async (text) => {
        for (const status of [200, 202, 204, 400, 403, 404, 410, 418, 429, 501]) {
          const { outcome } = await attempt((_, res) => res.writeHead(status).end(status === 204 ? '' : text))
          if (status >= 400) expect(outcome).toMatchObject({ ok: false, status })
        }
      },
    )

    it('does not take garbage with a 200 for success where the vendor says more than a status', async () => {
      const { outcome } = await attempt((_, res) => res.end('\u0000\u0001 not what was promised'))
      if (type.type !== 'webhook' && type.type !== 'teams')
        expect(outcome).toMatchObject({ ok: false, class: 'rejected' })
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
