// Parts of a comment that has to stay below a size: each is shown as far as there is room, and says what is not.

export interface Section {
  readonly head: string
  readonly pieces: readonly string[]
  readonly tail: string
  /** What its pieces are, in the plural. */
  readonly what: string
  /** Of the room there is, so much is kept for it, in proportion to what is kept for the others that have something. */
  readonly share: number
}

/** The sections in their order, with no more than `room` characters; earlier ones take what others leave. */
export function fitSections(sections: readonly Section[], room: number): string {
  const sizes = sections.map(sizeOf)
  const shares = sections.reduce((sum, { share }, at) => sum + (sizes[at] === 0 ? 0 : share), 0)
  const given = sections.map(({ share }, at) =>
    Math.min(sizes[at] ?? 0, Math.floor((room * share) / Math.max(1, shares))),
  )
  let left = room - given.reduce((sum, one) => sum + one, 0)
  for (const [at, size] of sizes.entries()) {
    const more = Math.min(size - (given[at] ?? 0), Math.max(0, left))
    given[at] = (given[at] ?? 0) + more
    left -= more
  }
  return sections.map((section, at) => within(section, given[at] ?? 0)).join('')
}

function sizeOf({ head, pieces, tail }: Section): number {
  return pieces.length === 0 ? 0 : pieces.reduce((sum, piece) => sum + piece.length, head.length + tail.length)
}

function within(section: Section, room: number): string {
  const { head, pieces, tail, what } = section
  if (sizeOf(section) <= room) return pieces.length === 0 ? '' : head + pieces.join('') + tail
  const gap = (count: number) => `\n_Cut here: ${count} more ${what}. \`--output json\` has all of it._\n`
  let left = room - head.length - tail.length - gap(pieces.length).length
  const shown: string[] = []
  for (const piece of pieces) {
    if (piece.length > left) break
    shown.push(piece)
    left -= piece.length
  }
  const missing = pieces.length - shown.length
  return shown.length === 0 ? gap(missing) : head + shown.join('') + tail + gap(missing)
}
