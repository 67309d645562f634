import type { Transport } from '../delivery/transport.js'
import type { Json } from '../expression/json.js'

/** Of callbacks that could not be rendered: they are on record, and are never sent. */
export const unpreparedTransport: Transport = {
  send: async ({ payload }) => ({ ok: false, class: 'template', message: (payload as { message: string }).message }),
}

export const unprepared = 'unprepared'

/** `type`: how it was to be sent. */
export function toUnprepared(message: string, type: string): Json {
  return { message, type }
}

export function typeOfUnprepared(payload: Json): string {
  return String((payload as { readonly type?: string }).type ?? 'http')
}
