import { describe, expect, it } from 'vitest'
import { parseFile } from '../../src/resources/parse.js'

// Put together here, so that whoever scans this repository finds nothing.
const tokens: Readonly<Record<string, string>> = {
  'a Slack webhook URL': `https://hooks.slack.com/${'services'}/T00000000/B00000000/${'x'.repeat(24)}`,
  'a Slack token': `xoxb-${'1'.repeat(12)}-${'a'.repeat(24)}`,
  'a Discord webhook URL': `https://discord.com/api/webhooks/${'1'.repeat(18)}/${'a'.repeat(68)}`,
  'a Telegram bot token': `https://api.telegram.org/bot123456789:AA${'x'.repeat(33)}/sendMessage`,
  'a GitHub token': `token ghp_${'A1'.repeat(18)}`,
  'a GitLab token': `glpat-${'x'.repeat(20)}`,
  'a Stripe key': `sk_live_${'a1'.repeat(12)}`,
  'a SendGrid key': `SG.${'a'.repeat(22)}.${'b'.repeat(43)}`,
  'an age key': `AGE-SECRET-KEY-1${'Q'.repeat(58)}`,
  'a private key': `-----BEGIN ${'RSA PRIVATE'} KEY-----`,
}

const callback = (url: string, body: string): string => `apiVersion: callboard/v1
kind: Callback
metadata: {name: a, namespace: shop}
spec:
  selector: {tags: [a]}
  url: ${JSON.stringify(url)}
  body: {text: ${JSON.stringify(body)}}
`
const mock = (body: string): string => `apiVersion: callboard/v1
kind: Mock
metadata: {name: a, namespace: shop}
spec:
  http: {route: /a, conditions: [{path: $.token, assertAction: equals, value: ${JSON.stringify(body)}}]}
  response: {payload: {token: ${JSON.stringify(body)}}}
`
const problems = (text: string) => parseFile('a.yaml', Buffer.from(text)).problems

describe('a credential that is known by its form', () => {
  for (const [what, token] of Object.entries(tokens)) {
    it(`is reported where it is sent: ${what}`, () => {
      expect(problems(callback('https://example.com/', token))).toMatchObject([
        {
          rule: 'literal-secret',
          severity: 'warning',
          pointer: '/spec/body/text',
          line: 7,
          message: `this holds ${what} as literal text`,
          hint: expect.stringContaining('revoke it'),
        },
      ])
    })

    it(`is no matter where a mock makes it up: ${what}`, () => {
      expect(problems(mock(token))).toEqual([])
    })
  }

  it('is reported as the URL of a callback', () => {
    const url = tokens['a Slack webhook URL'] ?? ''
    expect(problems(callback(url, 'x')).map(({ pointer }) => pointer)).toEqual(['/spec/url'])
  })

  it('is reported once where the field is a secret anyway', () => {
    const channel = `apiVersion: callboard/v1
kind: Channel
metadata: {name: a}
spec: {type: slack, config: {webhookUrl: ${JSON.stringify(tokens['a Slack webhook URL'])}}}
`
    expect(problems(channel)).toMatchObject([
      {
        rule: 'literal-secret',
        hint: 'write webhookUrl: {env: WEBHOOK_URL} or {file: path}, or encrypt the value with SOPS',
      },
    ])
  })

  const harmless = [
    'https://hooks.slack.com/services/',
    'https://slack.com/api/chat.postMessage',
    'xoxb-your-token',
    'ghp_xxx',
    `sk_test_${'a'.repeat(24)}`,
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN PUBLIC KEY-----',
    '12345678:AAx',
    `${'a'.repeat(40)}`,
    '$.req.token',
  ]
  for (const text of harmless) {
    it(`is not seen in ${text.slice(0, 50)}`, () => {
      expect(problems(callback('https://example.com/', text))).toEqual([])
    })
  }
})
