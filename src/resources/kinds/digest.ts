import { nearest } from '../../expression/suggest.js'
import { digestEvent } from '../catalogues/digest-sample.js'
import type { DigestSpec } from '../generated/digest.js'
import { webLink } from '../message-parts.js'
import type { Finding } from '../problem.js'
import type { Resource } from '../resource.js'
import type { DigestProgram } from './digest-program.js'
import { checkEventField } from './event-field.js'
import { fits } from './event-pattern.js'
import { ruleFindings } from './event-references.js'
import type { LinkContext, Linked, LinkInput, Surroundings } from './kind.js'
import { Linking } from './linking.js'
import type { TemplateProgram, UserProgram } from './notification-program.js'
import { parseReference } from './reference.js'
import { referenceFindings } from './resource-references.js'
import { ScheduleError, scheduleOf } from './schedule.js'
import { timezoneFinding } from './timezone.js'

export interface LinkedDigest extends Linked {
  readonly program: DigestProgram | undefined
}

/** Checks and compiles a Digest that passed validation. */
export function linkDigest({ name, spec: declared }: LinkInput, context: LinkContext): LinkedDigest {
  const spec = declared as unknown as DigestSpec
  const { schedule, timezone = 'UTC', events, audience = {}, template, groupBy = [], link } = spec
  const linking = new Linking(context)
  const unknown = timezoneFinding(timezone, '/spec/timezone')
  if (unknown !== undefined) linking.add('', [unknown])
  checkSchedule(schedule, unknown === undefined ? timezone : 'UTC', linking)
  for (const [index, field] of groupBy.entries()) checkEventField(field, `/spec/groupBy/${index}`, linking)
  if (link !== undefined && webLink(link) === undefined) {
    const message = `${JSON.stringify(link)} is no link`
    linking.error('/spec/link', 'bad-link', message, 'it has to be a URL with http:// or https://')
  }
  const itself = events.indexOf(digestEvent)
  if (itself !== -1) {
    const message = 'a digest is no event that another could be about'
    linking.error(`/spec/events/${itself}`, 'digest-of-digests', message, 'remove it')
  }
  const { users = [], roles = [], namespaces = [], channels = [] } = audience
  const program: DigestProgram = {
    displayName: spec.displayName ?? name,
    schedule,
    timezone,
    events,
    users: users.map(parseReference),
    roles: roles as readonly UserProgram['role'][],
    namespaces,
    channels: channels.map(parseReference),
    template: template === undefined ? undefined : parseReference(template),
    groupBy,
    link,
    emptyToo: spec.emptyToo ?? false,
    enabled: spec.enabled ?? true,
  }
  const { findings, failed } = linking
  return { program: failed ? undefined : program, findings, references: [], settled: findings.length === 0 }
}

function checkSchedule(schedule: string, timezone: string, linking: Linking): void {
  try {
    scheduleOf(schedule, timezone)
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error
    linking.error('/spec/schedule', 'bad-schedule', error.message, error.hint)
  }
}

export function relateDigest(resource: Resource, around: Surroundings): readonly Finding[] {
  const { namespace } = resource
  const program = resource.program as DigestProgram
  const { events, users, channels, template } = program
  const named = events.map((pattern, index) => ({ pattern, pointer: `/spec/events/${index}` }))
  return [
    ...ruleFindings(named, namespace, around),
    ...users.flatMap((user, index) =>
      referenceFindings('User', user, `/spec/audience/users/${index}`, namespace, around),
    ),
    ...channels.flatMap((channel, index) =>
      referenceFindings('Channel', channel, `/spec/audience/channels/${index}`, namespace, around),
    ),
    ...(template === undefined ? [] : templateFindings(resource, program, around)),
  ]
}

function templateFindings({ namespace }: Resource, { template }: DigestProgram, around: Surroundings): Finding[] {
  if (template === undefined) return []
  const found = around.find('Template', template, namespace)
  if (found === undefined) return [...referenceFindings('Template', template, '/spec/template', namespace, around)]
  const { event } = (found.program ?? {}) as Partial<TemplateProgram>
  if (event === undefined || event === digestEvent) return []
  return [
    {
      rule: 'template-of-another-event',
      severity: 'error',
      pointer: '/spec/template',
      message: `Template "${found.name}" is for ${event}, and a digest is ${digestEvent}`,
      hint: `write event: ${digestEvent} in the Template, or name another`,
    },
  ]
}

/** What a Preference says of digests that there are not. */
export function digestRuleFindings(
  named: readonly { readonly pattern: string; readonly pointer: string }[],
  namespace: string,
  around: Surroundings,
): readonly Finding[] {
  if (named.length === 0) return []
  const all = around.names('Digest', namespace).map((name) => name.slice(name.lastIndexOf('/') + 1))
  return named.flatMap(({ pattern, pointer }): Finding[] => {
    if (all.some((name) => fits(pattern, name))) return []
    if (around.isFaulty('Digest', { namespace: undefined, name: pattern }, namespace)) return []
    const isExact = !pattern.includes('*')
    const meant = isExact ? nearest(pattern, all) : undefined
    const message = isExact ? `there is no Digest "${pattern}"` : `no Digest fits "${pattern}"`
    const hint =
      meant !== undefined
        ? `did you mean "${meant}"?`
        : all.length === 0
          ? 'declare a Digest: there is none'
          : `declared: ${all.slice(0, 12).join(', ')}`
    return [
      {
        rule: isExact ? 'unknown-digest' : 'idle-pattern',
        severity: isExact ? 'error' : 'warning',
        pointer,
        message,
        hint,
      },
    ]
  })
}
