import { describe, expect, it } from 'vitest'
import { validateChannel } from '../../../src/resources/generated/validate.js'

function isValid(type: string, config: object): boolean {
  return validateChannel({
    apiVersion: 'callboard/v1',
    kind: 'Channel',
    metadata: { name: 'c' },
    spec: { type, config },
  })
}

const secret = { env: 'SECRET' }

describe('what a channel is configured with', () => {
  it.each([
    ['slack', { botToken: secret }],
    ['slack', { botToken: secret, channel: '#ops', baseUrl: 'http://127.0.0.1:9/api/' }],
    ['slack', { webhookUrl: secret, channel: '#ops' }],
    ['telegram', { botToken: secret }],
    ['telegram', { botToken: secret, chatId: -1001234567890, botUsername: '@notify_bot', threadId: 7, silent: true }],
    ['telegram', { botToken: secret, chatId: '@a_channel', parseMode: 'MarkdownV2', baseUrl: 'http://127.0.0.1:8081' }],
    ['discord', { webhookUrl: secret }],
    ['discord', { webhookUrl: secret, threadId: '77', username: 'CI', avatarUrl: 'https://example.com/a.png' }],
    ['teams', { webhookUrl: secret, baseUrl: 'http://127.0.0.1:9' }],
  ])('%s takes %j', (type, config) => {
    expect(isValid(type, config)).toBe(true)
  })

  it.each([
    ['slack', {}],
    ['slack', { channel: '#ops' }],
    ['slack', { botToken: secret, webhookUrl: secret }],
    ['telegram', { chatId: '1' }],
    ['telegram', { botToken: secret, chatId: 'ops' }],
    ['telegram', { botToken: secret, botUsername: 'not a name' }],
    ['telegram', { botToken: secret, baseUrl: 'https://api.telegram.org/bot123:abc' }],
    ['telegram', { botToken: secret, threadId: 0 }],
    ['discord', {}],
    ['discord', { webhookUrl: secret, threadId: 'ops' }],
    ['discord', { webhookUrl: secret, username: 'My Discord' }],
    ['discord', { webhookUrl: secret, username: 'Clyde' }],
    ['teams', {}],
    ['teams', { webhookUrl: secret, channel: 'ops' }],
  ])('%s does not take %j', (type, config) => {
    expect(isValid(type, config)).toBe(false)
  })
})
