// One read-only value from config/default.yaml, a file, the environment and flags, each winning over the one before.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ErrorObject } from 'ajv'
import { closest, distance } from 'fastest-levenshtein'
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { validateSettings } from './generated/validate-settings.js'

/** Where a secret is; settings that are kept in Git hold none themselves. */
export interface SecretSetting {
  readonly env?: string
  readonly file?: string
}

export type PublicText = string | { readonly file: string }

export interface Settings {
  readonly source: {
    readonly url: string
    readonly interval: number
    /** Of a Git repository only, as is what follows. */
    readonly ref: {
      readonly branch?: string
      readonly tag?: string
      readonly semver?: string
      readonly commit?: string
    }
    readonly path: string
    readonly timeout: number
    readonly allowHttp: boolean
    readonly auth: {
      readonly token?: SecretSetting
      readonly bearer?: SecretSetting
      readonly username?: string
      readonly password?: SecretSetting
      readonly sshKey?: SecretSetting
      readonly knownHosts?: string
      readonly ca?: string
      readonly proxy?: string
    }
    readonly verify: {
      readonly mode: 'head' | 'tag' | 'tagAndHead'
      /** Public keys: a text, or the file that holds it. */
      readonly keys: {
        readonly ssh?: readonly PublicText[]
        readonly openpgp?: readonly PublicText[]
        readonly allowedSigners?: PublicText
      }
    }
  }
  readonly secrets: { readonly age?: SecretSetting }
  readonly ports: { readonly resolver: number; readonly control: number }
  readonly bind: { readonly resolver: string; readonly control: string; readonly hosts: readonly string[] }
  readonly tls: { readonly cert?: string; readonly key?: string }
  readonly stateDir: string
  readonly tokens: {
    readonly read?: string
    readonly events?: string
    readonly messages?: string
    readonly operate?: string
  }
  /** What programs may send in their own words, such as by the tools of agents. */
  readonly messages: {
    /** Of channels; `-` for global ones. Absent: all. */
    readonly namespaces?: readonly string[]
    readonly perMinute: number
    readonly direct: boolean
  }
  readonly mcp: { readonly enabled: boolean }
  readonly defaultNamespace: string
  readonly strict: boolean
  /** Built-in event types that are there, by the name of their catalogue. */
  readonly catalogues: readonly ('mockarty' | 'ai-admin-panel' | 'aegisrunner' | 'callboard' | 'admin')[]
  readonly customers: { readonly enabled: boolean }
  readonly telegram: { readonly webhookUrl?: string }
  /** The mail server of channels of type email that name none. */
  readonly smtp: {
    readonly host?: string
    readonly port?: number
    readonly tls?: 'starttls' | 'implicit' | 'none'
    readonly ca?: string
    readonly username?: string
    readonly password?: string
    readonly from?: string
  }
  readonly receivers: readonly ReceiverSettings[]
  readonly commitStatus: CommitStatusSettings
  readonly network: {
    readonly allow: readonly string[]
    readonly allowGit: readonly string[]
    readonly allowPrivate: boolean
    readonly proxy: {
      readonly url?: string
      readonly username?: string
      readonly password?: { readonly env?: string; readonly file?: string }
      readonly noProxy?: readonly string[]
    }
  }
  readonly expressions: { readonly env: readonly string[]; readonly seed?: string }
  readonly reconcile: { readonly maxPrune: number }
  readonly requests: {
    readonly bytes: number
    readonly bodyBytes: number
    readonly maskHeaders: readonly string[]
    readonly correlationHeaders: boolean
  }
  readonly stores: { readonly entries: number; readonly bytes: number; readonly chainIdle: number }
  readonly delivery: {
    readonly poolSize: number
    readonly waiting: number
    readonly maxAge: number
    readonly shutdownGrace: number
  }
  readonly retention: { readonly deliveries: number; readonly deliveryAge: number; readonly deadLetters: number }
  readonly limits: {
    readonly fileBytes: number
    readonly referenceBytes: number
    readonly files: number
    readonly gitBytes: number
    readonly documentsPerFile: number
    readonly bodyBytes: number
    readonly eventBytes: number
    readonly hookBytes: number
    readonly headerBytes: number
    readonly headers: number
  }
  readonly log: { readonly level: string }
}

/** Who may say that something was pushed. */
export interface ReceiverSettings {
  readonly name: string
  readonly type: 'github' | 'gitlab' | 'gitea' | 'forgejo' | 'bitbucket' | 'bitbucket-server' | 'generic'
  readonly secret: SecretSetting
  readonly repository?: string
  readonly scheme?: 'hmac' | 'standard-webhooks'
  readonly header?: string
  readonly prefix?: string
  readonly encoding?: 'hex' | 'base64'
}

