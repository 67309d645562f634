import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { nearest } from '../expression/suggest.js'
import {
  type BulkResult,
  type DeliveryOperation,
  type DeliverySummary,
  type DeliveryView,
  deliveryOperations,
  transportNames,
  wantedStatuses,
} from '../status/delivery-views.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { type ControlClient, ControlError } from './control-client.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'
import { renderBulk, renderDelivery, renderList } from './delivery-tables.js'
import { printJson, printYaml } from './lossless.js'
import { outputOption, plural, show, type ViewOptions, viewOptions } from './view.js'

interface FilterOptions {
  readonly status?: string
  readonly kind?: string
  readonly transport?: string
  readonly mock?: string
  readonly callback?: string
  readonly webhook?: string
  readonly operation?: string
  readonly event?: string
  readonly eventId?: string
  readonly message?: string
  readonly channel?: string
  readonly user?: string
  readonly namespace?: string
  readonly target?: string
  readonly request?: string
  readonly chain?: string
  readonly revision?: string
  readonly since?: string
  readonly until?: string
}

const filterNames = [
  'status',
  'kind',
  'transport',
  'mock',
  'callback',
  'webhook',
  'operation',
  'event',
  'eventId',
  'message',
  'channel',
  'user',
  'namespace',
  'target',
  'request',
  'chain',
  'revision',
  'since',
  'until',
] as const satisfies readonly (keyof FilterOptions)[]

interface ListOptions extends FilterOptions, ViewOptions, ControlOptions {
  readonly limit: number
  readonly wait?: string
}

interface OperationOptions extends FilterOptions, ControlOptions, Pick<ViewOptions, 'output'> {
  readonly all?: true
  readonly dryRun?: true
  readonly confirm?: string
}

const path = '/api/v1/deliveries'

const descriptions: Readonly<Record<DeliveryOperation, string>> = {
  requeue: 'send dead letters again, under their ids',
  cancel: 'call waiting deliveries off',
  fire: 'attempt waiting deliveries now, whatever holds their target',
}
const done: Readonly<Record<DeliveryOperation, string>> = { requeue: 'requeued', cancel: 'cancelled', fire: 'fired' }

export const deliveriesCommand: CliCommand = {
  register(program, io) {
    const deliveries = program
      .command('deliveries')
      .description('the delivery log: what is sent, or was, and how it went')
    registerList(deliveries, io)
    registerShow(deliveries, io)
    for (const operation of deliveryOperations) registerOperation(deliveries, io, operation)
  },
}

function registerList(deliveries: Command, io: Io): void {
  const command = filterOptions(
    deliveries
      .command('list', { isDefault: true })
      .description('list deliveries, the latest first')
      .addArgument(new Argument('[command]').argParser(refuseCommand(deliveries))),
  )
    .addOption(new Option('--limit <n>', 'how many at most').argParser(parseLimit).default(50))
    .option('--wait <duration>', 'when nothing matches yet, wait this long for it; exit code 1 when nothing comes')
  controlOptions(viewOptions(command)).action((_: undefined, options: ListOptions) =>
    withControl(io, options, (client) => {
      if (options.wait !== undefined && options.watch) {
        throw new ControlError('--wait and --watch exclude each other', exitCodes.usage)
      }
      return show(io, options, () => readList(client, io, options))
    }),
  )
}

async function readList(client: ControlClient, io: Io, options: ListOptions) {
  const { limit, wait } = options
  const filter = filterOf(options)
  const items: DeliverySummary[] = []
  let cursor: string | null = null
  do {
    const size = String(Math.min(500, limit - items.length))
    const waiting: Record<string, string> = wait === undefined || cursor !== null ? {} : { wait }
    const from: Record<string, string> = cursor === null ? {} : { cursor }
    const page: { items: DeliverySummary[]; nextCursor: string | null } = await client.get(
      path,
      { ...filter, ...waiting, ...from, limit: size },
      { signal: io.signal, timeoutMs: 90_000 },
    )
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null && items.length < limit)
  if (items.length === 0) io.stderr(`no delivery${Object.keys(filter).length === 0 ? ' yet' : ' matches'}\n`)
  if (cursor !== null) io.stderr(`there are more; --limit ${limit * 10} shows more of them\n`)
  const exitCode = wait !== undefined && items.length === 0 ? exitCodes.problems : exitCodes.clean
  return { data: items, table: renderList(items), exitCode }
}

