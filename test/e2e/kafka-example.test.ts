// examples/kafka beside a broker, as its comments say.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { type ReadMessage, readTopic } from '../services/kcat.js'
import { describeWith, privateKafka } from '../services/services.js'
import { ask } from './ask.js'
import { curlsIn, parseCurl } from './curl.js'
import { Running } from './running.js'

const text = readFileSync(fileURLToPath(new URL('../../examples/kafka/orders.yaml', import.meta.url)), 'utf8')

function shown({ key, value, headers }: ReadMessage) {
  const declared = headers.filter(([name]) => name !== 'callboard-delivery-id')
  return {
    key: key === null ? null : String(key),
    value: value === null ? null : String(value),
    headers: Object.fromEntries(declared.map(([name, header]) => [name, String(header)])),
  }
}

describeWith(['own kafka', 'kcat'], 'examples/kafka', () => {
  it('sends what its comments say to topics that the broker makes when they are used', async () => {
    const broker = await privateKafka({ properties: { 'auto.create.topics.enable': 'true' } })
    const { plaintext } = broker.addresses
    const running = await Running.start(
      { 'orders.yaml': text.replaceAll('localhost:9092', plaintext) },
      { strict: true, network: { allow: [plaintext] } },
    )
    for (const line of curlsIn(text)) {
      const { url, ...options } = parseCurl(line)
      await ask(url.replace('http://localhost:5770', running.resolver), options)
    }
    const [order] = (await readTopic(plaintext, 'orders.created', 1)).map(shown)
    expect(order).toMatchObject({ key: 'c-7', headers: { 'event-type': 'order.created', source: 'order-service' } })
    expect(JSON.parse(order?.value ?? '')).toEqual({
      event: 'order.created',
      order: expect.stringMatching(/^o_[0-9a-f-]{36}$/),
      customer: 'c-7',
      total: 120,
    })
    expect((await readTopic(plaintext, 'parcels.de', 1)).map(shown)).toEqual([
      { key: null, value: 'Parcel p-1 has left', headers: {} },
    ])
    expect((await readTopic(plaintext, 'customers', 1)).map(shown)).toEqual([{ key: 'c-7', value: null, headers: {} }])
    const audit = (await readTopic(plaintext, 'audit', 2)).map(({ value }) => JSON.parse(String(value)))
    expect(audit.map(({ status }) => status).sort()).toEqual([200, 503])
  }, 60_000)
})
