import { describe, expect, it } from 'vitest'
import { durationMs, durationText } from '../../../src/resources/kinds/duration.js'
import type { ChannelProgram } from '../../../src/resources/kinds/notification-program.js'
import { declared, loadAll, mattermost } from './declared.js'

async function compile(more: object) {
  const { resources, problems } = await loadAll({ 'a.yaml': declared('Channel', 'ops', { ...mattermost, ...more }) })
  const [channel] = [...resources.values()].filter(({ kind }) => kind === 'Channel')
  return { flood: (channel?.program as ChannelProgram | undefined)?.flood, problems }
}

describe('what keeps a channel from flooding people', () => {
  it('is nothing by default', async () => {
    const nothing = { group: undefined, threshold: undefined, storm: undefined, remind: undefined }
    expect((await compile({})).flood).toEqual(nothing)
  })

  it('waits as long as people expect, where only the wish is said', async () => {
    const { flood } = await compile({ group: {} })
    expect(flood?.group).toEqual({ by: ['event'], waitMs: 30_000, intervalMs: 300_000 })
  })

  it('is said in seconds or with units', async () => {
    const { flood, problems } = await compile({
      group: { by: ['service', 'labels.team', 'payload.run.id'], wait: 1.5, interval: '1h' },
      threshold: { count: 3, within: '5m' },
      storm: { count: 10, per: '1d' },
      remind: { every: '4h' },
    })
    expect(problems).toEqual([])
    expect(flood).toEqual({
      group: { by: ['service', 'labels.team', 'payload.run.id'], waitMs: 1500, intervalMs: 3_600_000 },
      threshold: { count: 3, withinMs: 300_000 },
      storm: { count: 10, perMs: 86_400_000 },
      remind: { everyMs: 14_400_000, atMost: 10 },
    })
  })

  it.each([
    ['a field that events do not have', { group: { by: ['colour'] } }],
    ['no duration', { group: { wait: 'soon' } }],
    ['a unit that there is not', { storm: { count: 1, per: '5 minutes' } }],
    ['no time', { threshold: { count: 2, within: 0 } }],
    ['a threshold of one', { threshold: { count: 1, within: 60 } }],
    ['more than a year', { group: { interval: '53w' } }],
    ['reminders all the time', { remind: { every: '1s' } }],
    ['a path that finds several', { group: { by: ['payload.runs[*].id'] } }],
    ['a path that is none', { group: { by: ['payload.runs['] } }],
  ])('cannot be %s', async (_, more) => {
    const { problems } = await compile(more)
    expect(problems.map(({ severity }) => severity)).toContain('error')
  })
})

it('a field that events do not have is answered with those they have', async () => {
  const { problems } = await compile({ group: { by: ['event', 'servic'] } })
  expect(problems).toMatchObject([{ pointer: '/spec/group/by/1', hint: expect.stringContaining('service, customer') }])
})

describe('a duration', () => {
  it.each([
    [30, 30_000, '30s'],
    ['30s', 30_000, '30s'],
    ['1.5h', 5_400_000, '1h 30m'],
    ['7d', 604_800_000, '7d'],
    ['2w', 1_209_600_000, '14d'],
    [0, 0, '0s'],
    [0.25, 250, '0.25s'],
  ])('%s is %i ms, and written %s', (duration, ms, text) => {
    expect(durationMs(duration)).toBe(ms)
    expect(durationText(ms)).toBe(text)
  })
})
