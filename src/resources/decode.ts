import { isUtf8 } from 'node:buffer'

export type Decoded =
  | { readonly text: string }
  | { readonly rule: string; readonly message: string; readonly hint: string }

/** Bytes to text, UTF-8 alone, and never a replacement character in place of what could not be read. */
export function decodeText(bytes: Uint8Array): Decoded {
  const [first, second, third] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return notUtf8('UTF-16')
  const nul = bytes.indexOf(0)
  if (nul !== -1) {
    // Text in UTF-16 without a mark has a NUL in every second byte.
    if (bytes[nul + 2] === 0 && bytes[nul + 1] !== 0) return notUtf8('UTF-16')
    return {
      rule: 'encoding',
      message: `this is not a text file: byte ${nul + 1} is NUL`,
      hint: 'remove the file, or name it in .callboardignore',
    }
  }
  if (!isUtf8(bytes)) {
    const at = firstInvalid(bytes)
    const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0').toUpperCase()
    return {
      rule: 'encoding',
      message: `this is not UTF-8: byte ${at + 1} is 0x${byte}; it looks like Latin-1 or a binary file`,
      hint: 'save the file as UTF-8',
    }
  }
  const mark = first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0
  return { text: Buffer.from(bytes.buffer, bytes.byteOffset + mark, bytes.byteLength - mark).toString('utf8') }
}

function notUtf8(encoding: string): Decoded {
  return { rule: 'encoding', message: `this file is ${encoding}, not UTF-8`, hint: 'save the file as UTF-8' }
}

/** The longest valid beginning ends where the first invalid sequence starts; found by halving. */
function firstInvalid(bytes: Uint8Array): number {
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    // A sequence cut by the halving is not what is looked for: try up to three bytes less.
    const valid = [0, 1, 2, 3].some((less) => middle - less >= low && isUtf8(bytes.subarray(0, middle - less)))
    if (valid) low = middle
    else high = middle - 1
  }
  while (low > 0 && !isUtf8(bytes.subarray(0, low))) low -= 1
  return low
}
