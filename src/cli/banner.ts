import type { Controller } from '../main.js'
import type { MockProgram } from '../resources/kinds/mock-program.js'
import type { Resource } from '../resources/resource.js'
import type { Settings } from '../settings.js'

/** What is being served, and two commands to try with what to expect. */
export function banner({ addresses, version, status, conditions, resources }: Controller, settings: Settings): string {
  const mocks = [...resources().values()].filter(({ kind }) => kind === 'Mock')
  const namespaces = new Set(mocks.map(({ namespace }) => namespace)).size
  const { lastAppliedRevision, problems, source } = status()
  const errors = problems.filter(({ severity }) => severity === 'error')
  const lines = [
    `Callboard ${version}`,
    '',
    `  mocks    ${addresses.resolver}   ${count(mocks.length, 'mock')} in ${count(namespaces, 'namespace')}, from ${source}`,
    `  status   ${addresses.control}   what is applied, what is wrong, what was asked`,
    '',
  ]
  if (errors.length === 0) {
    for (const { type, status: state, message } of conditions())
      if (type === 'Ready' && state === 'False') lines.push(`Not in step with the source: ${message}`)
  }
  if (lastAppliedRevision === null)
    lines.push('Nothing is applied yet; what is mended or put there is live a moment later.', '')
  for (const { file, line, column, message } of errors.slice(0, 10))
    lines.push(`  ${file}:${line}:${column}  ${message}`)
  if (errors.length > 0)
    lines.push(`  ${count(errors.length, 'error')}: what was applied before goes on; callboard validate shows all`, '')
  const example = witness(mocks, settings.defaultNamespace)
  if (example !== undefined) {
    lines.push(
      'Try:',
      '',
      `  curl -i ${addresses.resolver}${example.path}`,
      `    → ${example.expect}, from ${example.mock.file}:${example.mock.line}`,
      `  curl -i ${addresses.resolver}${example.path}/no-such-thing`,
      '    → 404, with the nearest mocks and what differed',
      '',
      `Change a file below ${source}: it is live a moment later. A mistake is explained here and changes nothing.`,
      '',
    )
  }
  return `${lines.join('\n')}\n`
}

interface Witness {
  readonly path: string
  readonly expect: string
  readonly mock: Resource
}

/** A request that a mock without conditions answers: the plainest one there is. */
function witness(mocks: readonly Resource[], defaultNamespace: string): Witness | undefined {
  for (const mock of mocks) {
    const { route, method, conditions, responses, choice, faults } = mock.program as MockProgram
    const [response] = responses
    const plain = conditions.length === 0 && faults.length === 0 && choice === 'single' && route.pattern === undefined
    if (!plain || response === undefined || (method !== 'GET' && method !== undefined)) continue
    const segments = route.segments.map((segment) =>
      segment.type === 'literal' ? encodeURIComponent(segment.text) : '42',
    )
    const prefix = mock.namespace === defaultNamespace ? '' : `/stubs/${mock.namespace}`
    return { path: `${prefix}/${segments.join('/')}`, expect: String(response.statusCode), mock }
  }
  return undefined
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
