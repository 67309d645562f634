import { describe, expect, it } from 'vitest'
import { EventInvalid, type PostedEvent } from '../../../src/dispatcher/events/event.js'
import { batchType, type PostedBody, readPosted, structuredType } from '../../../src/dispatcher/events/posted.js'
import { RawNumber } from '../../../src/expression/json.js'

const noon = '2026-01-01T12:00:00.000Z'
let ids = 0
const defaults = {
  time: noon,
  newId: () => {
    ids += 1
    return `new-${ids}`
  },
}

function read(body: unknown, more: Partial<PostedBody> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return readPosted({ type: 'application/json', headers: {}, text, ...more }, defaults)
}

function one(body: unknown, more?: Partial<PostedBody>): PostedEvent {
  const { events, isBatch } = read(body, more)
  expect(isBatch).toBe(false)
  expect(events).toHaveLength(1)
  return (events[0] as { event: PostedEvent }).event
}

function problems(body: unknown, more?: Partial<PostedBody>): readonly string[] {
  try {
    read(body, more)
  } catch (error) {
    if (error instanceof EventInvalid) return error.problems.map(({ pointer, message }) => `${pointer} ${message}`)
    throw error
  }
  throw new Error('it was taken')
}

const cloudEvent = {
  specversion: '1.0',
  id: 'e-1',
  source: '/ci/main',
  type: 'deploy.success',
  time: '2026-01-01T10:00:00Z',
  datacontenttype: 'application/json',
  subject: 'my-app',
  service: 'api',
  severity: 'warning',
  attempt: 3,
  data: { message: 'done' },
}

const fromCloudEvent: PostedEvent = {
  id: 'e-1',
  type: 'deploy.success',
  time: '2026-01-01T10:00:00Z',
  source: '/ci/main',
  service: 'api',
  severity: 'warning',
  labels: { subject: 'my-app', attempt: '3' },
  payload: { message: 'done' },
}

describe('events in their own shape', () => {
  it('need no more than a type; the rest is filled in', () => {
    expect(one({ type: 'deploy.success' })).toEqual({
      id: expect.stringMatching(/^new-\d+$/),
      type: 'deploy.success',
      time: noon,
      source: 'api',
      payload: {},
    })
  })

  it('keep every field, and numbers that a double cannot hold', () => {
    const event = {
      id: 'e-1',
      type: 'run_failed',
      time: '2026-01-01T10:00:00+02:00',
      source: 'ci',
      namespace: 'shop',
      service: 'api',
      customer: 'acme',
      severity: 'critical',
      labels: { team: 'checkout' },
      title: 'Down',
      body: 'two\nlines',
      link: 'https://example.com/a?b=c',
    }
    const text = `${JSON.stringify(event).slice(0, -1)},"payload":{"id":12345678901234567890}}`
    expect(one(text)).toEqual({ ...event, payload: { id: new RawNumber('12345678901234567890') } })
  })

  it('are the same when only the order of fields and what is filled in differ', () => {
    const digest = (body: unknown) => read(body).events[0]?.digest
    const posted = { id: 'a', type: 't', payload: { a: 1, b: [1, 2] } }
    expect(digest({ payload: { b: [1, 2], a: 1 }, type: 't', id: 'a' })).toBe(digest(posted))
    for (const other of [{ payload: { a: 1, b: [2, 1] } }, { time: noon }, { severity: 'info' }]) {
      expect(digest({ ...posted, ...other })).not.toBe(digest(posted))
    }
  })

  it.each([
    ['no object', [1], ['/0 an event is an object, not a number']],
    ['text', '"a"', [' an event is an object, not a string']],
    ['no JSON', '{', [expect.stringContaining('the body is no JSON')]],
    ['no type', {}, ['/type is missing: which event type is it?']],
    ['a field too many', { type: 't', payloads: {} }, ['/payloads is no field of an event; did you mean payload?']],
    [
      'another field too many',
      { type: 't', deployment: 'x' },
      ['/deployment is no field of an event; what the event is about belongs into payload'],
    ],
    [
      'a severity that there is not',
      { type: 't', severity: 'warnin' },
      ['/severity has to be one of info, warning, error, critical; did you mean warning?'],
    ],
    [
      'a time without a zone',
      { type: 't', time: '2026-01-01T10:00:00' },
      [expect.stringMatching(/^\/time is no time/)],
    ],
    ['a day that there is not', { type: 't', time: '2026-13-01T10:00:00Z' }, [expect.stringMatching(/^\/time is no/)]],
    ['a type with spaces', { type: 'a b' }, [expect.stringMatching(/^\/type is no id of an event type/)]],
    ['a link that is none', { type: 't', link: 'javascript:1' }, ['/link is no absolute http or https URL']],
    ['a namespace in capitals', { type: 't', namespace: 'Shop' }, [expect.stringMatching(/^\/namespace is no/)]],
    ['two lines in a title', { type: 't', title: 'a\nb' }, ['/title has line breaks or control characters']],
    ['a label that is no text', { type: 't', labels: { a: 1 } }, ['/labels label "a" has to be text, not a number']],
    ['an empty id', { type: 't', id: '' }, ['/id is empty']],
    ['a long id', { type: 't', id: 'x'.repeat(513) }, ['/id is longer than 512 characters']],
  ])('%s is refused, and where it is said', (_, body, expected) => {
    expect(problems(body)).toEqual(expected)
  })

  it('say everything that is wrong at once', () => {
    expect(problems({ id: 1, severity: 'x', body: 2 })).toHaveLength(4)
  })

  it('never have keys that mean something to JavaScript', () => {
    const { payload } = one('{"type":"t","payload":{"__proto__":{"a":1},"b":2}}')
    expect(Object.getOwnPropertyNames(payload)).toEqual(['b'])
  })
})

