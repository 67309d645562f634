// Whether the resources that a declaration names are there.

import { nearest } from '../../expression/suggest.js'
import type { Finding } from '../problem.js'
import type { Surroundings } from './kind.js'
import type { WrittenReference } from './notification-program.js'
import { namespacesOf } from './reference.js'

/** What is wrong with a reference at `pointer` in a document of `namespace`; nothing when it leads somewhere. */
export function referenceFindings(
  kind: string,
  reference: WrittenReference,
  pointer: string,
  namespace: string,
  around: Surroundings,
): readonly Finding[] {
  if (around.find(kind, reference, namespace) !== undefined || around.isFaulty(kind, reference, namespace)) return []
  const names = around.names(kind, namespace)
  const written = reference.namespace === undefined ? reference.name : `${reference.namespace || '-'}/${reference.name}`
  const where = namespacesOf(reference, namespace)
    .map((one) => (one === '' ? 'among the global ones' : `in namespace ${one}`))
    .join(' or ')
  const meant =
    names.find((name) => name.slice(name.lastIndexOf('/') + 1) === reference.name && name !== written) ??
    nearest(written, names)
  const hint =
    meant !== undefined
      ? `did you mean "${meant}"?`
      : names.length === 0
        ? `declare a ${kind}: there is none`
        : names.length <= 12
          ? `declared: ${names.join(', ')}`
          : `declare it, or name one of the ${names.length} that are`
  const message = `there is no ${kind} "${reference.name}" ${where}`
  return [{ rule: 'unknown-reference', severity: 'error', pointer, message, hint }]
}
