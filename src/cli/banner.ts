import type { Controller } from '../main.js'
import type { MockProgram } from '../resources/kinds/mock-program.js'
import type { Resource } from '../resources/resource.js'
import type { Settings } from '../settings.js'

/** What is being served, and two commands to try with what to expect. */
export async function banner(controller: Controller, settings: Settings): Promise<string> {
  const { addresses, version, status, conditions, resources } = controller
  const mocks = [...resources().values()].filter(({ kind }) => kind === 'Mock')
  const namespaces = new Set(mocks.map(({ namespace }) => namespace)).size
  const { lastAppliedRevision, problems, source, suspended } = status()
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
  if (lastAppliedRevision === null && !suspended)
    lines.push('Nothing is applied yet; what is mended or put there is live a moment later.', '')
  for (const { file, line, column, message } of errors.slice(0, 10))
    lines.push(`  ${file}:${line}:${column}  ${message}`)
  if (errors.length > 0)
    lines.push(`  ${count(errors.length, 'error')}: what was applied before goes on; callboard validate shows all`, '')
  lines.push(...(await examples(controller, mocks, settings.defaultNamespace)))
  if (suspended) lines.push('Applying is suspended: nothing changes until `callboard resume`.', '')
  else if (mocks.length > 0)
    lines.push(
      `Change a file below ${source}: it is live a moment later. A mistake is explained here and changes nothing.`,
      '',
    )
  return `${lines.join('\n')}\n`
}

/** Two commands with what to expect, tried out beforehand on the tables that serve. */
async function examples(
  { addresses: { resolver }, answering }: Controller,
  mocks: readonly Resource[],
  defaultNamespace: string,
): Promise<string[]> {
  for (const mock of plainMocks(mocks)) {
    const { route, responses } = mock.program as MockProgram
    const path = examplePath(mock, route, defaultNamespace)
    const found = await answering(path)
    if (found?.namespace !== mock.namespace || found.name !== mock.name) continue
    const miss = `${path}/no-such-thing`
    const missed = (await answering(miss)) === undefined
    return [
      'Try:',
      '',
      `  curl -i ${resolver}${path}`,
      `    → ${responses[0]?.statusCode}, from ${mock.file}:${mock.line}`,
      ...(missed ? [`  curl -i ${resolver}${miss}`, '    → 404, with the nearest mocks and what differed'] : []),
      '',
    ]
  }
  return []
}

/** One of the first is as good as any. */
const mostTried = 20

/** The first mocks for which a plain GET shows what they do. */
function* plainMocks(mocks: readonly Resource[]): Generator<Resource> {
  let tried = 0
  for (const mock of mocks) {
    if (tried === mostTried) return
    if (!isPlain(mock.program as MockProgram)) continue
    tried += 1
    yield mock
  }
}

/** What a mock answers is compiled when it is first looked at, so that comes last. */
function isPlain(program: MockProgram): boolean {
  if (program.conditions.length > 0 || program.route.pattern !== undefined) return false
  if (program.method !== 'GET' && program.method !== undefined) return false
  return program.choice === 'single' && program.faults.length === 0 && program.responses.length === 1
}

function examplePath({ namespace }: Resource, { segments }: MockProgram['route'], defaultNamespace: string): string {
  const names = segments.map((segment) => (segment.type === 'literal' ? encodeURIComponent(segment.text) : '42'))
  return `${namespace === defaultNamespace ? '' : `/stubs/${namespace}`}/${names.join('/')}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
