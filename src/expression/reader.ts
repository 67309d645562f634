// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expression language writes ${ } itself
import type { CompileOptions, Evaluate, Expression, Notes } from './expression.js'
import { unresolved } from './expression.js'
import { type FakeArgument, fakeNames, fakeSignature, loadFaker, suggestFake, toFakeArgument } from './faker.js'
import { functions, isNumeric, type MathFunction } from './functions.js'
import { type Json, parseJson } from './json.js'
import { matchAt, PathError, type PathText, plainName, readPath } from './path.js'
import { forbiddenKeys } from './query.js'
import { isThere, places, type RootKind, roots } from './roots.js'
import { Scanner, type Stop } from './scanner.js'
import { nearest } from './suggest.js'

/** Where an expression stands decides what it may be made of and how grave an unknown root is. */
type Place = 'whole' | 'text' | 'delimited'
const maxDepth = 16
/** Characters looked at again and again in one text, all attempts together, before the rest is taken as a text. */
const maxEffort = 2_000_000

/** Words that people write for a root of another name. */
const otherWords: Readonly<Record<string, string>> = {
  request: 'req',
  payload: 'req',
  header: 'reqHeader',
  headers: 'reqHeader',
  query: 'queryParams',
  params: 'pathParam',
  pathParams: 'pathParam',
  path: 'pathParam',
  faker: 'fake',
  status: 'statusCode',
  global: 'gS',
  chain: 'cS',
}

/**
 * Reads the expressions of one text (see the README for the grammar). Each method tries at one place: undefined means that
 * there is no expression, and then nothing is noted. An expression that is wrong is noted and stays unresolved.
 */
export class ExpressionReader {
  readonly #text: string
  readonly #options: CompileOptions
  #notes: Notes
  #place: Place = 'text'
  readonly #scanner: Scanner
  #depth = 0

  constructor(text: string, options: CompileOptions, notes: Notes) {
    this.#text = text
    this.#options = options
    this.#notes = notes
    this.#scanner = new Scanner(text)
  }

