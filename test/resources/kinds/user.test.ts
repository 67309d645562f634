import { describe, expect, it } from 'vitest'
import { Loader } from '../../../src/resources/load.js'
import { snapshotOf } from '../snapshot.js'

function user(name: string, spec: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ apiVersion: 'callboard/v1', kind: 'User', metadata: { name }, spec })
}

async function load(files: Readonly<Record<string, string>>) {
  const { resources, problems } = await new Loader({ defaultNamespace: 'sandbox' }).load(snapshotOf(files))
  return { programs: [...resources.values()].map(({ program }) => program), problems }
}

describe('a User', () => {
  it('needs an e-mail address only', async () => {
    expect(await load({ 'u.yaml': user('ann', { email: 'Ann@Example.com' }) })).toEqual({
      problems: [],
      programs: [
        {
          email: 'Ann@Example.com',
          displayName: 'Ann@Example.com',
          locale: 'en',
          timezone: 'UTC',
          role: 'member',
          services: [],
          namespaces: [],
        },
      ],
    })
  })

  it('is taken as declared, its language in the usual spelling', async () => {
    const spec = {
      email: 'j.ö+callboard@bücher.example',
      displayName: 'Jörg',
      locale: 'de-at',
      timezone: 'Europe/Vienna',
      role: 'customer',
      services: ['billing'],
      namespaces: ['shop'],
    }
    const { programs, problems } = await load({ 'u.yaml': user('jo', spec) })
    expect(problems).toEqual([])
    expect(programs).toEqual([{ ...spec, locale: 'de-AT' }])
  })

  it.each([
    ['no address', {}, 'missing-field', '/spec', undefined],
    ['an address without a host', { email: 'ann' }, 'bad-format', '/spec/email', /name@host/],
    ['two addresses', { email: 'a@b.c, d@e.f' }, 'bad-format', '/spec/email', /name@host/],
    ['a name with its address', { email: 'Ann <ann@b.c>' }, 'bad-format', '/spec/email', /name@host/],
    ['no language', { locale: 'english_uk' }, 'unknown-locale', '/spec/locale', /BCP 47/],
    ['a mistyped time zone', { timezone: 'Europe/Berlln' }, 'unknown-timezone', '/spec/timezone', /"Europe\/Berlin"/],
    ['an offset for a time zone', { timezone: '+02:00' }, 'unknown-timezone', '/spec/timezone', /IANA/],
    ['an unknown role', { role: 'owner' }, 'unknown-value', '/spec/role', undefined],
    ['a namespace that cannot be one', { namespaces: ['Shop'] }, 'bad-format', '/spec/namespaces/0', /Lower-case/],
    ['an unknown field', { mail: 'a@b.c' }, 'unknown-field', '/spec/mail', /"email"/],
  ])('is refused with %s', async (what, more, rule, pointer, hint) => {
    const spec = what === 'no address' ? {} : { email: 'ann@example.com', ...more }
    const { problems } = await load({ 'u.yaml': user('ann', spec) })
    expect(problems).toMatchObject([{ rule, pointer, severity: 'error' }])
    if (hint !== undefined) expect(problems[0]?.hint).toMatch(hint)
  })

  it('has an e-mail address of its own, whatever its case; both places are named', async () => {
    const files = {
      'a.yaml': user('ann', { email: 'ann@example.com' }),
      'b.yaml': `# another\n${user('anna', { email: 'Ann@Example.COM' })}`,
    }
    const loader = new Loader({ defaultNamespace: 'sandbox' })
    const first = snapshotOf(files)
    expect((await loader.load(first)).problems).toMatchObject([
      {
        rule: 'duplicate-value',
        severity: 'error',
        file: 'b.yaml',
        line: 2,
        pointer: '/spec/email',
        message: 'the e-mail address Ann@Example.COM belongs to User/-/ann already, declared in a.yaml:1',
      },
    ])
    const mended = snapshotOf({ ...files, 'b.yaml': user('anna', { email: 'anna@example.com' }) }, first)
    expect((await loader.load(mended)).problems).toEqual([])
    const swapped = snapshotOf(
      { 'a.yaml': user('ann', { email: 'anna@example.com' }), 'b.yaml': files['b.yaml'] },
      mended,
    )
    expect((await loader.load(swapped)).problems).toEqual([])
  })

  it('declared twice is one problem, not two', async () => {
    const same = user('ann', { email: 'ann@example.com' })
    const { problems } = await load({ 'a.yaml': same, 'b.yaml': same })
    expect(problems.map(({ rule }) => rule)).toEqual(['duplicate-resource'])
  })
})
