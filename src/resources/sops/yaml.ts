// Decrypts the nodes of a YAML document where they stand, so that anchors, merges and places work as in any other.

import { type Document, isMap, isScalar, isSeq, type Scalar, type YAMLSeq } from 'yaml'
import { RawNumber } from '../../expression/json.js'
import { type AnyNode, keyText, spanOf } from '../yaml-values.js'
import { macText, numberText, timeText } from './mac-text.js'
import type { Unsealing } from './unsealing.js'

/** Takes the metadata out of a document, and decrypts the rest of it. */
export function unsealYaml(document: Document.Parsed, text: string, unsealing: Unsealing): void {
  unsealing.nextDocument()
  const { contents } = document
  if (!isMap(contents)) return
  contents.items = contents.items.filter(({ key, value }) => {
    if (keyText(key) !== 'sops') return true
    unsealing.cuts.push([spanOf(key as AnyNode)[0], (value as AnyNode)?.range?.[2] ?? spanOf(key as AnyNode)[1]])
    return false
  })
  visit(contents as AnyNode, [], text, unsealing)
}

function visit(node: AnyNode, path: (string | number)[], source: string, unsealing: Unsealing): void {
  if (isScalar(node)) {
    const value = typeof node.value === 'string' ? node.value : undefined
    const found = unsealing.value(path, { text: value, plain: plainText(node), span: spanOf(node) })
    if (found === undefined) return
    const { json } = found
    node.type = 'QUOTE_DOUBLE'
    node.value = json instanceof RawNumber ? Number(json.text) : json
    if (typeof node.value === 'number') node.source = json instanceof RawNumber ? json.text : String(json)
  } else if (isMap(node)) {
    for (const pair of node.items) {
      path.push(keyText(pair.key) ?? '')
      visit(pair.value as AnyNode, path, source, unsealing)
      path.pop()
    }
  } else if (isSeq(node)) {
    dropComments(node, path, source, unsealing)
    for (const [index, item] of node.items.entries()) {
      path.push(index)
      visit(item as AnyNode, path, source, unsealing)
      path.pop()
    }
  }
}

function dropComments(list: YAMLSeq, path: (string | number)[], source: string, unsealing: Unsealing): void {
  const { items } = list
  list.items = items.filter((item, index) => {
    if (!isScalar(item) || !unsealing.isComment(path, item.value)) return true
    const next = items[index + 1]
    unsealing.cuts.push([dashOf(item, source), next === undefined ? spanOf(item)[1] : dashOf(next as AnyNode, source)])
    return false
  })
}

/** Where the dash is that an entry of a list stands behind: SOPS writes lists a line an entry. */
function dashOf(item: AnyNode, source: string): number {
  return source.lastIndexOf('-', spanOf(item)[0] - 1)
}

/** As Go's YAML reads it, which takes for a time what core schema takes for text. */
function plainText({ value, type, source = '', tag }: Scalar): string | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return type === 'PLAIN' && tag === undefined ? (timeText(value) ?? value) : value
  return typeof value === 'number' ? numberText(source) : macText(value as boolean, source)
}
