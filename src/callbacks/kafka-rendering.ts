import type { SecretText } from '../delivery/secrets.js'
import { topicProblem } from '../resources/kinds/callback-kafka.js'
import type { KafkaCallback } from '../resources/kinds/callback-program.js'
import { idHeader } from './http.js'
import { type KafkaPayload, kafkaOrder, kafkaTarget, toKafkaPayload } from './kafka-payload.js'
import type { LiteralSecrets } from './literal-secrets.js'
import { type Occasion, type Rendered, renderBody, textOf, tracing } from './rendering.js'

/** Throws an Error when it comes out as nothing that can be sent. */
export function renderKafka(
  kafka: KafkaCallback,
  { id, scope, headers: received }: Occasion,
  secrets: LiteralSecrets,
): Rendered {
  const { brokers, login, tls } = kafka
  const topic = kafka.topic.renderText(scope)
  const wrong = topicProblem(topic)
  if (wrong !== undefined)
    throw new Error(`kafkaTopic came out as ${JSON.stringify(topic.slice(0, 300))}, which ${wrong}`)
  const key = kafka.key?.renderText(scope) ?? ''
  const value = kafka.body === undefined ? undefined : renderBody(kafka.body, scope).text
  const headers: [name: string, value: SecretText][] = []
  for (const header of kafka.headers) {
    if (header.name.toLowerCase() === 'content-type') continue
    headers.push([header.name, textOf(header.value, scope, secrets)])
  }
  const add = (name: string, text: string) => {
    if (!headers.some(([given]) => given.toLowerCase() === name)) headers.push([name, text])
  }
  // A message may arrive twice, and nothing else in it tells that it is the same.
  add(idHeader, id)
  for (const name of tracing) {
    const text = received[name]
    if (typeof text === 'string') add(name, text)
  }
  const target = kafkaTarget(brokers, login?.username)
  const payload: KafkaPayload = {
    brokers,
    topic,
    ...(key !== '' && { key }),
    headers,
    ...(value !== undefined && { value }),
    ...(login !== undefined && {
      login: {
        mechanism: login.mechanism,
        username: login.username,
        password: textOf(login.password, scope, secrets),
      },
    }),
    ...(tls !== undefined && { tls }),
  }
  return {
    transport: 'kafka',
    target,
    ...(key !== '' && { order: kafkaOrder(target, topic, key) }),
    payload: toKafkaPayload(payload),
  }
}
