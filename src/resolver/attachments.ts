// Which Callbacks are attached to which mocks: worked out when a revision is applied, for what has changed.

import { type AttachedCallback, type CallbackProgram, isSelected } from '../resources/kinds/callback-program.js'
import type { Resource } from '../resources/resource.js'

const none: readonly CallbackProgram[] = Object.freeze([])

interface Attachable {
  readonly name: string
  readonly program: AttachedCallback
}

/** The Callbacks of one revision. Immutable. */
export class Attachments {
  static readonly empty = new Attachments(new Map())
  /** By namespace, sorted by name. */
  readonly #callbacks: ReadonlyMap<string, readonly Attachable[]>

  private constructor(callbacks: ReadonlyMap<string, readonly Attachable[]>) {
    this.#callbacks = callbacks
  }

  with(removed: readonly Resource[], added: readonly Resource[]): Attachments {
    if (removed.length + added.length === 0) return this
    const callbacks = new Map(this.#callbacks)
    for (const { namespace, name } of removed) {
      const left = (callbacks.get(namespace) ?? []).filter((callback) => callback.name !== name)
      if (left.length === 0) callbacks.delete(namespace)
      else callbacks.set(namespace, left)
    }
    const touched = new Map<string, Attachable[]>()
    for (const { namespace, name, program } of added) {
      const list = touched.get(namespace) ?? [...(callbacks.get(namespace) ?? [])]
      list.push({ name, program: program as AttachedCallback })
      touched.set(namespace, list)
    }
    for (const [namespace, list] of touched) {
      callbacks.set(
        namespace,
        list.sort((a, b) => (a.name < b.name ? -1 : 1)),
      )
    }
    return new Attachments(callbacks)
  }

  /** Those that mean the mock. */
  of(mock: Resource): readonly CallbackProgram[] {
    const callbacks = this.#callbacks.get(mock.namespace)
    if (callbacks === undefined) return none
    const selected = callbacks.flatMap(({ program }) => (isSelected(program.selector, mock) ? [program] : []))
    return selected.length === 0 ? none : selected
  }
}
