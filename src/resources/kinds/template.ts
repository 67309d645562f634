import { nearest } from '../../expression/suggest.js'
import { messageRoots } from '../../template/roots.js'
import { digestEvent } from '../catalogues/digest-sample.js'
import { channelTypeNames } from '../channel-types.js'
import type { TemplateSpec } from '../generated/template.js'
import { templateFindings } from '../message-check.js'
import type { Finding } from '../problem.js'
import type { Resource } from '../resource.js'
import { channelTypesFor } from './channel.js'
import { eventFindings } from './event-references.js'
import type { LinkContext, Linked, LinkInput, Surroundings } from './kind.js'
import { Linking } from './linking.js'
import { canonicalLocale, localeFinding } from './locale.js'
import { checkTexts } from './message-texts.js'
import type { TemplateProgram } from './notification-program.js'

export interface LinkedTemplate extends Linked {
  readonly program: TemplateProgram | undefined
}

/** Checks and compiles a Template that passed validation. */
export function linkTemplate({ namespace, spec }: LinkInput, context: LinkContext): LinkedTemplate {
  const {
    event,
    channelType = '',
    lang = '',
    title,
    body,
    link,
    format = 'rich',
    named = false,
  } = spec as unknown as TemplateSpec
  const linking = new Linking(context)
  const locale = lang === '' ? '' : canonicalLocale(lang)
  if (locale === undefined) linking.add('', [localeFinding(lang, '/spec/lang')])
  const types = channelTypeNames()
  if (channelType !== '' && !types.includes(channelType)) {
    const meant = nearest(channelType, types)
    const hint = meant === undefined ? `types: ${types.join(', ')}` : `did you mean "${meant}"?`
    linking.error('/spec/channelType', 'unknown-channel-type', `there is no channel type "${channelType}"`, hint)
  }
  checkTexts({ ...(title && { title }), ...(body && { body }), ...(link && { link }) }, messageRoots, linking)
  const program: TemplateProgram = {
    event,
    channelType,
    lang: locale ?? lang,
    title,
    body,
    link,
    format,
    ...(named && { named }),
  }
  const { findings, failed } = linking
  const which = [event, channelType || 'any channel', locale || 'any language'].join(', ')
  if (named && event !== digestEvent) {
    const message = `only a Digest names a Template, and this one is for ${event}`
    linking.error('/spec/named', 'never-named', message, `remove it, or write event: ${digestEvent}`)
  }
  const unique = {
    pointer: '/spec',
    value: [namespace, event, channelType, locale].join(' '),
    what: `the template for ${which}`,
  }
  return {
    program: failed ? undefined : program,
    findings,
    references: [],
    settled: findings.length === 0,
    ...(!named && { unique }),
  }
}

export function relateTemplate(resource: Resource, around: Surroundings): readonly Finding[] {
  const { namespace } = resource
  const program = resource.program as TemplateProgram
  const type = around.events(namespace).get(program.event)
  if (type === undefined) return eventFindings(program.event, '/spec/event', namespace, around)
  return templateFindings(program, type, channelTypesFor(namespace, around))
}
