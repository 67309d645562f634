import amqp from 'amqplib'
import { Kafka, logLevel } from 'kafkajs'
import { expect, it } from 'vitest'
import { createTopic } from './kafka-topic.js'
import { readTopic } from './kcat.js'
import { describeWith, kafka, rabbitmq, uniqueName } from './services.js'

describeWith(['kafka', 'kcat'], 'the shared Kafka', () => {
  it('gives what kafkajs wrote to kcat, byte by byte', async () => {
    const { plaintext } = await kafka()
    const topic = await createTopic(plaintext)
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const producer = new Kafka({ brokers: plaintext.split(','), logLevel: logLevel.NOTHING }).producer()
    await producer.connect()
    await producer.send({
      topic,
      messages: [
        { key: 'ключ', value: all, headers: { 'x-a': ['1', 'ü,"'], 'x-b': all } },
        { key: null, value: null },
        { key: '', value: '' },
      ],
    })
    await producer.disconnect()

    const read = await readTopic(plaintext, topic, 3)
    expect(read).toMatchObject([
      {
        topic,
        partition: 0,
        offset: 0,
        key: Buffer.from('ключ'),
        value: all,
        headers: [
          ['x-a', Buffer.from('1')],
          ['x-a', Buffer.from('ü,"')],
          ['x-b', all],
        ],
      },
      { offset: 1, key: null, value: null, headers: [] },
      { offset: 2, key: Buffer.from(''), value: Buffer.from('') },
    ])
  })
})

describeWith(['rabbitmq'], 'the shared RabbitMQ', () => {
  it('confirms what amqplib publishes, and gives it to a consumer', async () => {
    const { url } = await rabbitmq()
    const connection = await amqp.connect(url)
    const channel = await connection.createConfirmChannel()
    const { queue } = await channel.assertQueue(uniqueName('queue'), { durable: true, autoDelete: true })
    const sent = { headers: { 'x-a': '1' }, contentType: 'text/plain', messageId: 'm-1', persistent: true }
    channel.sendToQueue(queue, Buffer.from([0, 255]), sent)
    await channel.waitForConfirms()

    const message = await channel.get(queue, { noAck: true })
    expect(message).toMatchObject({
      content: Buffer.from([0, 255]),
      properties: { headers: { 'x-a': '1' }, contentType: 'text/plain', messageId: 'm-1', deliveryMode: 2 },
    })
    await channel.deleteQueue(queue)
    await connection.close()
  })
})
