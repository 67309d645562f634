import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyIndex } from '../../src/store/key-index.js'

describe('an index of keys', () => {
  it('is the Map that its calls make', () => {
    const steps = fc.array(
      fc.record({ key: fc.nat(300).map((number) => `delivery/${number % 90}`), isDelete: fc.boolean() }),
      { maxLength: 1000 },
    )
    fc.assert(
      fc.property(steps, fc.nat(), (all, seed) => {
        const keys: string[] = []
        const index = new KeyIndex((number) => keys[number] as string, seed)
        const model = new Map<string, number>()
        for (const { key, isDelete } of all) {
          expect(index.find(key)).toBe(model.get(key))
          const known = model.get(key)
          if (isDelete) {
            expect(index.delete(key)).toBe(known)
            model.delete(key)
          } else {
            expect(index.add(key, keys.length)).toBe(known)
            if (known === undefined) model.set(key, keys.length)
            keys.push(key)
          }
          expect(index.size).toBe(model.size)
        }
        for (let number = 0; number < 90; number += 1) {
          const key = `delivery/${number}`
          expect(index.find(key)).toBe(model.get(key))
        }
      }),
    )
  })

  it('keeps apart keys that stand at one place, whichever of them goes', () => {
    const keys = Array.from({ length: 5000 }, (_, number) => `k${number}`)
    const index = new KeyIndex((number) => keys[number] as string)
    keys.forEach((key, number) => {
      index.add(key, number)
    })
    keys.forEach((key, number) => {
      if (number % 3 === 0) index.delete(key)
    })
    expect(keys.map((key) => index.find(key))).toEqual(keys.map((_, number) => (number % 3 === 0 ? undefined : number)))
    expect(index.size).toBe(3333)
  })
})
