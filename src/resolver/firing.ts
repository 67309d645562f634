// What a mock's answer sets off: rendered and journalled before it leaves, due once it has left.

import type { FaultProgram } from '../resources/kinds/mock-program.js'
import type { Transaction } from '../store/store.js'
import type { CallbackPort, Fired } from './callback-port.js'
import { CallbackScope, type GivenAnswer } from './callback-scope.js'
import type { Exchange } from './exchange.js'
import type { Answer } from './prepared-response.js'
import type { RequestScope } from './request-scope.js'
import type { ServedMock } from './served-mock.js'

/** In the work of a transaction with the port's scopes. */
export function fire(
  port: CallbackPort,
  tx: Transaction,
  { exchange, mock, scope }: { readonly exchange: Exchange; readonly mock: ServedMock; readonly scope: RequestScope },
  given: GivenAnswer,
): Fired | undefined {
  return port.fire(tx, {
    callbacks: mock.callbacks,
    scope: new CallbackScope(scope, given),
    subjects: exchange.request,
    status: given.status,
    about: {
      namespace: mock.namespace,
      mock: mock.name,
      request: exchange.id,
      chain: exchange.chain,
      generation: exchange.tables.generation,
    },
    headers: exchange.request.single,
  })
}

/** Once it is journalled. Returns a promise when the answer has to wait, until it need not wait any longer. */
export function attend(exchange: Exchange, fired: Fired): void | Promise<void> {
  const { res } = exchange
  fired.commit()
  let hasLeft = false
  const leave = (): void => {
    if (hasLeft) return
    hasLeft = true
    fired.release()
  }
  const { isGone } = exchange
  if (isGone) leave()
  else {
    res.once('finish', leave)
    res.once('close', leave)
  }
  if (!fired.waits) return
  const aborter = new AbortController()
  const abort = (): void => aborter.abort()
  if (isGone) abort()
  else res.once('close', abort)
  return fired.run(aborter.signal).finally(() => res.off('close', abort))
}

/** The status that goes out; undefined when the connection ends without one, or when a real server decides. */
export function statusOf(fault: FaultProgram | undefined, answer: Answer | undefined): number | undefined {
  switch (fault?.kind) {
    case 'status':
      return fault.statusCode
    case 'reset':
    case 'empty':
      return undefined
    case 'malformed':
      return 200
    default:
      return answer?.status
  }
}
