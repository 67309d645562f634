import { readFileSync } from 'node:fs'
import type { ProxyOptions } from './network/proxy.js'
import type { Settings } from './settings.js'

/** `network.proxy` with its password; undefined where there is none. Throws an Error that names what is missing. */
export function proxyOptions(
  { url, username, password, noProxy }: Settings['network']['proxy'],
  env: Readonly<Record<string, string | undefined>>,
): ProxyOptions | undefined {
  if (url === undefined) return undefined
  return {
    url,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: secretOf(password, env) }),
    ...(noProxy !== undefined && { noProxy }),
  }
}

function secretOf(
  { env: name, file = '' }: NonNullable<Settings['network']['proxy']['password']>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (name !== undefined) {
    const value = env[name]
    if (value) return value
    throw new Error(`network.proxy.password: the environment variable ${name} is not set`)
  }
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`network.proxy.password: the file ${file} cannot be read (${code})`)
  }
}