/** Where a Git host hears what became of its commits; nowhere without a type. */
export interface CommitStatusSettings {
  readonly type?: Exclude<ReceiverSettings['type'], 'generic'>
  readonly baseUrl?: string
  readonly repository?: string
  readonly username?: string
  readonly token?: SecretSetting
  readonly context: string
  readonly targetUrl?: string
}

/** Settings that cannot be used. Each line of the message names where the value came from. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

type Tree = { [key: string]: unknown }

/** One layer of settings and how to name the place of one of its values. */
interface Layer {
  readonly values: Tree
  readonly place: (path: readonly string[]) => string
}

interface SchemaNode {
  readonly type?: string
  readonly properties?: Record<string, SchemaNode>
  readonly writeOnly?: boolean
}

const schema = JSON.parse(
  readFileSync(new URL('../config/settings.schema.json', import.meta.url), 'utf8'),
) as SchemaNode
const defaults = new URL('../config/default.yaml', import.meta.url)

/** Variables of the source documents that keep their own names. */
const namedVariables: Readonly<Record<string, readonly string[]>> = {
  ALLOW_PROXY_TO_PRIVATE_IPS: ['network', 'allowPrivate'],
  WEBHOOK_POOL_SIZE: ['delivery', 'poolSize'],
}

/** Of commands that ask a controller. */
const otherVariables: ReadonlySet<string> = new Set(['CALLBOARD_CONTROL_URL', 'CALLBOARD_TOKEN'])

export interface SettingsInput {
  /** Path of the file given by --config. */
  readonly file?: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What flags say, as a partial tree of settings; undefined values are left out. */
  readonly flags?: Tree
}

/** Throws `SettingsError` that lists everything wrong, with file and line, variable, or flag. */
export function loadSettings({ file, env, flags = {} }: SettingsInput): Settings {
  const layers = [
    fileLayer(fileURLToPath(defaults), readFileSync(defaults, 'utf8')),
    ...(file === undefined ? [] : [fileLayer(file, readSettings(file))]),
    environmentLayer(env),
    { values: flags, place: (path: readonly string[]) => `the command line: ${path.join('.')}` },
  ]
  const mistakes = layers.flatMap(({ values, place }) => {
    validateSettings(values)
    return (validateSettings.errors ?? []).map((error) => describe(error, place))
  })
  if (mistakes.length > 0) throw new SettingsError(mistakes.join('\n'))
  const settings = layers.reduce<Tree>((merged, { values }) => merge(merged, values), {}) as unknown as Settings
  assertTogether(settings)
  assertForge(settings)
  return settings
}

/** Secrets that a settings file holds as they are: where each is, and what to do. Throws `SettingsError`. */
export function literalSecrets(file: string): string[] {
  const { values, place } = fileLayer(file, readSettings(file))
  const found: string[] = []
  const visit = (node: SchemaNode, value: unknown, path: readonly string[]): void => {
    if (node.writeOnly && typeof value === 'string' && value !== '') {
      found.push(`${place(path)} holds a secret as literal text: leave it out, and set ${variable(path)} instead`)
    }
    if (!isTree(value)) return
    for (const [key, child] of Object.entries(node.properties ?? {})) visit(child, value[key], [...path, key])
  }
  visit(schema, values, [])
  return found
}

/** What each value for itself does not show. */
function assertTogether({ tls, ports, bind, smtp }: Settings): void {
  if ((smtp.username === undefined) !== (smtp.password === undefined)) {
    throw new SettingsError('smtp: username and password are needed together')
  }
  if (smtp.tls === 'none' && smtp.password !== undefined) {
    throw new SettingsError('smtp: a password does not go out in clear text; use tls: starttls, or no password')
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new SettingsError('tls: cert and key are needed together')
  }
  if (ports.resolver === ports.control && ports.resolver !== 0 && bind.resolver === bind.control) {
    throw new SettingsError(`ports: resolver and control are both ${ports.resolver}; they need one each`)
  }
}

function assertForge({ receivers, commitStatus }: Settings): void {
  const names = new Set<string>()
  for (const { name, type, ...receiver } of receivers) {
    if (names.has(name)) throw new SettingsError(`receivers: two are called ${name}; each has a path of its own`)
    names.add(name)
    const foreign = (['scheme', 'header', 'prefix', 'encoding'] as const).find((key) => receiver[key] !== undefined)
    if (type !== 'generic' && foreign !== undefined) {
      throw new SettingsError(`receivers: ${name} has ${foreign}, which only receivers of type generic have`)
    }
  }
  const { type, token, username } = commitStatus
  if (type !== undefined && token === undefined) {
    throw new SettingsError('commitStatus: a token is needed, such as token: {env: GITHUB_TOKEN}')
  }
  if (type === undefined && token !== undefined) {
    throw new SettingsError('commitStatus: a type is needed, such as type: github')
  }
  if (username !== undefined && type !== 'bitbucket' && type !== 'bitbucket-server') {
    throw new SettingsError('commitStatus: a username is only for bitbucket and bitbucket-server')
  }
}

