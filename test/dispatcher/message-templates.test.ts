import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DeclaredTemplate, MessageTemplates } from '../../src/dispatcher/message-templates.js'
import { type Resource, resourceId } from '../../src/resources/resource.js'

type Place = readonly [namespace: string, event: string, channelType: string, lang: string]

function templates(places: readonly Place[]): MessageTemplates {
  const resources = places.map(([namespace, event, channelType, lang], index) => {
    const name = `t${index}`
    const program = { event, channelType, lang, title: 't', body: undefined, link: undefined, format: 'rich' as const }
    const id = resourceId('Template', namespace, name)
    return [id, { id, kind: 'Template', namespace, name, program } as unknown as Resource] as const
  })
  return new MessageTemplates(new Map(resources))
}

const placeOf = (found: DeclaredTemplate | undefined) =>
  found && [found.namespace, found.program.event, found.program.channelType, found.program.lang].join(' ')

const wanted = { namespace: 'shop', event: 'e', channelType: 'slack', lang: 'de-AT' }

/** From the most to the least specific. */
const order: readonly Place[] = [
  ['shop', 'e', 'slack', 'de-AT'],
  ['', 'e', 'slack', 'de-AT'],
  ['shop', 'e', 'slack', 'de'],
  ['', 'e', 'slack', 'de'],
  ['shop', 'e', 'slack', ''],
  ['', 'e', 'slack', ''],
  ['shop', 'e', '', 'de-AT'],
  ['', 'e', '', 'de-AT'],
  ['shop', 'e', '', 'de'],
  ['', 'e', '', 'de'],
  ['shop', 'e', '', ''],
  ['', 'e', '', ''],
]
const others: readonly Place[] = [
  ['other', 'e', 'slack', 'de-AT'],
  ['shop', 'f', 'slack', 'de-AT'],
  ['shop', 'e', 'discord', 'de-AT'],
  ['shop', 'e', 'slack', 'fr'],
  ['shop', 'e', '', 'de-CH'],
]

describe('the template of an event', () => {
  it('is the most specific one that is declared', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...order, ...others]), (places) => {
        const best = order.find((place) => places.includes(place))
        expect(placeOf(templates(places).find(wanted))).toBe(best?.join(' '))
      }),
    )
  })

  it('of nobody in particular has no language', () => {
    const found = templates([...order]).find({ ...wanted, lang: '' })
    expect(placeOf(found)).toBe('shop e slack ')
  })

  it('of an event without a namespace is a global one', () => {
    expect(placeOf(templates([...order]).find({ ...wanted, namespace: '' }))).toBe(' e slack de-AT')
    expect(templates([['shop', 'e', '', '']]).find({ ...wanted, namespace: '' })).toBeUndefined()
  })

  it('does not mind how a language is written', () => {
    expect(placeOf(templates([['', 'e', '', 'PT-br']]).find({ ...wanted, lang: 'pt-BR' }))).toBe(' e  PT-br')
  })
})
