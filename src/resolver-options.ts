import type { ResolverOptions } from './resolver/parts.js'
import type { Settings } from './settings.js'

/** The part of the settings that the resolver needs, in its own words. */
export function resolverOptions(settings: Settings, tls: { cert: Buffer; key: Buffer } | undefined): ResolverOptions {
  const { limits, requests, stores, expressions } = settings
  return {
    defaultNamespace: settings.defaultNamespace,
    correlationHeaders: requests.correlationHeaders,
    limits: {
      bodyBytes: limits.bodyBytes,
      headerBytes: limits.headerBytes,
      headerCount: limits.headers,
      urlBytes: limits.headerBytes,
    },
    requests,
    stores: { entriesPerStore: stores.entries, bytesPerStore: stores.bytes, chainIdleSeconds: stores.chainIdle },
    ...(expressions.seed === undefined ? {} : { seed: expressions.seed }),
    ...(tls === undefined ? {} : { tls }),
  }
}
