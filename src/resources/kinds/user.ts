import type { UserSpec } from '../generated/user.js'
import type { Finding } from '../problem.js'
import type { Linked, LinkInput } from './kind.js'
import { canonicalLocale, localeFinding } from './locale.js'
import type { UserProgram } from './notification-program.js'
import { timezoneFinding } from './timezone.js'

export type { UserProgram }

export interface LinkedUser extends Linked {
  readonly program: UserProgram | undefined
}

/** Checks a User that passed validation. */
export function linkUser({ spec }: LinkInput): LinkedUser {
  const { email, displayName = email, locale = 'en', timezone = 'UTC', ...rest } = spec as unknown as UserSpec
  const { role = 'member', services = [], namespaces = [] } = rest
  const canonical = canonicalLocale(locale)
  const zone = timezoneFinding(timezone, '/spec/timezone')
  const findings: Finding[] = [
    ...(canonical === undefined ? [localeFinding(locale, '/spec/locale')] : []),
    ...(zone === undefined ? [] : [zone]),
  ]
  const program =
    findings.length > 0
      ? undefined
      : { email, displayName, locale: canonical ?? locale, timezone, role, services, namespaces }
  const unique = { pointer: '/spec/email', value: email.toLowerCase(), what: `the e-mail address ${email}` }
  return { program, findings, references: [], settled: findings.length === 0, unique }
}
