import { nearest } from '../../expression/suggest.js'
import type { Finding } from '../problem.js'

/** Undefined when there is such a time zone. */
export function timezoneFinding(name: string, pointer: string): Finding | undefined {
  if (isTimeZone(name)) return undefined
  const meant = nearest(name, Intl.supportedValuesOf('timeZone'))
  return {
    rule: 'unknown-timezone',
    severity: 'error',
    pointer,
    message: `${JSON.stringify(name)} is no time zone`,
    hint:
      meant === undefined ? 'write its IANA name: Europe/Berlin, America/New_York, UTC' : `did you mean "${meant}"?`,
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
