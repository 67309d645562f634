/** What a vendor counts when it limits how long a text may be. */
export type Unit = 'utf16' | 'codepoints' | 'bytes'

/** How long a text is for a vendor that counts in `unit`. */
export function lengthIn(text: string, unit: Unit): number {
  return measures[unit](text)
}

const measures: Readonly<Record<Unit, (text: string) => number>> = {
  utf16: (text) => text.length,
  codepoints: countCodePoints,
  bytes: (text) => Buffer.byteLength(text),
}

function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
