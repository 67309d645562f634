// Which Template an event has on a channel, in a language.

import type { TemplateProgram } from '../resources/kinds/notification-program.js'
import type { Resource, ResourceSet } from '../resources/resource.js'

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

  constructor(resources: ResourceSet) {
    const templates = new Map<string, DeclaredTemplate>()
    for (const resource of resources.values()) {
      if (resource.kind !== 'Template' || resource.program === undefined) continue
      const template = resource as DeclaredTemplate
      const { event, channelType, lang } = template.program
      templates.set(keyOf(template.namespace, event, channelType, lang), template)
    }
    this.#templates = templates
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
