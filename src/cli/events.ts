import { type Command, Option } from 'commander'
import type { EventReceipt } from '../status/event-views.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'
import { label, readPayload } from './event-options.js'
import { printJson } from './lossless.js'
import { columns, plural, printable } from './view.js'

interface SendOptions extends ControlOptions {
  readonly payload?: string
  readonly id?: string
  readonly source: string
  readonly time?: string
  readonly namespace?: string
  readonly service?: string
  readonly customer?: string
  readonly severity?: string
  readonly label: Readonly<Record<string, string>>
  readonly title?: string
  readonly body?: string
  readonly link?: string
  readonly output: 'text' | 'json'
}

const fields = [
  'id',
  'source',
  'time',
  'namespace',
  'service',
  'customer',
  'severity',
  'title',
  'body',
  'link',
] as const

export const eventsCommand: CliCommand = {
  register(program, io) {
    const events = program.command('events').description('tell a running controller that something has happened')
    registerSend(events, io)
  },
}

function registerSend(events: Command, io: Io): void {
  const command = events
    .command('send')
    .description('post an event; done once it is on disk there')
    .argument('<type>', 'id of its event type, such as deploy.failure')
    .option('--payload <file>', 'JSON file with what happened, or - for standard input')
    .option('--id <id>', 'tells it from others of its source, so that a repetition is not told again')
    .option('--source <source>', 'where it comes from', 'cli')
    .option('--time <time>', 'when it happened: ISO 8601 with a zone')
    .option('-n, --namespace <namespace>', 'namespace whose channels hear of it, besides the global ones')
    .option('--service <service>', 'the service that it is about')
    .option('--customer <customer>', 'the customer that it is about')
    .option('--severity <severity>', 'info, warning, error or critical, when not as its type says')
    .addOption(new Option('--label <name=value>', 'may be repeated').argParser(label).default({}, 'none'))
    .option('--title <text>', 'its title, when not as its type says')
    .option('--body <text>', 'its text, when not as its type says')
    .option('--link <url>', 'more about it, when not as its type says')
    .addOption(new Option('-o, --output <format>', 'how to show the answer').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nNeeds the token in tokens.events or tokens.operate of the controller.')
  controlOptions(command).action((type: string, options: SendOptions) =>
    withControl(io, options, async (client) => {
      const event: Record<string, unknown> = { type }
      for (const field of fields) if (options[field] !== undefined) event[field] = options[field]
      if (Object.keys(options.label).length > 0) event.labels = options.label
      if (options.payload !== undefined) event.payload = readPayload(options.payload)
      const receipt = await client.postJson<EventReceipt>('/api/v1/events', printJson(event), { signal: io.signal })
      io.stdout(options.output === 'json' ? printJson(receipt, 2) : render(receipt))
      return exitCodes.clean
    }),
  )
}

/** Not sent by itself, and yet told. */
const joins: ReadonlySet<string | null> = new Set(['grouped', 'storm'])

function render({ id, deliveries, reasons, decisions, moreDecisions, webhooks, digests = [] }: EventReceipt): string {
  const { send, hold } = deliveries
  const joined = (reasons.grouped ?? 0) + (reasons.storm ?? 0)
  const suppress = deliveries.suppress - joined
  const parts = [
    plural(send, 'delivery', 'deliveries'),
    ...(hold > 0 ? [`${hold} held`] : []),
    ...(joined > 0 ? [`${joined} joined with others`] : []),
    ...(suppress > 0 ? [`${suppress} not sent`] : []),
    ...(webhooks > 0 ? [plural(webhooks, 'webhook')] : []),
  ]
  const head = `accepted ${printable(id)}: ${parts.join(', ')}\n`
  if (decisions.length === 0) return `${head}no channel hears of such events\n`
  const rows = decisions.map((one) => [outcomeText(one), one.channel, one.user ?? '-', one.reason ?? '-', one.because])
  const more = moreDecisions ? `… and more: callboard deliveries --event-id ${printable(id)}\n` : ''
  const gathered = digests.filter(({ isIn }) => isIn).map(({ digest }) => digest)
  const digestLine = gathered.length > 0 ? `gathered for the digest ${printable(gathered.join(', '))}\n` : ''
  const elsewhere = digests.filter(({ isIn }) => !isIn)
  const leftOut = elsewhere.map(
    ({ digest, because }) => `not in the digest ${printable(digest)}: ${printable(because)}\n`,
  )
  return `${head}${digestLine}${leftOut.join('')}\n${columns([['OUTCOME', 'CHANNEL', 'USER', 'REASON', 'BECAUSE'], ...rows])}${more}`
}

function outcomeText({ outcome, reason, until }: EventReceipt['decisions'][number]): string {
  if (outcome === 'suppress') return joins.has(reason) ? 'joined' : 'not sent'
  return outcome === 'hold' ? `held until ${until}` : 'sent'
}
