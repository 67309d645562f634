/**
 * A header value that cannot break out of its line. Text beyond Latin-1 goes out as UTF-8, which is what receivers read.
 */
export function headerValue(value: string): string {
  let plain = true
  let wide = false
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) plain = false
    else if (code > 0xff) wide = true
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go.
  const clean = plain ? value : value.replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, ' ').trim()
  return wide ? Buffer.from(clean, 'utf8').toString('latin1') : clean
}
