// The bots that channels write by, where every person has a chat of their own: each is listened to once, whichever
// channels use it, by long polling or over a webhook.

import { randomBytes } from 'node:crypto'
import { type SecretSources, Secrets } from '../../delivery/secrets.js'
import type { HttpClient } from '../../network/http-client.js'
import type { BindingRecipient, ChannelProgram } from '../../resources/kinds/notification-program.js'
import type { UserProgram } from '../../resources/kinds/user.js'
import type { Resource, ResourceId, ResourceSet } from '../../resources/resource.js'
import type { Store } from '../../store/store.js'
import type { Timer } from '../../store/timer.js'
import type { Addresses } from '../addresses.js'
import { resolveConfig } from '../channel-config.js'
import { ask, type Bot, botIdOf, isToken } from './bot.js'
import { type Greeting, TelegramConnections } from './connections.js'
import { deepLink, newPayload } from './deep-link.js'
import { type BotFailure, deleteWebhook, getMe, setWebhook } from './methods.js'
import { type PollerState, poll } from './poller.js'
import { parseWebhookPost } from './updates.js'

export interface TelegramBotsOptions extends SecretSources {
  readonly store: Pick<Store, 'get' | 'list' | 'transact'>
  readonly addresses: Addresses
  readonly http: HttpClient
  /** Where Telegram reaches the control port, without a path; undefined: bots are polled. */
  readonly webhookUrl: string | undefined
  /** Takes a lease or prolongs it; false while another process has it. */
  readonly lease: (name: string, ttlMs: number) => Promise<boolean>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  readonly random: () => number
  readonly onWarning: (message: string) => void
}

/** One observed fact. */
export interface BotState {
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** Nobody can be connected so; the message says why. */
export class ConnectRefused extends Error {
  override readonly name = 'ConnectRefused'
}

interface Listening {
  readonly bot: Bot
  readonly stop: AbortController
  state: BotState
  username: string | undefined
  done: Promise<void>
}

const linkMs = 15 * 60 * 1000
const leaseMs = 60_000
const callMs = 15_000
const unhookAgainMs = 10_000

export class TelegramBots {
  readonly #options: TelegramBotsOptions
  readonly #connections: TelegramConnections
  readonly #listening = new Map<string, Listening>()
  /** The bot of each channel whose token is known. */
  #botOf: ReadonlyMap<ResourceId, string> = new Map()
  #applying: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: TelegramBotsOptions) {
    this.#options = options
    this.#connections = new TelegramConnections(options.store, options.addresses, options.now)
  }

