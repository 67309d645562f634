import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import { type Json, RawNumber } from '../expression/json.js'
import type { KeyCheck } from './key-check.js'
import type { Limits } from './limits.js'
import { exactNumber } from './number.js'
import { joinPointer, quote, type Span, type TextFault } from './reading.js'

/** Nothing of the document can be used. */
export class BrokenDocument extends Error {
  readonly fault: TextFault
  constructor(fault: TextFault) {
    super(fault.message)
    this.fault = fault
  }
}

const tagPrefix = 'tag:yaml.org,2002:'
const knownTags = new Set([
  '!',
  ...['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => tagPrefix + name),
])
/** So many characters of aliased text weigh as much as one value. */
const charactersPerValue = 64

export type AnyNode = Node | null | undefined

export function spanOf(node: AnyNode): Span {
  return node?.range ? [node.range[0], node.range[1]] : [0, 1]
}

/** The text of a mapping's key: for a plain `1.0` or `yes` exactly that. Undefined for a list or mapping as key. */
export function keyText(key: unknown): string | undefined {
  if (key === null || key === undefined) return ''
  if (!isScalar(key)) return undefined
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
}

/** Takes values out of the nodes of one document: aliases as copies within a bound, merge keys, exact numbers. */
export class YamlValues {
  readonly #keys: KeyCheck
  readonly #limits: Limits
  /** As far as the document has been read: an alias means the last anchor of that name before it. */
  readonly #anchors = new Map<string, Node>()
  readonly #targets = new Map<Alias, Node>()
  readonly #open = new Set<Node>()
  readonly #path: (string | number)[] = []
  #aliasDepth = 0
  #aliased = 0

  constructor(keys: KeyCheck, limits: Limits) {
    this.#keys = keys
    this.#limits = limits
  }

  read(node: AnyNode): Json {
    if (node === null || node === undefined) return null
    if (isAlias(node)) return this.#alias(node)
    if (this.#path.length > this.#limits.depth) {
      throw this.#broken('too-deep', node, `nested deeper than ${this.#limits.depth} levels`)
    }
    if (this.#aliasDepth > 0) this.#weigh(node)
    this.#checkTag(node)
    this.#note(node)
    if (isScalar(node)) return this.#scalar(node)
    this.#open.add(node)
    const value = isMap(node) ? this.#map(node) : isSeq(node) ? this.#list(node.items as AnyNode[]) : null
    this.#open.delete(node)
    return value
  }

  #list(items: readonly AnyNode[]): Json[] {
    const list: Json[] = []
    for (const [index, item] of items.entries()) {
      this.#path.push(index)
      list.push(this.read(item))
      this.#path.pop()
    }
    return list
  }

  #map(node: YAMLMap): { [key: string]: Json } {
    const object: { [key: string]: Json } = {}
    const seen = new Map<string, Span>()
    const merged: { [key: string]: Json }[] = []
    for (const pair of node.items) {
      const keyNode = pair.key as AnyNode
      if (isMergeKey(keyNode)) {
        merged.push(...this.#mergeSources(pair.value as AnyNode))
        continue
      }
      const key = isAlias(keyNode) ? this.#aliasedKey(keyNode) : this.#key(keyNode)
      if (key === undefined) {
        this.#fault('key-not-text', keyNode, 'a list or mapping cannot be a key here', 'use a text as the key')
        continue
      }
      if (!this.#keys.accept(key, spanOf(keyNode), this.#path, seen)) continue
      this.#path.push(key)
      object[key] = this.read(pair.value as AnyNode)
      this.#path.pop()
    }
    // What is written in the mapping itself wins; of several merged mappings the first.
    for (const source of merged) {
      for (const [key, item] of Object.entries(source)) if (!Object.hasOwn(object, key)) object[key] = item
    }
    return object
  }

  #key(node: AnyNode): string | undefined {
    if (node) this.#note(node)
    return keyText(node)
  }

  #note(node: Node): void {
    const { anchor } = node as { anchor?: string }
    // Copies made for an alias define nothing anew.
    if (anchor !== undefined && this.#aliasDepth === 0) this.#anchors.set(anchor, node)
  }

  #aliasedKey(node: Alias): string | undefined {
    const value = this.#alias(node)
    return value === null || typeof value === 'object' ? undefined : String(value)
  }

  #mergeSources(node: AnyNode): { [key: string]: Json }[] {
    const sources: { [key: string]: Json }[] = []
    for (const source of isSeq(node) ? (node.items as AnyNode[]) : [node]) {
      const value = this.read(source)
      if (isPlainObject(value)) sources.push(value)
      else
        this.#fault('merge-not-a-mapping', source, '"<<" merges mappings only', 'put "<<" in quotes to use it as a key')
    }
    return sources
  }

  #alias(node: Alias): Json {
    const target = this.#targets.get(node) ?? this.#anchors.get(node.source)
    if (target === undefined) {
      throw this.#broken('unknown-anchor', node, `no anchor &${short(node.source)} before this alias`)
    }
    if (this.#open.has(target)) {
      throw this.#broken('recursive-alias', node, `the alias *${short(node.source)} contains itself`)
    }
    this.#targets.set(node, target)
    this.#aliasDepth += 1
    const value = this.read(target)
    this.#aliasDepth -= 1
    return value
  }

  #weigh(node: Node): void {
    const text = isScalar(node) && typeof node.value === 'string' ? node.value.length : 0
    this.#aliased += 1 + Math.floor(text / charactersPerValue)
    if (this.#aliased <= this.#limits.aliasedValues) return
    const message = `aliases add more than ${this.#limits.aliasedValues} values to this document`
    throw this.#broken('alias-expansion', node, message, 'repeat less by aliases')
  }

  #scalar(node: Scalar): Json {
    const { value } = node
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
    if (typeof value === 'number') {
      const number = exactNumber(node.source ?? String(value), value)
      if (number !== undefined) return number
      const source = quote(node.source ?? String(value))
      this.#fault(
        'number-not-finite',
        node,
        `${source} is no number that JSON knows`,
        'put it in quotes to use it as text',
      )
      return null
    }
    return typeof value === 'bigint' ? Number(value) : null
  }

  #checkTag(node: Node): void {
    const { tag } = node as { tag?: string }
    if (tag === undefined || knownTags.has(tag)) return
    const name = tag.startsWith(tagPrefix) ? `!!${tag.slice(tagPrefix.length)}` : tag
    this.#fault(
      'yaml-tag',
      node,
      `the tag ${short(name)} has no meaning here`,
      'remove the tag, or put the text in quotes',
    )
  }

  #fault(rule: string, node: AnyNode, message: string, hint: string): void {
    this.#keys.add({ rule, span: spanOf(node), pointer: this.#pointer(), message, hint })
  }

  #broken(rule: string, node: Node, message: string, hint?: string): BrokenDocument {
    const fault = { rule, span: spanOf(node), pointer: this.#pointer(), message }
    return new BrokenDocument(hint === undefined ? fault : { ...fault, hint })
  }

  #pointer(): string {
    return this.#path.reduce<string>(joinPointer, '')
  }
}

function isPlainObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof RawNumber)
}

function short(name: string): string {
  return name.length > 40 ? `${name.slice(0, 39)}…` : name
}
