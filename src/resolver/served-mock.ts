import { createHash } from 'node:crypto'
import type { CallbackProgram } from '../resources/kinds/callback-program.js'
import type { MockProgram } from '../resources/kinds/mock-program.js'
import type { Resource, ResourceId } from '../resources/resource.js'
import type { Entry } from './entry.js'
import { FaultDraw } from './fault-draw.js'
import { type Answer, PreparedResponse } from './prepared-response.js'
import type { Usage } from './usage.js'

export interface ServedMockInput {
  readonly resource: Resource
  readonly program: MockProgram
  /** Callbacks whose selectors mean it. */
  readonly attached: readonly CallbackProgram[]
  readonly usage: Usage
  /** When its ttl ends, in milliseconds since 1970; Infinity without one. */
  readonly expires: number
  readonly exhausted: boolean
  readonly correlationHeaders: boolean
}

/** One mock of one revision. What only its answers need is worked out when the first request chooses it. */
export class ServedMock implements Entry {
  // What every request looks at stands first: among many mocks each further place in memory is one the processor waits for.
  /** `useLimiter` has been reached. */
  exhausted: boolean
  readonly hasTtl: boolean
  /** Null when there is none, undefined until a request asks. */
  #fixed: Answer | null | undefined
  readonly usage: Usage
  readonly id: ResourceId
  readonly namespace: string
  readonly name: string
  readonly file: string
  readonly line: number
  readonly program: MockProgram
  readonly attached: readonly CallbackProgram[]
  readonly expires: number
  readonly #correlationHeaders: boolean
  readonly #resource: Resource
  #answering: Answering | undefined

  constructor({ resource, program, attached, usage, expires, exhausted, correlationHeaders }: ServedMockInput) {
    this.exhausted = exhausted
    this.hasTtl = expires !== Number.POSITIVE_INFINITY
    this.usage = usage
    this.id = resource.id
    this.namespace = resource.namespace
    this.name = resource.name
    this.file = resource.file
    this.line = resource.line
    this.program = program
    this.attached = attached
    this.expires = expires
    this.#correlationHeaders = correlationHeaders
    this.#resource = resource
  }

  /** The answer itself, when every request gets the same and nothing else happens. */
  get fixed(): Answer | undefined {
    if (this.#fixed === undefined) this.#fixed = (this.#ready.isFixed ? this.prepared(0)?.fixed : undefined) ?? null
    return this.#fixed ?? undefined
  }

  /** True when answering it changes what the store holds. */
  get writes(): boolean {
    return this.#ready.writes
  }

  /** Says which `oneOf` the stored position belongs to; empty unless the order matters. */
  get turnOf(): string {
    return this.#ready.turnOf
  }

  /** Where an unresolved chainId shows: it renders to itself. */
  get chainSource(): string | undefined {
    return this.#ready.chainSource
  }

  /** What its answers set off: its own first, each in the order of declaration, then those attached, by name. */
  get callbacks(): readonly CallbackProgram[] {
    return this.#ready.callbacks
  }

  /** One of them is to survive power loss. */
  get durability(): 'write' | 'sync' {
    return this.#ready.durability
  }

  /** True when nothing but the real server behind it looks at the body of a request. */
  get streamsBody(): boolean {
    const { proxy, extract, useLimiter } = this.program
    return proxy !== undefined && extract.length === 0 && useLimiter === undefined && this.callbacks.length === 0
  }

  get faults(): FaultDraw {
    return this.#ready.faults
  }

  prepared(index: number): PreparedResponse | undefined {
    const { prepared } = this.#ready
    const known = prepared[index]
    if (known !== undefined) return known
    const response = this.program.responses[index]
    if (response === undefined) return undefined
    const mockHeader = this.#correlationHeaders ? `${this.namespace}/${this.name}` : undefined
    const made = new PreparedResponse(response, { mockHeader })
    prepared[index] = made
    return made
  }

  get #ready(): Answering {
    this.#answering ??= toAnswering(this.program, this.attached, this.#resource)
    return this.#answering
  }
}

interface Answering {
  readonly writes: boolean
  readonly turnOf: string
  readonly chainSource: string | undefined
  readonly callbacks: readonly CallbackProgram[]
  readonly durability: 'write' | 'sync'
  readonly faults: FaultDraw
  readonly isFixed: boolean
  readonly prepared: (PreparedResponse | undefined)[]
}

function toAnswering(program: MockProgram, attached: readonly CallbackProgram[], resource: Resource): Answering {
  const spec = (resource.spec ?? {}) as { readonly oneOf?: unknown; readonly chainId?: unknown }
  const { choice, responses, proxy, extract } = program
  const { webhooks } = program
  const callbacks = attached.length === 0 ? webhooks : [...webhooks, ...attached]
  const writes =
    program.useLimiter !== undefined ||
    choice === 'order' ||
    extract.some(({ store }) => store !== 'mS') ||
    // What a proxied mock sets off is known when its answer is.
    (callbacks.length > 0 && proxy === undefined)
  const [only] = responses
  return {
    writes,
    turnOf: choice === 'order' ? fingerprint(spec.oneOf) : '',
    chainSource: typeof spec.chainId === 'string' ? spec.chainId : undefined,
    callbacks,
    durability: callbacks.some(({ sync, durability }) => !sync && durability === 'sync') ? 'sync' : 'write',
    faults: new FaultDraw(program.faults),
    isFixed:
      only?.constant === true &&
      choice === 'single' &&
      only.delay === undefined &&
      proxy === undefined &&
      program.faults.length === 0 &&
      extract.length === 0 &&
      callbacks.length === 0 &&
      !writes,
    prepared: [],
  }
}

function fingerprint(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('base64url')
    .slice(0, 16)
}
