// What is gathered follows a digest that is renamed, and is forgotten with one that is not declared any more.

import type { Json } from '../../expression/json.js'
import { resourceId } from '../../resources/resource.js'
import type { Store, Transaction } from '../../store/store.js'
import { digestScope, keptEventScope } from './collected.js'
import { stateKey } from './digest-state.js'
import type { DeclaredDigest } from './readers.js'

const scopes = [digestScope, keptEventScope]

/** Rejects with `StoreUnavailable`, to be called again. `declared`: what is declared when it is asked. */
export async function keepInStep(
  store: Pick<Store, 'list' | 'transact'>,
  declared: () => readonly DeclaredDigest[],
): Promise<void> {
  for (const digest of declared()) {
    const old = formerIds(digest).find((id) => store.list(`${digestScope}${id}/`, { limit: 1 }).length > 0)
    if (old === undefined) continue
    await store.transact(scopes, (tx) => {
      if (!isDeclared(old, declared()) && tx.get(stateKey(digest.id)) === undefined) moveRows(tx, old, digest.id)
    })
  }
  const ids = new Set(declared().map(({ id }) => id))
  const pruned = new Set<string>()
  for (const [key] of store.list(digestScope)) {
    const id = /^digest\/([^/]+\/[^/]+\/[^/]+)\//.exec(key)?.[1]
    if (id !== undefined && !ids.has(id)) pruned.add(id)
  }
  for (const id of pruned) {
    await store.transact(scopes, (tx) => {
      if (isDeclared(id, declared())) return
      for (const scope of scopes) for (const [key] of tx.list(`${scope}${id}/`)) tx.delete(key)
    })
  }
}

function isDeclared(id: string, declared: readonly DeclaredDigest[]): boolean {
  return declared.some((one) => one.id === id)
}

/** `[ns/]name`: without a namespace its own, then the global one, as in every reference. */
function formerIds({ annotations, namespace }: DeclaredDigest): readonly string[] {
  const old = annotations['callboard/renamed-from']?.trim()
  if (old === undefined || old === '') return []
  const slash = old.indexOf('/')
  const places = slash === -1 ? [namespace, ''] : [old.slice(0, slash).replace(/^-$/, '')]
  return places.map((place) => resourceId('Digest', place, old.slice(slash + 1)))
}

function moveRows(tx: Transaction, from: string, to: string): void {
  for (const scope of scopes) {
    for (const [key, value] of tx.list(`${scope}${from}/`)) {
      tx.put(`${scope}${to}${key.slice(scope.length + from.length)}`, value as Json)
      tx.delete(key)
    }
  }
}
