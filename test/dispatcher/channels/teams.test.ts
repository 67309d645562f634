import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { teams } from '../../../src/dispatcher/channels/teams.js'
import type { Answering } from '../../callbacks/receiver.js'
import { describeChannel } from '../../contract/channel.js'
import { behind, refuse, TeamsConnectorFake, TeamsWorkflowFake } from './fakes/teams.js'
import { jsonOf, message, vendors } from './vendor.js'

const vendor = vendors()
const workflowUrl = (path = new TeamsWorkflowFake().path) => `https://prod-01.westeurope.logic.azure.com:443${path}`
const connectorUrl = (path = new TeamsConnectorFake().path) => `https://acme.webhook.office.com${path}`

async function open(fake: TeamsWorkflowFake | TeamsConnectorFake, ...next: Answering[]) {
  fake.next.push(...next)
  const { url, received } = await vendor.open(fake.answer)
  const webhookUrl = fake instanceof TeamsWorkflowFake ? workflowUrl(fake.path) : connectorUrl(fake.path)
  return { fake, received, config: { webhookUrl, baseUrl: url } }
}

const workflow = (...next: Answering[]) => open(new TeamsWorkflowFake(), ...next)
const connector = (...next: Answering[]) => open(new TeamsConnectorFake(), ...next)

describe('by a workflow,', () => {
  describeChannel({
    type: teams,
    config: (baseUrl) => ({ webhookUrl: workflowUrl(), baseUrl }),
    accepts: new TeamsWorkflowFake().answer,
  })
})

describe('by a connector,', () => {
  describeChannel({
    type: teams,
    config: (baseUrl) => ({ webhookUrl: connectorUrl(), baseUrl }),
    accepts: new TeamsConnectorFake().answer,
  })
})

