import type { Node } from './syntax.js'

/** `payload.run.id`; undefined when it is not written out. */
export function pathOf(node: Node): string | undefined {
  if (node.typename === 'Symbol') return node.value
  if (node.typename !== 'LookupVal') return undefined
  const target = pathOf(node.target)
  const { val } = node
  if (target === undefined || val.typename !== 'Literal') return undefined
  const key = val.value
  if (typeof key === 'number') return `${target}[${key}]`
  if (typeof key !== 'string') return undefined
  return /^[A-Za-z_]\w*$/.test(key) ? `${target}.${key}` : `${target}[${JSON.stringify(key)}]`
}
