// Connections to mail servers that are good for the next message: to open one, over TLS and with a login, takes longer than
// what it is opened for. Few are kept, and not for long: servers count them.

import { createHash } from 'node:crypto'
import type { Timer } from '../../store/timer.js'
import type { MailServer } from './smtp-server.js'
import type { SmtpSession } from './smtp-session.js'

export interface MailConnectionsOptions {
  readonly timer: Timer
}

/** Shorter than servers wait for the next message. */
const idleMs = 10_000
const maxIdleOfServer = 5
const maxIdle = 20
/** Many servers take no more over one connection. */
const maxMessages = 100

interface Kept {
  readonly key: string
  readonly callOff: () => void
}

export class MailConnections {
  readonly #timer: Timer
  /** Those that nobody uses now, the one kept last at the end. */
  readonly #idle = new Map<SmtpSession, Kept>()
  #isClosed = false

  constructor({ timer }: MailConnectionsOptions) {
    this.#timer = timer
  }

  /** One that is there already; nobody else gets it until it is kept again. */
  take(key: string): SmtpSession | undefined {
    for (const [session, kept] of [...this.#idle].reverse()) {
      if (kept.key !== key) continue
      this.#forget(session)
      if (!session.isOver) return session
    }
    return undefined
  }

  keep(key: string, session: SmtpSession): void {
    const idle = [...this.#idle.values()]
    const isFull = idle.length >= maxIdle || idle.filter((kept) => kept.key === key).length >= maxIdleOfServer
    if (this.#isClosed || isFull || session.isOver || session.count >= maxMessages) {
      session.quit()
      return
    }
    const callOff = this.#timer(idleMs, () => {
      this.#forget(session)
      session.quit()
    })
    this.#idle.set(session, { key, callOff })
    session.onEnd(() => this.#forget(session))
  }

  /** Keeps one that has refused a message, once it is ready for the next. Nobody waits for that. */
  mend(key: string, session: SmtpSession): void {
    if (session.isOver) return
    void session.reset().then((isReady) => {
      if (isReady) this.keep(key, session)
    })
  }

  /** Says goodbye to all of them, and keeps none from now on. */
  close(): void {
    this.#isClosed = true
    for (const session of [...this.#idle.keys()]) {
      this.#forget(session)
      session.quit()
    }
  }

  #forget(session: SmtpSession): void {
    this.#idle.get(session)?.callOff()
    this.#idle.delete(session)
    session.onEnd(() => {})
  }
}

/** Equal for whom one connection will do: the same server, spoken to in the same way, under the same login. */
export function connectionKey({ from: _, ...server }: MailServer, ca: string | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...server, ca }))
    .digest('hex')
}
