import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerReader } from '../../src/network/answer-reader.js'

interface Read {
  readonly status: number
  readonly body: string
  readonly isReusable: boolean
}

/** `undefined` for what is not complete, also when the connection is closed after it. */
function read(pieces: readonly string[], { method = 'POST', maxBody = 1000 } = {}): Read | undefined {
  const reader = new AnswerReader(method, maxBody)
  const isComplete = pieces.map((piece) => reader.read(Buffer.from(piece, 'latin1'))).at(-1) || reader.end()
  if (!isComplete) return undefined
  return { status: reader.status, body: Buffer.concat(reader.body).toString('latin1'), isReusable: reader.isReusable }
}

const complete: [name: string, text: string, want: Read][] = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', { status: 200, body: 'ok', isReusable: true }],
  ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', { status: 200, body: '', isReusable: true }],
  [
    'chunks, with an extension and a trailer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n',
    { status: 200, body: 'abc0123456789', isReusable: true },
  ],
  ['neither', 'HTTP/1.1 200 OK\r\n\r\nuntil the end', { status: 200, body: 'until the end', isReusable: false }],
  [
    'a coding that is not known',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n???',
    { status: 200, body: '???', isReusable: false },
  ],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', isReusable: true }],
  ['304 with a length', 'HTTP/1.1 304 X\r\ncontent-length: 5\r\n\r\n', { status: 304, body: '', isReusable: true }],
  [
    'interim answers before it',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nlink: a\r\n\r\nHTTP/1.1 500 X\r\ncontent-length: 1\r\n\r\n!',
    { status: 500, body: '!', isReusable: true },
  ],
  [
    'a connection that is closed',
    'HTTP/1.1 200 OK\r\nConnection: foo, Close\r\ncontent-length: 0\r\n\r\n',
    { status: 200, body: '', isReusable: false },
  ],
  ['the older version', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', { status: 200, body: '', isReusable: false }],
  [
    'the older version that stays',
    'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n',
    { status: 200, body: '', isReusable: true },
  ],
  [
    'more than it should',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n',
    { status: 200, body: 'ok', isReusable: false },
  ],
]

describe('an answer', () => {
  for (const [name, text, want] of complete) {
    it(`with ${name} is read, whole or in any pieces`, () => {
      expect(read([text])).toEqual(want)
      expect(read([...text])).toMatchObject({ status: want.status, body: want.body })
      fc.assert(
        fc.property(fc.uniqueArray(fc.nat(text.length)), (cuts) => {
          const at = [0, ...cuts.sort((a, b) => a - b), text.length]
          const pieces = at.slice(1).map((end, index) => text.slice(at[index], end))
          expect(read(pieces)).toMatchObject({ status: want.status, body: want.body })
        }),
      )
    })
  }

  it('to HEAD has no body, whatever length it says', () => {
    expect(read(['HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n'], { method: 'HEAD' })).toEqual({
      status: 200,
      body: '',
      isReusable: true,
    })
  })

  for (const [name, text, maxBody, isReusable] of [
    ['longer than what is wanted', 'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n0123456789', 5, false],
    ['exactly as long as what is wanted', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n01234', 5, true],
    ['longer in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nf\r\n01234567', 5, false],
  ] as const) {
    it(`${name} is read as far`, () => {
      expect(read([text], { maxBody })).toEqual({ status: 200, body: '01234', isReusable })
    })
  }

  const partial = [
    '',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
  ]
  for (const text of partial) {
    it(`that ends at ${JSON.stringify(text.slice(-20))} is not complete`, () => expect(read([text])).toBeUndefined())
  }

  const head = 'HTTP/1.1 200 OK\r\n'
  const broken: [name: string, text: string][] = [
    ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['another version', 'HTTP/2 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
    ['a length and chunks', `${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['two lengths', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\n`],
    ['a list of lengths', `${head}content-length: 1, 1\r\n\r\n`],
    ['a length that is none', `${head}content-length: +1\r\n\r\n`],
    ['a space before the colon', `${head}content-length : 1\r\n\r\n`],
    ['a folded line', `${head}a: b\r\n c\r\n\r\n`],
    ['a line without a colon', `${head}abc\r\n\r\n`],
    ['a bare line feed', `${head}a: b\nc: d\r\n\r\n`],
    ['bare line feeds alone', 'HTTP/1.1 200 OK\ncontent-length: 0\n\n'],
    ['a bare carriage return', `${head}a: b\rc: d\r\n\r\n`],
    ['a head without end', `${head}a: ${'x'.repeat(20_000)}`],
    ['a chunk that is longer', `${head}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n`],
    ['a size that is none', `${head}transfer-encoding: chunked\r\n\r\n-1\r\n`],
    ['a chunk line without end', `${head}transfer-encoding: chunked\r\n\r\n1;${'x'.repeat(5000)}`],
    ['endless trailers', `${head}transfer-encoding: chunked\r\n\r\n0\r\n${`a: ${'x'.repeat(4000)}\r\n`.repeat(5)}`],
  ]
  for (const [name, text] of broken) {
    it(`with ${name} is refused`, () => expect(() => read([text])).toThrow('is no HTTP that can be read'))
  }

  it('says what matters of its head', () => {
    const reader = new AnswerReader('GET', 10)
    reader.read(
      Buffer.from(
        'HTTP/1.1 503 X\r\nRetry-After: 7\r\nretry-after: 8\r\nLocation:\t/x \r\nKeep-Alive: max=5, timeout=12\r\ncontent-length: 0\r\n\r\n',
      ),
    )
    expect(reader).toMatchObject({ status: 503, retryAfter: '7', location: '/x', keepAliveSeconds: 12 })
  })
})
