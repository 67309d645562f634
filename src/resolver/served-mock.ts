import { createHash } from 'node:crypto'
import type { MockProgram } from '../resources/kinds/mock-program.js'
import type { Resource, ResourceId } from '../resources/resource.js'
import type { Entry } from './entry.js'
import { FaultDraw } from './fault-draw.js'
import { type Answer, type PreparedOptions, PreparedResponse } from './prepared-response.js'
import type { Usage } from './usage.js'

export interface ServedMockInput {
  readonly resource: Resource
  readonly program: MockProgram
  readonly usage: Usage
  /** When its ttl ends, in milliseconds since 1970; Infinity without one. */
  readonly expires: number
  readonly exhausted: boolean
  readonly correlationHeaders: boolean
  readonly recordedBytes: number
}

/** One mock of one revision, with everything that can be known before a request comes. */
export class ServedMock implements Entry {
  readonly id: ResourceId
  readonly namespace: string
  readonly name: string
  readonly file: string
  readonly line: number
  readonly program: MockProgram
  readonly usage: Usage
  readonly expires: number
  /** `useLimiter` has been reached. */
  exhausted: boolean
  /** True when answering it changes what the store holds. */
  readonly writes: boolean
  /** Says which `oneOf` the stored position belongs to; empty unless the order matters. */
  readonly turnOf: string
  /** Where an unresolved chainId shows: it renders to itself. */
  readonly chainSource: string | undefined
  readonly #isFixed: boolean
  readonly faults: FaultDraw
  readonly #options: PreparedOptions
  readonly #prepared: (PreparedResponse | undefined)[] = []

  constructor({ resource, program, usage, expires, exhausted, ...options }: ServedMockInput) {
    this.id = resource.id
    this.namespace = resource.namespace
    this.name = resource.name
    this.file = resource.file
    this.line = resource.line
    this.program = program
    this.usage = usage
    this.expires = expires
    this.exhausted = exhausted
    const mockHeader = options.correlationHeaders ? `${this.namespace}/${this.name}` : undefined
    this.#options = { mockHeader, recordedBytes: options.recordedBytes }
    this.writes =
      program.useLimiter !== undefined ||
      program.choice === 'order' ||
      program.extract.some(({ store }) => store !== 'mS')
    const spec = (resource.spec ?? {}) as { readonly oneOf?: unknown; readonly chainId?: unknown }
    this.turnOf = program.choice === 'order' ? fingerprint(spec.oneOf) : ''
    this.chainSource = typeof spec.chainId === 'string' ? spec.chainId : undefined
    this.faults = new FaultDraw(program.faults)
    const [only] = program.responses
    this.#isFixed =
      only?.constant === true &&
      program.choice === 'single' &&
      only.delay === undefined &&
      program.proxy === undefined &&
      program.faults.length === 0 &&
      program.extract.length === 0 &&
      !this.writes
  }

  /** The answer itself, when every request gets the same and nothing else happens. */
  get fixed(): Answer | undefined {
    return this.#isFixed ? this.prepared(0)?.fixed : undefined
  }

  prepared(index: number): PreparedResponse | undefined {
    const known = this.#prepared[index]
    if (known !== undefined) return known
    const response = this.program.responses[index]
    if (response === undefined) return undefined
    const prepared = new PreparedResponse(response, this.#options)
    this.#prepared[index] = prepared
    return prepared
  }
}

function fingerprint(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('base64url')
    .slice(0, 16)
}
