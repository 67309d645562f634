import { isObject } from '../expression/json.js'
import { nearest } from '../expression/suggest.js'
import type { Compilation, CompileExpression, Compilers, Expression } from './compilation.js'
import { pathOf } from './paths.js'
import { type Run, unreachable, type Value } from './run.js'
import type { CompareNode, LookupNode, Node } from './syntax.js'
import { compare, contains, isTrue, looseEquals, member, numberOf, strictEquals, textOf } from './value.js'

const nothing: Expression = () => undefined

type Of<Name extends Node['typename']> = Extract<Node, { typename: Name }>
type Binary = Of<'And'>

/** Everything but what has arguments (calls.ts). */
export const expressions: Compilers['expressions'] = {
  Literal(node: Of<'Literal'>, compilation: Compilation) {
    const { value } = node
    if (value instanceof RegExp) {
      const hint = 'use the filters replace and split, or the tests in, startingwith and endingwith'
      compilation.error(node, 'template-syntax', 'regular expressions are not available', hint)
      return nothing
    }
    return () => value
  },
  Symbol(node: Of<'Symbol'>, compilation: Compilation) {
    const name = node.value
    if (name === 'caller' && compilation.inMacro) return (run) => run.scope.callerHere() !== undefined
    compilation.use(name, node)
    return (run) => {
      run.spend()
      return run.scope.find(name)
    }
  },
  Group(node: Of<'Group'>, compilation: Compilation, guarded: boolean) {
    const [only, ...more] = node.children
    if (only !== undefined && more.length === 0) return compilation.expression(only, guarded)
    compilation.error(node, 'template-syntax', 'parentheses have to hold one expression', 'a list is written [a, b]')
    return nothing
  },
  Array(node: Of<'Array'>, compilation: Compilation) {
    const items = node.children.map((child) => compilation.expression(child))
    return (run) => {
      run.spend(1 + items.length)
      return items.map((item) => item(run) ?? null)
    }
  },
  Dict: compileDict as CompileExpression,
  LookupVal: compileLookup as CompileExpression,
  Compare: compileCompare as CompileExpression,
  InlineIf(node: Of<'InlineIf'>, compilation: Compilation, guarded: boolean) {
    const condition = compilation.expression(node.cond, true)
    const then = compilation.expression(node.body, guarded)
    const otherwise = node.else_ === null ? nothing : compilation.expression(node.else_, guarded)
    return (run) => (isTrue(condition(run)) ? then(run) : otherwise(run))
  },
  And: logic((left, right, run) => {
    const value = left(run)
    return isTrue(value) ? right(run) : value
  }),
  Or: logic((left, right, run) => {
    const value = left(run)
    return isTrue(value) ? value : right(run)
  }),
  Not(node: Of<'Not'>, compilation: Compilation) {
    const target = compilation.expression(node.target, true)
    return (run) => !isTrue(target(run))
  },
  In: binary((left, right, run) => contains(right, left, run)),
  Concat: binary((left, right, run) => joined(textOf(left, run), textOf(right, run), run)),
  Add: chain('Add', 'Sub'),
  Sub: chain('Add', 'Sub'),
  Mul: chain('Mul', 'Div', 'Mod'),
  Div: chain('Mul', 'Div', 'Mod'),
  Mod: chain('Mul', 'Div', 'Mod'),
  FloorDiv: binary((left, right) => Math.floor(numberOf(left) / numberOf(right))),
  Pow: binary((left, right) => numberOf(left) ** numberOf(right)),
  Neg(node: Of<'Neg'>, compilation: Compilation) {
    const target = compilation.expression(node.target)
    return (run) => -numberOf(target(run))
  },
  Pos(node: Of<'Pos'>, compilation: Compilation) {
    const target = compilation.expression(node.target)
    return (run) => numberOf(target(run))
  },
}

function joined(left: string, right: string, run: Run): string {
  run.expect(left.length + right.length)
  return left + right
}

function logic(apply: (left: Expression, right: Expression, run: Run) => Value): CompileExpression {
  return (node: Binary, compilation: Compilation, guarded: boolean) => {
    const left = compilation.expression(node.left, true)
    const right = compilation.expression(node.right, guarded)
    return (run) => {
      run.spend()
      return apply(left, right, run)
    }
  }
}

function binary(apply: (left: Value, right: Value, run: Run) => Value): CompileExpression {
  return (node: Binary, compilation: Compilation) => {
    const left = compilation.expression(node.left)
    const right = compilation.expression(node.right)
    return (run) => {
      const [a, b] = [left(run), right(run)]
      run.look(a, b)
      return apply(a, b, run)
    }
  }
}

