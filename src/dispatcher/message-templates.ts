// Which Template an event has on a channel, in a language.

import type { TemplateProgram, WrittenReference } from '../resources/kinds/notification-program.js'
import { namespacesOf } from '../resources/kinds/reference.js'
import { type Resource, type ResourceSet, resourceId } from '../resources/resource.js'

export type DeclaredTemplate = Resource & { readonly program: TemplateProgram }

export interface TemplateWanted {
  /** Of the event; empty: none. */
  readonly namespace: string
  readonly event: string
  readonly channelType: string
  /** As in BCP 47; empty where nobody in particular reads it. */
  readonly lang: string
}

export class MessageTemplates {
  readonly #templates: ReadonlyMap<string, DeclaredTemplate>
  readonly #byId = new Map<string, DeclaredTemplate>()

  constructor(resources: ResourceSet) {
    const templates = new Map<string, DeclaredTemplate>()
    for (const resource of resources.values()) {
      if (resource.kind !== 'Template' || resource.program === undefined) continue
      const template = resource as DeclaredTemplate
      this.#byId.set(template.id, template)
      const { event, channelType, lang, named } = template.program
      if (!named) templates.set(keyOf(template.namespace, event, channelType, lang), template)
    }
    this.#templates = templates
  }

  /** One that is named: where it is for one type of channel or one language, for those alone. */
  named(reference: WrittenReference, own: string, { channelType, lang }: TemplateWanted): DeclaredTemplate | undefined {
    const found = namespacesOf(reference, own)
      .map((namespace) => this.#byId.get(resourceId('Template', namespace, reference.name)))
      .find((one) => one !== undefined)
    if (found === undefined) return undefined
    const { program } = found
    const isFor = program.channelType === '' || program.channelType === channelType
    return isFor && (program.lang === '' || languages(lang).includes(program.lang)) ? found : undefined
  }

  /**
   * The one for event, channel type and language; event and channel type; event and language; event. At each step that of
   * the namespace comes before the global one, and `de-AT` before `de`.
   */
  find({ namespace, event, channelType, lang }: TemplateWanted): DeclaredTemplate | undefined {
    if (this.#templates.size === 0) return undefined
    const namespaces = namespace === '' ? [''] : [namespace, '']
    const langs = languages(lang)
    for (const type of [channelType, '']) {
      for (const language of [...langs, '']) {
        for (const place of namespaces) {
          const found = this.#templates.get(keyOf(place, event, type, language))
          if (found !== undefined) return found
        }
      }
    }
    return undefined
  }
}

function keyOf(...parts: readonly string[]): string {
  return parts.join('\n').toLowerCase()
}

/** `de-Latn-AT`, `de-Latn`, `de`. */
function languages(tag: string): readonly string[] {
  const parts = tag.split('-')
  return tag === '' ? [] : parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
}
