import { closest } from '../status/suggest.js'
import type { MockView, ResourceSummary, ResourceView } from '../status/views.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { type ControlClient, ControlError } from './control-client.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'
import { renderOne, renderResources, type Used } from './resource-tables.js'
import { isHistory, readHistory } from './revisions.js'
import { show, type View, type ViewOptions, viewOptions } from './view.js'

interface GetOptions extends ViewOptions, ControlOptions {
  readonly namespace?: string
}

export const getCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('get')
      .description('show the applied resources of a kind, or one of them; or the history: get revisions')
      .argument('<kind>', 'a kind in any case, also in the plural: Mock, mocks; or revisions')
      .argument(
        '[name]',
        'namespace/name (/name without a namespace), or the name alone where only one has it; of a revision its generation or the beginning of its hash',
      )
      .option('-n, --namespace <namespace>', 'only this namespace; - for none')
    controlOptions(viewOptions(command)).action((kind: string, name: string | undefined, options: GetOptions) =>
      withControl(io, options, async (client) => {
        if (isHistory(kind)) return show(io, options, readHistory(client, io, name, options))
        const known = await knownKind(client, io, kind)
        const read =
          name === undefined ? readAll(client, io, known, options) : readOne(client, io, known, name, options)
        return show(io, options, read)
      }),
    )
  },
}

/** The kind as it is declared. The controller knows them: a newer one may have more. */
async function knownKind(client: ControlClient, io: Io, kind: string): Promise<string> {
  try {
    await client.get('/api/v1/resources', { kind, limit: '1' }, { signal: io.signal })
    return kind
  } catch (error) {
    const known = error instanceof ControlError ? (error.problem?.known ?? []) : []
    const wanted = kind.toLowerCase()
    const found = known.find((one) => [one, `${one}s`, `${one}es`].some((form) => form.toLowerCase() === wanted))
    if (found === undefined) throw error
    return found
  }
}

function readAll(client: ControlClient, io: Io, kind: string, { namespace }: GetOptions): () => Promise<View> {
  const query = { kind, ...(namespace === undefined ? {} : { namespace }) }
  return async () => {
    const found = await client.list<ResourceSummary>('/api/v1/resources', query, { signal: io.signal })
    if (found.length === 0)
      io.stderr(`no ${kind} is applied${namespace === undefined ? '' : ` in namespace ${namespace}`}\n`)
    const items = await withUse(client, io, kind, namespace, found)
    return { data: items, table: renderResources(items), exitCode: exitCodes.clean }
  }
}

function readOne(client: ControlClient, io: Io, kind: string, given: string, options: GetOptions): () => Promise<View> {
  return async () => {
    const { namespace, name } = await locate(client, io, kind, given, options)
    const path = ['/api/v1/resources', kind, namespace, name].map((part, index) =>
      index === 0 ? part : encodeURIComponent(part),
    )
    const found = await client.get<ResourceView>(path.join('/'), {}, { signal: io.signal })
    const [resource = found] = await withUse(client, io, kind, namespace, [found])
    return { data: resource, table: renderOne(resource), exitCode: exitCodes.clean }
  }
}

/** With what the controller counts about mocks. */
async function withUse<Found extends ResourceSummary>(
  client: ControlClient,
  io: Io,
  kind: string,
  namespace: string | undefined,
  found: readonly Found[],
): Promise<readonly (Found & Used)[]> {
  if (kind !== 'Mock' || found.length === 0) return found
  const query = namespace === undefined ? {} : { namespace }
  const mocks = await client.list<MockView>('/api/v1/mocks', query, { signal: io.signal })
  const uses = new Map(mocks.map(({ id, hits, lastUse }) => [id, { hits, lastUse }]))
  return found.map((resource) => ({ ...resource, ...uses.get(resource.id) }))
}

/** A name alone may be in any namespace, as long as it is in one only. */
async function locate(
  client: ControlClient,
  io: Io,
  kind: string,
  given: string,
  options: GetOptions,
): Promise<{ namespace: string; name: string }> {
  const separator = given.search(/[/~]/)
  if (separator >= 0) {
    const namespace = given.slice(0, separator)
    if (options.namespace !== undefined && options.namespace !== namespace) {
      throw new ControlError(
        `${given} is not in namespace ${options.namespace}; leave out one or the other`,
        exitCodes.usage,
      )
    }
    return { namespace: namespace === '' ? '-' : namespace, name: given.slice(separator + 1) }
  }
  if (options.namespace !== undefined) return { namespace: options.namespace, name: given }
  const items = await client.list<ResourceSummary>('/api/v1/resources', { kind }, { signal: io.signal })
  const found = items.filter(({ name }) => name === given)
  if (found.length > 1) {
    const names = found.map(({ namespace, name }) => `${namespace}/${name}`)
    throw new ControlError(`more than one ${kind} has this name: ${names.join(', ')}`, exitCodes.usage)
  }
  const [only] = found
  if (only === undefined && items.some(({ namespace }) => namespace !== '')) {
    const near = closest(
      given,
      items.map(({ name }) => name),
    )
    const meant = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
    throw new ControlError(
      `no ${kind} ${JSON.stringify(given)} is applied in any namespace${meant}`,
      exitCodes.problems,
    )
  }
  return { namespace: only?.namespace || '-', name: given }
}
