import type { NamespaceSpec } from '../generated/namespace.js'
import type { Linked, LinkInput } from './kind.js'

/** A Namespace has nothing to compile; its fallback's address must be one that can be dialled. */
export function linkNamespace({ spec }: LinkInput): Linked {
  const target = (spec as NamespaceSpec)?.fallback?.proxy.target
  if (target === undefined || URL.canParse(target)) {
    return { program: undefined, findings: [], references: [], settled: true }
  }
  return {
    program: undefined,
    findings: [
      {
        rule: 'bad-url',
        severity: 'error',
        pointer: '/fallback/proxy/target',
        message: `${JSON.stringify(target)} is not a URL`,
        hint: 'write it as http://host:port',
      },
    ],
    references: [],
    settled: false,
  }
}
