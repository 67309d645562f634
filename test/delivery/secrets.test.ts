import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secrets } from '../../src/delivery/secrets.js'

const value = 'xoxb-1/a+b=c&"d\'<é>\\e f😀'

async function hiding(secret: string): Promise<Secrets> {
  const secrets = new Secrets({ env: { S: secret } })
  await secrets.resolve({ env: 'S' })
  return secrets
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase())
const utf16 = (text: string, pattern: RegExp, toCase: (hex: string) => string = (hex) => hex) =>
  text.replace(pattern, (unit) => `\\u${toCase(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`)

const writings: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['JSON', (text) => JSON.stringify(text).slice(1, -1)],
  ['JSON within JSON', (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3)],
  ['JSON of PHP', (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/')],
  ['JSON of Go', (text) => utf16(JSON.stringify(text).slice(1, -1), /[<>&]/g)],
  ['JSON of .NET', (text) => utf16(text, /[^ -~]|["&'+<>\\]/g, (hex) => hex.toUpperCase())],
  ['a URL', encodeURIComponent],
  ['a URL, in lower case', (text) => lower(encodeURIComponent(text))],
  ['a URL, escaped twice as little', (text) => encodeURI(text)],
  ['a form', (text) => new URLSearchParams([['', text]]).toString().slice(1)],
  ['HTML', (text) => text.replace(/[&<>"']/g, (sign) => entities[sign] as string)],
  [
    'HTML in numbers',
    (text) => [...text].map((sign) => (/\w/.test(sign) ? sign : `&#x${sign.codePointAt(0)?.toString(16)};`)).join(''),
  ],
  ['base64', (text) => Buffer.from(text).toString('base64')],
  ['base64url', (text) => Buffer.from(text).toString('base64url')],
  ['hexadecimal', (text) => Buffer.from(text).toString('hex')],
  ['upper hexadecimal', (text) => Buffer.from(text).toString('hex').toUpperCase()],
]

describe('a secret is hidden', () => {
  it.each(writings)('written as %s', async (_, write) => {
    const secrets = await hiding(value)
    expect(secrets.redact(`before ${write(value)} after`)).toBe('before ****** after')
  })

  it('in whatever way it is written, whatever it is', async () => {
    const some = fc.string({ unit: 'binary', minLength: 6, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(some, fc.constantFrom(...writings), async (text, [, write]) => {
        const secrets = await hiding(text)
        expect(secrets.redact(`‹${write(text)}›`)).toBe('‹******›')
      }),
    )
  })

  it('within base64 of more, wherever it begins', async () => {
    const secrets = await hiding('secretWXtoken/+=abc')
    for (const before of ['a:', 'ab:', 'abc:']) {
      const written = Buffer.from(`${before}secretWXtoken/+=abc`).toString('base64')
      const shown = secrets.redact(written)
      expect(Buffer.from(shown.replaceAll('*', ''), 'base64').toString()).not.toContain('ecretWX')
    }
  })

  it('as a whole where another is a part of it', async () => {
    const secrets = new Secrets({ env: { A: 'part', B: 'a part-of it' } })
    await secrets.resolve({ env: 'A' })
    await secrets.resolve({ env: 'B' })
    expect(secrets.redact('a part-of it, part')).toBe('******, ******')
  })

  it('in no time, however many backslashes there are', async () => {
    const secrets = await hiding('a\\\\\\\\/b')
    expect(secrets.redact('\\'.repeat(100_000))).toHaveLength(100_000)
  })
})

it('what is no secret is left alone', async () => {
  const secrets = await hiding('tok-1.x')
  const text = 'tok-10x tok_1.x tok-1,x'
  expect(secrets.redact(text)).toBe(text)
})
