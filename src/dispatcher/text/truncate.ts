// Cutting text to what a vendor takes, without tearing what is one character to its reader.

export type Unit = 'utf16' | 'codepoints' | 'bytes'

const ellipsis = '…'
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** How long a text is for a vendor that counts in `unit`. */
export function lengthIn(text: string, unit: Unit): number {
  return measures[unit](text)
}

const measures: Readonly<Record<Unit, (text: string) => number>> = {
  utf16: (text) => text.length,
  codepoints: countCodePoints,
  bytes: (text) => Buffer.byteLength(text),
}

/** At most `max` long, an ellipsis at its end included when something was cut; whole graphemes only. */
export function truncate(text: string, max: number, unit: Unit): string {
  if (lengthIn(text, unit) <= max) return text
  const room = max - lengthIn(ellipsis, unit)
  if (room < 0) return ''
  let kept = ''
  let length = 0
  for (const { segment } of segmenter.segment(text)) {
    length += lengthIn(segment, unit)
    if (length > room) break
    kept += segment
  }
  return closeFence(kept.trimEnd(), room, unit) + ellipsis
}

/**
 * The text as `escapeText` writes it, at most `max` long. The text is cut and not what it became, so that no escape is
 * torn; `escapeText` must treat each character by itself.
 */
export function truncateEscaped(text: string, escapeText: (text: string) => string, max: number, unit: Unit): string {
  const whole = escapeText(text)
  if (lengthIn(whole, unit) <= max) return whole
  const room = max - lengthIn(ellipsis, unit)
  if (room < 0) return ''
  let kept = ''
  let length = 0
  for (const { segment } of segmenter.segment(text)) {
    const escaped = escapeText(segment)
    length += lengthIn(escaped, unit)
    if (length > room) break
    kept += escaped
  }
  return kept.trimEnd() + ellipsis
}

/** An open code fence would swallow what follows. */
function closeFence(text: string, room: number, unit: Unit): string {
  const isOpen = (text.match(/```/g)?.length ?? 0) % 2 === 1
  if (!isOpen) return text
  const fence = '\n```'
  if (lengthIn(text, unit) + lengthIn(fence, unit) <= room) return text + fence
  return text.slice(0, text.lastIndexOf('```')).trimEnd()
}

function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
