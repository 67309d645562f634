// Who vouches for a broker's certificate: the authority in a file on this machine, read anew for each connection.

import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'

/** The file with the authority of a broker's certificate is of no use. */
export class AuthorityUnusable extends Error {
  override readonly name = 'AuthorityUnusable'
}

/** The codes by which OpenSSL and Node.js say that a certificate is not trusted. */
export const untrusted: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** The certificates in the PEM file that `field` of a declaration names. Throws `AuthorityUnusable`. */
export async function readAuthority(path: string, field: 'kafkaCa' | 'rabbitCa'): Promise<string> {
  const file = `the file ${path}, named by ${field},`
  let ca: string
  try {
    ca = await readFile(path, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new AuthorityUnusable(`${file} cannot be read: ${code}`)
  }
  try {
    if (!ca.includes('-----BEGIN')) throw new Error('it holds no certificate')
    createSecureContext({ ca })
    return ca
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new AuthorityUnusable(`${file} is no PEM file with certificates: ${reason}`)
  }
}
