import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUpdate, parseUpdates, parseWebhookPost } from '../../../src/dispatcher/telegram/updates.js'

const ann = { id: 123456789, is_bot: false, first_name: 'Ann', last_name: 'Lee', username: 'ann' }
const privately = { id: 123456789, type: 'private', first_name: 'Ann' }
const group = { id: -1001234567890, type: 'supergroup', title: 'CI' }

function update(message: object): object {
  return { update_id: 5001, message: { message_id: 1, from: ann, chat: privately, date: 1700000001, ...message } }
}

describe('an update', () => {
  it('is a start, with chat, user and payload', () => {
    expect(parseUpdate(update({ text: '/start k3Jx_9' }), 'notify_bot')).toEqual({
      kind: 'start',
      updateId: 5001,
      chat: { id: '123456789', type: 'private' },
      user: { id: '123456789', name: 'Ann Lee', username: 'ann' },
      payload: 'k3Jx_9',
    })
  })

  it('is a start in a group, with the name of the bot', () => {
    expect(parseUpdate(update({ text: '/start@Notify_Bot k3Jx_9', chat: group }), '@notify_bot')).toMatchObject({
      kind: 'start',
      chat: { id: '-1001234567890', type: 'supergroup', title: 'CI' },
      payload: 'k3Jx_9',
    })
  })

  it.each([
    ['/start', undefined],
    ['/start  k3Jx_9 ', 'k3Jx_9'],
    ['/start not*base64url', undefined],
    [`/start ${'x'.repeat(64)}`, 'x'.repeat(64)],
    [`/start ${'x'.repeat(65)}`, undefined],
  ])('%j carries %j', (text, payload) => {
    expect(parseUpdate(update({ text }), undefined)).toMatchObject({ kind: 'start', payload })
  })

  it.each([
    ['another text', { text: 'hello /start x' }],
    ['another command', { text: '/started x' }],
    ['more than one word', { text: '/start x y' }],
    ['a command for another bot', { text: '/start@other_bot x', chat: group }],
    ['a bot', { text: '/start x', from: { ...ann, is_bot: true } }],
    ['no text', { sticker: {} }],
    ['a chat of a kind that there is not', { text: '/start x', chat: { id: 1, type: 'planet' } }],
  ])('is nothing that matters with %s', (_, message) => {
    expect(parseUpdate(update(message), 'notify_bot')).toEqual({ kind: 'other', updateId: 5001 })
  })

  it('is a start for whoever it names when the name of the bot is not known', () => {
    expect(parseUpdate(update({ text: '/start@any_bot x' }), undefined)).toMatchObject({ kind: 'start', payload: 'x' })
  })

  it('is a start without a user when a group writes as itself', () => {
    const parsed = parseUpdate(update({ text: '/start x', chat: group, from: undefined }), 'notify_bot')
    expect(parsed).toMatchObject({ kind: 'start', user: undefined })
  })

  it('is the migration of a group', () => {
    const chat = { id: -5, type: 'group', title: 'CI' }
    expect(parseUpdate(update({ chat, migrate_to_chat_id: -1001234567890 }), undefined)).toEqual({
      kind: 'migration',
      updateId: 5001,
      from: '-5',
      to: '-1001234567890',
    })
  })

  it('can be anything else that has an id', () => {
    expect(parseUpdate({ update_id: 7, my_chat_member: {} }, undefined)).toEqual({ kind: 'other', updateId: 7 })
  })

  it('is never a reason to throw', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        parseUpdate(anything, 'notify_bot')
        parseUpdate({ update_id: 1, message: anything }, 'notify_bot')
        parseUpdates(anything, undefined)
      }),
    )
  })
})

describe('the answer of getUpdates', () => {
  it('says which offset confirms it', () => {
    const result = [update({ text: '/start x' }), { update_id: 5007, edited_message: {} }]
    expect(parseUpdates(result, undefined)).toMatchObject({
      updates: [
        { kind: 'start', updateId: 5001 },
        { kind: 'other', updateId: 5007 },
      ],
      next: 5008,
    })
    expect(parseUpdates([], undefined)).toEqual({ updates: [], next: undefined })
  })

  it.each([[undefined], [{}], ['x'], [[{}]], [[{ update_id: '7' }]]])('is none when it is %j', (result) => {
    expect(parseUpdates(result, undefined)).toBeUndefined()
  })
})

describe('a post to a webhook', () => {
  const secret = 'a-secret_token'
  const body = JSON.stringify(update({ text: '/start k3Jx_9' }))

  it('is taken with the secret token', () => {
    expect(parseWebhookPost({ given: secret, body }, secret, 'notify_bot')).toMatchObject({
      ok: true,
      update: { kind: 'start', payload: 'k3Jx_9' },
    })
  })

  it.each([[undefined], [''], ['a-secret_toke'], ['a-secret_token ']])('is refused with %j', (given) => {
    const parsed = parseWebhookPost({ given, body }, secret, undefined)
    expect(parsed).toMatchObject({ ok: false, status: 401 })
    expect(JSON.stringify(parsed)).not.toContain(secret)
  })

  it('is refused where no secret token is set, even an empty one', () => {
    expect(parseWebhookPost({ given: '', body }, '', undefined)).toMatchObject({ ok: false, status: 401 })
  })

  it.each(['', '[]', '{', '{"message":{}}'])('is refused when it holds %j', (text) => {
    expect(parseWebhookPost({ given: secret, body: text }, secret, undefined)).toMatchObject({ ok: false, status: 400 })
  })
})
