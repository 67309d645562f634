import { ActionError } from '../../expression/matchers/action.js'
import { compileJsonSchema } from '../../expression/matchers/json-schema.js'
import { PathError } from '../../expression/path.js'
import { nearest } from '../../expression/suggest.js'
import { eventRoots } from '../../template/roots.js'
import { callboard, internalPrefix } from '../catalogues/callboard.js'
import { keyIn, pathOf } from '../event-key.js'
import type { EventTypeSpec } from '../generated/event-type.js'
import { eventTypeFindings } from '../message-check.js'
import type { Finding } from '../problem.js'
import type { Json, Resource } from '../resource.js'
import { channelTypesFor } from './channel.js'
import { remindOf } from './channel-flood.js'
import { eventFindings, ruleFindings } from './event-references.js'
import { compileInactivity, inactivitySample } from './inactivity.js'
import type { LinkContext, Linked, LinkInput, Surroundings } from './kind.js'
import { Linking } from './linking.js'
import { checkExpression, checkTexts } from './message-texts.js'
import type { EventTypeProgram, Severity } from './notification-program.js'
import { flagPrefix } from './preference.js'

export interface LinkedEventType extends Linked {
  readonly program: EventTypeProgram | undefined
}

const severities: readonly Severity[] = ['info', 'warning', 'error', 'critical']

/** Checks and compiles an EventType that passed validation. */
export function linkEventType({ name, namespace, spec: declared }: LinkInput, context: LinkContext): LinkedEventType {
  const spec = (declared ?? {}) as unknown as EventTypeSpec
  const { id = name, description = '', includes = [], resolves = [], critical = false } = spec
  const linking = new Linking(context)
  const inactivity = spec.inactivity && compileInactivity(spec.inactivity, linking)
  const sample = spec.sample ?? (inactivity && inactivitySample)
  if (id.startsWith(flagPrefix)) {
    const message = `an id cannot begin with "${flagPrefix}": in a Preference that is a flag for the event of the rest`
    linking.error(spec.id === undefined ? '/metadata/name' : '/spec/id', 'reserved-id', message, 'call it differently')
  }
  if (id.startsWith(internalPrefix) && !callboard.some((one) => one.id === id)) {
    const message = `ids that begin with "${internalPrefix}" are raised by Callboard alone, and this is none of them`
    linking.warning(
      spec.id === undefined ? '/metadata/name' : '/spec/id',
      'reserved-id',
      message,
      'call it differently',
    )
  }
  for (const [index, other] of includes.entries()) {
    if (other === id) linking.error(`/spec/includes/${index}`, 'includes-itself', 'an event type cannot include itself')
  }
  if (includes.length > 0 && spec.key === undefined) {
    const message = '"includes" needs "key": without it nobody can tell which events are about the same matter'
    linking.error('/spec/includes', 'includes-without-key', message, 'add key, such as run.id')
  }
  if (spec.standsAlone === true && resolves.length === 0) {
    const message = 'it ends nothing, so it always stands alone'
    linking.warning('/spec/standsAlone', 'unused-field', message, 'remove it, or say in resolves what it ends')
  }
  checkKey(spec, linking)
  checkSchema(spec, linking)
  checkTexts(spec, eventRoots, linking)
  const program: EventTypeProgram = {
    id,
    description,
    default: spec.default ?? true,
    severity: severityOf(spec.severity ?? 'info', linking),
    schema: spec.schema as Json | undefined,
    sample: (sample ?? {}) as Json,
    title: spec.title,
    body: spec.body,
    link: spec.link,
    critical,
    includes,
    key: spec.key,
    resolves,
    ...(inactivity !== undefined && { inactivity }),
    standsAlone: spec.standsAlone ?? false,
    remind: spec.remind && remindOf(spec.remind, linking),
  }
  const { findings, failed } = linking
  const unique = {
    pointer: spec.id === undefined ? '/metadata/name' : '/spec/id',
    value: `${namespace}/${id}`,
    what: `the event id ${id}`,
  }
  return { program: failed ? undefined : program, findings, references: [], settled: findings.length === 0, unique }
}

function severityOf(text: string, linking: Linking): EventTypeProgram['severity'] {
  const fixed = severities.find((severity) => severity === text)
  if (fixed !== undefined) return { fixed }
  if (/^[A-Za-z]+$/.test(text)) {
    const meant = nearest(text, severities)
    const message = `${JSON.stringify(text)} is no severity: info, warning, error or critical, or an expression over payload`
    const hint = meant === undefined ? `did you mean "payload.${text}"?` : `did you mean "${meant}"?`
    linking.error('/spec/severity', 'unknown-value', message, hint)
  } else checkExpression(text, '/spec/severity', eventRoots, linking)
  return { expression: text }
}

function checkKey({ key, sample }: EventTypeSpec, linking: Linking): void {
  if (key === undefined) return
  try {
    if (!pathOf(key).singular) {
      linking.error('/spec/key', 'bad-path', `${JSON.stringify(key)} can find several values`, 'name one: run.id')
    } else if (sample !== undefined && keyIn(sample as Json, key) === undefined) {
      const message = `the sample has no text or number at ${JSON.stringify(key)}`
      linking.warning('/spec/key', 'key-not-in-sample', message, 'mend the path, or let the sample have it')
    }
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    linking.error('/spec/key', 'bad-path', `${JSON.stringify(key)} is no path: ${error.message}`, 'write it as run.id')
  }
}

function checkSchema({ schema, sample }: EventTypeSpec, linking: Linking): void {
  if (schema === undefined) return
  try {
    const complaint = compileJsonSchema(schema as Json)((sample ?? {}) as Json)
    if (complaint === undefined) return
    if (sample === undefined) {
      const message = 'there is no sample, and the schema does not take an empty payload'
      linking.warning('/spec/schema', 'missing-sample', message, 'add a sample: templates are checked against it')
    } else {
      const where = complaint.pointer === '' ? 'the sample' : `${complaint.pointer} of the sample`
      const message = `${where} does not fit the schema: it ${complaint.message}`
      linking.error(`/spec/sample${complaint.pointer}`, 'sample-unfit', message, 'mend the sample or the schema')
    }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    linking.error('/spec/schema', error.rule, error.message, error.hint)
  }
}

export function relateEventType(resource: Resource, around: Surroundings): readonly Finding[] {
  const { namespace } = resource
  const program = resource.program as EventTypeProgram
  const named = (field: 'includes' | 'resolves') =>
    program[field].flatMap((id, index) => eventFindings(id, `/spec/${field}/${index}`, namespace, around))
  return [
    ...named('includes'),
    ...named('resolves'),
    ...ruleFindings(
      (program.inactivity?.events ?? []).map((pattern, index) => ({
        pattern,
        pointer: `/spec/inactivity/events/${index}`,
      })),
      namespace,
      around,
    ),
    ...circleFindings(resource, around),
    ...eventTypeFindings(program, channelTypesFor(namespace, around)),
  ]
}

/** What includes something that includes it. */
function circleFindings({ namespace, program }: Resource, around: Surroundings): readonly Finding[] {
  const { id, includes } = program as EventTypeProgram
  const events = around.events(namespace)
  for (const [index, first] of includes.entries()) {
    const seen = new Set([first])
    for (const one of seen) {
      for (const next of events.includes(one)) {
        if (next === id) {
          const message = `"${first}" includes "${id}" itself`
          const pointer = `/spec/includes/${index}`
          return first === id
            ? []
            : [{ rule: 'includes-itself', severity: 'error', pointer, message, hint: 'remove one of the two' }]
        }
        seen.add(next)
      }
    }
  }
  return []
}
