import type { Finding } from '../problem.js'

/** The usual spelling of a language tag; undefined when it is none. */
export function canonicalLocale(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}

export function localeFinding(tag: string, pointer: string): Finding {
  return {
    rule: 'unknown-locale',
    severity: 'error',
    pointer,
    message: `${JSON.stringify(tag)} is no language tag`,
    hint: 'write it as in BCP 47: en, de-AT, pt-BR',
  }
}
