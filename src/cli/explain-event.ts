import { type Command, Option } from 'commander'
import type { Json } from '../expression/json.js'
import type { Settings } from '../settings.js'
import { SourceError } from '../source/source.js'
import type { DecisionView } from '../status/event-views.js'
import type { EventExplanationView, ExplainEventQuestion } from '../status/explanation-views.js'
import { exitCodes, type Io } from './command.js'
import { ControlError } from './control-client.js'
import { type ControlOptions, controlClient, controlOptions } from './control-options.js'
import { label, readPayload } from './event-options.js'
import { printJson } from './lossless.js'
import { explainEventOffline } from './offline-explain-event.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'
import { columns, printable } from './view.js'

interface ExplainEventOptions extends ControlOptions, SettingsOptions {
  readonly payload?: string
  readonly source?: string
  readonly time?: string
  readonly namespace?: string
  readonly service?: string
  readonly customer?: string
  readonly severity?: string
  readonly label: Readonly<Record<string, string>>
  readonly user?: string
  readonly dir?: string
  readonly revision?: string
  readonly output: 'text' | 'json'
}

const fields = ['source', 'time', 'namespace', 'service', 'customer', 'severity'] as const

/** Adds `explain event`. */
export function registerExplainEvent(explain: Command, io: Io): void {
  const command = explain
    .command('event')
    .description('who would hear of an event and who would not, and why; sends nothing')
    .argument('<type>', 'id of its event type, such as deploy.failure')
    .option(
      '--payload <file>',
      'JSON file with what happened, or - for standard input; default: the sample of its type',
    )
    .option('-u, --user <name>', 'only what concerns this User')
    .option('--source <source>', 'where it comes from')
    .option('--time <time>', 'when it happens: ISO 8601 with a zone; quiet hours and silences depend on it')
    .option('-n, --namespace <namespace>', 'namespace whose channels hear of it, besides the global ones')
    .option('--service <service>', 'the service that it is about')
    .option('--customer <customer>', 'the customer that it is about')
    .option('--severity <severity>', 'info, warning, error or critical, when not as its type says')
    .addOption(new Option('--label <name=value>', 'may be repeated').argParser(label).default({}, 'none'))
    .option('--dir <dir>', 'explain by the declarations in a folder instead of asking a running controller')
    .option(
      '--revision <revision>',
      'by an earlier revision: a generation, or the beginning of a revision; with --dir a Git branch, tag or commit',
    )
    .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExits with 1 when nobody would hear of it.')
  settingsOptions(controlOptions(command)).action((type: string, options: ExplainEventOptions) =>
    withSettings(io, options, {}, async (settings) => {
      try {
        const explanation = await explanationOf(questionOf(type, options), options, settings, io)
        io.stdout(options.output === 'json' ? printJson(explanation, 2) : explanationText(explanation))
        const { send, hold } = explanation.counts
        return send + hold === 0 ? exitCodes.problems : exitCodes.clean
      } catch (error) {
        if (!(error instanceof SourceError) && !(error instanceof ControlError)) throw error
        io.stderr(`error: ${error.message}\n`)
        return error instanceof ControlError ? error.exitCode : exitCodes.notComputed
      }
    }),
  )
}

function questionOf(type: string, options: ExplainEventOptions): ExplainEventQuestion {
  const event: { [field: string]: Json } = { type }
  for (const field of fields) {
    const given = options[field]
    if (given !== undefined) event[field] = given
  }
  if (Object.keys(options.label).length > 0) event.labels = options.label
  if (options.payload !== undefined) event.payload = readPayload(options.payload) as Json
  const { user, revision } = options
  return { event, ...(user !== undefined && { user }), ...(revision !== undefined && { revision }) }
}

function explanationOf(
  question: ExplainEventQuestion,
  options: ExplainEventOptions,
  settings: Settings,
  io: Io,
): Promise<EventExplanationView> {
  if (options.dir !== undefined) return explainEventOffline(question, options.dir, settings, io)
  return controlClient(io, options).postJson<EventExplanationView>('/api/v1/explain/event', printJson(question))
}

/** For people: what happens to each, and the declaration that says so. */
export function explanationText(explanation: EventExplanationView): string {
  const { counts, decisions, moreDecisions, unconcerned, unreached } = explanation
  const { send, hold, suppress } = counts
  const parts = [
    `${send} sent`,
    ...(hold > 0 ? [`${hold} ${hold === 1 ? 'waits' : 'wait'}`] : []),
    ...(suppress > 0 ? [`${suppress} not sent`] : []),
  ]
  const rows = decisions.map((one) => [
    `  ${wordOf(one)}`,
    one.user ?? '-',
    `${one.channel} (${one.channelType})`,
    one.because,
  ])
  const others = [
    ...unconcerned.map(({ channel, channelType, because }) => [
      '  not asked',
      '-',
      `${channel} (${channelType})`,
      because,
    ]),
    ...unreached.map(({ user, because }) => ['  not asked', user, '-', because]),
  ]
  const nobody = rows.length === 0 ? ['  no channel hears of such events'] : []
  return [
    ...headOf(explanation),
    `  ${parts.join(', ')}`,
    ...nobody,
    '',
    columns([...rows, ...others]).trimEnd(),
    ...(moreDecisions ? ['  … and more; --user narrows it down'] : []),
    ...digestLines(explanation),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

/** Absent from what an older controller answers. */
function digestLines({ digests = [] }: Partial<Pick<EventExplanationView, 'digests'>>): string[] {
  if (digests.length === 0) return []
  const rows = digests.map(({ digest, isIn, reason, because }) => [
    isIn ? '  gathered' : `  not gathered: ${reason}`,
    digest,
    because,
  ])
  return ['', '  Digests', columns(rows).trimEnd()]
}

function headOf({ revision, event, eventType, at }: EventExplanationView): string[] {
  const { type, severity, namespace, service, customer } = event
  const about = [
    severity,
    namespace === null ? 'of no namespace' : `namespace ${namespace}`,
    ...(service === null ? [] : [`service ${service}`]),
    ...(customer === null ? [] : [`customer ${customer}`]),
  ]
  const by = eventType.declaredBy ?? `catalogue ${eventType.catalogue}`
  const traits = [
    `${eventType.default ? 'on' : 'off'} by default`,
    ...(eventType.critical ? ['critical: passes preferences and quiet hours'] : []),
    ...(eventType.includedIn.length > 0 ? [`part of ${eventType.includedIn.join(', ')}`] : []),
  ]
  const head = `${type}: ${about.join(', ')}`
  const lines = [
    head,
    `  ${eventType.description === '' ? '' : `${eventType.description} `}(${by}; ${traits.join('; ')})`,
    `  by ${revision ?? 'nothing: no revision is applied'}, at ${at}`,
  ]
  return lines.map(printable)
}

function wordOf({ outcome, reason, until }: DecisionView): string {
  if (outcome === 'send') return 'sent'
  return outcome === 'hold' ? `waits until ${until}` : `not sent: ${reason}`
}
