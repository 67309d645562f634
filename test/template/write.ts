import type { Context } from '../../src/template/run.js'
import { compileTemplate, type RenderOptions } from '../../src/template/template.js'

/** What a template writes; throws when it does not compile. */
export function written(text: string, context: Context = { payload: {} }, options?: RenderOptions): string {
  const { template, findings } = compileTemplate(text)
  if (template === undefined) throw new Error(findings.map(({ message }) => message).join('; '))
  return template.render(context, options)
}