  /** Listens to the bots that are declared, and to no others any more. */
  apply(resources: ResourceSet): void {
    const channels = [...resources.values()].filter(isPersonal)
    if (channels.length === 0 && this.#listening.size === 0) return
    this.#applying = this.#applying
      .then(() => this.#apply(channels))
      .catch((error: unknown) => {
        this.#options.onWarning(`Telegram bots: ${(error as Error).message}`)
      })
  }

  /** How to reach somebody who has connected; undefined before. */
  recipientOf(channel: Pick<Resource, 'id'>, user: { readonly program?: unknown }): BindingRecipient | undefined {
    const { email } = user.program as UserProgram
    const { addresses } = this.#options
    const bot = this.#botOf.get(channel.id)
    // Right after a start the token may not have been read yet.
    const isKnown = bot === undefined ? addresses.knows(channel.id, email) : addresses.look(bot, email) !== undefined
    return isKnown ? { email } : undefined
  }

  /** Undefined for a channel without a bot to listen to. */
  stateOf(channel: ResourceId): BotState | undefined {
    const bot = this.#botOf.get(channel)
    return bot === undefined ? undefined : this.#listening.get(bot)?.state
  }

  /** A link that connects a person once, for a quarter of an hour. Rejects with `ConnectRefused` or `StoreUnavailable`. */
  async connect(channel: Resource, user: Resource): Promise<{ readonly url: string; readonly expires: number }> {
    await this.#applying
    const id = this.#botOf.get(channel.id)
    const listening = id === undefined ? undefined : this.#listening.get(id)
    if (id === undefined || listening === undefined) {
      throw new ConnectRefused(await this.#whyNot(channel))
    }
    const username = listening.username ?? (await this.#askName(listening))
    const payload = newPayload(randomBytes)
    const expires = this.#options.now() + linkMs
    const { email } = user.program as UserProgram
    const url = deepLink(username, payload)
    await this.#connections.addLink(payload, { bot: id, channel: channel.id, user: user.name, email, until: expires })
    return { url, expires }
  }

  /** What Telegram posts to the webhook of a bot. Resolves once it is on disk. */
  async receive(bot: string, given: string | undefined, body: string): Promise<200 | 400 | 401 | 404> {
    const listening = this.#listening.get(bot)
    const { secret } = this.#connections.bot(bot)
    if (listening === undefined || secret === undefined) return 404
    const post = parseWebhookPost({ given, body }, secret, listening.username)
    if (!post.ok) return post.status
    this.#greet(listening, await this.#connections.take(bot, [post.update], post.update.updateId + 1))
    return 200
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#applying
    for (const { stop } of this.#listening.values()) stop.abort(new Error('closing'))
    await Promise.all([...this.#listening.values()].map(({ done }) => done))
  }

  async #apply(channels: readonly Resource[]): Promise<void> {
    if (this.#closed) return
    const botOf = new Map<ResourceId, string>()
    const bots = new Map<string, { bot: Bot; username: string | undefined }>()
    for (const channel of channels) {
      const found = await this.#resolve(channel)
      if (found === undefined) continue
      const id = botIdOf(found.bot.token)
      botOf.set(channel.id, id)
      const known = bots.get(id)
      bots.set(id, { bot: found.bot, username: known?.username ?? found.username })
    }
    this.#botOf = botOf
    for (const [id, listening] of this.#listening) {
      const wanted = bots.get(id)
      if (wanted?.bot.token === listening.bot.token && wanted.bot.baseUrl === listening.bot.baseUrl) {
        bots.delete(id)
        listening.username = wanted.username ?? listening.username
        continue
      }
      listening.stop.abort(new Error('not declared any more'))
      await listening.done
      this.#listening.delete(id)
    }
    for (const [id, { bot, username }] of bots) this.#listen(id, bot, username)
  }

  /** Undefined while its token cannot be used; its secret's condition says why. */
  async #resolve(channel: Resource): Promise<{ readonly bot: Bot; readonly username: string | undefined } | undefined> {
    const config = await resolveConfig(channel, new Secrets(this.#options)).catch(() => undefined)
    const { botToken, botUsername, baseUrl } = (config ?? {}) as Readonly<Record<string, string | undefined>>
    const token = botToken?.trim() ?? ''
    if (!isToken(token)) return undefined
    return { bot: { token, baseUrl, http: this.#options.http }, username: botUsername?.replace(/^@/, '') }
  }

  async #whyNot(channel: Resource): Promise<string> {
    const { type, config, enabled } = channel.program as ChannelProgram
    if (type !== 'telegram') return `it is of type ${type}; people connect by a link to channels of type telegram alone`
    if (config.chatId !== undefined) return 'it has a chatId, and writes there; nobody needs to connect'
    if (!enabled) return 'it is declared with enabled: false'
    const missing = await resolveConfig(channel, new Secrets(this.#options)).then(
      () => 'botToken is no token of a bot',
      (error: unknown) => (error as Error).message,
    )
    return `its bot cannot be used: ${missing}`
  }

  #listen(id: string, bot: Bot, username: string | undefined): void {
    const listening: Listening = {
      bot,
      username,
      stop: new AbortController(),
      state: { status: 'Unknown', reason: 'Starting', message: 'it has just begun to listen' },
      done: Promise.resolve(),
    }
    this.#listening.set(id, listening)
    const { webhookUrl } = this.#options
    const work = webhookUrl === undefined ? this.#poll(id, listening) : this.#hook(id, listening, webhookUrl)
    listening.done = work.catch((error: unknown) => {
      if (!listening.stop.signal.aborted) this.#options.onWarning(`Telegram bot ${id}: ${(error as Error).message}`)
    })
  }

  /** While this process has the lease. */
  async #poll(id: string, listening: Listening): Promise<void> {
    const { lease, now, timer, random } = this.#options
    const { bot, stop } = listening
    const name = `telegram/${id}`
    while (!stop.signal.aborted) {
      if (!(await lease(name, leaseMs).catch(() => false))) {
        listening.state = { status: 'False', reason: 'Elsewhere', message: 'another process listens to this bot' }
        await this.#pause(leaseMs / 2, stop.signal)
        continue
      }
      const left = await this.#unhook(id, listening)
      if (left !== undefined) {
        listening.state = { status: 'False', reason: left.reason, message: left.message }
        await this.#pause(Math.max(unhookAgainMs, left.retryAfterMs ?? 0), stop.signal)
        continue
      }
      const turn = new AbortController()
      const end = () => turn.abort(stop.signal.reason)
      stop.signal.addEventListener('abort', end)
      const prolonging = this.#prolong(name, turn)
      await poll({
        bot,
        username: listening.username,
        offset: this.#connections.bot(id).offset,
        take: async (updates, next) => this.#greet(listening, await this.#connections.take(id, updates, next)),
        report: (state) => {
          listening.state = factOf(state)
        },
        signal: turn.signal,
        now,
        timer,
        random,
      })
      stop.signal.removeEventListener('abort', end)
      await prolonging
    }
  }

  /** Ends the turn when the lease is lost. */
  async #prolong(name: string, turn: AbortController): Promise<void> {
    while (!turn.signal.aborted) {
      await this.#pause(leaseMs / 3, turn.signal)
      if (turn.signal.aborted) return
      // While nothing can be written nobody else can take it either.
      if (!(await this.#options.lease(name, leaseMs).catch(() => true))) turn.abort(new Error('the lease is lost'))
    }
  }

  /** A webhook of our own, from when bots were not polled, would keep updates away. What it returns keeps it there. */
  async #unhook(id: string, { bot, stop }: Listening): Promise<BotFailure | undefined> {
    const { secret, offset } = this.#connections.bot(id)
    if (secret === undefined) return undefined
    const result = await deleteWebhook(bot, { signal: stop.signal, now: this.#options.now() })
    if (!result.ok) return result
    await this.#connections.keepBot(id, { offset })
    return undefined
  }

  async #hook(id: string, listening: Listening, webhookUrl: string): Promise<void> {
    const { now } = this.#options
    const { bot, stop } = listening
    const record = this.#connections.bot(id)
    const secret = record.secret ?? newPayload(randomBytes)
    await this.#connections.keepBot(id, { ...record, secret })
    const url = `${webhookUrl.replace(/\/+$/, '')}/api/v1/hooks/telegram/${id}`
    for (let wait = 5_000; !stop.signal.aborted; wait = Math.min(wait * 2, 300_000)) {
      const result = await setWebhook(bot, { url, secretToken: secret }, { signal: stop.signal, now: now() })
      if (result.ok) {
        listening.state = { status: 'True', reason: 'Webhook', message: `Telegram posts to ${url}` }
        return
      }
      listening.state = { status: 'False', reason: result.reason, message: result.message }
      await this.#pause(Math.max(wait, result.retryAfterMs ?? 0), stop.signal)
    }
  }

  async #askName(listening: Listening): Promise<string> {
    const me = await getMe(listening.bot, { signal: AbortSignal.timeout(callMs), now: this.#options.now() }).catch(
      () => undefined,
    )
    if (me?.ok !== true) {
      const why = me === undefined ? 'there was no answer in time' : me.message
      throw new ConnectRefused(`the bot's name is not known: ${why}; set botUsername in the channel's config`)
    }
    listening.username = me.value.username
    return me.value.username
  }

  /** Nobody waits for it: what matters is on disk. */
  #greet({ bot, stop }: Listening, greetings: readonly Greeting[]): void {
    for (const { chat, connected } of greetings) {
      const text = connected
        ? 'You are connected: notifications will arrive here.'
        : 'This link is not valid, or not any more. Ask for a new one.'
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(callMs)])
      ask(bot, 'sendMessage', { chat_id: chat, text }, signal, this.#options.now()).catch(() => {})
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const end = () => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = this.#options.timer(ms, end)
      signal.addEventListener('abort', end)
    })
  }
}

/** A channel by which each person has a chat of their own. */
function isPersonal({ kind, program }: Resource): boolean {
  if (kind !== 'Channel' || program === undefined) return false
  const { type, config, enabled } = program as ChannelProgram
  return type === 'telegram' && config.chatId === undefined && enabled
}

function factOf(state: PollerState): BotState {
  if (state.state === 'Polling') return { status: 'True', reason: 'Polling', message: 'updates of the bot are read' }
  return { status: 'False', reason: state.reason, message: state.message }
}
