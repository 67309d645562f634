// What has arguments: filters, tests, macros, `range` and `caller`.

import { nearest } from '../expression/suggest.js'
import type { Compilation, Compilers, Expression, Macro, Statement } from './compilation.js'
import { conditions } from './conditions.js'
import { filters, otherFilters } from './filters/index.js'
import { pathOf } from './paths.js'
import { RenderFailure, type Run, Scope, type Value } from './run.js'
import type { CallNode, FilterNode, IsNode, MacroNode, Node } from './syntax.js'
import { numberOf } from './value.js'

export const calls: Compilers['expressions'] = {
  Filter: compileFilter,
  Is: compileIs,
  FunCall: compileCall,
}

const nothing: Expression = () => undefined

function captured(body: Statement): Expression {
  return (run) => run.capture(() => body(run))
}

interface Arguments {
  readonly positional: readonly Expression[]
  readonly named: ReadonlyMap<string, Expression>
  /** What `{% call %}` hands to the macro. */
  readonly caller: MacroNode | undefined
  /** Those that are written out; undefined for the others. */
  readonly literals: readonly Value[]
}

function compileArguments(nodes: readonly Node[], compilation: Compilation, guarded = false): Arguments {
  const positional: Expression[] = []
  const literals: Value[] = []
  const named = new Map<string, Expression>()
  let caller: MacroNode | undefined
  for (const [index, node] of nodes.entries()) {
    if (node.typename !== 'KeywordArgs') {
      positional.push(compilation.expression(node, guarded && index === 0))
      literals.push(node.typename === 'Literal' && !(node.value instanceof RegExp) ? node.value : undefined)
      continue
    }
    for (const pair of node.children) {
      if (pair.typename !== 'Pair' || pair.key.typename !== 'Symbol') {
        compilation.error(pair, 'template-syntax', 'an argument is given as name=value')
      } else if (pair.value.typename === 'Caller') caller = pair.value
      else named.set(pair.key.value, compilation.expression(pair.value))
    }
  }
  return { positional, named, caller, literals }
}

/** One expression for each parameter; undefined where nothing is given. */
function arranged(
  { positional, named }: Arguments,
  params: readonly string[],
  what: string,
  node: Node,
  compilation: Compilation,
): (Expression | undefined)[] {
  if (positional.length > params.length) {
    const takes = params.length === 0 ? 'no arguments' : `at most ${params.length}: ${params.join(', ')}`
    compilation.error(node, 'template-arguments', `${what} takes ${takes}; ${positional.length} are given`)
  }
  for (const name of named.keys()) {
    if (params.includes(name)) continue
    const hint = params.length === 0 ? 'it takes none' : `it takes ${params.join(', ')}`
    compilation.error(node, 'template-arguments', `${what} takes no argument "${name}"`, hint)
  }
  return params.map((name, index) => positional[index] ?? named.get(name))
}

function valuesOf(expressions: readonly (Expression | undefined)[], run: Run): Value[] {
  return expressions.map((expression) => expression?.(run))
}

/** Filters that are there for what may be missing. */
const forMissing: ReadonlySet<string> = new Set(['default', 'd'])

function compileFilter(node: FilterNode, compilation: Compilation, guarded: boolean): Expression {
  const name = node.name.typename === 'Symbol' ? node.name.value : ''
  const filter = filters.get(name)
  const [subject, ...rest] = node.args.children
  if (subject === undefined) return nothing
  if (filter === undefined) {
    const other = Object.hasOwn(otherFilters, name) ? otherFilters[name] : undefined
    const meant = nearest(name, filters.keys())
    const hint =
      other ?? (meant === undefined ? `there are ${[...filters.keys()].sort().join(', ')}` : `did you mean "${meant}"?`)
    compilation.error(node.name, 'template-unknown-filter', `there is no filter "${name}"`, hint)
    if (subject.typename !== 'Capture') compilation.expression(subject)
    return nothing
  }
  const input =
    subject.typename === 'Capture'
      ? captured(compilation.statement(subject.body))
      : compilation.expression(subject, guarded || forMissing.has(name))
  const given = compileArguments(rest, compilation)
  const values = arranged(given, filter.params, `the filter ${name}`, node.name, compilation)
  const wrong = filter.check?.(given.literals)
  if (wrong !== undefined) compilation.error(node.name, 'template-arguments', wrong)
  return (run) => {
    const value = input(run)
    const args = valuesOf(values, run)
    run.look(value, ...args)
    return filter.apply(value, args, run)
  }
}

function compileIs(node: IsNode, compilation: Compilation): Expression {
  const { right } = node
  const named = right.typename === 'FunCall' ? right.name : right
  const name =
    named.typename === 'Symbol' ? named.value : named.typename === 'Literal' ? String(named.value ?? 'none') : ''
  const condition = conditions[name]
  if (condition === undefined) {
    const meant = nearest(name, Object.keys(conditions))
    const hint = meant === undefined ? `there are ${Object.keys(conditions).join(', ')}` : `did you mean "${meant}"?`
    compilation.error(right, 'template-unknown-test', `there is no test "${name}"`, hint)
    return nothing
  }
  const subject = compilation.expression(node.left, true)
  const [argument] = right.typename === 'FunCall' ? compileArguments(right.args.children, compilation).positional : []
  return (run) => {
    const [value, given] = [subject(run), argument?.(run)]
    run.look(value, given)
    return condition(value, given, run)
  }
}

