import type { Json } from '../expression/json.js'
import type { Scope, StoreView } from '../expression/scope.js'
import { pathParams } from '../resources/kinds/mock-route.js'
import type { Request } from './request.js'
import type { ServedMock } from './served-mock.js'
import type { Session } from './session.js'

export interface ScopeParts {
  readonly request: Request
  readonly mock: ServedMock
  readonly random: () => number
  readonly now: () => Date
  /** Called when a store is first looked at: most answers never do. */
  readonly openSession: (scope: Scope) => Session
}

/** A request as the expressions of the mock that answers it see it. */
export class RequestScope implements Scope {
  readonly namespace: string
  readonly random: () => number
  readonly now: () => Date
  readonly #parts: ScopeParts
  #session: Session | undefined
  #pathParam: Readonly<Record<string, string>> | undefined

  constructor(parts: ScopeParts) {
    this.namespace = parts.mock.namespace
    this.random = parts.random
    this.now = parts.now
    this.#parts = parts
  }

  get req(): Json | undefined {
    return this.#parts.request.content
  }

  get reqHeader(): Readonly<Record<string, string[]>> {
    return this.#parts.request.headers
  }

  get queryParams(): Readonly<Record<string, string | string[]>> {
    return this.#parts.request.queryParams
  }

  get pathParam(): Readonly<Record<string, string>> {
    this.#pathParam ??= pathParams(this.#parts.mock.program.route, this.#parts.request.location.segments)
    return this.#pathParam
  }

  get session(): Session {
    if (this.#session === undefined) {
      const session = this.#parts.openSession(this)
      // Set before seeding: `mStore` may look at the other stores.
      this.#session = session
      session.seed(this.#parts.mock.program.mStore?.render(this))
    }
    return this.#session
  }

  get mS(): StoreView {
    return this.session.mS
  }

  get cS(): StoreView {
    return this.session.cS
  }

  get gS(): StoreView {
    return this.session.gS
  }
}
