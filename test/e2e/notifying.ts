// A controller with channels that lead to a sink on loopback, and events that are posted to it.

import type { DeliverySummary, DeliveryView } from '../../src/status/delivery-views.js'
import type { EventReceipt } from '../../src/status/event-views.js'
import type { ConditionView, ResourceView } from '../../src/status/views.js'
import { ask, type Reply } from './ask.js'
import { eventually } from './eventually.js'
import { operateToken, Running } from './running.js'
import { Sink } from './sink.js'

export const doc = (kind: string, name: string, spec: object, namespace?: string) =>
  JSON.stringify({
    apiVersion: 'callboard/v1',
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec,
  })

const bearer = { authorization: `Bearer ${operateToken}` }

export class NotifyingWorld {
  readonly running: Running
  readonly sink: Sink

  private constructor(running: Running, sink: Sink) {
    this.running = running
    this.sink = sink
  }

  static async start(
    files: (url: string) => Readonly<Record<string, string>>,
    sink?: Sink,
    flags = {},
  ): Promise<NotifyingWorld> {
    const there = sink ?? (await Sink.start())
    const running = await Running.start(files(there.url), { network: { allow: [there.address] }, ...flags })
    return new NotifyingWorld(running, there)
  }

  post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return ask(`${this.running.control}/api/v1/events`, { method: 'POST', body, headers: { ...bearer, ...headers } })
  }

  async accepted(body: unknown): Promise<EventReceipt> {
    const { status, json, text } = await this.post(body)
    if (status !== 202) throw new Error(`${status} ${text}`)
    return json as EventReceipt
  }

  async deliveries(query: string): Promise<DeliverySummary[]> {
    return (await this.running.see<{ items: DeliverySummary[] }>(`/api/v1/deliveries?${query}`)).items
  }

  delivery(id: string): Promise<DeliveryView> {
    return this.running.see<DeliveryView>(`/api/v1/deliveries/${id}`)
  }

  async condition(kind: string, name: string, type: string, namespace = '-'): Promise<ConditionView | undefined> {
    const path = `/api/v1/resources/${kind}/${namespace}/${name}`
    const { conditions } = await this.running.see<ResourceView>(path)
    return conditions.find((one) => one.type === type)
  }

  /** Once it has ended. */
  ended(id: string, status: string): Promise<DeliveryView> {
    let last: DeliveryView | undefined
    return eventually(
      `${id} is ${status}`,
      async () => {
        last = await this.delivery(id)
        return last.status === status && last
      },
      { found: () => last },
    )
  }
}

export const webhook = (url: string, more = {}) =>
  doc('Channel', 'ops', { type: 'webhook', config: { url: `${url}/ops` }, ...more })
