import type { WrittenReference } from './notification-program.js'

/** `name`, `namespace/name`, or `-/name` for a global one. */
export function parseReference(text: string): WrittenReference {
  const slash = text.indexOf('/')
  if (slash === -1) return { namespace: undefined, name: text }
  const namespace = text.slice(0, slash)
  return { namespace: namespace === '-' ? '' : namespace, name: text.slice(slash + 1) }
}

/** As it can be written in any document. */
export function writeReference({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

/** The namespaces in which what is referred to is looked for, the first that has it wins. */
export function namespacesOf(reference: WrittenReference, own: string): readonly string[] {
  if (reference.namespace !== undefined) return [reference.namespace]
  return own === '' ? [''] : [own, '']
}
