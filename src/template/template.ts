// Templates of messages: nunjucks that can read its data, and nothing else, for a bounded while.

import { calls } from './calls.js'
import { Compilation, type Expression, type Statement } from './compilation.js'
import { expressions } from './expressions.js'
import { goFindings } from './go-template.js'
import { messageRoots, type Roots } from './roots.js'
import { type Bounds, type Context, defaultBounds, full, type Missing, RenderFailure, Run, type Value } from './run.js'
import { statements } from './statements.js'
import { type MacroNode, type Node, parseTemplate, type TemplateFinding } from './syntax.js'

export interface RenderOptions {
  readonly bounds?: Bounds
  /** Takes what the template asks for and the data does not have. */
  readonly missing?: Missing[]
}

export interface Template {
  /** Throws RenderFailure when it takes too much. What is longer than may be is cut. */
  render(context: Context, options?: RenderOptions): string
}

export interface TemplateExpression {
  /** Throws RenderFailure. */
  evaluate(context: Context, options?: RenderOptions): Value
}

export interface CompiledTemplate {
  /** Undefined when there are errors among the findings. */
  readonly template: Template | undefined
  readonly findings: readonly TemplateFinding[]
}

export interface CompiledExpression {
  readonly expression: TemplateExpression | undefined
  readonly findings: readonly TemplateFinding[]
}

/** Compiles a text with `{{ }}` and `{% %}`. `roots`: the names it may use. Deterministic, and linear in the text. */
export function compileTemplate(text: string, roots: Roots = messageRoots): CompiledTemplate {
  const foreign = goFindings(text)
  if (foreign.length > 0) return { template: undefined, findings: foreign }
  const parsed = parseTemplate(text)
  if ('finding' in parsed) return { template: undefined, findings: [parsed.finding] }
  const { body, findings } = compiled(parsed.root, roots, (root, compilation) => compilation.statement(root))
  if (body === undefined) return { template: undefined, findings }
  return { template: { render: (context, options) => rendered(body, context, options) }, findings }
}

const opening = '{{ '

/** Compiles what could stand within `{{ }}`; a text that has `{{` or `{%` is a template, and its value what it writes. */
export function compileExpression(text: string, roots: Roots = messageRoots): CompiledExpression {
  if (/\{\{|\{%/.test(text)) {
    const { template, findings } = compileTemplate(text, roots)
    return {
      expression: template && { evaluate: (context, options) => template.render(context, options).trim() },
      findings,
    }
  }
  const parsed = parseTemplate(`${opening}${text} }}`)
  if ('finding' in parsed) return { expression: undefined, findings: [moved(parsed.finding)] }
  const only = onlyExpression(parsed.root)
  if (only === undefined) {
    const message = 'this is not one expression'
    const hint = "write it as: 'error' if payload.failed > 0 else 'info'"
    const finding = { rule: 'template-syntax', severity: 'error', message, hint, line: 1, column: 1 } as const
    return { expression: undefined, findings: [finding] }
  }
  const { body, findings } = compiled(only, roots, (node, compilation) => compilation.expression(node))
  if (body === undefined) return { expression: undefined, findings: findings.map(moved) }
  return { expression: { evaluate: (context, options) => evaluated(body, context, options) }, findings }
}

function onlyExpression(root: Node): Node | undefined {
  const [output, ...more] = root.typename === 'Root' ? root.children : []
  return output?.typename === 'Output' && more.length === 0 && output.children.length === 1
    ? output.children[0]
    : undefined
}

function moved(finding: TemplateFinding): TemplateFinding {
  return finding.line === 1 ? { ...finding, column: Math.max(1, finding.column - opening.length) } : finding
}

function compiled<Body extends Statement | Expression>(
  root: Node,
  roots: Roots,
  compile: (root: Node, compilation: Compilation) => Body,
): { body: { run: Body } | undefined; findings: readonly TemplateFinding[] } {
  const compilation = new Compilation(roots, { expressions: { ...expressions, ...calls }, statements })
  try {
    const macros = macrosIn(root)
    for (const node of macros) compilation.announce(node)
    for (const node of macros) {
      if (node.name.typename === 'Symbol') compilation.macros.set(node.name.value, compilation.macro(node))
    }
    const run = compile(root, compilation)
    compilation.settleNames()
    const failed = compilation.findings.length > 0
    return { body: failed ? undefined : { run }, findings: compilation.findings.sort(byPlace) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    compilation.error(undefined, 'template-syntax', 'the template is nested too deeply')
    return { body: undefined, findings: compilation.findings }
  }
}

function byPlace(a: TemplateFinding, b: TemplateFinding): number {
  return a.line - b.line || a.column - b.column
}

function macrosIn(node: Node): MacroNode[] {
  const found: MacroNode[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (typeof value === 'object' && value !== null && 'typename' in value) {
      if (value.typename === 'Macro') found.push(value as MacroNode)
      for (const field of Object.values(value)) visit(field)
    }
  }
  visit(node)
  return found
}

interface Body<Code> {
  readonly run: Code
}

function rendered({ run: write }: Body<Statement>, context: Context, options: RenderOptions = {}): string {
  const run = new Run(context, options.bounds ?? defaultBounds, options.missing)
  try {
    bounded(() => write(run))
  } catch (error) {
    if (error !== full) throw error
  }
  return run.text
}

function evaluated({ run: read }: Body<Expression>, context: Context, options: RenderOptions = {}): Value {
  const run = new Run(context, options.bounds ?? defaultBounds, options.missing)
  return bounded(() => read(run))
}

function bounded<Result>(body: () => Result): Result {
  try {
    return body()
  } catch (error) {
    if (error instanceof RangeError) throw new RenderFailure('values are nested too deeply')
    throw error
  }
}
