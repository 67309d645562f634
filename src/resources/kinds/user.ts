import { nearest } from '../../expression/suggest.js'
import type { UserSpec } from '../generated/user.js'
import type { Finding } from '../problem.js'
import type { Linked, LinkInput } from './kind.js'

export type Role = NonNullable<UserSpec['role']>

/** A resource of kind User, with its defaults. */
export interface UserProgram {
  readonly email: string
  readonly displayName: string
  /** A canonical BCP 47 tag. */
  readonly locale: string
  /** By its IANA name. */
  readonly timezone: string
  readonly role: Role
  readonly services: readonly string[]
  readonly namespaces: readonly string[]
}

export interface LinkedUser extends Linked {
  readonly program: UserProgram | undefined
}

/** Checks a User that passed validation. */
export function linkUser({ spec }: LinkInput): LinkedUser {
  const { email, displayName = email, locale = 'en', timezone = 'UTC', ...rest } = spec as unknown as UserSpec
  const { role = 'member', services = [], namespaces = [] } = rest
  const findings: Finding[] = []
  const canonical = canonicalLocale(locale)
  if (canonical === undefined) {
    findings.push({
      rule: 'unknown-locale',
      severity: 'error',
      pointer: '/spec/locale',
      message: `${JSON.stringify(locale)} is no language tag`,
      hint: 'write it as in BCP 47: en, de-AT, pt-BR',
    })
  }
  if (!isTimeZone(timezone)) {
    const meant = nearest(timezone, Intl.supportedValuesOf('timeZone'))
    findings.push({
      rule: 'unknown-timezone',
      severity: 'error',
      pointer: '/spec/timezone',
      message: `${JSON.stringify(timezone)} is no time zone`,
      hint:
        meant === undefined ? 'write its IANA name: Europe/Berlin, America/New_York, UTC' : `did you mean "${meant}"?`,
    })
  }
  const program =
    findings.length > 0
      ? undefined
      : { email, displayName, locale: canonical ?? locale, timezone, role, services, namespaces }
  const unique = { pointer: '/spec/email', value: email.toLowerCase(), what: `the e-mail address ${email}` }
  return { program, findings, references: [], settled: findings.length === 0, unique }
}

function canonicalLocale(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}

/** Offsets such as `+01:00` are none: they know nothing of summer time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
