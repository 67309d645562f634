import { type Command, Option } from 'commander'
import type { ChannelEnabling } from '../status/channel-operations.js'
import type { DeliveryView } from '../status/delivery-views.js'
import type { TelegramLink } from '../status/telegram-operations.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'
import { printJson } from './lossless.js'
import { printable } from './view.js'

interface TestOptions extends ControlOptions {
  readonly recipient?: string
  readonly user?: string
  readonly check?: true
  readonly output: 'text' | 'json'
}

interface ConnectOptions extends ControlOptions {
  readonly user: string
  readonly output: 'text' | 'json'
}

const root = '/api/v1/admin/channels'

export const channelsCommand: CliCommand = {
  register(program, io) {
    const channels = program.command('channels').description('try channels of a running controller out')
    registerTest(channels, io)
    registerEnable(channels, io)
    registerConnect(channels, io)
  },
}

function registerTest(channels: Command, io: Io): void {
  const command = channels
    .command('test')
    .description('send a sample over a channel; exit code 1 when it does not arrive')
    .argument('<channel>', 'name, or namespace/name')
    .option('--recipient <address>', 'to whom, where the channel writes to people: e-mail address, chat id, user id')
    .option('--user <name>', 'to whom: a user that is bound to the channel')
    .option('--check', 'only try the credential, and post nothing, where the vendor allows it')
    .addOption(new Option('-o, --output <format>', 'how to show the answer').choices(['text', 'json']).default('text'))
  controlOptions(command).action((channel: string, { recipient, user, check, output, ...options }: TestOptions) =>
    withControl(io, options, async (client) => {
      const wish = { ...(recipient !== undefined && { recipient }), ...(user !== undefined && { user }) }
      const path = `${root}/${idOf(channel)}/test${check === true ? '?check=true' : ''}`
      // Longer than an attempt may take by any declaration that makes sense.
      const delivery = await client.post<DeliveryView>(path, wish, { signal: io.signal, timeoutMs: 120_000 })
      io.stdout(output === 'json' ? printJson(delivery, 2) : render(channel, delivery, check === true))
      return delivery.status === 'delivered' ? exitCodes.clean : exitCodes.problems
    }),
  )
}

function registerEnable(channels: Command, io: Io): void {
  const command = channels
    .command('enable')
    .description('use a channel again that was switched off because its destination was gone')
    .argument('<channel>', 'name, or namespace/name')
  controlOptions(command).action((channel: string, options: ControlOptions) =>
    withControl(io, options, async (client) => {
      const path = `${root}/${idOf(channel)}/enable`
      const { changed } = await client.post<ChannelEnabling>(path, {}, { signal: io.signal })
      const found = changed ? 'is used again' : 'was not switched off'
      io.stdout(`${printable(channel)} ${found}\n`)
      return exitCodes.clean
    }),
  )
}

function registerConnect(channels: Command, io: Io): void {
  const command = channels
    .command('connect')
    .description('make a link by which a user connects to the bot of a Telegram channel: good once, for 15 minutes')
    .argument('<channel>', 'name, or namespace/name')
    .requiredOption('--user <name>', 'whom it is for')
    .addOption(new Option('-o, --output <format>', 'how to show the answer').choices(['text', 'json']).default('text'))
  controlOptions(command).action((channel: string, { user, output, ...options }: ConnectOptions) =>
    withControl(io, options, async (client) => {
      const path = '/api/v1/channels/telegram/connect'
      const link = await client.post<TelegramLink>(path, { user, channel }, { signal: io.signal })
      io.stdout(output === 'json' ? printJson(link, 2) : `${link.url}\n`)
      if (output === 'text') io.stderr(`for ${user}, to open and press Start; good once, until ${link.expires}\n`)
      return exitCodes.clean
    }),
  )
}

function idOf(channel: string): string {
  return encodeURIComponent(channel.replace(/^-\//, '').replace('/', '~'))
}

function render(channel: string, { id, status, reason, lastError, attempts }: DeliveryView, isCheck: boolean): string {
  const name = printable(channel)
  if (status === 'delivered') {
    const took = Math.round(attempts.at(-1)?.durationMs ?? 0)
    return isCheck ? `${name}: the credential works (${took} ms)\n` : `${name}: the sample has arrived (${took} ms)\n`
  }
  const why = lastError === null ? (reason ?? status) : `${lastError.class}: ${lastError.message}`
  return `${name}: ${isCheck ? 'the credential does not work' : 'the sample has not arrived'}: ${printable(why)}\nsee: callboard deliveries show ${id}\n`
}