  /** The text as exactly one expression. */
  whole(): Expression | undefined {
    const text = this.#text
    if (!text.startsWith('${')) return this.#try('whole', () => this.#choice(0, 'end'))
    return this.#try('whole', () => {
      const expression = this.#delimited(0)
      return expression?.end === text.length ? expression : undefined
    })
  }

  /** The expression that begins with the `$.` at `at`, in longer text. */
  inText(at: number): Expression | undefined {
    return this.#try('text', () => this.#term(at, false))
  }

  /** The `${ … }` at `at`. */
  delimited(at: number): Expression | undefined {
    return this.#try('delimited', () => this.#delimited(at))
  }

  /** True when reading took more than it may; whatever follows was taken as a text. */
  get exhausted(): boolean {
    return this.#scanner.effort > maxEffort
  }

  /** Reads on trial: what is noted counts only if there is an expression. */
  #try(place: Place, read: () => Expression | undefined): Expression | undefined {
    if (this.exhausted) return undefined
    const kept = this.#notes
    this.#notes = { findings: [], uses: new Set() }
    this.#place = place
    const expression = read()
    if (expression !== undefined) {
      kept.findings.push(...this.#notes.findings)
      for (const root of this.#notes.uses) kept.uses.add(root)
    }
    this.#notes = kept
    return expression
  }

  #delimited(at: number): Expression | undefined {
    const inner = this.#choice(this.#scanner.skipSpace(at + 2), '}')
    return inner && { ...inner, end: inner.end + 1 }
  }

  /** `a || b || …`; `end` is at the stop. */
  #choice(at: number, stop: Stop): Expression | undefined {
    const choices: Expression[] = []
    let from = at
    for (;;) {
      const expression = this.#trial(from, stop) ?? this.#literal(from, stop, choices.length > 0)
      if (expression === undefined || this.exhausted) return undefined
      choices.push(expression)
      const after = this.#scanner.skipSpace(expression.end)
      if (this.#text.startsWith('||', after)) from = this.#scanner.skipSpace(after + 2)
      else {
        // A single expression with a space behind it is not the whole text.
        if (stop === 'end' && choices.length === 1 && after !== expression.end) return undefined
        return this.#scanner.stopsAt(after, stop) ? { ...combine(choices), end: after } : undefined
      }
    }
  }

  /** A term that is followed by what may follow it. */
  #trial(at: number, stop: Stop): Expression | undefined {
    const { findings, uses } = this.#notes
    const mark = findings.length
    const before = new Set(uses)
    const term = this.#term(at, true)
    if (term !== undefined) {
      const after = this.#scanner.skipSpace(term.end)
      if (this.#text.startsWith('||', after) || this.#scanner.stopsAt(after, stop)) return term
    }
    findings.length = mark
    for (const root of uses) if (!before.has(root)) uses.delete(root)
    return undefined
  }

  /** JSON, else the trimmed text up to `||` or the stop. Only defaults and arguments may be literals. */
  #literal(at: number, stop: Stop, isDefault: boolean): Expression | undefined {
    if (!isDefault && stop !== ',') return undefined
    const text = this.#text
    const json = /["[{]/.test(text[at] ?? '') ? this.#scanner.endOfJson(at) : -1
    if (json > 0) {
      const after = this.#scanner.skipSpace(json)
      const value = parseLiteral(text.slice(at, json))
      if (value !== undefined && (text.startsWith('||', after) || this.#scanner.stopsAt(after, stop)))
        return constant(value, json)
    }
    const end = this.#scanner.endOfText(at, stop)
    if (end < 0) return undefined
    const raw = text.slice(at, end).trim()
    const value = parseLiteral(raw)
    if (value !== undefined) return constant(value, end)
    if (/\$\.[\p{L}_]/u.test(raw)) {
      this.#note(
        at,
        'expression-syntax',
        'warning',
        `the default ${quote(raw)} is a text; the expression in it stays as written`,
      )
    }
    return constant(raw, end)
  }

  #term(at: number, rich: boolean): Expression | undefined {
    if (this.#depth >= maxDepth || at > this.#text.length) return undefined
    const dollar = this.#text.startsWith('$.', at)
    if (!dollar && !rich) return undefined
    const start = dollar ? at + 2 : at
    const name = matchAt(plainName, this.#text, start)
    if (name === undefined) return undefined
    const end = start + name.length
    const called = this.#text[end] === '('
    const fn = functions.get(name)
    if (fn !== undefined && called) return this.#call(at, end, name, fn)
    if (!dollar) return undefined
    if (name === 'fake') return this.#fake(at, end, rich)
    const kind = roots.get(name)
    if (kind === undefined || !isThere(kind, this.#options)) {
      return this.#unknownRoot(at, end, name, rich)
    }
    return this.#path(at, end, kind, rich)
  }

  #path(at: number, from: number, kind: RootKind, rich: boolean): Expression | undefined {
    const path = readPath(this.#text, from, { ...kind.path, rich })
    // A bracket that could not be read was looked through for its end.
    this.#scanner.effort += path.end - from + (rich && this.#text[path.end] === '[' ? 4096 : 0)
    const wrong = kind.check?.(path, this.#options)
    if (wrong !== undefined) {
      const near = nearest(String(path.segments[0] ?? ''), wrong.known)
      this.#note(at, wrong.rule, 'error', wrong.message, near && `did you mean "${near}"?`)
      return { evaluate: unresolved, end: path.end }
    }
    const forbidden = path.segments.find((segment) => forbiddenKeys.has(String(segment)))
    if (forbidden !== undefined) {
      this.#note(
        at,
        'expression-key',
        'warning',
        `"${forbidden}" is never looked up, so the expression stays as written`,
      )
    }
    const evaluate = this.#compilePath(kind, path, at)
    if (evaluate === undefined) return undefined
    this.#notes.uses.add(kind.root)
    return kind.root === 'env'
      ? { evaluate, literal: { value: this.#options.env[String(path.segments[0])] ?? '' }, end: path.end }
      : { evaluate, end: path.end }
  }

  /** Undefined when what looked like a path is a text after all: `$.req.name[draft]`. */
  #compilePath(kind: RootKind, path: PathText, at: number): Evaluate | undefined {
    try {
      return kind.compile(path, at, this.#options)
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      if (!/[?*:"']|\.\./.test(path.rest)) return undefined
      this.#note(at, 'expression-syntax', 'error', error.message)
      return unresolved
    }
  }

  #unknownRoot(at: number, from: number, name: string, rich: boolean): Expression | undefined {
    const grave = this.#place === 'whole' ? 'error' : 'warning'
    const known = roots.get(name)
    const message = functions.has(name)
      ? `$.${name} needs arguments directly after its name: ${functions.get(name)?.signature}`
      : known !== undefined
        ? `$.${name} exists in ${places[known.only ?? 'request']} only`
        : `"$.${name}" is no expression, there is no "${name}"`
    const word = nearest(name, [...roots.keys(), 'fake', ...functions.keys(), ...Object.keys(otherWords)])
    const near = word === undefined ? undefined : (otherWords[word] ?? word)
    const hint = functions.has(name) || known !== undefined || near === undefined ? '' : `did you mean "$.${near}"? `
    const literal = `a literal "$." is written "$$."`
    // In longer text the sign is a text like any other; note it and let it stand.
    this.#note(at, 'expression-root', grave, message, hint + literal)
    if (!rich) return { evaluate: unresolved, end: from }
    const path = readPath(this.#text, from, {
      rich: true,
      name: plainName,
      names: Number.POSITIVE_INFINITY,
      indexes: true,
    })
    const args = this.#text[path.end] === '(' ? this.#arguments(path.end) : undefined
    return { evaluate: unresolved, end: args?.end ?? path.end }
  }

  #fake(at: number, from: number, rich: boolean): Expression | undefined {
    const name = this.#text[from] === '.' ? matchAt(plainName, this.#text, from + 1) : undefined
    if (name === undefined) {
      this.#note(at, 'unknown-faker', 'error', '$.fake needs a name: $.fake.UUID')
      return { evaluate: unresolved, end: from }
    }
    const nameEnd = from + 1 + name.length
    const called = this.#text[nameEnd] === '(' ? this.#arguments(nameEnd) : undefined
    // Within delimiters it is an error besides.
    if (called === undefined && this.#text[nameEnd] === '(' && !rich) {
      const message = `the parenthesis after "$.fake.${name}" is not closed, and stays a text`
      this.#note(
        at,
        'expression-syntax',
        'warning',
        message,
        `write $.fake.${name}(…), or \${ $.fake.${name} }( for a text`,
      )
    }
    const end = called?.end ?? nameEnd
    const args = called?.args ?? []
    const fake = fakeNames.get(name)
    if (fake === undefined) {
      this.#note(at, 'unknown-faker', 'error', `there is no $.fake.${name}`, suggestFake(name))
      return { evaluate: unresolved, end }
    }
    const required = fake.args.filter((arg) => arg.optional !== true).length
    const most = fake.variadic ? 100 : fake.args.length
    const typeOf = (index: number): FakeArgument | undefined => fake.args[Math.min(index, fake.args.length - 1)]
    const signature = `$.fake.${fakeSignature(name)}`
    if (!this.#checkCount(at, `$.fake.${name}`, args.length, required, most, signature))
      return { evaluate: unresolved, end }
    for (const [index, arg] of args.entries()) {
      if (arg.literal === undefined || toFakeArgument(arg.literal.value, typeOf(index)?.type ?? 'any') !== undefined)
        continue
      const wanted = typeOf(index)?.type === 'integer' ? 'an integer' : 'a number'
      this.#note(
        at,
        'expression-arguments',
        'error',
        `${quote(arg.literal.value)} is not ${wanted}`,
        `write ${signature}`,
      )
      return { evaluate: unresolved, end }
    }
    const numbers = args.map((arg) => (typeof arg.literal?.value === 'number' ? arg.literal.value : Number.NaN))
    if (fake.args[0]?.name === 'min' && Number(numbers[0]) > Number(numbers[1])) {
      this.#note(
        at,
        'expression-arguments',
        'error',
        `min ${numbers[0]} is greater than max ${numbers[1]}`,
        `write ${signature}`,
      )
    }
    this.#notes.uses.add('fake')
    if (fake.library) loadFaker()
    if (args.length === 0) return { evaluate: (scope) => fake.make(scope, []), end }
    const evaluate: Evaluate = (scope) => {
      const values: Json[] = []
      for (const [index, arg] of args.entries()) {
        const value = toFakeArgument(arg.evaluate(scope), typeOf(index)?.type ?? 'any')
        if (value === undefined) return undefined
        values.push(value)
      }
      return fake.make(scope, values)
    }
    return { evaluate, end }
  }

  #call(at: number, from: number, name: string, fn: MathFunction): Expression | undefined {
    const called = this.#arguments(from)
    if (called === undefined) return undefined
    const { args, end } = called
    if (!this.#checkCount(at, name, args.length, fn.min, fn.max, fn.signature)) return { evaluate: unresolved, end }
    for (const { literal } of args) {
      if (literal === undefined || isNumeric(literal.value) || Array.isArray(literal.value)) continue
      this.#note(
        at,
        'expression-arguments',
        'error',
        `${quote(literal.value)} is not a number`,
        `write ${fn.signature}`,
      )
      return { evaluate: unresolved, end }
    }
    const evaluates = args.map((arg) => arg.evaluate)
    return { evaluate: (scope) => fn.call(evaluates.map((evaluate) => evaluate(scope))), end }
  }

  /** `(a, b, …)`. */
  #arguments(at: number): { args: Expression[]; end: number } | undefined {
    const args: Expression[] = []
    let from = this.#scanner.skipSpace(at + 1)
    if (this.#text[from] === ')') return { args, end: from + 1 }
    this.#depth += 1
    try {
      while (args.length < 100) {
        const arg = this.#choice(from, ',')
        if (arg === undefined) return undefined
        args.push(arg)
        if (this.#text[arg.end] === ')') return { args, end: arg.end + 1 }
        from = this.#scanner.skipSpace(arg.end + 1)
      }
      return undefined
    } finally {
      this.#depth -= 1
    }
  }

  #checkCount(at: number, name: string, given: number, min: number, max: number, signature: string): boolean {
    if (given >= min && given <= max) return true
    const wanted =
      max === 0 ? 'no arguments' : min === max ? `${min}` : given < min ? `at least ${min}` : `at most ${max}`
    const noun = max === 0 ? '' : min === 1 && given < min ? ' argument' : ' arguments'
    this.#note(
      at,
      'expression-arguments',
      'error',
      `${name} takes ${wanted}${noun}, not ${given}`,
      `write ${signature}`,
    )
    return false
  }

  #note(offset: number, rule: string, severity: 'error' | 'warning', message: string, hint?: string): void {
    this.#notes.findings.push({ rule, severity, message, offset, ...(hint === undefined ? {} : { hint }) })
  }
}

/** The first that is there and not null. */
function combine(choices: readonly Expression[]): Expression {
  const [first] = choices
  if (first !== undefined && choices.length === 1) return first
  const evaluates = choices.map((choice) => choice.evaluate)
  return {
    end: 0,
    evaluate: (scope) => {
      let found: Json | undefined
      for (const evaluate of evaluates) {
        const value = evaluate(scope)
        if (value !== undefined && value !== null) return value
        if (found === undefined) found = value
      }
      return found
    },
  }
}

function constant(value: Json, end: number): Expression {
  return { evaluate: () => value, literal: { value }, end }
}

function parseLiteral(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function quote(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
