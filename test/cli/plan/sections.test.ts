import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fitSections } from '../../../src/cli/plan/sections.js'

it('keeps what has something within the room, however much the shares add up to', () => {
  const section = fc.record({
    head: fc.constant('\n**head**\n'),
    pieces: fc.array(
      fc.integer({ min: 1, max: 900 }).map((length) => 'x'.repeat(length)),
      { maxLength: 40 },
    ),
    tail: fc.constant('end\n'),
    what: fc.constant('things'),
    share: fc.double({ min: 0, max: 0.5, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(section, { maxLength: 14 }), fc.integer({ min: 3_000, max: 20_000 }), (sections, room) => {
      // What is left out altogether is counted in a line that always has its place.
      const lines = 120 * sections.length
      expect(fitSections(sections, room).length).toBeLessThanOrEqual(room + lines)
    }),
  )
})