function registerShow(deliveries: Command, io: Io): void {
  const command = deliveries
    .command('show')
    .description('show one delivery: what is sent, and every attempt')
    .argument('<id>', 'its id; receivers find it in the header Callboard-Delivery-Id')
  controlOptions(viewOptions(command)).action((id: string, options: ViewOptions & ControlOptions) =>
    withControl(io, options, (client) =>
      show(io, options, async () => {
        const data = await client.get<DeliveryView>(`${path}/${encodeURIComponent(id)}`, {}, { signal: io.signal })
        return { data, table: renderDelivery(data), exitCode: exitCodes.clean }
      }),
    ),
  )
}

function registerOperation(deliveries: Command, io: Io, operation: DeliveryOperation): void {
  const command = filterOptions(
    deliveries.command(operation).description(descriptions[operation]).argument('[id...]', 'these'),
  )
    .option('--all', 'all that can be, when there is no filter')
    .option('--dry-run', 'say how many and which, and do nothing')
    .option('--confirm <token>', 'do what a dry run has shown, to these and no others')
    .addOption(outputOption())
    .addHelpText('after', '\nGive ids, or filters, or --all, or --confirm with what a dry run printed.')
  controlOptions(command).action((ids: string[], options: OperationOptions) =>
    withControl(io, options, (client) => {
      requireOneWay(operation, ids, options)
      return ids.length > 0
        ? changeEach(client, io, operation, ids, options)
        : changeAll(client, io, operation, options)
    }),
  )
}

/** What is meant has to be said in one way: a filter that is forgotten must not mean everything. */
function requireOneWay(operation: DeliveryOperation, ids: readonly string[], options: OperationOptions): void {
  const filtered = Object.keys(filterOf(options)).length > 0
  const ways = [ids.length > 0, filtered, options.all === true, options.confirm !== undefined].filter(Boolean).length
  if (ways === 0) {
    throw new ControlError(
      `say which: ids, filters, or --all; "deliveries ${operation} --help" has them`,
      exitCodes.usage,
    )
  }
  if (ways > 1) throw new ControlError('ids, filters, --all and --confirm exclude each other', exitCodes.usage)
  if (options.dryRun && (ids.length > 0 || options.confirm !== undefined)) {
    throw new ControlError('--dry-run belongs to filters and --all', exitCodes.usage)
  }
}

/** Goes on after one that it cannot be done to; the exit code says that there was one. */
async function changeEach(
  client: ControlClient,
  io: Io,
  operation: DeliveryOperation,
  ids: readonly string[],
  { output }: OperationOptions,
): Promise<number> {
  const changed: DeliveryView[] = []
  for (const id of ids) {
    try {
      const at = `${path}/${encodeURIComponent(id)}/${operation}`
      changed.push(await client.post<DeliveryView>(at, {}, { signal: io.signal }))
    } catch (error) {
      const status = error instanceof ControlError ? error.problem?.status : undefined
      if (status !== 404 && status !== 409) throw error
      io.stderr(`error: ${(error as ControlError).message}\n`)
    }
  }
  const line = changed.map(({ id }) => `${done[operation]} ${id}\n`).join('')
  io.stdout(output === 'table' ? line : output === 'json' ? printJson(changed, 2) : printYaml(changed))
  return changed.length === ids.length ? exitCodes.clean : exitCodes.problems
}

