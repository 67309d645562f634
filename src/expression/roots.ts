import type { CompileOptions, Evaluate, Root } from './expression.js'
import { unresolved } from './expression.js'
import type { Json } from './json.js'
import { dashedName, type PathRules, type PathText, plainName, type Segment, toPath } from './path.js'
import { forbiddenKeys } from './query.js'
import type { Scope, StoreView } from './scope.js'

/** A word after `$.` that leads to values. */
export interface RootKind {
  readonly root: Root
  /** How far a path goes below it: no further than its values do, so that `$.namespace.example.com` is a text. */
  readonly path: Omit<PathRules, 'rich'>
  /**
   * Where there is something under it: with every request, with the answer to one as well, or with a change of what is
   * declared. Absent: everywhere.
   */
  readonly only?: keyof typeof places
  /** Makes the accessor. Throws a PathError when the path is wrong. */
  compile(path: PathText, offset: number, options: CompileOptions): Evaluate
  /** What is wrong with the path, for a message. */
  check?(
    path: PathText,
    options: CompileOptions,
  ): { rule: string; message: string; known: Iterable<string> } | undefined
}

/** As messages name them. */
export const places = { request: 'mocks and callbacks', answer: 'callbacks', change: 'webhooks on changes' } as const

/** Whether a root has values where `options` say that an expression stands. */
export function isThere({ only }: RootKind, { callback = false, change = false }: CompileOptions): boolean {
  if (only === undefined) return true
  if (only === 'change' || change) return only === 'change' && change
  return only === 'request' || callback
}

const deep = { name: plainName, names: Number.POSITIVE_INFINITY, indexes: true }
const oneName = { name: plainName, names: 1, indexes: false }
const noName = { name: plainName, names: 0, indexes: false }

const moments: Readonly<Record<string, (now: Date) => Json>> = {
  iso: (now) => now.toISOString(),
  date: (now) => now.toISOString().slice(0, 10),
  unix: (now) => Math.floor(now.getTime() / 1000),
  unixMs: (now) => now.getTime(),
}

const body = document('req', 'request', (scope) => scope.req)
const response = document('response', 'answer', (scope) => scope.response)

/** Every root by the word that is written. */
export const roots: ReadonlyMap<string, RootKind> = new Map<string, RootKind>([
  ['req', body],
  ['body', body],
  [
    'reqHeader',
    record(
      'reqHeader',
      { name: dashedName, names: 1, indexes: true },
      (scope) => scope.reqHeader,
      (name) => name.toLowerCase(),
    ),
  ],
  ['queryParams', record('queryParams', { name: plainName, names: 1, indexes: true }, (scope) => scope.queryParams)],
  ['pathParam', record('pathParam', oneName, (scope) => scope.pathParam)],
  ['mS', store('mS', (scope) => scope.mS)],
  ['cS', store('cS', (scope) => scope.cS)],
  ['gS', store('gS', (scope) => scope.gS)],
  ['response', response],
  ['resp', response],
  ['change', document('change', 'change', (scope) => scope.change)],
  ['statusCode', { root: 'statusCode', path: noName, only: 'answer', compile: () => (scope) => scope.statusCode }],
  ['namespace', { root: 'namespace', path: noName, compile: () => (scope) => scope.namespace }],
  [
    'now',
    {
      root: 'now',
      // Only its own four words belong to it: "At $.now.Then" is a moment and a text.
      path: { name: /(?:iso|date|unixMs|unix)(?![\p{L}\p{N}\p{M}_])/uy, names: 1, indexes: false },
      compile: ({ segments: [word] }) => {
        const make = moments[String(word ?? 'iso')]
        return make === undefined ? unresolved : (scope) => make(scope.now())
      },
    },
  ],
  [
    'env',
    {
      root: 'env',
      path: oneName,
      compile: ({ segments: [name] }, _offset, { env }) => {
        const value = typeof name === 'string' && Object.hasOwn(env, name) ? env[name] : undefined
        return value === undefined ? unresolved : () => value
      },
      check: ({ segments: [name] }, { env }) => {
        const rule = 'expression-env'
        const known = Object.keys(env)
        if (name === undefined) return { rule, message: '$.env needs the name of a variable', known }
        if (Object.hasOwn(env, name)) return undefined
        const message = `the environment variable ${name} is not one that expressions may read; expressions.env in the settings names those`
        return { rule, message, known }
      },
    },
  ],
])

/** A JSON value under its root. */
function document(root: Root, only: NonNullable<RootKind['only']>, read: (scope: Scope) => Json | undefined): RootKind {
  return {
    root,
    only,
    path: deep,
    compile: (path, offset) => {
      const { get } = toPath(path, offset)
      return (scope) => {
        const value = read(scope)
        return value === undefined ? undefined : get(value)
      }
    },
  }
}

/** Names with texts or lists of texts under them. */
function record(
  root: Root,
  path: Omit<PathRules, 'rich'>,
  read: (scope: Scope) => Readonly<Record<string, string | string[]>>,
  toKey: (name: string) => string = (name) => name,
): RootKind {
  return {
    root,
    only: 'request',
    path,
    compile: ({ segments, rest, end }, offset) => {
      const [name] = segments
      if (typeof name !== 'string') {
        const { get } = toPath({ segments, rest, end }, offset)
        return (scope) => get(read(scope) as { [key: string]: Json })
      }
      const key = toKey(name)
      if (forbiddenKeys.has(key)) return unresolved
      const lookUp = (scope: Scope): Json | undefined => {
        const all = read(scope)
        return Object.hasOwn(all, key) ? all[key] : undefined
      }
      return below(lookUp, segments.slice(1), rest, offset)
    },
  }
}

/** A store: the first name is the key. */
function store(root: Root, read: (scope: Scope) => StoreView): RootKind {
  return {
    root,
    only: 'request',
    path: deep,
    compile: ({ segments, rest, end }, offset) => {
      const [key] = segments
      if (typeof key !== 'string') {
        const { get } = toPath({ segments, rest, end }, offset)
        return (scope) => get(read(scope).entries())
      }
      if (forbiddenKeys.has(key)) return unresolved
      return below((scope) => read(scope).get(key), segments.slice(1), rest, offset)
    },
  }
}

function below(lookUp: Evaluate, segments: readonly Segment[], rest: string, offset: number): Evaluate {
  if (segments.length === 0 && rest === '') return lookUp
  const { get } = toPath({ segments, rest, end: 0 }, offset)
  return (scope) => {
    const value = lookUp(scope)
    return value === undefined ? undefined : get(value)
  }
}
