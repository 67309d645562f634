// Cutting text to what a vendor takes, without tearing what is one character to its reader.

import { lengthIn, type Unit } from '../../template/length.js'

export { lengthIn, type Unit }

const ellipsis = '…'
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** At most `max` long, an ellipsis included when something was cut; whole graphemes only. */
export function truncate(text: string, max: number, unit: Unit): string {
  if (lengthIn(text, unit) <= max) return text
  const room = max - lengthIn(ellipsis, unit)
  if (room < 0) return ''
  const kept = cut(text, room, unit)
  if (!isInFence(kept)) return kept + ellipsis
  // An open code fence would swallow what follows.
  const closing = `\n${fence}`
  const shorter = cut(text, room - lengthIn(closing, unit), unit)
  if (isInFence(shorter)) return shorter + ellipsis + closing
  return kept.slice(0, kept.lastIndexOf(fence)).trimEnd() + ellipsis
}

function cut(text: string, room: number, unit: Unit): string {
  const end = fitting(text, room, (character) => lengthIn(character, unit))
  return text.slice(0, boundary(text, end)).trimEnd()
}

/**
 * The text as `escapeText` writes it, at most `max` long. The text is cut and not what it became, so that no escape is
 * torn; `escapeText` must treat each character by itself.
 */
export function truncateEscaped(text: string, escapeText: (text: string) => string, max: number, unit: Unit): string {
  // What is longer than this does not fit, however it is escaped.
  const whole = text.length > 4 * max ? undefined : escapeText(text)
  if (whole !== undefined && lengthIn(whole, unit) <= max) return whole
  const room = max - lengthIn(ellipsis, unit)
  if (room < 0) return ''
  const end = fitting(text, room, (character) => lengthIn(escapeText(character), unit))
  return escapeText(text.slice(0, boundary(text, end)).trimEnd()) + ellipsis
}

/** Where the last character ends that still fits into `room`. */
function fitting(text: string, room: number, lengthOf: (character: string) => number): number {
  let length = 0
  let end = 0
  for (const character of text) {
    length += lengthOf(character)
    if (length > room) break
    end += character.length
  }
  return end
}

/** Longer than any grapheme that people write. */
const window = 128

/** The last boundary between graphemes that is not after `end`. Looks only around there: segmenting is slow. */
function boundary(text: string, end: number): number {
  if (end >= text.length) return text.length
  const start = startOfWindow(text, end)
  let last = start
  for (const { index, segment } of segmenter.segment(text.slice(start, end + window))) {
    const after = start + index + segment.length
    if (after > end) break
    last = after
  }
  return last
}

/** Where no grapheme goes across: before an ASCII character, or the beginning. */
function startOfWindow(text: string, end: number): number {
  for (let at = end - 1; at > end - window && at > 0; at--) {
    const code = text.charCodeAt(at)
    if (code >= 0x20 && code < 0x7f && text.charCodeAt(at + 1) < 0x7f) return at
  }
  return Math.max(0, end - window)
}

const fence = '```'

function isInFence(text: string): boolean {
  return (text.split(fence).length - 1) % 2 === 1
}
