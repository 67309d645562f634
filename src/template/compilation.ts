import { nearest } from '../expression/suggest.js'
import type { Roots } from './roots.js'
import type { Run, Value } from './run.js'
import type { MacroNode, Node, TemplateFinding } from './syntax.js'

export type Expression = (run: Run) => Value
export type Statement = (run: Run) => void

export type CompileExpression = (node: never, compilation: Compilation, guarded: boolean) => Expression
export type CompileStatement = (node: never, compilation: Compilation) => Statement

/** How each kind of node is compiled. */
export interface Compilers {
  readonly expressions: Readonly<Partial<Record<Node['typename'], CompileExpression>>>
  readonly statements: Readonly<Partial<Record<Node['typename'], CompileStatement>>>
}

export interface Macro {
  readonly params: readonly string[]
  /** By parameter; parameters without one are empty when nothing is given. */
  readonly defaults: ReadonlyMap<string, Expression>
  readonly body: Statement
}

/** One template while it is compiled. */
export class Compilation {
  readonly findings: TemplateFinding[] = []
  readonly roots: Roots
  /** Of the whole template: they may be called before they are written. */
  readonly macros = new Map<string, Macro>()
  readonly #params = new Map<string, readonly string[]>()
  /** Names that something in the template gives a value. */
  readonly declared = new Set<string>()
  /** How many loops are around. */
  loops = 0
  /** Whether a macro is around, in which `caller()` means something. */
  inMacro = false
  readonly #uses: { readonly name: string; readonly node: Node }[] = []
  readonly #compilers: Compilers

  constructor(roots: Roots, compilers: Compilers) {
    this.roots = roots
    this.#compilers = compilers
  }

  /** `guarded`: it is asked whether the value is there at all, as in a condition; nothing is said when it is not. */
  expression(node: Node, guarded = false): Expression {
    const compile = this.#compilers.expressions[node.typename]
    if (compile !== undefined) return compile(node as never, this, guarded)
    this.error(node, 'template-syntax', 'this cannot stand in an expression')
    return () => undefined
  }

  statement(node: Node): Statement {
    const compile = this.#compilers.statements[node.typename]
    if (compile !== undefined) return compile(node as never, this)
    this.error(node, 'template-syntax', `this cannot stand in a template (${node.typename})`)
    return () => {}
  }

  /** Its name and parameters, so that it can be called before its body is compiled. */
  announce(node: MacroNode): void {
    const name = node.name.typename === 'Symbol' ? node.name.value : ''
    if (this.#params.has(name)) this.error(node, 'template-syntax', `there are two macros "${name}"`)
    this.#params.set(name, paramsOf(node))
  }

  paramsOf(macro: string): readonly string[] | undefined {
    return this.#params.get(macro)
  }

  macro(node: MacroNode): Macro {
    const defaults = new Map<string, Expression>()
    for (const arg of node.args.children) {
      if (arg.typename === 'KeywordArgs') {
        for (const pair of arg.children) {
          if (pair.typename === 'Pair' && pair.key.typename === 'Symbol') {
            defaults.set(pair.key.value, this.expression(pair.value))
          }
        }
      } else if (arg.typename !== 'Symbol') this.error(arg, 'template-syntax', 'parameters of a macro are names')
    }
    const params = paramsOf(node)
    for (const name of params) this.declared.add(name)
    const [outer, loops] = [this.inMacro, this.loops]
    this.inMacro ||= node.typename === 'Macro'
    if (node.typename === 'Macro') this.loops = 0
    const body = this.statement(node.body)
    this.inMacro = outer
    this.loops = loops
    return { params, defaults, body }
  }

  error(node: Node | undefined, rule: string, message: string, hint?: string): void {
    this.findings.push({
      rule,
      severity: 'error',
      message,
      ...(hint !== undefined && { hint }),
      line: (node?.lineno ?? 0) + 1,
      column: (node?.colno ?? 0) + 1,
    })
  }

  use(name: string, node: Node): void {
    if (name === 'loop' && this.loops > 0) return
    this.#uses.push({ name, node })
  }

  /** A field of what has known ones; nothing is said of names that the template declares itself. */
  isField(root: string, field: string): boolean {
    const fields = Object.hasOwn(this.roots, root) ? this.roots[root] : undefined
    return fields === undefined || this.declared.has(root) || fields.includes(field)
  }

  /** Findings about names can be made only when all of the template was seen. */
  settleNames(): void {
    const known = [...Object.keys(this.roots), ...this.declared]
    for (const { name, node } of this.#uses) {
      if (Object.hasOwn(this.roots, name) || this.declared.has(name)) continue
      if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) {
        const hint = /^\d/.test(name) ? 'numbers are written 1000 or 0.5' : 'texts are written in quotes'
        this.error(node, 'template-syntax', `${JSON.stringify(name)} is neither a name nor a number`, hint)
        continue
      }
      if (this.#params.has(name)) {
        this.error(node, 'template-unknown-name', `${name} is a macro`, `call it: ${name}()`)
        continue
      }
      const meant = nearest(name, known)
      const hint = meant === undefined ? hintFor(name, this.roots) : `did you mean "${meant}"?`
      this.error(node, 'template-unknown-name', `there is no "${name}" here`, hint)
    }
  }
}

function paramsOf({ args }: MacroNode): readonly string[] {
  return args.children.flatMap((arg) => {
    if (arg.typename === 'Symbol') return [arg.value]
    if (arg.typename !== 'KeywordArgs') return []
    return arg.children.flatMap((pair) =>
      pair.typename === 'Pair' && pair.key.typename === 'Symbol' ? [pair.key.value] : [],
    )
  })
}

function hintFor(name: string, roots: Roots): string {
  const other = otherNames[name]
  if (other !== undefined) return other
  const names = Object.keys(roots)
  return 'payload' in roots
    ? `fields of the payload are payload.${name}; there are ${names.join(', ')}`
    : names.join(', ')
}

const otherNames: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  loop: 'loop is known within a for',
  None: 'write none',
  nil: 'write none',
  True: 'write true',
  False: 'write false',
  undefined: 'write: is not defined',
  Math: 'write the filters abs, round, min or max',
  JSON: 'write the filter json',
  Date: 'write the filter date',
})