function compileCall(node: CallNode, compilation: Compilation): Expression {
  const { name, args } = node
  if (name.typename === 'LookupVal') {
    compilation.expression(name.target, true)
    refuseMethod(name, compilation)
    return nothing
  }
  if (name.typename !== 'Symbol') {
    compilation.error(node, 'template-forbidden', 'only macros and range can be called')
    return nothing
  }
  const given = compileArguments(args.children, compilation)
  const params = compilation.paramsOf(name.value)
  if (params !== undefined) return callMacro(name.value, params, given, node, compilation)
  if (name.value === 'range') return callRange(arranged(given, ['start', 'stop', 'step'], 'range', node, compilation))
  if (name.value === 'caller' && compilation.inMacro) {
    return (run) => {
      run.spend()
      return run.scope.callerHere()?.(valuesOf(given.positional, run), run)
    }
  }
  const hint = Object.hasOwn(otherFunctions, name.value)
    ? otherFunctions[name.value]
    : Object.hasOwn(compilation.roots, name.value)
      ? `${name.value} is data`
      : filters.has(name.value)
        ? `write it as a filter: value | ${name.value}`
        : 'only macros of the template and range can be called'
  compilation.error(node, 'template-forbidden', `${name.value} cannot be called`, hint)
  return nothing
}

const otherFunctions: Readonly<Record<string, string>> = {
  joiner: 'write {{ ", " if not loop.first }}',
  cycler: 'write {{ "a" if loop.index0 % 2 == 0 else "b" }}',
  super: 'templates stand alone: there are no blocks',
  caller: 'caller() writes what {% call %} holds, within a macro',
  len: 'write value | length',
  now: 'write event.time',
}

/** What people write as methods, and the filter that does it. */
const methods: Readonly<Record<string, string>> = {
  toUpperCase: 'upper',
  upper: 'upper',
  toLowerCase: 'lower',
  lower: 'lower',
  trim: 'trim',
  strip: 'trim',
  join: "join(', ')",
  split: "split(' ')",
  replace: 'replace(a, b)',
  toFixed: 'round(2)',
  toString: 'string',
  toLocaleString: 'number',
  includes: 'write: x in list',
  startsWith: 'write: x is startingwith(y)',
  endsWith: 'write: x is endingwith(y)',
  items: 'items',
  keys: 'keys',
  values: 'values',
  get: "default('…')",
  map: "map('field')",
  filter: "selectattr('field')",
  slice: 'truncate(10, true, "")',
  substring: 'truncate(10, true, "")',
  format: 'put texts together with ~',
}

function refuseMethod(node: Node, compilation: Compilation): void {
  if (node.typename !== 'LookupVal') return
  const key = node.val.typename === 'Literal' ? String(node.val.value) : '…'
  const method = Object.hasOwn(methods, key) ? methods[key] : undefined
  const path = pathOf(node.target) ?? 'value'
  const hint =
    method === undefined
      ? 'values have no methods; there are filters, as in value | upper'
      : method.includes(' ') && !method.includes('(')
        ? method
        : method.startsWith('write')
          ? method
          : `write ${path} | ${method}`
  compilation.error(node.val, 'template-forbidden', `${key}() cannot be called`, hint)
}

/** As in Python: `range(stop)`, `range(start, stop)`, `range(start, stop, step)`. */
function callRange(expressions: readonly (Expression | undefined)[]): Expression {
  return (run) => {
    const [first, second, third] = valuesOf(expressions, run)
    const [start, stop] = second === undefined ? [0, numberOf(first)] : [numberOf(first), numberOf(second)]
    const step = third === undefined ? 1 : numberOf(third)
    const length = Math.ceil((stop - start) / step)
    if (!(length > 0)) return []
    // Checked before the list is made.
    run.spend(length)
    return Array.from({ length }, (_, index) => start + index * step)
  }
}

function callMacro(
  name: string,
  params: readonly string[],
  given: Arguments,
  node: CallNode,
  compilation: Compilation,
): Expression {
  const values = arranged(given, params, `the macro ${name}`, node, compilation)
  const caller = given.caller === undefined ? undefined : compilation.macro(given.caller)
  return (run) => {
    const macro = compilation.macros.get(name)
    if (macro === undefined) throw new RenderFailure(`the macro ${name} is not there`)
    const scope = new Scope(run.top, true)
    if (caller !== undefined) {
      const around = run.scope
      scope.caller = (args, inner) => inMacro(caller, args, new Scope(around, true), inner)
    }
    return inMacro(macro, valuesOf(values, run), scope, run)
  }
}

function inMacro(macro: Macro, args: readonly Value[], scope: Scope, run: Run): string {
  run.spend(1 + macro.params.length)
  return run.capture(() =>
    run.within(scope, () => {
      for (const [index, param] of macro.params.entries()) {
        const value = args[index]
        scope.values.set(param, value === undefined ? macro.defaults.get(param)?.(run) : value)
      }
      macro.body(run)
    }),
  )
}
