// Whether an event can be taken: its type is known, and its payload is what that says.

import { compileJsonSchema, type SchemaCheck } from '../../expression/matchers/json-schema.js'
import { nearest } from '../../expression/suggest.js'
import type { Rules } from '../rules.js'
import { type FieldProblem, kindOf, type PostedEvent } from './event.js'

export class EventCheck {
  readonly #checks = new WeakMap<object, SchemaCheck>()

  /** `at`: JSON pointer to the event in what was posted. */
  problemsOf(event: PostedEvent, at: string, rules: Pick<Rules, 'eventTypes' | 'switchedOff'>): FieldProblem[] {
    const { namespace = '', type, payload } = event
    const known = rules.eventTypes.get(type, namespace)
    if (known === undefined) return [{ pointer: `${at}/type`, message: unknownType(type, namespace, rules) }]
    const { schema } = known.program
    if (schema === undefined) return []
    let check = this.#checks.get(known.program)
    if (check === undefined) {
      check = compileJsonSchema(schema)
      this.#checks.set(known.program, check)
    }
    const complaint = check(payload)
    if (complaint === undefined) return []
    const pointer = `${at}/payload${complaint.pointer}`
    const found = complaint.pointer === '' && payload === null ? `, and is ${kindOf(payload)}` : ''
    return [{ pointer, message: `${complaint.message}${found}: the schema of the event type ${type} says so` }]
  }
}

export function unknownType(type: string, namespace: string, rules: Pick<Rules, 'eventTypes' | 'switchedOff'>): string {
  const catalogue = rules.switchedOff(type)
  if (catalogue !== undefined) {
    return `event type ${JSON.stringify(type)} is in the catalogue "${catalogue}", which is switched off; add it to catalogues in the settings`
  }
  const meant = nearest(type, rules.eventTypes.ids(namespace))
  const hint = meant === undefined ? 'declare an EventType' : `did you mean ${JSON.stringify(meant)}?`
  return `there is no event type ${JSON.stringify(type)}; ${hint}`
}
