// Reading templates. The grammar is nunjucks' own, by its own parser; what runs the tree is ours (compile.ts), so that
// a template can reach nothing but its data.

import parser from 'nunjucks/src/parser.js'

interface Place {
  /** Zero-based; absent on some nodes. */
  readonly lineno?: number
  readonly colno?: number
}

interface Tree<Name extends string> extends Place {
  readonly typename: Name
}

interface ListTree<Name extends string> extends Tree<Name> {
  readonly children: readonly Node[]
}

interface BinaryTree<Name extends string> extends Tree<Name> {
  readonly left: Node
  readonly right: Node
}

interface UnaryTree<Name extends string> extends Tree<Name> {
  readonly target: Node
}

/** One type for each name, so that names tell them apart. */
type List<Name extends string> = Name extends string ? ListTree<Name> : never
type Binary<Name extends string> = Name extends string ? BinaryTree<Name> : never
type Unary<Name extends string> = Name extends string ? UnaryTree<Name> : never

interface Call<Name extends string> extends Tree<Name> {
  readonly name: Node
  readonly args: List<'NodeList'>
}

export type PairNode = Tree<'Pair'> & { readonly key: Node; readonly value: Node }
interface Choice {
  readonly cond: Node
  readonly body: Node
  readonly else_: Node | null
}
export type IfNode = Tree<'If'> & Choice
export type ForNode = Tree<'For'> & {
  readonly arr: Node
  readonly name: Node
  readonly body: Node
  readonly else_: Node | null
}
export type SetNode = Tree<'Set'> & {
  readonly targets: readonly Node[]
  /** Undefined and null: `body` is captured. */
  readonly value: Node | null
  readonly body?: Node | null
}
export type MacroNode = Tree<'Macro' | 'Caller'> & {
  readonly name: Node
  readonly args: List<'NodeList'>
  readonly body: Node
}
export type SwitchNode = Tree<'Switch'> & {
  readonly expr: Node
  readonly cases: readonly (Tree<'Case'> & { readonly cond: Node; readonly body: Node })[]
  readonly default: Node | null
}
export type CompareNode = Tree<'Compare'> & {
  readonly expr: Node
  readonly ops: readonly (Tree<'CompareOperand'> & { readonly expr: Node; readonly type: string })[]
}
export type CallNode = Call<'FunCall'>
export type FilterNode = Call<'Filter'>
export type IsNode = Binary<'Is'>
export type LookupNode = Tree<'LookupVal'> & { readonly target: Node; readonly val: Node }
export type SymbolNode = Tree<'Symbol'> & { readonly value: string }
export type LiteralNode = Tree<'Literal'> & { readonly value: string | number | boolean | null | RegExp }
export type OutputNode = List<'Output'>

/** Part of a template as nunjucks reads it. */
export type Node =
  | List<'Root' | 'NodeList' | 'Group' | 'Array' | 'Dict' | 'KeywordArgs'>
  | OutputNode
  | (Tree<'TemplateData'> & { readonly value: string })
  | LiteralNode
  | SymbolNode
  | PairNode
  | IfNode
  | (Tree<'InlineIf'> & Choice)
  | ForNode
  | SetNode
  | (Tree<'Capture'> & { readonly body: Node })
  | MacroNode
  | SwitchNode
  | CallNode
  | FilterNode
  | LookupNode
  | CompareNode
  | IsNode
  | Binary<'In' | 'And' | 'Or' | 'Add' | 'Concat' | 'Sub' | 'Mul' | 'Div' | 'FloorDiv' | 'Mod' | 'Pow'>
  | Unary<'Not' | 'Neg' | 'Pos'>
  | Tree<'Block' | 'Extends' | 'Include' | 'Import' | 'FromImport' | 'Super'>
  | Tree<'AsyncEach' | 'AsyncAll' | 'IfAsync' | 'CallExtension' | 'CallExtensionAsync' | 'FilterAsync' | 'Slice'>

/** Something about a template; lines and columns are one-based and count within its text. */
export interface TemplateFinding {
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint?: string
  readonly line: number
  readonly column: number
}

export const maxTemplateLength = 64 * 1024

/** Longer runs of spaces make nunjucks' parser slow. */
const longRun = /\s{500}/

/** The tree of a template, or why there is none. */
export function parseTemplate(text: string): { readonly root: Node } | { readonly finding: TemplateFinding } {
  const refuse = (message: string, line = 1, column = 1, hint?: string): { finding: TemplateFinding } => ({
    finding: { rule: 'template-syntax', severity: 'error', message, line, column, ...(hint !== undefined && { hint }) },
  })
  if (text.length > maxTemplateLength) {
    return refuse(`the template has ${text.length} characters; ${maxTemplateLength} are the most`)
  }
  const run = longRun.exec(text)
  if (run !== null) {
    const { line, column } = placeAt(text, run.index)
    return refuse('500 or more spaces or empty lines on end', line, column, 'leave them out')
  }
  const raw = unclosedRaw(text)
  if (raw !== undefined) {
    const hint = `add {% end${raw.name} %} where it ends, without dashes`
    return refuse(`{% ${raw.name} %} is never closed`, raw.line, raw.column, hint)
  }
  try {
    const root = parser.parse(text)
    const broken = incomplete(root)
    if (broken === undefined) return { root }
    return refuse('something is missing here', (broken.lineno ?? 0) + 1, (broken.colno ?? 0) + 1)
  } catch (error) {
    if (error instanceof RangeError) return refuse('the template is nested too deeply')
    const { message, lineno, colno } = error as Error & { lineno?: number; colno?: number }
    const { line, column } = placeOfEnd(text)
    return explained(text, message, lineno ?? line, colno ?? column, refuse)
  }
}

