import type { Severity } from '../message.js'

/** 0xRRGGBB of each severity: blue, amber, red, dark red. */
export const colours: Readonly<Record<Severity, number>> = {
  info: 0x2f81f7,
  warning: 0xe3a008,
  error: 0xd93025,
  critical: 0x8b0000,
}

/** Something that was wrong and is over. */
export const resolvedColour = 0x2da44e

/** As vendors that take `#rrggbb` want it. */
export function hexColour(severity: Severity, action: 'trigger' | 'resolve'): string {
  const colour = action === 'resolve' ? resolvedColour : colours[severity]
  return `#${colour.toString(16).padStart(6, '0')}`
}

const marks: Readonly<Record<Severity, string>> = { info: '🔵', warning: '🟡', error: '🔴', critical: '🚨' }

/** For vendors that know no colours: a character that has one. */
export function markOf(severity: Severity, action: 'trigger' | 'resolve'): string {
  return action === 'resolve' ? '✅' : marks[severity]
}
