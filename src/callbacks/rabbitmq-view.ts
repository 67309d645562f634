import { parseRabbitUrl } from '../resources/kinds/rabbitmq-url.js'
import type { RabbitPayload } from './rabbitmq.js'
import { type ShownMessage, showBody, showHeaders, showText } from './shown-message.js'

export function showRabbit(payload: RabbitPayload, maskHeaders: readonly string[]): ShownMessage {
  const { url, exchange, routingKey, mandatory, properties, headers, body } = payload
  return {
    method: null,
    url: typeof url === 'string' ? (parseRabbitUrl(url)?.name ?? '') : showText(url),
    address: { exchange, routingKey, mandatory: String(mandatory) },
    headers: showHeaders([['Content-Type', properties.contentType], ...headers], maskHeaders),
    ...showBody(body),
  }
}
