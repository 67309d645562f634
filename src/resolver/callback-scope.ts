import { isUtf8 } from 'node:buffer'
import { type Json, parseJson } from '../expression/json.js'
import type { Scope, StoreView } from '../expression/scope.js'
import type { ResponseProgram } from '../resources/kinds/mock-program.js'
import type { Answer } from './prepared-response.js'

export interface GivenAnswer {
  /** Undefined for what is passed on as a stream, or never sent. */
  readonly answer: Answer | undefined
  readonly response: ResponseProgram | undefined
  readonly status: number | undefined
}

/** A request and its answer as the expressions of callbacks see them. */
export class CallbackScope implements Scope {
  readonly statusCode: number | undefined
  readonly #scope: Scope
  readonly #given: GivenAnswer
  #response: { readonly value: Json | undefined } | undefined

  constructor(scope: Scope, given: GivenAnswer) {
    this.#scope = scope
    this.#given = given
    this.statusCode = given.status
  }

  /** The payload: JSON where it is JSON, else its text. */
  get response(): Json | undefined {
    this.#response ??= { value: payloadOf(this.#given) }
    return this.#response.value
  }

  get req(): Json | undefined {
    return this.#scope.req
  }

  get reqHeader(): Scope['reqHeader'] {
    return this.#scope.reqHeader
  }

  get queryParams(): Scope['queryParams'] {
    return this.#scope.queryParams
  }

  get pathParam(): Scope['pathParam'] {
    return this.#scope.pathParam
  }

  get mS(): StoreView {
    return this.#scope.mS
  }

  get cS(): StoreView {
    return this.#scope.cS
  }

  get gS(): StoreView {
    return this.#scope.gS
  }

  get namespace(): string {
    return this.#scope.namespace
  }

  get now(): () => Date {
    return this.#scope.now
  }

  get random(): () => number {
    return this.#scope.random
  }
}

function payloadOf({ answer, response }: GivenAnswer): Json | undefined {
  const body = answer?.body
  if (body === undefined) return undefined
  if (typeof body !== 'string' && !isUtf8(body)) return undefined
  const text = body.toString()
  if (response?.body?.json !== true && !/^\s*[[{]/.test(text)) return text
  try {
    return parseJson(text)
  } catch {
    return text
  }
}
