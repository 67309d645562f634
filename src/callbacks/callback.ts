// From a callback and the request that sets it off to a delivery: everything is rendered here, once, and never again.

import type { CallbackProgram, MessageProgram } from '../resources/kinds/callback-program.js'
import type { Delivery } from '../store/delivery.js'
import { StoreUnavailable } from '../store/store.js'
import { renderHttp } from './http-rendering.js'
import { renderKafka } from './kafka-rendering.js'
import type { LiteralSecrets } from './literal-secrets.js'
import { renderRabbit } from './rabbitmq-rendering.js'
import type { Occasion, Rendered } from './rendering.js'
import { toUnprepared, unprepared } from './unprepared.js'

export interface CallbackPolicy {
  readonly secrets: LiteralSecrets
  /** How long after it is due a callback is still sent. */
  readonly maxAgeMs: number
}

/** Doubled delays grow to this, or to the declared one when that is longer. */
const maxDelayMs = 3600_000

type Render<Message> = (message: Message, occasion: Occasion, secrets: LiteralSecrets) => Rendered

const renderers: { readonly [Type in MessageProgram['type']]: Render<Extract<MessageProgram, { type: Type }>> } = {
  http: renderHttp,
  kafka: renderKafka,
  rabbitmq: renderRabbit,
}

/** Throws `StoreUnavailable` when a secret cannot be kept. */
export function toDelivery(program: CallbackProgram, occasion: Occasion, policy: CallbackPolicy): Delivery {
  const { delayMs, timeoutMs, breaker, retry, sync } = program
  const { id, now, about } = occasion
  const { transport, target, order, payload } = render(program.message, occasion, policy)
  return {
    id,
    kind: 'callback',
    transport,
    target,
    breaker,
    ...(order !== undefined && { order }),
    ...(sync && { sync }),
    // A mock may have an entry of the same name.
    about: { ...about, callback: program.name, ...('selector' in program && { declared: 'Callback' }) },
    created: now,
    delayMs,
    expires: now + delayMs + policy.maxAgeMs,
    timeoutMs,
    retry: { ...retry, maxDelayMs: Math.max(maxDelayMs, retry.delayMs), final: ['guard', 'template'] },
    payload,
  }
}

function render(message: MessageProgram, occasion: Occasion, { secrets }: CallbackPolicy): Rendered {
  try {
    const renderMessage = renderers[message.type] as Render<MessageProgram>
    return renderMessage(message, occasion, secrets)
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    const problem = error instanceof Error ? error.message : String(error)
    return { transport: unprepared, target: unprepared, payload: toUnprepared(problem, message.type) }
  }
}
