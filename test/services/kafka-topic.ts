import { Kafka, logLevel } from 'kafkajs'
import { uniqueName } from './services.js'

export interface TopicOptions {
  readonly partitions?: number
  /** As `kafka-topics --config`: `{ 'max.message.bytes': '2048' }`. */
  readonly config?: Readonly<Record<string, string>>
}

/** Makes a topic with a name of its own, and resolves with that once the topic can be written to. */
export async function createTopic(
  servers: string,
  { partitions = 1, config = {} }: TopicOptions = {},
): Promise<string> {
  const topic = uniqueName('topic')
  const admin = new Kafka({ brokers: servers.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: true })
    return topic
  } finally {
    await admin.disconnect()
  }
}
