// Digests for the control port, by those that run them.

import { digestName } from './dispatcher/digests/collector.js'
import type { SentSoFar } from './dispatcher/digests/digest-sender.js'
import type { DigestRun } from './dispatcher/digests/digest-state.js'
import { DigestRefused, type DigestStatus, type PreviewMessage } from './dispatcher/digests/digests.js'
import { shown } from './dispatcher/receipt.js'
import type { Dispatching } from './dispatching.js'
import { apiId } from './resources/resource.js'
import type {
  DigestMessageView,
  DigestOperations,
  DigestOutcome,
  DigestRunView,
  DigestSending,
  DigestsView,
  DigestView,
} from './status/digest-views.js'

type Parts = Pick<Dispatching, 'digests'>

export function createDigestsView({ digests }: Parts): DigestsView {
  return {
    list: () => digests.list().map(digestView),
    preview: (name, user) =>
      outcomeOf(async () => {
        const { digest, from, to, events, messages, unsubscribed } = await digests.preview(name, user)
        return {
          digest: digestName(digest),
          from: iso(from),
          to: iso(to),
          collected: events,
          messages: messages.map(messageView),
          unsubscribed,
        }
      }),
  }
}

export function createDigestOperations({ digests }: Parts): DigestOperations {
  return {
    run: (name, user) =>
      outcomeOf(async () =>
        user === undefined
          ? { digest: name, run: runView(await digests.run(name)), deliveries: [], notSent: [] }
          : soFar(name, await digests.runFor(name, user)),
      ),
  }
}

function soFar(digest: string, sent: readonly SentSoFar[]): DigestSending {
  const notSent = sent.flatMap(({ id: delivery, outcome, because }) =>
    outcome === 'send' ? [] : [{ delivery, outcome, because }],
  )
  return { digest, run: null, deliveries: sent.map(({ id }) => id), notSent }
}

async function outcomeOf<Result>(work: () => Promise<Result>): Promise<DigestOutcome<Result>> {
  try {
    return { outcome: 'done', result: await work() }
  } catch (error) {
    if (!(error instanceof DigestRefused)) throw error
    return { outcome: 'refused', field: error.field, message: error.message }
  }
}

function digestView({ digest, state, tally, readers }: DigestStatus): DigestView {
  const { name, namespace, program } = digest
  const { displayName, schedule, timezone, enabled, events } = program
  const subscribed = readers.filter(({ isSubscribed }) => isSubscribed)
  return {
    name,
    namespace,
    id: apiId(namespace, name),
    displayName,
    schedule,
    timezone,
    enabled,
    events,
    nextRun: state.next === null ? null : iso(state.next),
    lastRun: state.last === undefined ? null : runView(state.last),
    since: iso(state.from),
    collected: tally.events,
    readers: subscribed.filter(({ decision }) => decision.outcome !== 'suppress').length,
    unsubscribed: readers.length - subscribed.length,
  }
}

function runView({ from, to, due, events, sent, held, suppressed, empty }: DigestRun): DigestRunView {
  return { from: iso(from), to: iso(to), due: due === null ? null : iso(due), events, sent, held, suppressed, empty }
}

function messageView({ decision, events, words }: PreviewMessage): DigestMessageView {
  const { delivery: _, severity: __, ...decided } = shown(decision, null)
  return {
    ...decided,
    events,
    title: words?.title ?? null,
    body: words?.body ?? null,
    link: words?.link ?? null,
    failure: words?.failure ?? null,
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
