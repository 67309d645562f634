import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TextRing } from '../../src/resolver/text-ring.js'

interface Piece {
  at: number
  readonly text: string
}

/** Lengths of their own, and those that just fit into a gap or just do not. */
const steps = fc.oneof(
  { weight: 3, arbitrary: fc.record({ length: fc.integer({ min: 1, max: 6_000 }) }) },
  { weight: 2, arbitrary: fc.record({ beyondGap: fc.integer({ min: -2, max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ beyondOldest: fc.integer({ min: -2, max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ drop: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant('grow' as const) },
)

it('no piece is written over another, however often the ring goes round and grows', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 120, size: 'max' }), (all) => {
      const ring = new TextRing()
      const pieces: Piece[] = []
      const oldest = () => pieces[0]?.at ?? -1
      let end = 0
      const grow = (length: number) => {
        const moved = ring.grow(length, oldest())
        for (const piece of pieces) piece.at = moved(piece.at)
        const newest = pieces.at(-1)
        end = newest === undefined ? 0 : newest.at + newest.text.length
      }
      const add = (length: number, number: number) => {
        if (length < 1) return
        const text = `${number} `.repeat(length).slice(0, length)
        let at = ring.place(length, oldest())
        // As long as the ring is small it grows, then what is oldest makes room.
        while (at < 0) {
          if (ring.capacity < 32_768 || pieces.length === 0) grow(length)
          else pieces.shift()
          at = ring.place(length, oldest())
        }
        end = number % 2 === 0 ? ring.write(text, at) : ring.copy(Buffer.from(text), at)
        expect(end).toBe(at + length)
        pieces.push({ at, text })
      }
      for (const [number, step] of all.entries()) {
        if (step === 'grow') {
          if (ring.capacity < 65_536) grow(1)
        } else if ('length' in step) add(step.length, number)
        else if ('drop' in step) pieces.splice(0, step.drop)
        else if ('beyondOldest' in step) add(oldest() + step.beyondOldest, number)
        else add((oldest() < end ? ring.capacity : oldest()) - end + step.beyondGap, number)
        for (const { at, text } of pieces) {
          expect(ring.text(at, text.length)).toBe(text)
          expect(ring.bytes(at, text.length).toString()).toBe(text)
        }
      }
    }),
    { numRuns: 200 },
  )
})
