import type { TelegramOperations } from '../../src/status/telegram-operations.js'

/** Knows the user `ann`, the channel `bot`, and the channel `fixed` that nobody connects to. */
export class FakeTelegram implements TelegramOperations {
  async connect(...[{ name }, user]: Parameters<TelegramOperations['connect']>) {
    if (name !== 'bot' && name !== 'fixed') return { outcome: 'unknown', field: 'channel', known: ['bot'] } as const
    if (user !== 'ann') return { outcome: 'unknown', field: 'user', known: ['ann'] } as const
    if (name === 'fixed') return { outcome: 'refused', message: 'it has a chatId' } as const
    const link = { url: 'https://t.me/some_bot?start=abc', expires: '2026-01-31T12:15:00.000Z' }
    return { outcome: 'linked', link } as const
  }

  async receive(...[bot, secret, body]: Parameters<TelegramOperations['receive']>) {
    if (bot !== '42') return 404
    if (secret !== 'good') return body === '{}' ? 200 : 401
    return body.includes('update_id') ? 200 : 400
  }
}