describe('teams', () => {
  it('posts an adaptive card to a workflow, with the signed query byte for byte', async () => {
    const { config, received, fake } = await workflow()
    expect(await vendor.send(teams, config)).toEqual({ ok: true, status: 202 })
    expect(received[0]).toMatchObject({ method: 'POST', url: fake.path })
    expect(received[0]?.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(String(received[0]?.body)).toBe(
      JSON.stringify({
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            contentUrl: null,
            content: {
              $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
              type: 'AdaptiveCard',
              version: '1.4',
              msteams: { width: 'Full' },
              body: [
                {
                  type: 'TextBlock',
                  text: 'Run 42 failed',
                  wrap: true,
                  size: 'Large',
                  weight: 'Bolder',
                  color: 'Attention',
                },
                { type: 'TextBlock', text: '2 of 14 tests failed', wrap: true },
                {
                  type: 'FactSet',
                  facts: [
                    { title: 'Severity', value: 'error' },
                    { title: 'Service', value: 'checkout' },
                  ],
                },
              ],
              actions: [{ type: 'Action.OpenUrl', title: 'Open', url: 'https://ci.example/runs/42' }],
            },
          },
        ],
      }),
    )
  })

  it('posts a message card to a connector', async () => {
    const { config, received, fake } = await connector()
    expect(await vendor.send(teams, config)).toEqual({ ok: true, status: 200, response: '1' })
    expect(received[0]).toMatchObject({ method: 'POST', url: fake.path })
    expect(String(received[0]?.body)).toBe(
      JSON.stringify({
        '@type': 'MessageCard',
        '@context': 'http://schema.org/extensions',
        summary: 'Run 42 failed',
        themeColor: 'D93025',
        sections: [
          {
            activityTitle: 'Run 42 failed',
            text: '2 of 14 tests failed',
            facts: [
              { name: 'Severity', value: 'error' },
              { name: 'Service', value: 'checkout' },
            ],
            markdown: true,
          },
        ],
        potentialAction: [
          { '@type': 'OpenUri', name: 'Open', targets: [{ os: 'default', uri: 'https://ci.example/runs/42' }] },
        ],
      }),
    )
  })

  it.each([
    ['https://prod-1.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?sig=1', 'message'],
    [
      'https://x.d.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/1/triggers?sig=1',
      'message',
    ],
    ['https://acme.webhook.office.com/workflows/1?sig=1', 'message'],
    ['https://flow.example.com/hooks/1', 'message'],
    ['https://acme.webhook.office.com/webhookb2/1@2/IncomingWebhook/3/4', 'MessageCard'],
    ['https://outlook.office.com/webhook/1@2/IncomingWebhook/3/4', 'MessageCard'],
    ['https://outlook.office365.com/webhook/1@2/IncomingWebhook/3/4', 'MessageCard'],
    ['http://proxy.example.com/webhookb2/1@2/IncomingWebhook/3/4', 'MessageCard'],
    ['https://notwebhook.office.com.example.com/1', 'message'],
  ])('knows by its URL what %s wants', async (webhookUrl, kind) => {
    const { url, received } = await vendor.open((_, res) => res.end('1'))
    await vendor.send(teams, { webhookUrl, baseUrl: url })
    const body = jsonOf(received) as Record<string, string>
    expect(body.type ?? body['@type']).toBe(kind)
  })

  const blocks = (received: Parameters<typeof jsonOf>[0]) =>
    (jsonOf(received) as { attachments: [{ content: { body: { text: string }[] } }] }).attachments[0].content.body

  it.each([
    [
      'plain',
      ['T', '\\*x\\* Ann \\[a\\]\\(b\\)\n\nnext', 'https://ci.example/runs/42'],
      'T\n\n\\*x\\* Ann \\[a\\]\\(b\\)\n\nnext\n\nhttps://ci.example/runs/42',
    ],
    ['native', ['*x* <at>Ann</at> [a](b)\nnext'], '*x* <at>Ann</at> [a](b)\nnext'],
  ] as const)('posts the %s form', async (format, texts, text) => {
    const sent = { ...message, title: 'T', body: '*x* <at>Ann</at> [a](b)\nnext', format }
    const flow = await workflow()
    await vendor.send(teams, flow.config, { message: sent })
    expect(blocks(flow.received)).toEqual(texts.map((one) => ({ type: 'TextBlock', text: one, wrap: true })))
    const hook = await connector()
    await vendor.send(teams, hook.config, { message: sent })
    expect(jsonOf(hook.received)).toMatchObject({ summary: 'T', text })
  })

  it('is green when what was wrong is over', async () => {
    const { config, received } = await workflow()
    await vendor.send(teams, config, { message: { ...message, action: 'resolve' } })
    expect(blocks(received)[0]).toMatchObject({ color: 'Good' })
  })

  it('leaves the facts out before it cuts the text', async () => {
    const { config, received } = await workflow()
    const labels = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`label${at}`, 'v'.repeat(400)]))
    const body = 'x'.repeat(12_000)
    await vendor.send(teams, config, { message: { ...message, body, event: { ...message.event, labels } } })
    expect(blocks(received).map(({ text }) => text)).toEqual(['Run 42 failed', body])
  })

  it('stays within 20,000 bytes, and 14,000 characters where not all are ASCII', async () => {
    const flow = await workflow()
    const hook = await connector()
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('*', '"', '\\', '\n', '👩‍👩‍👧', 'é', '\u0001', 'x'),
    )
    // Written out within the property: what is reported of a failure stays short.
    const repeated = fc.tuple(fc.array(text, { maxLength: 8 }), fc.integer({ min: 1, max: 900 }))
    const long = ([parts, times]: [string[], number]) => parts.join('').repeat(times)
    const form = fc.constantFrom('rich' as const, 'plain' as const, 'native' as const)
    await fc.assert(
      fc.asyncProperty(
        repeated,
        repeated,
        form,
        fc.integer({ min: 0, max: 64 }),
        async (title, text, format, count) => {
          const body = long(text)
          const labels = Object.fromEntries(
            Array.from({ length: count }, (_, at) => [`l-${at}`, body.slice(0, 90 * at)]),
          )
          const event = { ...message.event, labels }
          const sent = { ...message, event, title: `T${long(title)}`, body, format }
          for (const { config, received } of [flow, hook]) {
            expect(await vendor.send(teams, config, { message: sent })).toMatchObject({ ok: true })
            const json = received.at(-1)?.body ?? Buffer.alloc(0)
            expect(json.length).toBeLessThanOrEqual(20_000)
            if (String(json).length !== json.length) expect(String(json).length).toBeLessThanOrEqual(14_000)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it.each([
    [400, 'TriggerInputSchemaMismatch', 'rejected', undefined, ''],
    [400, 'WorkflowTriggerIsNotEnabled', 'gone', 'channel', 'switched off'],
    [401, 'DirectApiAuthorizationRequired', 'auth', 'channel', 'may anyone trigger the flow'],
    [403, 'Forbidden', 'auth', 'channel', 'may anyone trigger the flow'],
    [404, 'WorkflowNotFound', 'gone', 'channel', ''],
    [413, 'RequestEntityTooLarge', 'rejected', undefined, ''],
    [429, 'WorkflowRunThrottled', 'rate_limited', undefined, ''],
    [502, 'NoResponse', 'server', undefined, ''],
  ])('reads %i %s of a workflow', async (status, code, kind, unusable, hint) => {
    const { config } = await workflow((_, res) => refuse(res, status, code, 'text'))
    const outcome = await vendor.send(teams, config)
    expect(outcome).toMatchObject({ ok: false, class: kind, status })
    expect((outcome as { message: string }).message).toContain(`answered ${status}: ${code}: text`)
    expect((outcome as { message: string }).message).toContain(hint)
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
  })

  it('waits as long as a workflow says', async () => {
    const { config } = await workflow((_, res) => res.writeHead(429, { 'retry-after': '12' }).end())
    expect(await vendor.send(teams, config)).toMatchObject({
      class: 'rate_limited',
      retryAfterMs: 12_000,
      message: 'answered 429',
    })
  })

  it.each([
    [429, 'rate_limited', undefined],
    [413, 'rejected', undefined],
    [401, 'auth', 'channel'],
    [404, 'gone', 'channel'],
    [503, 'server', undefined],
  ])('takes no 200 for success behind which Teams answered %i', async (status, kind, unusable) => {
    for (const { config } of [await connector(behind(status)), await workflow(behind(status))]) {
      const outcome = await vendor.send(teams, config)
      expect(outcome).toMatchObject({ ok: false, class: kind, status: 200 })
      expect((outcome as { message: string }).message).toBe(`answered 200, but behind it Teams answered ${status}`)
      expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
    }
  })

  it.each([
    [400, 'Summary or Text is required.', 'rejected', undefined],
    [401, '', 'auth', 'channel'],
    [403, '', 'auth', 'channel'],
    [413, '', 'rejected', undefined],
    [502, '<html>', 'server', undefined],
    [404, '', 'gone', 'channel'],
    [410, 'The incoming webhook is retired', 'gone', 'channel'],
    [429, '', 'rate_limited', undefined],
    [500, '', 'server', undefined],
    [200, 'Invalid webhook request - Empty Payload', 'rejected', undefined],
  ])('reads %i "%s" of a connector', async (status, text, kind, unusable) => {
    const { config } = await connector((_, res) => res.writeHead(status).end(text))
    const outcome = await vendor.send(teams, config)
    expect(outcome).toMatchObject({ ok: false, class: kind, status })
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
  })

  it('takes whatever a workflow answers with a 2xx for success, but no web page', async () => {
    const { config } = await workflow(
      (_, res) => res.writeHead(200).end('done'),
      (_, res) => res.writeHead(200).end('<!DOCTYPE html><html>Sign in</html>'),
    )
    expect(await vendor.send(teams, config)).toMatchObject({ ok: true, status: 200 })
    expect(await vendor.send(teams, config)).toMatchObject({ ok: false, class: 'rejected' })
  })

  it('hides the signature and the path where an answer repeats them', async () => {
    const flow = await workflow(({ url }, res) => refuse(res, 400, 'X', `${url} s3cret-sig+x_0123456789`))
    const outcome = await vendor.send(teams, flow.config)
    expect(outcome).toMatchObject({
      message: 'answered 400: X: /workflows/0123abcd/triggers/manual/paths/invoke?****** ******',
    })
    const hook = await connector(({ url }, res) => res.writeHead(400).end(`${url} s3cret0123456789abcdef`))
    expect(JSON.stringify(await vendor.send(teams, hook.config))).not.toContain('s3cret')
  })

  it('says so when what is declared is no URL, without showing it', async () => {
    const outcome = await vendor.send(teams, { webhookUrl: 's3cret' })
    expect(outcome).toMatchObject({ ok: false, class: 'rejected', unusable: 'channel' })
    expect(JSON.stringify(outcome)).not.toContain('s3cret')
  })
})
