import type { HookOperations, HookRefusal } from '../../src/status/hook-operations.js'

/** Knows the receiver `github`; a body says itself why it is refused. */
export class FakeHooks implements HookOperations {
  has(receiver: string): boolean {
    return receiver === 'github'
  }

  refusalBefore(...[, { headers }]: Parameters<HookOperations['refusalBefore']>) {
    return headers['content-type'] === 'application/json'
      ? undefined
      : ({ refused: 'content_type', message: 'a hook comes as application/json' } as const)
  }

  unread(): void {}

  receive(...[receiver, { bytes }]: Parameters<HookOperations['receive']>) {
    const { refused } = JSON.parse(Buffer.from(bytes).toString() || '{}') as Partial<HookRefusal>
    return refused === undefined
      ? ({ receiver, result: 'accepted', message: 'the source is looked at' } as const)
      : { refused, message: 'no' }
  }
}
