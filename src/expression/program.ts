import type { CompileOptions, Evaluate, ExpressionFinding, Notes, Root } from './expression.js'
import { isObject, type Json, stringifyJson } from './json.js'
import { toJson, toText } from './json-text.js'
import type { Scope } from './scope.js'
import { type Part, readText } from './text.js'

/** A part of a value that has to be made for every request, in the two forms it may be asked for. */
interface Dynamic {
  render(scope: Scope): Json
  /** JSON text of the same. */
  json(scope: Scope): string
}

type Node =
  | { readonly type: 'constant'; readonly value: Json }
  | { readonly type: 'dynamic'; readonly dynamic: Dynamic }
  | { readonly type: 'list'; readonly items: readonly Node[] }
  | { readonly type: 'object'; readonly entries: readonly (readonly [key: string, node: Node])[] }

/** A JSON value, ready to be rendered. */
export interface Program {
  readonly constant: boolean
  readonly uses: ReadonlySet<Root>
  readonly findings: readonly ExpressionFinding[]
  render(scope: Scope): Json
  renderJson(scope: Scope): string
  renderText(scope: Scope): string
}

/**
 * Compiles `value`; with `asText` a string stays a text, whatever the only expression in it finds. Of the forms of one
 * program mostly one is used: each is made when it is first asked for.
 */
export function compileProgram(value: Json, options: CompileOptions, asText: boolean): Program {
  const compiler = new Compiler(options, asText)
  const node = compiler.compile(value, '')
  const { findings, uses } = compiler
  if (node.type === 'constant') return { constant: true, uses, findings, ...constant(node.value) }
  let asValue: ((scope: Scope) => Json) | undefined
  let asJson: ((scope: Scope) => string) | undefined
  const render = (scope: Scope): Json => {
    asValue ??= toRender(node)
    return asValue(scope)
  }
  return {
    constant: false,
    uses,
    findings,
    render,
    renderJson: (scope) => {
      asJson ??= toRenderJson(node)
      return asJson(scope)
    },
    renderText: (scope) => toText(render(scope)),
  }
}

/** Written when asked for: of the two only one ever is, and of a constant payload often neither. */
function constant(value: Json): Pick<Program, 'render' | 'renderJson' | 'renderText'> {
  let json: string | undefined
  let text: string | undefined
  return {
    render: () => value,
    renderJson: () => (json ??= stringifyJson(value)),
    renderText: () => (text ??= toText(value)),
  }
}

class Compiler {
  readonly uses = new Set<Root>()
  readonly findings: ExpressionFinding[] = []
  readonly #options: CompileOptions
  readonly #asText: boolean

  constructor(options: CompileOptions, asText: boolean) {
    this.#options = options
    this.#asText = asText
  }

  compile(value: Json, pointer: string): Node {
    if (typeof value === 'string') return this.#text(value, pointer)
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.compile(item, `${pointer}/${index}`))
      if (!items.every(isConstant)) return { type: 'list', items }
      const same = items.every((item, index) => item.value === value[index])
      return { type: 'constant', value: same ? value : items.map((item) => item.value) }
    }
    if (!isObject(value)) return { type: 'constant', value }
    return this.#object(value, pointer)
  }

  #object(value: { [key: string]: Json }, pointer: string): Node {
    const entries: [string, Node][] = []
    const constants: [string, Json][] = []
    let same = true
    for (const [key, item] of Object.entries(value)) {
      const place = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (key === '__proto__') {
        // Written into an object it would replace the prototype.
        const message = 'the key "__proto__" is left out'
        this.findings.push({ rule: 'expression-key', severity: 'warning', pointer: place, message })
        same = false
        continue
      }
      const node = this.compile(item, place)
      entries.push([key, node])
      if (!isConstant(node)) continue
      constants.push([key, node.value])
      if (node.value !== item) same = false
    }
    if (constants.length < entries.length) return { type: 'object', entries }
    return { type: 'constant', value: same ? value : Object.fromEntries(constants) }
  }

  #text(text: string, pointer: string): Node {
    const notes: Notes = { findings: [], uses: this.uses }
    const program = readText(text, this.#options, notes)
    for (const finding of notes.findings) this.findings.push({ ...finding, pointer })
    if ('value' in program) {
      return { type: 'constant', value: this.#asText ? toText(program.value) : program.value }
    }
    if (!('whole' in program)) return { type: 'dynamic', dynamic: pieces(program) }
    const { whole, source } = program
    return { type: 'dynamic', dynamic: this.#asText ? pieces([{ evaluate: whole, source }]) : single(whole, source) }
  }
}

function isConstant(node: Node): node is Extract<Node, { type: 'constant' }> {
  return node.type === 'constant'
}

/** One expression: the value keeps its type. */
function single(evaluate: Evaluate, source: string): Dynamic {
  const sourceJson = JSON.stringify(source)
  return {
    render: (scope) => {
      const value = evaluate(scope)
      return value === undefined ? source : value
    },
    json: (scope) => {
      const value = evaluate(scope)
      return value === undefined ? sourceJson : (toJson(value) ?? sourceJson)
    },
  }
}

/** Text with expressions in it. */
function pieces(parts: readonly Part[]): Dynamic {
  const render = (scope: Scope): string => {
    let text = ''
    for (const part of parts) {
      if (typeof part === 'string') text += part
      else {
        const value = part.evaluate(scope)
        text += value === undefined ? part.source : typeof value === 'string' ? value : toText(value)
      }
    }
    return text
  }
  return { render, json: (scope) => toJson(render(scope)) as string }
}

function toRender(node: Node): (scope: Scope) => Json {
  switch (node.type) {
    case 'constant':
      return () => node.value
    case 'dynamic':
      return node.dynamic.render
    case 'list': {
      const renders = node.items.map(toRender)
      return (scope) => renders.map((render) => render(scope))
    }
    case 'object': {
      const entries = node.entries.map(([key, item]) => [key, toRender(item)] as const)
      return (scope) => {
        const value: { [key: string]: Json } = {}
        for (const [key, render] of entries) value[key] = render(scope)
        return value
      }
    }
  }
}

/** JSON text with gaps: what never changes is text already. */
function toRenderJson(root: Node): (scope: Scope) => string {
  const pieces: string[][] = [[]]
  const gaps: ((scope: Scope) => string)[] = []
  const write = (text: string): void => {
    pieces.at(-1)?.push(text)
  }
  const visit = (node: Node): void => {
    if (node.type === 'constant') write(stringifyJson(node.value))
    else if (node.type === 'dynamic') {
      gaps.push(node.dynamic.json)
      pieces.push([])
    } else if (node.type === 'list') {
      for (const [index, item] of node.items.entries()) {
        write(index === 0 ? '[' : ',')
        visit(item)
      }
      write(']')
    } else {
      for (const [index, [key, item]] of node.entries.entries()) {
        write(`${index === 0 ? '{' : ','}${JSON.stringify(key)}:`)
        visit(item)
      }
      write('}')
    }
  }
  visit(root)
  // Joined, the texts are flat: adding them up would leave a tree of small ones in memory.
  const [head = '', ...tails] = pieces.map((parts) => parts.join(''))
  return (scope) => {
    let json = head
    for (let index = 0; index < gaps.length; index += 1) {
      json += (gaps[index] as (scope: Scope) => string)(scope) + (tails[index] as string)
    }
    return json
  }
}
