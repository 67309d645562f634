import { type KafkaPayload, kafkaTarget } from './kafka-payload.js'
import { type ShownMessage, showBody, showHeaders } from './shown-message.js'

export function showKafka(payload: KafkaPayload, maskHeaders: readonly string[]): ShownMessage {
  const { brokers, topic, key, headers, value, login } = payload
  return {
    method: null,
    url: kafkaTarget(brokers, login?.username),
    address: { topic, ...(key !== undefined && { key }) },
    headers: showHeaders(headers, maskHeaders),
    ...showBody(value),
  }
}