async function changeAll(
  client: ControlClient,
  io: Io,
  operation: DeliveryOperation,
  options: OperationOptions,
): Promise<number> {
  const call = (query: Readonly<Record<string, string>>) => {
    const at = `${path}/${operation}?${new URLSearchParams(query)}`
    return client.post<BulkResult>(at, {}, { signal: io.signal, timeoutMs: 600_000 })
  }
  let { confirm } = options
  let result: BulkResult | undefined
  if (confirm === undefined) {
    result = await call({ ...filterOf(options), dryRun: 'true' })
    confirm = result.confirm ?? undefined
  }
  // With nothing to confirm there is nothing to do, which is then done.
  if (!options.dryRun) result = confirm === undefined ? result && { ...result, dryRun: false } : await call({ confirm })
  if (result === undefined) return exitCodes.notComputed
  const { output } = options
  const table = renderBulk(result, done[operation])
  io.stdout(output === 'table' ? table : output === 'json' ? printJson(result, 2) : printYaml(result))
  if (!result.complete) io.stderr('more are meant than one run takes; repeat it\n')
  const left = result.matched - result.changed
  if (result.dryRun || left === 0) return exitCodes.clean
  io.stderr(`left alone, because it had changed meanwhile: ${plural(left, 'delivery', 'deliveries')}\n`)
  return exitCodes.problems
}

function filterOptions(command: Command): Command {
  return command
    .option('--status <statuses>', `only these, with commas between: ${wantedStatuses.join(', ')}`)
    .option('--kind <kind>', 'only what is for this, such as callback')
    .addOption(
      new Option('--transport <transport>', `only what is sent this way: ${transportNames.join(', ')}`).argParser(
        parseTransport,
      ),
    )
    .option('--mock <name>', 'only what this mock fired')
    .option('--callback <name>', 'only what this callback declares')
    .option('--webhook <name>', 'only what this webhook on changes declares')
    .option('--operation <operation>', 'only what is sent because of this, such as mock.update')
    .option('--event <type>', 'only what tells of events of this type, such as deploy.failure')
    .option('--event-id <id>', 'only what tells of this event')
    .option('--message <id>', 'only what became part of this delivery')
    .option('--channel <name>', 'only over this channel')
    .option('--user <name>', 'only to this user')
    .option('-n, --namespace <namespace>', 'only of this namespace')
    .option('--target <origin>', 'only to this target, such as https://shop.example.com')
    .option('--request <id>', 'only what this request led to')
    .option('--chain <id>', 'only of this chain')
    .option('--revision <revision>', 'only what was accepted by this generation, or revision in full')
    .option('--since <time>', 'only what was accepted from this time on: ISO 8601, or a duration before now such as 5m')
    .option('--until <time>', 'only what was accepted before this time')
}

function filterOf(options: FilterOptions): Record<string, string> {
  const given: Record<string, string> = {}
  for (const name of filterNames) {
    const value = options[name]
    if (value !== undefined) given[name] = value
  }
  return given
}

/** What stands where a command could is none: `list` takes nothing. */
function refuseCommand(deliveries: Command): (text: string) => never {
  return (text) => {
    const meant = nearest(
      text,
      deliveries.commands.map((command) => command.name()),
    )
    const hint =
      meant === undefined ? `to see the delivery with this id: deliveries show ${text}` : `did you mean ${meant}?`
    throw new InvalidArgumentError(`there is no such command of deliveries; ${hint}`)
  }
}

function parseTransport(text: string): string {
  if ((transportNames as readonly string[]).includes(text)) return text
  const meant = nearest(text, transportNames)
  const hint = meant === undefined ? `transports are ${transportNames.join(', ')}` : `did you mean ${meant}?`
  throw new InvalidArgumentError(`there is no such transport; ${hint}`)
}

function parseLimit(text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (value < 1) throw new InvalidArgumentError('give a whole number from 1 to 999999.')
  return value
}
