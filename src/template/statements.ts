import { isObject } from '../expression/json.js'
import type { Compilation, Compilers, Expression, Statement } from './compilation.js'
import { Scope, type Value } from './run.js'
import type { ForNode, IfNode, Node, OutputNode, SetNode, SwitchNode } from './syntax.js'
import { elements, entries, isTrue, member, strictEquals, textOf } from './value.js'

const nothing: Statement = () => {}

export const statements: Compilers['statements'] = {
  Root: compileList,
  NodeList: compileList,
  Output: compileOutput,
  If: compileIf,
  For: compileFor,
  Set: compileSet,
  Switch: compileSwitch,
  // Its body was compiled before everything else.
  Macro: () => nothing,
  Block: refused('block', 'templates stand alone'),
  Extends: refused('extends', 'templates stand alone'),
  Include: refused('include', 'templates stand alone: write a macro for what is repeated'),
  Import: refused('import', 'templates stand alone: write a macro for what is repeated'),
  FromImport: refused('from', 'templates stand alone: write a macro for what is repeated'),
  AsyncEach: refused('asyncEach', 'write for'),
  AsyncAll: refused('asyncAll', 'write for'),
  IfAsync: refused('ifAsync', 'write if'),
}

function refused(tag: string, hint: string) {
  return (node: Node, compilation: Compilation): Statement => {
    compilation.error(node, 'template-forbidden', `{% ${tag} %} is not available`, hint)
    return nothing
  }
}

function compileList(node: Extract<Node, { typename: 'Root' }>, compilation: Compilation): Statement {
  const all = node.children.map((child) => compilation.statement(child))
  return (run) => {
    for (const each of all) each(run)
  }
}

function compileOutput(node: OutputNode, compilation: Compilation): Statement {
  const parts = node.children.map((child): Statement => {
    if (child.typename === 'TemplateData') {
      const text = child.value
      return (run) => run.write(text)
    }
    const value = compilation.expression(child)
    return (run) => run.write(textOf(value(run), run))
  })
  return (run) => {
    for (const part of parts) part(run)
  }
}

function compileIf(node: IfNode, compilation: Compilation): Statement {
  const condition = compilation.expression(node.cond, true)
  const then = compilation.statement(node.body)
  const otherwise = node.else_ === null ? nothing : compilation.statement(node.else_)
  return (run) => {
    run.spend()
    if (isTrue(condition(run))) then(run)
    else otherwise(run)
  }
}

function compileSwitch(node: SwitchNode, compilation: Compilation): Statement {
  const subject = compilation.expression(node.expr)
  const cases = node.cases.map(({ cond, body }) => ({
    value: compilation.expression(cond),
    body: compilation.statement(body),
    // As in nunjucks: an empty case is one with the next.
    isEmpty: body.typename === 'NodeList' && body.children.length === 0,
  }))
  const otherwise = node.default === null ? nothing : compilation.statement(node.default)
  return (run) => {
    const wanted = subject(run)
    const found = cases.findIndex(({ value }) => {
      const offered = value(run)
      run.look(offered, wanted)
      return strictEquals(offered, wanted)
    })
    const chosen = found === -1 ? undefined : cases.slice(found).find(({ isEmpty }) => !isEmpty)
    if (chosen === undefined) otherwise(run)
    else chosen.body(run)
  }
}

function compileSet(node: SetNode, compilation: Compilation): Statement {
  const names = namesOf(node.targets, compilation)
  const { value, body } = node
  const expression: Expression = value === null ? captured(body, compilation) : compilation.expression(value)
  for (const name of names) compilation.declared.add(name)
  return (run) => {
    run.spend()
    const result = expression(run)
    for (const name of names) run.scope.set(name, result)
  }
}

function captured(node: Node | null | undefined, compilation: Compilation): Expression {
  const body = node?.typename === 'Capture' ? compilation.statement(node.body) : nothing
  return (run) => run.capture(() => body(run))
}

function namesOf(nodes: readonly Node[], compilation: Compilation): string[] {
  return nodes.flatMap((node) => {
    if (node.typename === 'Symbol') return [node.value]
    compilation.error(node, 'template-syntax', 'a name is expected here', 'fields of data cannot be set')
    return []
  })
}

function compileFor(node: ForNode, compilation: Compilation): Statement {
  const list = compilation.expression(node.arr, node.else_ !== null)
  const isSeveral = node.name.typename === 'Array'
  const names = namesOf(node.name.typename === 'Array' ? node.name.children : [node.name], compilation)
  for (const name of names) compilation.declared.add(name)
  compilation.loops++
  const body = compilation.statement(node.body)
  compilation.loops--
  const otherwise = node.else_ === null ? nothing : compilation.statement(node.else_)
  return (run) => {
    const value = list(run)
    const items = isSeveral && isObject(value) ? entries(value, run) : isObject(value) ? [] : elements(value, run)
    if (items.length === 0) return otherwise(run)
    const scope = new Scope(run.scope)
    run.within(scope, () => {
      for (const [index, item] of items.entries()) {
        run.spend(1 + names.length)
        bind(scope, names, isSeveral, item)
        scope.values.set('loop', loopAt(index, items.length))
        body(run)
      }
    })
  }
}

function bind(scope: Scope, names: readonly string[], isSeveral: boolean, item: Value): void {
  for (const [index, name] of names.entries()) scope.values.set(name, isSeveral ? member(item, index) : item)
}

function loopAt(index: number, length: number): Value {
  return {
    index: index + 1,
    index0: index,
    revindex: length - index,
    revindex0: length - index - 1,
    first: index === 0,
    last: index === length - 1,
    length,
  }
}
