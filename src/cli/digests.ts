import { type Command, Option } from 'commander'
import type { DigestMessageView, DigestPreviewView, DigestSending, DigestView } from '../status/digest-views.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'
import { printJson } from './lossless.js'
import { columns, plural, printable } from './view.js'

interface ListOptions extends ControlOptions {
  readonly output: 'text' | 'json'
}

interface RunOptions extends ListOptions {
  readonly now?: true
  readonly dryRun?: true
  readonly user?: string
}

const root = '/api/v1/digests'

export const digestsCommand: CliCommand = {
  register(program, io) {
    const digests = program
      .command('digests')
      .description('digests of a running controller: when they are sent, and what they hold')
    registerList(digests, io)
    registerRun(digests, io)
  },
}

function output(): Option {
  return new Option('-o, --output <format>', 'how to show the answer').choices(['text', 'json']).default('text')
}

function registerList(digests: Command, io: Io): void {
  const command = digests
    .command('list', { isDefault: true })
    .description('when each is sent next, and what it has gathered so far')
    .addOption(output())
  controlOptions(command).action(({ output, ...options }: ListOptions) =>
    withControl(io, options, async (client) => {
      const list = await client.get<{ readonly items: readonly DigestView[] }>(root)
      io.stdout(output === 'json' ? printJson(list, 2) : listText(list.items))
      return exitCodes.clean
    }),
  )
}

function registerRun(digests: Command, io: Io): void {
  const command = digests
    .command('run')
    .description('send a digest before its time; with --dry-run, only show what everybody would be sent')
    .argument('<digest>', 'name, or namespace/name')
    .option('--now', 'do not wait for its schedule, which goes on as it was')
    .option('--dry-run', 'send nothing and change nothing')
    .option('--user <name>', 'send it to this user alone; what is gathered stays for the next one')
    .addOption(output())
    .addHelpText(
      'after',
      '\nSending needs the token in tokens.operate of the controller, --dry-run the one in tokens.read.',
    )
  controlOptions(command).action((digest: string, { now, dryRun, user, output, ...options }: RunOptions) =>
    withControl(io, options, async (client) => {
      if (now !== true) {
        io.stderr('error: a digest is sent by its schedule; add --now to send it at once, and --dry-run to only look\n')
        return exitCodes.usage
      }
      const path = `${root}/${encodeURIComponent(digest.replace(/^-\//, '').replace('/', '~'))}`
      if (dryRun === true) {
        const preview = await client.get<DigestPreviewView>(`${path}/preview`, user === undefined ? {} : { user })
        io.stdout(output === 'json' ? printJson(preview, 2) : previewText(preview))
        return exitCodes.clean
      }
      const wish = user === undefined ? {} : { user }
      const sending = await client.post<DigestSending>(`${path}/run`, wish, { signal: io.signal, timeoutMs: 120_000 })
      io.stdout(output === 'json' ? printJson(sending, 2) : sendingText(sending))
      return exitCodes.clean
    }),
  )
}

function listText(items: readonly DigestView[]): string {
  if (items.length === 0) return 'no digest is declared\n'
  const rows = items.map(({ name, namespace, nextRun, timezone, schedule, collected, readers, lastRun }) => [
    namespace === '' ? name : `${namespace}/${name}`,
    nextRun ?? 'switched off',
    `${schedule} (${timezone})`,
    String(collected),
    String(readers),
    lastRun === null ? '-' : `${lastRun.to}: ${plural(lastRun.events, 'event')} to ${lastRun.sent + lastRun.held}`,
  ])
  return columns([['DIGEST', 'NEXT RUN', 'SCHEDULE', 'COLLECTED', 'READERS', 'LAST RUN'], ...rows])
}

function previewText({ digest, from, collected, messages, unsubscribed }: DigestPreviewView): string {
  const head = `${digest}: ${plural(collected, 'event')} since ${from}\n`
  const others = unsubscribed > 0 ? `${unsubscribed} could have it and have not switched it on\n` : ''
  if (messages.length === 0) return `${printable(head.trimEnd())}\n${others}nobody would be sent anything\n`
  return `${printable(head.trimEnd())}\n${others}\n${messages.map(messageText).join('\n')}`
}

function messageText({
  channel,
  user,
  outcome,
  reason,
  until,
  because,
  title,
  body,
  link,
  failure,
}: DigestMessageView) {
  const whom = user === null ? channel : `${user} on ${channel}`
  const fate =
    outcome === 'send'
      ? ''
      : outcome === 'hold'
        ? `: waits until ${until}, ${because}`
        : `: not sent, ${reason === null ? '' : `${reason}: `}${because}`
  const words =
    title === null ? [] : [title, '', ...(body === null ? [] : body.split('\n')), ...(link === null ? [] : ['', link])]
  const wrong = failure === null ? [] : [`  (not as declared: ${failure})`]
  return [`To ${whom}${fate}`, ...wrong, ...words.map((line) => (line === '' ? '' : `  ${line}`))]
    .map(printable)
    .concat('')
    .join('\n')
}

function sendingText({ digest, run, deliveries, notSent }: DigestSending): string {
  const name = printable(digest)
  if (run === null) {
    const sent = deliveries.filter((id) => !notSent.some(({ delivery }) => delivery === id))
    const others = notSent.map(({ delivery, outcome, because }) => {
      return `${outcome === 'hold' ? 'waits' : 'not sent'}: ${printable(because)} (delivery ${delivery})`
    })
    const parts = [...(sent.length > 0 ? [`sent as ${sent.join(', ')}`] : []), ...others]
    return `${name}: ${parts.join('; ')}; what is gathered stays for the next one\n`
  }
  const { events, sent, held, suppressed, empty } = run
  const parts = [
    `${sent} sent`,
    ...(held > 0 ? [`${held} held`] : []),
    ...(suppressed > 0 ? [`${suppressed} not sent`] : []),
    ...(empty > 0 ? [`${empty} without anything to hear of`] : []),
  ]
  return `${name}: ${plural(events, 'event')}, ${parts.join(', ')}\n`
}
