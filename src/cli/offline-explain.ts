import { createGuard } from '../network/guard.js'
import { plan } from '../reconcile/plan.js'
import { createResolver } from '../resolver/resolver.js'
import { resolverOptions } from '../resolver-options.js'
import type { Settings } from '../settings.js'
import { SourceError } from '../source/source.js'
import type { ExplainRequest, ExplainView } from '../status/views.js'
import { memoryStore } from '../store/memory.js'
import type { Io } from './command.js'
import { DeclarationReader } from './offline.js'

/** What a controller would say that has just applied `folder`: the same resolver, which nothing can reach. */
export async function explainOffline(
  request: ExplainRequest,
  folder: string,
  settings: Settings,
  io: Io,
): Promise<ExplainView> {
  const { snapshot, resources, problems } = await new DeclarationReader(settings, io).folder(folder)
  const errors = problems.filter(({ severity }) => severity === 'error').length
  if (errors > 0)
    throw new SourceError(
      `${folder} has ${errors === 1 ? 'an error' : `${errors} errors`} and would not be applied; see callboard validate`,
    )
  const silent = () => {}
  const guard = createGuard({ allow: [], allowPrivate: false, connectTimeoutMs: 1_000 })
  const resolver = createResolver({
    store: memoryStore(),
    guard,
    now: () => new Date(),
    monotonic: () => performance.now(),
    random: Math.random,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    options: resolverOptions(settings, undefined),
  })
  try {
    resolver.prepare(resources, plan(resources, new Map()), 1)()
    const { pathParams: _unseen, ...explained } = await resolver.explain(request)
    return { revision: snapshot.revision, ...explained }
  } finally {
    await resolver.close(0)
    await guard.close()
  }
}
