import { expect, it } from 'vitest'
import { createTopic } from '../services/kafka-topic.js'
import { MockKafka, readTopic } from '../services/kcat.js'
import { describeWith, kafka } from '../services/services.js'
import { kafkaTransports } from './kafka-world.js'

const open = kafkaTransports()

describeWith(['kcat'], 'a quick check of the protocol', () => {
  it('reaches a broker that is not Java', async () => {
    const mock = await MockKafka.start()
    try {
      const { send } = open()
      const brokers = [mock.plaintext]
      expect(await send({ brokers, topic: 'orders', key: 'c-1', value: 'a' })).toEqual({ ok: true })
      const [message] = await readTopic(mock.plaintext, 'orders', 1)
      expect(message?.value?.toString()).toBe('a')
    } finally {
      await mock.close()
    }
  })
})

describeWith(['kafka', 'kcat'], 'a message', () => {
  it('arrives', async () => {
    const { plaintext } = await kafka()
    const topic = await createTopic(plaintext)
    const { send } = open()
    expect(await send({ brokers: [plaintext], topic, key: 'k', value: 'v' })).toEqual({ ok: true })
  })
})
