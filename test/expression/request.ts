import type { Subjects } from '../../src/expression/condition.js'
import type { Json } from '../../src/expression/json.js'

type Fields = Readonly<Record<string, readonly string[]>>

/** What conditions see of a request made of these parts. */
export function request(
  parts: { body?: Json | undefined; header?: Fields; query?: Fields; cookie?: Fields; form?: Fields } = {},
): Subjects {
  const values = (fields: Fields | undefined) => (name: string) =>
    fields !== undefined && Object.hasOwn(fields, name) ? (fields[name] ?? []) : []
  return {
    body: () => parts.body,
    header: values(parts.header),
    query: values(parts.query),
    cookie: values(parts.cookie),
    form: values(parts.form),
  }
}