describe('CloudEvents', () => {
  it('structured', () => {
    expect(one(cloudEvent, { type: structuredType })).toEqual(fromCloudEvent)
  })

  it('structured, though called plain JSON', () => {
    expect(one(cloudEvent)).toEqual(fromCloudEvent)
  })

  it('binary: attributes from headers, percent-encoded or not', () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'e-1',
      'ce-source': '/ci/main',
      'ce-type': 'deploy.success',
      'ce-time': '2026-01-01T10:00:00Z',
      'ce-subject': 'my%2Dapp',
      'ce-service': 'api',
      'ce-severity': 'warning',
      'ce-attempt': '3',
      'content-type': 'application/json',
      authorization: 'Bearer x',
    }
    expect(one({ message: 'done' }, { headers })).toEqual(fromCloudEvent)
    expect(one('100%', { headers, type: 'text/plain' }).payload).toBe('100%')
    expect(one('', { headers }).payload).toEqual({})
  })

  it('a batch', () => {
    const { events, isBatch } = read([cloudEvent, { ...cloudEvent, id: 'e-2' }], { type: batchType })
    expect(isBatch).toBe(true)
    expect(events.map(({ event }) => event)).toEqual([fromCloudEvent, { ...fromCloudEvent, id: 'e-2' }])
  })

  it('data in base64', () => {
    const { data: _, ...rest } = cloudEvent
    const data_base64 = Buffer.from('{"message":"done"}').toString('base64')
    expect(one({ ...rest, data_base64 }, { type: structuredType })).toEqual(fromCloudEvent)
    expect(one({ ...rest, datacontenttype: 'image/png', data_base64 }).payload).toBe(data_base64)
  })

  it.each([
    ['without what it needs', { specversion: '1.0', type: 't' }, ['/id is missing', '/source is missing']],
    [
      'of another version',
      { ...cloudEvent, specversion: '0.3' },
      ['/specversion is "0.3"; CloudEvents 1.0 is understood'],
    ],
    [
      'with a list as an attribute',
      { ...cloudEvent, tags: [] },
      ['/tags attributes are texts, numbers or truth values'],
    ],
    ['with capitals', { ...cloudEvent, Foo: 'a' }, ['/Foo is no name of an attribute: lower case letters and digits']],
    ['with data twice', { ...cloudEvent, data_base64: '' }, ['/data_base64 data and data_base64 exclude each other']],
    [
      'with a severity of its own',
      { ...cloudEvent, severity: 'high' },
      [expect.stringMatching(/^\/severity has to be/)],
    ],
  ])('%s is refused', (_, body, expected) => {
    expect(problems(body, { type: structuredType })).toEqual(expected)
  })
})

describe('batches', () => {
  it('of our own shape and of CloudEvents may be mixed', () => {
    const { events, isBatch } = read([{ type: 'a' }, cloudEvent])
    expect(isBatch).toBe(true)
    expect(events.map(({ event }) => event.type)).toEqual(['a', 'deploy.success'])
  })

  it('are refused as a whole, with everything that is wrong', () => {
    expect(problems([{ type: 'a' }, {}, { type: 'b', id: 1 }])).toEqual([
      '/1/type is missing: which event type is it?',
      '/2/id has to be text, not a number',
    ])
    expect(problems(Array.from({ length: 1001 }, () => ({ type: 'a' })))).toEqual([
      ' 1001 events; a batch has 1000 at most',
    ])
    expect(problems({ type: 'a' }, { type: batchType })).toEqual([' a batch is a list of events'])
  })
})