const arithmetic: Readonly<Record<string, (left: Value, right: Value, run: Run) => Value>> = {
  Add(left, right, run) {
    const texts = [left, right].some((each) => typeof each === 'string' || (typeof each === 'object' && each !== null))
    const areNumbers = !Number.isNaN(numberOf(left)) && !Number.isNaN(numberOf(right))
    if (texts && (typeof left === 'string' || typeof right === 'string' || !areNumbers)) {
      return joined(textOf(left, run), textOf(right, run), run)
    }
    return numberOf(left) + numberOf(right)
  },
  Sub: (left, right) => numberOf(left) - numberOf(right),
  Mul: (left, right) => numberOf(left) * numberOf(right),
  Div: (left, right) => numberOf(left) / numberOf(right),
  Mod: (left, right) => numberOf(left) % numberOf(right),
}

/** Operators of one rank go from left to right; nunjucks' tree has them by rank of its own. */
function chain(...names: readonly string[]): CompileExpression {
  return (node: Binary, compilation: Compilation) => {
    const operands: Expression[] = []
    const operators: ((left: Value, right: Value, run: Run) => Value)[] = []
    const gather = (each: Node): void => {
      const operator = names.includes(each.typename) ? arithmetic[each.typename] : undefined
      if (operator === undefined) {
        operands.push(compilation.expression(each))
        return
      }
      gather((each as Binary).left)
      operators.push(operator)
      gather((each as Binary).right)
    }
    gather(node)
    const [first = nothing, ...rest] = operands
    return (run) => {
      run.spend(operators.length)
      return rest.reduce((value, operand, index) => operators[index]?.(value, operand(run), run), first(run))
    }
  }
}

const comparisons: Readonly<Record<string, (left: Value, right: Value) => boolean>> = {
  '==': looseEquals,
  '!=': (left, right) => !looseEquals(left, right),
  '===': strictEquals,
  '!==': (left, right) => !strictEquals(left, right),
  '<': (left, right) => (compare(left, right) ?? 1) < 0,
  '>': (left, right) => (compare(left, right) ?? -1) > 0,
  '<=': (left, right) => (compare(left, right) ?? 1) <= 0,
  '>=': (left, right) => (compare(left, right) ?? -1) >= 0,
}

function compileCompare(node: CompareNode, compilation: Compilation): Expression {
  const [only, ...more] = node.ops
  const apply = only && comparisons[only.type]
  if (only === undefined || apply === undefined || more.length > 0) {
    compilation.error(node, 'template-syntax', 'comparisons cannot follow one another', 'write: a < b and b < c')
    return nothing
  }
  const left = compilation.expression(node.expr)
  const right = compilation.expression(only.expr)
  return (run) => {
    const [a, b] = [left(run), right(run)]
    run.look(a, b)
    return apply(a, b)
  }
}

function compileDict(node: Of<'Dict'>, compilation: Compilation): Expression {
  const entries: [string, Expression][] = []
  for (const pair of node.children) {
    if (pair.typename !== 'Pair') continue
    const { key } = pair
    const name = key.typename === 'Symbol' || key.typename === 'Literal' ? key.value : undefined
    if (typeof name !== 'string') compilation.error(key, 'template-syntax', 'keys have to be names or texts')
    else if (unreachable.has(name)) forbidden(key, name, compilation)
    else entries.push([name, compilation.expression(pair.value)])
  }
  return (run) => {
    run.spend(1 + entries.length)
    const made = Object.create(null) as { [key: string]: NonNullable<Value> | null }
    for (const [name, value] of entries) made[name] = value(run) ?? null
    return made
  }
}

function forbidden(node: Node, name: string, compilation: Compilation): void {
  compilation.error(
    node,
    'template-forbidden',
    `"${name}" is never looked up`,
    'templates see the fields of data alone',
  )
}

function compileLookup(node: LookupNode, compilation: Compilation, guarded: boolean): Expression {
  const { target, val } = node
  const key = val.typename === 'Literal' ? val.value : undefined
  if (typeof key === 'string' && unreachable.has(key)) {
    forbidden(val, key, compilation)
    return nothing
  }
  if (typeof key === 'string' && target.typename === 'Symbol' && !compilation.isField(target.value, key)) {
    const fields = compilation.roots[target.value] ?? []
    const meant = nearest(key, fields)
    const has = fields.length === 0 ? 'is a text' : `has ${fields.join(', ')}`
    const hint = meant === undefined ? `${target.value} ${has}` : `did you mean "${meant}"?`
    compilation.error(val, 'template-unknown-name', `${target.value} has no "${key}"`, hint)
    return nothing
  }
  const value = compilation.expression(target, guarded)
  const index = compilation.expression(val)
  const path = guarded ? undefined : pathOf(node)
  const [line, column] = [(val.lineno ?? 0) + 1, (val.colno ?? 0) + 1]
  return (run) => {
    run.spend()
    const from = value(run)
    const by = index(run)
    const found = member(from, by)
    if (found === undefined && path !== undefined && run.missing !== undefined && isNamed(from, by)) {
      run.missing.push({ path, target: from, key: textOf(by, run), line, column })
    }
    return found
  }
}

/** A field is asked for, of something that is there. */
function isNamed(target: Value, key: Value): boolean {
  if (target === undefined || target === null) return false
  return isObject(target) || typeof key === 'string'
}
