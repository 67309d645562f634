import { describe, expect, it } from 'vitest'
import { googlechat } from '../../../src/dispatcher/channels/googlechat.js'
import { describeChannel } from '../../contract/channel.js'
import { jsonOf, message, vendors } from './vendor.js'

const vendor = vendors()
const created = JSON.stringify({ name: 'spaces/S/messages/M.M', thread: { name: 'spaces/S/threads/T' } })
const config = (url: string) => ({ webhookUrl: `${url}/v1/spaces/S/messages?key=s3cretkey&token=s3crettoken%3D` })

describeChannel({ type: googlechat, config, accepts: (_, res) => res.end(created) })

describe('googlechat', () => {
  it('posts a card, with the query as it was written and a request id that repeats', async () => {
    const { url, received } = await vendor.open((_, res) => res.end(created))
    expect(await vendor.send(googlechat, config(url))).toMatchObject({ ok: true, status: 200 })
    await vendor.send(googlechat, config(url), { attempt: 2 })
    const path = '/v1/spaces/S/messages?key=s3cretkey&token=s3crettoken%3D&requestId=delivery-1'
    expect(received.map((request) => request.url)).toEqual([path, path])
    expect(received[0]?.headers['content-type']).toBe('application/json; charset=UTF-8')
    expect(jsonOf(received)).toEqual({
      cardsV2: [
        {
          cardId: 'callboard',
          card: {
            header: { title: 'Run 42 failed' },
            sections: [
              {
                widgets: [
                  { textParagraph: { text: '<font color="#d93025"><b>error</b></font><br>2 of 14 tests failed' } },
                  { decoratedText: { topLabel: 'Severity', text: 'error' } },
                  { decoratedText: { topLabel: 'Service', text: 'checkout' } },
                  {
                    buttonList: {
                      buttons: [{ text: 'Open', onClick: { openLink: { url: 'https://ci.example/runs/42' } } }],
                    },
                  },
                ],
              },
            ],
          },
        },
      ],
    })
  })

  it.each([
    ['what begins something begins a thread', { begins: true as const }, 'delivery-1'],
    ['what ends it is an answer there', { message: { ...message, follows: 'delivery-0' } }, 'delivery-0'],
    ['all else stands alone', {}, undefined],
  ])('%s', async (_, more, threadKey) => {
    const { url, received } = await vendor.open((_request, res) => res.writeHead(200).end(created))
    await vendor.send(googlechat, config(url), more)
    await vendor.send(googlechat, { ...config(url), thread: 'none' }, more)
    const [thread, none] = [jsonOf(received), jsonOf(received, 1)] as { thread?: unknown }[]
    expect([thread?.thread, none?.thread]).toEqual([threadKey && { threadKey }, undefined])
    expect(received[0]?.url.includes('messageReplyOption')).toBe(threadKey !== undefined)
  })

  it('answers in the thread of the matter where that is declared', async () => {
    const { url, received } = await vendor.open((_, res) => res.end(created))
    await vendor.send(googlechat, { ...config(url), thread: 'event' })
    expect(received[0]?.url).toMatch(/&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD$/)
    expect(jsonOf(received)).toMatchObject({ thread: { threadKey: 'ci/run-42' } })
  })

  it('takes the meaning out of markup and mentions, save in native text', async () => {
    const { url, received } = await vendor.open((_, res) => res.end(created))
    const body = '<users/all> & <b>x</b>'
    for (const format of ['plain', 'native'] as const) {
      await vendor.send(googlechat, config(url), { message: { ...message, title: 'T', body, format } })
    }
    expect(jsonOf(received, 0)).toEqual({
      text: 'T\n&lt;users/all&gt; &amp; &lt;b&gt;x&lt;/b&gt;\nhttps://ci.example/runs/42',
    })
    expect(jsonOf(received, 1)).toEqual({ text: body })
  })

  it.each(['rich', 'plain', 'native'] as const)('keeps a %s message below 32,000 bytes', async (format) => {
    const { url, received } = await vendor.open((_, res) => res.end(created))
    for (const body of ['é'.repeat(40_000), '\n'.repeat(40_000), '<'.repeat(40_000), '"'.repeat(40_000)]) {
      await vendor.send(googlechat, config(url), { message: { ...message, body, format } })
    }
    for (const { body } of received) expect(body.length).toBeLessThanOrEqual(32_000)
  })

  it.each([
    [400, 'INVALID_ARGUMENT', 'Invalid card', 'rejected', undefined],
    [400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', 'auth', 'channel'],
    [400, 'INVALID_ARGUMENT', 'The token parameter is invalid', 'auth', 'channel'],
    [400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unexpected token.', 'rejected', undefined],
    [500, 'INTERNAL', 'oops', 'server', undefined],
    [401, 'UNAUTHENTICATED', 'no', 'auth', 'channel'],
    [403, 'PERMISSION_DENIED', 'disabled', 'auth', 'channel'],
    [404, 'NOT_FOUND', 'space', 'gone', 'channel'],
    [429, 'RESOURCE_EXHAUSTED', 'slow down', 'rate_limited', undefined],
    [503, 'UNAVAILABLE', 'later', 'server', undefined],
  ])('reads the error of a %i %s', async (code, status, text, kind, unusable) => {
    const reply = JSON.stringify({ error: { code, message: text, status } })
    const { url } = await vendor.open((_, res) => res.writeHead(code).end(reply))
    const outcome = await vendor.send(googlechat, config(url))
    expect(outcome).toMatchObject({ ok: false, class: kind, status: code })
    expect((outcome as { message: string }).message).toContain(`${status}: ${text}`)
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
  })
})
