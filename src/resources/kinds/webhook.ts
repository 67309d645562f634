// Kinds NamespaceWebhook and AdminWebhook: what is sent when what is declared changes.

import type { Json } from '../../expression/json.js'
import type { AdminWebhookOperation, AdminWebhookSpec } from '../generated/admin-webhook.js'
import type { NamespaceWebhookOperation, NamespaceWebhookSpec } from '../generated/namespace-webhook.js'
import { compileCallback } from './callback.js'
import type { DeclaredCallback } from './callback-message.js'
import type { CallbackProgram } from './callback-program.js'
import type { LinkContext, Linked, LinkInput } from './kind.js'
import { Linking } from './linking.js'

export type ChangeOperation = NamespaceWebhookOperation | AdminWebhookOperation

/** A resource of kind NamespaceWebhook or AdminWebhook, compiled. */
export interface WebhookProgram {
  readonly operations: ReadonlySet<ChangeOperation>
  readonly enabled: boolean
  /** What is sent. It is journalled with the change, so nothing waits for it. */
  readonly callback: CallbackProgram
}

export interface LinkedWebhook extends Linked {
  readonly program: WebhookProgram | undefined
}

/** All that is known of the change. */
const defaultBody: Json = '$.change'

/** Compiles a webhook on changes that passed validation. */
export function linkWebhook({ name, spec: declared }: LinkInput, context: LinkContext): LinkedWebhook {
  const { operation, enabled = true, ...spec } = declared as unknown as NamespaceWebhookSpec | AdminWebhookSpec
  const linking = new Linking(context, 'change')
  const program: WebhookProgram = {
    operations: new Set<ChangeOperation>(typeof operation === 'string' ? [operation] : operation),
    enabled,
    callback: compileCallback(withBody(spec), '/spec', name, linking),
  }
  const { findings, references } = linking
  const settled = findings.length === 0 && references.length === 0 && !linking.uses.has('env')
  return { program: linking.failed ? undefined : program, findings, references, settled }
}

/** A GET has no body unless one is declared. */
function withBody(spec: DeclaredCallback): DeclaredCallback {
  const { type = 'http', method } = spec
  return spec.body !== undefined || (type === 'http' && method === 'GET') ? spec : { ...spec, body: defaultBody }
}
