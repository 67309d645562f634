import type { NamespaceSpec } from '../generated/namespace.js'
import type { Finding } from '../problem.js'
import type { Resource } from '../resource.js'
import type { LinkContext, Linked, LinkInput, Surroundings } from './kind.js'
import { Linking } from './linking.js'
import { compileQuota, type QuotaProgram, quotaFindings } from './quota.js'

export interface NamespaceProgram {
  readonly quota: QuotaProgram | undefined
}

export interface LinkedNamespace extends Linked {
  readonly program: NamespaceProgram | undefined
}

/** Its fallback's address must be one that can be dialled, and its quota speak of what there is. */
export function linkNamespace({ spec }: LinkInput, context: LinkContext): LinkedNamespace {
  const { fallback, quota } = (spec ?? {}) as NonNullable<NamespaceSpec>
  const linking = new Linking(context)
  const target = fallback?.proxy.target
  if (target !== undefined && !URL.canParse(target)) {
    const message = `${JSON.stringify(target)} is not a URL`
    linking.error('/spec/fallback/proxy/target', 'bad-url', message, 'write it as http://host:port')
  }
  const program = { quota: quota === undefined ? undefined : compileQuota(quota, linking) }
  const { findings, failed } = linking
  return { program: failed ? undefined : program, findings, references: [], settled: findings.length === 0 }
}

/** What it has beyond its quota. */
export function relateNamespace({ name, program }: Resource, around: Surroundings): readonly Finding[] {
  const { quota } = program as NamespaceProgram
  return quota === undefined ? [] : quotaFindings(quota, name, around)
}
