// A tool as agents see it, and what it needs to do its work.

export type JsonSchema = { readonly [keyword: string]: unknown }
export type Arguments = Readonly<Record<string, unknown>>
export type Result = Readonly<Record<string, unknown>>

/**
 * The control port, on behalf of whoever has asked: over the network, or within the controller itself. What it refuses is
 * an error whose message is for whoever asked.
 */
export interface Control {
  get(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>
  post(path: string, body: unknown): Promise<unknown>
}

/** What was asked for cannot be done; the message says what was found and what to do. */
export class ToolRefusal extends Error {
  override readonly name = 'ToolRefusal'
}

export interface ToolAnnotations {
  readonly title: string
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  /** Reaches people and services outside. */
  readonly openWorldHint: boolean
}

export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  /** Of the arguments: an object. Without combinators at the top, which not every client takes. */
  readonly input: JsonSchema
  /** Of the result: an object. */
  readonly output: JsonSchema
  readonly annotations: Omit<ToolAnnotations, 'title'>
  /** `args` fit `input`. Rejects with `ToolRefusal`, or with what `control` rejects with. */
  call(args: Arguments, control: Control): Promise<Result>
  /** The result tells of something that did not work. */
  failed?(result: Result): boolean
}

export const reads: Tool['annotations'] = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
}

/** What is sent cannot be called back, and is sent again when it is called again. */
export const sends: Tool['annotations'] = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
}

export const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  description,
  ...more,
})

/** An object that takes nothing else. */
export function fields(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false }
}

/** An object as it is answered: what is named is there, and there may be more. */
export function answers(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required }
}

/** Only what was given, as a query has it. */
export function queryOf(args: Arguments, names: Readonly<Record<string, string>>): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, parameter] of Object.entries(names)) {
    const value = args[name]
    if (value !== undefined) query[parameter] = String(value)
  }
  return query
}
