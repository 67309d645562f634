// JSON values as they travel through expressions: plain data, null-prototype safe, with numbers that keep their text.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json } | RawNumber

/** A JSON number that a double cannot hold; it keeps its source text, so that an echo is exact. */
export class RawNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
  valueOf(): number {
    return Number(this.text)
  }
}
