import { createDecipheriv } from 'node:crypto'

/** `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]` */
export interface Sealed {
  readonly data: Buffer
  readonly iv: Buffer
  readonly tag: Buffer
  readonly type: string
}

const form = /^ENC\[AES256_GCM,data:([\w+/=]+),iv:([\w+/=]+),tag:([\w+/=]+),type:([a-z]+)\]$/
const tagBytes = 16
export const sealedStart = 'ENC[AES256_GCM,'

/** Undefined for a text of another form. */
export function readSealed(text: string): Sealed | undefined {
  const [, data, iv, tag, type] = form.exec(text) ?? []
  const parts = [data, iv, tag].map((part = '') => Buffer.from(part, 'base64'))
  const [sealed, vector, mark] = parts
  if (type === undefined || sealed === undefined || vector === undefined || mark === undefined) return undefined
  // Node.js reads past what is no base64.
  if (![data, iv, tag].every((part, index) => parts[index]?.toString('base64') === part)) return undefined
  return { data: sealed, iv: vector, tag: mark, type }
}

/** Undefined when key, place or content is not what it was encrypted with. `place`: additional data, the way to the value. */
export function unseal({ data, iv, tag }: Sealed, key: Uint8Array, place: string): string | undefined {
  // A shorter tag would be accepted, and could be guessed.
  if (tag.length !== tagBytes || iv.length === 0) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
