import { isAlias, isMap, isSeq, type Node, visit, type YAMLMap } from 'yaml'
import { type Span, splitPointer } from './reading.js'
import { type AnyNode, isMergeKey, keyText, spanOf } from './yaml-values.js'

interface Place {
  readonly key: AnyNode
  readonly value: AnyNode
}

/** Where the value at `pointer` is, or the key that leads to it; the nearest that exists. Follows aliases and merges. */
export function locateNode(root: AnyNode, pointer: string, part: 'key' | 'value'): Span {
  let place: Place = { key: undefined, value: root }
  for (const name of splitPointer(pointer)) {
    const next = step(root, resolve(root, place.value), name)
    if (next === undefined) return spanOf(place.key ?? place.value)
    place = next
  }
  const { key, value } = place
  // A whole document has no key that leads to it; its first one is where it begins.
  if (part === 'key' && key === undefined && isMap(value)) return spanOf((value.items[0]?.key ?? value) as AnyNode)
  if (part === 'key' || isMissing(value)) return spanOf(key ?? value)
  return spanOf(value)
}

function step(root: AnyNode, node: AnyNode, name: string): Place | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(name)] as AnyNode
    return value === undefined ? undefined : { key: undefined, value }
  }
  return isMap(node) ? pairOf(root, node, name, 0) : undefined
}

function pairOf(root: AnyNode, map: YAMLMap, name: string, level: number): Place | undefined {
  const pair = map.items.find(({ key }) => !isMergeKey(key) && keyText(resolve(root, key as AnyNode)) === name)
  if (pair !== undefined) return { key: pair.key as AnyNode, value: pair.value as AnyNode }
  if (level > 20) return undefined
  for (const merge of map.items.filter(({ key }) => isMergeKey(key))) {
    const source = resolve(root, merge.value as AnyNode)
    for (const item of isSeq(source) ? source.items : [source]) {
      const target = resolve(root, item as AnyNode)
      const found = isMap(target) ? pairOf(root, target, name, level + 1) : undefined
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** The node an alias stands for: the last one before it that has its anchor. */
function resolve(root: AnyNode, node: AnyNode): AnyNode {
  let current = node
  for (let hops = 0; isAlias(current) && hops < 20; hops++) {
    const alias: Node = current
    const { source } = current
    let found: Node | undefined
    if (root) {
      visit(root, {
        Node: (_, each) => {
          if (each === alias) return visit.BREAK
          if ((each as { anchor?: string }).anchor === source) found = each as Node
          return undefined
        },
      })
    }
    current = found
  }
  return current
}

/** `key:` with nothing after it has a value of no length. */
function isMissing(node: AnyNode): boolean {
  return node === null || node === undefined || (node.range?.[0] ?? 0) === (node.range?.[1] ?? 0)
}
