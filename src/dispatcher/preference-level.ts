// Preferences that have the same right, put together; and in which order those of a namespace and the global ones are asked.

import { byPrecedence } from '../resources/kinds/event-pattern.js'
import { ruleFor } from '../resources/kinds/event-rules.js'
import type { EventRule, EventRules, PreferenceProgram } from '../resources/kinds/notification-program.js'
import type { Resource } from '../resources/resource.js'

type Preference = Resource & { readonly program: PreferenceProgram }

/** Something that a preference says. */
export interface Said<Value> {
  readonly value: Value
  readonly by: Resource
}

interface SaidOfEvents extends Said<boolean> {
  readonly pattern: string
}

/** All preferences of one namespace for the same people: no two say the same. */
export class PreferenceLevel {
  readonly minSeverity: Said<NonNullable<PreferenceProgram['minSeverity']>> | undefined
  readonly quietHours: Said<NonNullable<PreferenceProgram['quietHours']>> | undefined
  readonly scope: Said<NonNullable<PreferenceProgram['scope']>> | undefined
  readonly #events: EventRules<SaidOfEvents>
  readonly #digests: EventRules<SaidOfEvents>
  readonly #byType = new Map<string, EventRules<SaidOfEvents>>()

  constructor(preferences: readonly Preference[]) {
    this.minSeverity = first(preferences, 'minSeverity')
    this.quietHours = first(preferences, 'quietHours')
    this.scope = first(preferences, 'scope')
    this.#events = together(preferences, ({ events }) => events)
    this.#digests = together(preferences, ({ digests }) => digests)
    for (const type of new Set(preferences.flatMap(({ program }) => [...program.eventsByType.keys()]))) {
      this.#byType.set(
        type,
        together(preferences, ({ eventsByType }) => eventsByType.get(type) ?? []),
      )
    }
  }

  /** Whether a digest is wanted, by its name. */
  wantsDigest(name: string): SaidOfEvents | undefined {
    return ruleFor(this.#digests, name)?.value
  }

  /** Whether an event is wanted on channels of a type; what holds for the type alone is asked first. */
  wants(event: string, channelType: string): SaidOfEvents | undefined {
    const rules = this.#byType.get(channelType)
    return (rules && ruleFor(rules, event)?.value) ?? ruleFor(this.#events, event)?.value
  }
}

function first<Field extends 'minSeverity' | 'quietHours' | 'scope'>(
  preferences: readonly Preference[],
  field: Field,
): Said<NonNullable<PreferenceProgram[Field]>> | undefined {
  for (const by of preferences) {
    const value = by.program[field]
    if (value !== undefined) return { value: value as NonNullable<PreferenceProgram[Field]>, by }
  }
  return undefined
}

function together(
  preferences: readonly Preference[],
  rulesOf: (program: PreferenceProgram) => EventRules<boolean>,
): EventRules<SaidOfEvents> {
  const all = preferences.flatMap((by) =>
    rulesOf(by.program).map(
      ({ pattern, value }): EventRule<SaidOfEvents> => ({ pattern, value: { pattern, value, by } }),
    ),
  )
  return preferences.length < 2 ? all : all.sort((a, b) => byPrecedence(a.pattern, b.pattern))
}

/** What the same people say, by namespace: that of the event is asked before the global ones. */
export class PreferenceLevels {
  static readonly none = new PreferenceLevels([])

  readonly declared: readonly Preference[]
  readonly #global: readonly PreferenceLevel[]
  readonly #byNamespace = new Map<string, readonly PreferenceLevel[]>()

  constructor(declared: readonly Preference[]) {
    this.declared = declared
    const global = declared.filter(({ namespace }) => namespace === '')
    this.#global = global.length === 0 ? [] : [new PreferenceLevel(global)]
    for (const namespace of new Set(declared.map((one) => one.namespace))) {
      if (namespace === '') continue
      const own = new PreferenceLevel(declared.filter((one) => one.namespace === namespace))
      this.#byNamespace.set(namespace, [own, ...this.#global])
    }
  }

  /** In the order in which they are asked about an event of a namespace; empty: of none. */
  of(namespace: string): readonly PreferenceLevel[] {
    return this.#byNamespace.get(namespace) ?? this.#global
  }
}
