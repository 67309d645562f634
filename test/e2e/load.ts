import { Agent } from 'node:http'

/** Several clients, each with a keep-alive connection of its own, that go on asking until they are stopped. */
export class Load {
  requests = 0
  readonly failures: unknown[] = []
  readonly #clients: Promise<void>[]
  #stopped = false

  /** `round`: what a client does over and over; it counts as failed when this rejects. */
  constructor(clients: number, round: (agent: Agent, client: number) => Promise<void>) {
    this.#clients = Array.from({ length: clients }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      while (!this.#stopped) {
        try {
          await round(agent, client)
        } catch (error) {
          this.failures.push(error)
          if (this.failures.length > 100) break
        }
        this.requests += 1
      }
      agent.destroy()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#clients)
  }
}
