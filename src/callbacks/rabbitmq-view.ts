import { type RabbitPayload, rabbitTarget } from './rabbitmq-payload.js'
import { type ShownMessage, showBody, showHeaders, showText } from './shown-message.js'

export function showRabbit(payload: RabbitPayload, maskHeaders: readonly string[]): ShownMessage {
  const { url, exchange, routingKey, mandatory, properties, headers, body } = payload
  return {
    method: null,
    url: typeof url === 'string' ? (rabbitTarget(url) ?? '') : showText(url),
    address: { exchange, routingKey, mandatory: String(mandatory) },
    headers: showHeaders([['Content-Type', properties.contentType], ...headers], maskHeaders),
    ...showBody(body),
  }
}
