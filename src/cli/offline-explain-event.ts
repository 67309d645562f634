import { messageWriter, readershipOf } from '../dispatcher/message-writer.js'
import { RevisionRules } from '../dispatcher/revision-rules.js'
import type { Known } from '../dispatcher/routing.js'
import { buildTables } from '../dispatcher/tables.js'
import { createExplainEvent } from '../event-explanations.js'
import { parseJson } from '../expression/json.js'
import type { Settings } from '../settings.js'
import { SourceError } from '../source/source.js'
import type { EventExplanationView, ExplainEventQuestion } from '../status/explanation-views.js'
import { createRenderer } from '../template/renderer.js'
import { exitCodes, type Io } from './command.js'
import { ControlError } from './control-client.js'
import { printJson } from './lossless.js'
import { DeclarationReader } from './offline.js'

/**
 * What a controller would say that has just applied `folder`, or what was in it at a commit, if everybody had connected
 * who has to. Throws `ControlError` for a question that has no answer.
 */
export async function explainEventOffline(
  { revision, ...question }: ExplainEventQuestion,
  folder: string,
  settings: Settings,
  io: Io,
): Promise<EventExplanationView> {
  const reader = new DeclarationReader(settings, io)
  const read = revision === undefined ? await reader.folder(folder) : await reader.commit(folder, revision)
  const errors = read.problems.filter(({ severity }) => severity === 'error').length
  if (errors > 0) {
    throw new SourceError(
      `${folder} has ${errors === 1 ? 'an error' : `${errors} errors`} and would not be applied; see callboard validate`,
    )
  }
  const { resources, snapshot } = read
  const tables = buildTables(resources, {
    catalogues: settings.catalogues,
    customersEnabled: settings.customers.enabled,
  })
  const renderer = createRenderer()
  try {
    const onWarning = (message: string) => io.stderr(`warning: ${message}\n`)
    const writer = messageWriter({ renderer, onWarning }, resources, readershipOf(tables))
    let supposed = false
    const known: Known = {
      recipientOf: () => {
        supposed = true
        return {}
      },
    }
    const rules = new RevisionRules({ generation: 0, revisionOf: () => undefined, tables, known, writer })
    const name = 'commit' in read ? `commit ${read.commit}` : snapshot.revision
    const explain = createExplainEvent({
      rules: async () => ({ rules, revision: name, generation: null }),
      known,
      now: Date.now,
    })
    const event = parseJson(printJson(question.event)) as ExplainEventQuestion['event']
    const result = await explain({ ...question, event })
    if (result.outcome === 'explained') {
      if (supposed) io.stderr('note: who has connected to a bot is not known here; everybody is taken to have\n')
      return result.explanation
    }
    const message =
      'message' in result ? result.message : result.problems.map((one) => `${one.pointer}: ${one.message}`).join('; ')
    throw new ControlError(message, result.outcome === 'unknown' ? exitCodes.problems : exitCodes.usage)
  } finally {
    await renderer.close()
  }
}