const mayBeAbsent: ReadonlySet<string> = new Set(['else_', 'default', 'value', 'body', 'ignoreMissing', 'withContext'])

/** Nunjucks' parser lets some mistakes pass, such as `{{ .(a) }}`, and leaves a gap in its tree. */
function incomplete(node: Node): Node | undefined {
  for (const [field, value] of Object.entries(node)) {
    if (value === null && !mayBeAbsent.has(field)) return node
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child === null && Array.isArray(value)) return node
      const broken = isNode(child) ? incomplete(child) : undefined
      if (broken !== undefined) return broken
    }
  }
  return undefined
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'typename' in value
}

type Refuse = (message: string, line?: number, column?: number, hint?: string) => { finding: TemplateFinding }

function explained(text: string, message: string, line: number, column: number, refuse: Refuse): ReturnType<Refuse> {
  for (const [pattern, say] of explanations) {
    const match = pattern.exec(message)
    if (match === null) continue
    const [what, hint] = say(match[1] ?? '')
    return refuse(what, line, column, hint)
  }
  const open = openTag(text)
  if (open !== undefined) {
    return refuse(`${open.tag} is never closed`, open.line, open.column, `add {% end${open.name} %} where it ends`)
  }
  // What nunjucks says of it is about its own insides: `Cannot read properties of null`.
  if (!/^[a-zA-Z]+: /.test(message) && !/^(expected|unexpected)/.test(message)) {
    return refuse('the template ends in the middle of a tag', line, column, 'close it with }} or %}')
  }
  return refuse(message.replace(/^(parse|advance|compile)\w+: /, ''), line, column)
}

const explanations: readonly (readonly [RegExp, (match: string) => readonly [message: string, hint?: string]])[] = [
  [
    /^unknown block tag: (end\w+|else|elif|elseif|case|default)$/,
    (tag) => [`{% ${tag} %} closes nothing here`, 'look for a tag that was closed before, or in another order'],
  ],
  [
    /^unknown block tag: (.*)$/,
    (tag) => [`there is no tag {% ${tag} %}`, 'the tags are if, for, set, macro, call, filter, switch and raw'],
  ],
  [
    /^expected variable end$/,
    () => [
      '}} is expected here',
      'between {{ and }} stands one expression; texts are in quotes, and put together with ~',
    ],
  ],
  [/^expected block end in (.*) statement$/, (tag) => [`%} is expected here, at the end of {% ${tag} %}`]],
  [/^expected end of comment/, () => ['a comment {# is never closed', 'close it with #}']],
  [/^unexpected end of comment/, () => ['#} closes no comment', 'write {{ "#}" }} for the characters themselves']],
  [
    /^expected name as lookup value, got (.*)$/,
    (name) => [`"${name}" cannot stand after a dot`, `write ["${name}"] instead of .${name}`],
  ],
  [/^Invalid regular expression/, () => ['regular expressions are not available', 'use the filters replace and split']],
]

const opening = /\{%-?\s*(end)?(if|for|set|macro|call|filter|switch|raw|verbatim)\b([^%]*)/g

/** The outermost tag that is open at the end. */
function openTag(text: string): { name: string; tag: string; line: number; column: number } | undefined {
  const open: { name: string; tag: string; index: number }[] = []
  for (const match of text.matchAll(opening)) {
    const [, end, name = '', rest = ''] = match
    if (end !== undefined) open.splice(Math.max(0, open.map((each) => each.name).lastIndexOf(name)), 1)
    else if (name !== 'set' || !rest.includes('=')) {
      open.push({ name, tag: `{% ${`${name} ${rest.trim()}`.trim().slice(0, 60)} %}`, index: match.index })
    }
  }
  const last = open.at(-1)
  return last === undefined ? undefined : { name: last.name, tag: last.tag, ...placeAt(text, last.index) }
}

/** Nunjucks leaves out what follows. */
function unclosedRaw(text: string): { name: string; line: number; column: number } | undefined {
  for (let at = 0; ; ) {
    const open = /\{%-?\s*(raw|verbatim)\s*-?%\}/g
    open.lastIndex = at
    const match = open.exec(text)
    if (match === null) return undefined
    const name = match[1] ?? ''
    const close = new RegExp(`\\{%\\s*end${name}\\s*%\\}`, 'g')
    close.lastIndex = match.index
    if (!close.test(text)) return { name, ...placeAt(text, match.index) }
    at = close.lastIndex
  }
}

export function placeAt(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index)
  return { line: before.split('\n').length, column: index - before.lastIndexOf('\n') }
}

function placeOfEnd(text: string): { line: number; column: number } {
  return placeAt(text, text.length)
}