function readSettings(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new SettingsError(`${file}: settings cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

function fileLayer(file: string, text: string): Layer {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0])
    throw new SettingsError(`${file}:${line}:${col}: ${broken.message.split('\n')[0]}`)
  }
  const values = plainValues(file, document)
  if (values !== null && (typeof values !== 'object' || Array.isArray(values))) {
    throw new SettingsError(`${file}: settings are a mapping such as "log: {level: debug}"`)
  }
  return {
    values: (values ?? {}) as Tree,
    place: (path) => {
      const { line, col } = lines.linePos(offsetOf(document, path))
      return `${file}:${line}:${col}: ${path.join('.')}`
    },
  }
}

function plainValues(file: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    // An alias without an anchor, or too many of them.
    throw new SettingsError(`${file}: ${error instanceof Error ? error.message : error}`)
  }
}

/** Where the key at `path` stands in the text, or the nearest one above it. */
function offsetOf(document: Document, path: readonly string[]): number {
  let offset = 0
  let node: unknown = document.contents
  for (const key of path) {
    if (!isMap(node)) break
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
    if (pair === undefined) break
    if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
    node = pair.value
  }
  return offset
}

function environmentLayer(env: SettingsInput['env']): Layer {
  const values: Tree = {}
  const names = new Map<string, string>()
  const known: string[] = []
  const take = (name: string, path: readonly string[], node: SchemaNode) => {
    known.push(name)
    const text = env[name]
    if (text === undefined || text === '') return
    names.set(path.join('.'), name)
    assign(values, path, fromText(text, node))
  }
  const visit = (path: readonly string[], node: SchemaNode) => {
    if (node.properties === undefined) take(variable(path), path, node)
    else for (const [key, child] of Object.entries(node.properties)) visit([...path, key], child)
  }
  visit([], schema)
  for (const [name, path] of Object.entries(namedVariables)) take(name, path, nodeAt(path))
  assertKnown(env, known)
  return { values, place: (path) => `environment variable ${names.get(path.join('.')) ?? variable(path)}` }
}

/**
 * A name that is nearly one of ours is a slip. Others that begin alike are left alone: Kubernetes makes some for a service
 * called `callboard`.
 */
function assertKnown(env: SettingsInput['env'], known: readonly string[]): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('CALLBOARD_') || known.includes(name) || otherVariables.has(name)) continue
    const near = closest(name, known)
    if (distance(name, near) <= 2) {
      throw new SettingsError(`environment variable ${name} is no setting; did you mean ${near}?`)
    }
  }
}

/** `log.level` → `CALLBOARD_LOG_LEVEL` */
function variable(path: readonly string[]): string {
  return `CALLBOARD_${path.map((key) => key.replace(/([A-Z])/g, '_$1').toUpperCase()).join('_')}`
}

function nodeAt(path: readonly string[]): SchemaNode {
  return path.reduce<SchemaNode>((node, key) => node.properties?.[key] ?? {}, schema)
}

/** Text from the environment as the type that the schema wants; left as text when it is not, so that validation says so. */
function fromText(text: string, { type }: SchemaNode): unknown {
  if (type === 'boolean')
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text
  if (type === 'number' || type === 'integer')
    return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (type === 'array')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  return text
}

function assign(tree: Tree, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path
  if (key === undefined) return
  if (rest.length === 0) {
    tree[key] = value
    return
  }
  const inner = (tree[key] ?? {}) as Tree
  tree[key] = inner
  assign(inner, rest, value)
}

function merge(base: Tree, over: Tree): Tree {
  const merged: Tree = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue
    const before = merged[key]
    merged[key] = isTree(before) && isTree(value) ? merge(before, value) : value
  }
  return merged
}

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function describe(error: ErrorObject, place: Layer['place']): string {
  const path = error.instancePath.split('/').slice(1)
  const { additionalProperty, allowedValues } = error.params as {
    additionalProperty?: string
    allowedValues?: string[]
  }
  if (additionalProperty !== undefined) {
    const known = Object.keys(nodeAt(path).properties ?? {})
    const near =
      known.length === 0
        ? ''
        : `; did you mean "${closest(additionalProperty, known)}"? Known here: ${known.join(', ')}`
    return `${place([...path, additionalProperty])} is no setting${near}`
  }
  const node = nodeAt(path)
  if (error.keyword === 'type' && node.writeOnly && node.properties !== undefined) {
    return `${place(path)} is a secret: give {env: NAME} or {file: path}, and never the secret itself`
  }
  const wanted = allowedValues === undefined ? error.message : `must be one of ${allowedValues.join(', ')}`
  return `${place(path)} ${wanted}`
}
