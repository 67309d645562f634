import { describe, expect, it } from 'vitest'
import { FaultDraw } from '../../src/resolver/fault-draw.js'
import { raw } from './raw-connection.js'
import { mock, type Running, serve } from './running-resolver.js'

const failing = (fault: object) =>
  mock('failing', { http: { route: '/failing' }, faults: [fault], response: { payload: 'whole answer' } })

async function ask({ port }: Running) {
  const connection = await raw(port)
  connection.send('GET /failing HTTP/1.1\r\nHost: x\r\n\r\n')
  return connection
}

describe('faults', () => {
  it('status answers another status and says that it was meant', async () => {
    const { url, resolver } = await serve([failing({ kind: 'status', statusCode: 503 })])
    const answer = await fetch(`${url}/failing`)
    expect(answer.status).toBe(503)
    expect(((await answer.json()) as { detail: string }).detail).toContain('sandbox/failing')
    expect(resolver.requests.list(() => true, { limit: 1 }).items[0]).toMatchObject({ outcome: 'fault', status: 503 })
  })

  it('reset breaks the connection', async () => {
    const running = await serve([failing({ kind: 'reset' })])
    const connection = await ask(running)
    expect(await connection.ended).toBe('')
    expect(connection.failed()?.code).toBe('ECONNRESET')
  })

  it('empty ends the connection without a byte', async () => {
    const running = await serve([failing({ kind: 'empty' })])
    const connection = await ask(running)
    expect(await connection.ended).toBe('')
    expect(connection.failed()).toBeUndefined()
    expect(running.resolver.requests.list(() => true, { limit: 1 }).items[0]).toMatchObject({
      outcome: 'fault',
      status: null,
    })
  })

  it('malformed sends what is no HTTP', async () => {
    const { url } = await serve([failing({ kind: 'malformed' })])
    await expect(fetch(`${url}/failing`).then((answer) => answer.text())).rejects.toThrow()
  })

  it('slow sends the whole answer in pieces', async () => {
    const running = await serve([failing({ kind: 'slow', duration: 60 })])
    const began = performance.now()
    const answer = await fetch(`${running.url}/failing`)
    expect(await answer.text()).toBe('whole answer')
    expect(performance.now() - began).toBeGreaterThan(50)
  })

  it('happen at their rate, always in the same order with a seed', () => {
    const fault = { kind: 'status', rate: 0.3, statusCode: 500, duration: 0, seed: 7 } as const
    const strikes = () => {
      const draw = new FaultDraw([fault])
      return Array.from({ length: 1_000 }, () => draw.draw(() => 1) !== undefined)
    }
    const once = strikes()
    expect(strikes()).toEqual(once)
    const share = once.filter(Boolean).length / 1_000
    expect(share).toBeGreaterThan(0.25)
    expect(share).toBeLessThan(0.35)
  })
})

describe('delay', () => {
  it('holds the answer back', async () => {
    const { url } = await serve([mock('late', { http: { route: '/late' }, response: { payload: 'x', delay: 60 } })])
    const began = performance.now()
    await (await fetch(`${url}/late`)).text()
    expect(performance.now() - began).toBeGreaterThan(50)
  })
})

describe('seeds', () => {
  const drawn = (seed?: string) =>
    mock(
      'drawn',
      { http: { route: '/drawn' }, response: { payload: { id: '$.fake.UUID', name: '$.fake.FirstName' } } },
      seed === undefined ? {} : { annotations: { 'callboard/faker-seed': seed } },
    )
  const three = async ({ url }: Running) => {
    const answers: unknown[] = []
    for (let count = 0; count < 3; count += 1) answers.push(await (await fetch(`${url}/drawn`)).json())
    return answers
  }

  it('make two runs alike and two requests different', async () => {
    const once = await three(await serve([drawn('a')]))
    expect(await three(await serve([drawn('a')]))).toEqual(once)
    expect(once[0]).not.toEqual(once[1])
    expect(await three(await serve([drawn('b')]))).not.toEqual(once)
  })

  it('of the settings hold for mocks without one', async () => {
    const once = await three(await serve([drawn()], { options: { seed: 's' } }))
    expect(await three(await serve([drawn()], { options: { seed: 's' } }))).toEqual(once)
    expect(await three(await serve([drawn()], { options: { seed: 't' } }))).not.toEqual(once)
  })

  it('begin again with a reset', async () => {
    const running = await serve([drawn('a')])
    const once = await three(running)
    await running.resolver.reset()
    expect(await three(running)).toEqual(once)
  })
})
