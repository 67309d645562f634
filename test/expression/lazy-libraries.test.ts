import { expect, it, vi } from 'vitest'

const required = vi.hoisted(() => [] as string[])

vi.mock('node:module', async (original) => {
  const real = await original<typeof import('node:module')>()
  const createRequire = (from: string | URL) => {
    const require = real.createRequire(from)
    return (id: string) => {
      required.push(id)
      return require(id)
    }
  }
  return { ...real, createRequire, default: { ...real, createRequire } }
})

it('large libraries are loaded by the first template that needs them, when it is compiled', async () => {
  const { compileTemplate } = await import('../../src/expression/template.js')
  const compile = (text: string) => compileTemplate(text, { env: {} }).findings
  expect(compile('$.req.a[0] $.fake.UUID $.fake.IntBetween(1,2) $.now')).toEqual([])
  expect(required).toEqual([])
  compile('$.fake.Email')
  compile('$.fake.Name')
  expect(required).toEqual(['@faker-js/faker/locale/en'])
  compile('$.req.items[*]')
  expect(required.slice(1)).toEqual(['json-p3', 're2js'])
})
