import type { MockSpec } from '../generated/mock.js'
import type { LinkContext, LinkInput } from './kind.js'
import { Linking } from './linking.js'
import { type Answers, compileAnswers, positive } from './mock-answers.js'
import type { MockProgram } from './mock-program.js'

/** What has to be known of a mock before a request comes. */
type Claim = Pick<MockProgram, 'route' | 'method' | 'priority' | 'conditions' | 'order' | 'useLimiter' | 'ttl'>

/** A Mock without errors. Its answers are compiled when the first of them is asked for, and kept from then on. */
export class LinkedMockProgram implements MockProgram {
  readonly route: MockProgram['route']
  readonly method: string | undefined
  readonly priority: number
  readonly conditions: MockProgram['conditions']
  readonly order: string
  readonly useLimiter: number | undefined
  readonly ttl: number | undefined
  readonly #input: Pick<LinkInput, 'annotations' | 'spec'>
  readonly #context: LinkContext
  #compiled: Answers | undefined

  constructor(claim: Claim, input: Pick<LinkInput, 'annotations' | 'spec'>, context: LinkContext) {
    this.route = claim.route
    this.method = claim.method
    this.priority = claim.priority
    this.conditions = claim.conditions
    this.order = claim.order
    this.useLimiter = positive(claim.useLimiter)
    this.ttl = positive(claim.ttl)
    this.#input = input
    this.#context = context
  }

  get responses(): MockProgram['responses'] {
    return this.#answers.responses
  }

  get choice(): MockProgram['choice'] {
    return this.#answers.choice
  }

  get weights(): MockProgram['weights'] {
    return this.#answers.weights
  }

  get proxy(): MockProgram['proxy'] {
    return this.#answers.proxy
  }

  get faults(): MockProgram['faults'] {
    return this.#answers.faults
  }

  get extract(): MockProgram['extract'] {
    return this.#answers.extract
  }

  get webhooks(): MockProgram['webhooks'] {
    return this.#answers.webhooks
  }

  get mStore(): MockProgram['mStore'] {
    return this.#answers.mStore
  }

  get chainId(): MockProgram['chainId'] {
    return this.#answers.chainId
  }

  get tags(): MockProgram['tags'] {
    return this.#answers.tags
  }

  get stateful(): boolean {
    return this.#answers.stateful
  }

  get seed(): string | undefined {
    return this.#input.annotations['callboard/faker-seed']
  }

  get #answers(): Answers {
    // Checked when it was linked: the findings would be the same again.
    this.#compiled ??= compileAnswers(this.#input.spec as unknown as MockSpec, new Linking(this.#context))
    return this.#compiled
  }
}
