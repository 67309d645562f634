import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyMap } from '../../src/store/key-map.js'

describe('a map whose entries come and go', () => {
  it('is the Map that its calls make', () => {
    const step = fc.record({ key: fc.nat(40).map(String), value: fc.nat(), isDelete: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const map = new KeyMap<number>()
        const model = new Map<string, number>()
        for (const { key, value, isDelete } of steps) {
          if (isDelete) {
            expect(map.delete(key)).toBe(model.get(key))
            model.delete(key)
          } else {
            map.set(key, value)
            model.set(key, value)
          }
          expect(map.size).toBe(model.size)
          expect(map.get(key)).toBe(model.get(key))
        }
        expect(new Map(map.entries())).toEqual(model)
        map.clear()
        expect([...map.entries()]).toEqual([])
        expect(map.size).toBe(0)
      }),
    )
  })
})
