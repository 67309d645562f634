// Several texts that are made from one context, some of them from what others came to.

import { isObject, parseJson } from '../expression/json.js'
import { eventRoots, messageRoots } from './roots.js'
import { type Bounds, type Context, defaultBounds, type Missing, RenderFailure, Run, type Value } from './run.js'
import {
  type CompiledExpression,
  type CompiledTemplate,
  compileExpression,
  compileTemplate,
  type RenderOptions,
} from './template.js'
import { textOf } from './value.js'

/** One text to make. Plain data: it goes to another thread. */
export interface RenderPart {
  /** Its result is called this. */
  readonly name: string
  readonly text: string
  readonly kind: 'template' | 'expression'
  /** Whether it may use what an event type's own texts say. */
  readonly roots: 'event' | 'message'
  /** Where later parts find the result: a name in the context, or a field of one. */
  readonly into?: readonly [name: string, field?: string]
}

export interface RenderJob {
  readonly parts: readonly RenderPart[]
  /** JSON of an object. */
  readonly context: string
}

/** By the names of parts: each is in one of them. */
export interface Rendered {
  readonly texts: Readonly<Record<string, string>>
  /** Why there is none, for people. */
  readonly failures: Readonly<Record<string, string>>
}

/** Compiled templates by their text, the ones not used longest forgotten first. */
export class TemplateCache {
  readonly #size: number
  readonly #known = new Map<string, CompiledTemplate | CompiledExpression>()

  constructor(size = 1000) {
    this.#size = size
  }

  get({ kind, roots, text }: RenderPart): CompiledTemplate | CompiledExpression {
    const key = `${kind} ${roots} ${text}`
    let compiled = this.#known.get(key)
    if (compiled === undefined) {
      const names = roots === 'event' ? eventRoots : messageRoots
      compiled = kind === 'expression' ? compileExpression(text, names) : compileTemplate(text, names)
      if (this.#known.size >= this.#size) this.#known.delete(this.#known.keys().next().value ?? '')
    } else this.#known.delete(key)
    this.#known.set(key, compiled)
    return compiled
  }
}

export interface RenderJobOptions {
  readonly bounds?: Bounds
  /** Told what a part asked for and the context does not have. */
  readonly missing?: (part: RenderPart, missing: readonly Missing[]) => void
}

/** Makes the texts one after the other; one that fails keeps none of the others from being made. */
export function renderJob(job: RenderJob, cache: TemplateCache, options: RenderJobOptions = {}): Rendered {
  const context = contextOf(job.context)
  const texts: Record<string, string> = Object.create(null)
  const failures: Record<string, string> = Object.create(null)
  for (const part of job.parts) {
    const missing: Missing[] | undefined = options.missing && []
    try {
      const text = partText(cache.get(part), context, {
        ...(options.bounds !== undefined && { bounds: options.bounds }),
        ...(missing !== undefined && { missing }),
      })
      texts[part.name] = text
      if (part.into !== undefined) put(context, part.into, text)
    } catch (error) {
      if (!(error instanceof RenderFailure)) throw error
      failures[part.name] = error.message
    }
    if (missing !== undefined) options.missing?.(part, missing)
  }
  return { texts, failures }
}

function partText(compiled: CompiledTemplate | CompiledExpression, context: Context, options: RenderOptions): string {
  if ('template' in compiled && compiled.template !== undefined) return compiled.template.render(context, options)
  if ('expression' in compiled && compiled.expression !== undefined) {
    return textOf(compiled.expression.evaluate(context, options), new Run({}, options.bounds ?? defaultBounds))
  }
  const [finding] = compiled.findings
  throw new RenderFailure(finding === undefined ? 'it cannot be read' : `line ${finding.line}: ${finding.message}`)
}

function contextOf(json: string): Record<string, Value> {
  const value = parseJson(json)
  if (!isObject(value)) throw new TypeError('a context is an object')
  return Object.assign(Object.create(null), value)
}

function put(context: Record<string, Value>, [name, field]: readonly [string, string?], text: string): void {
  if (field === undefined) {
    context[name] = text
    return
  }
  const target = context[name]
  if (isObject(target)) target[field] = text
}
