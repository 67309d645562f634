import { describe, expect, it } from 'vitest'
import { parseFile } from '../../src/resources/parse.js'
import { mockYaml } from './snapshot.js'

/** `<line>:<column>-<end column> <rule>: <message> (<hint>)` */
function problemsOf(text: string, path = 'x.yaml'): string[] {
  const { problems, broken } = parseFile(path, Buffer.from(text))
  return [...broken, ...problems].map(
    ({ line, column, endColumn, rule, message, hint }) =>
      `${line}:${column}-${endColumn} ${rule}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  )
}

const valid = mockYaml('x')

const channelYaml = (type: string, config: string) => `apiVersion: callboard/v1
kind: Channel
metadata:
  name: x
spec:
  type: ${type}
  config:
    ${config}
`

describe('one mistake is one problem at its exact place', () => {
  const cases: { name: string; text: string; want: string[] }[] = [
    { name: 'nothing wrong', text: valid, want: [] },
    {
      name: 'a misspelt field',
      text: valid.replace('httpMethod', 'httpMetod'),
      want: ['9:5-14 unknown-field: unknown field "httpMetod" in spec.http (did you mean "httpMethod"?)'],
    },
    {
      name: 'a misspelt field that is needed',
      text: valid.replace('response:', 'respons:'),
      want: ['10:3-10 unknown-field: unknown field "respons" in spec (did you mean "response"?)'],
    },
    {
      name: 'a field that resembles nothing',
      text: valid.replace('httpMethod: GET', 'colour: red'),
      want: [
        '9:5-11 unknown-field: unknown field "colour" in spec.http (known here: route, routePattern, httpMethod, conditions, queryParams, header, cookies, form, sortArray)',
      ],
    },
    {
      name: 'a misspelt value',
      text: valid.replace('GET', 'PSOT'),
      want: [
        expect.stringMatching(
          /^9:17-21 unknown-value: "PSOT" is not one of GET, .*\(did you mean "POST"\?\)$/,
        ) as string,
      ],
    },
    {
      name: 'a value in small letters',
      text: valid.replace('GET', 'get'),
      want: [expect.stringMatching(/did you mean "GET"\?\)$/) as string],
    },
    {
      name: 'text in place of a number',
      text: valid.replace('200', '"200"'),
      want: ['11:17-22 wrong-type: spec.response.statusCode must be a whole number, not "200" (remove the quotes)'],
    },
    {
      name: 'a number in place of text',
      text: valid.replace('name: x', 'name: 12'),
      want: ['4:9-11 wrong-type: metadata.name must be text, not 12 (put it in quotes: "12")'],
    },
    {
      name: 'a value beyond its bounds',
      text: valid.replace('200', '700'),
      want: ['11:17-20 out-of-range: spec.response.statusCode must be at most 599, not 700'],
    },
    {
      name: 'no answer at all',
      text: valid.slice(0, valid.indexOf('  response:')),
      want: ['6:1-5 missing-field: one of "response", "oneOf" and "proxy" is missing in spec'],
    },
    {
      name: 'two answers',
      text: `${valid}  proxy: {target: "http://a"}\n`,
      want: [
        '14:3-8 exclusive-fields: only one of "response", "oneOf" and "proxy" may be given in spec, not "response" and "proxy" (keep one of them)',
      ],
    },
    {
      name: 'payload and file',
      text: `${valid}    payloadTemplatePath: x.json\n`,
      want: [
        '14:5-24 exclusive-fields: "payload" and "payloadTemplatePath" exclude each other (remove one of the two)',
      ],
    },
    {
      name: 'a password where all is in clear text',
      text: channelYaml('email', 'tls: none\n    username: u\n    password: {env: P}'),
      want: [
        '10:5-13 exclusive-fields: "password" cannot stand here (With `tls: none` it would go out in clear text: remove it and the username, or use starttls or implicit.)',
      ],
    },
    {
      name: 'a value of a form that it may not have',
      text: channelYaml('telegram', 'botToken: {env: T}\n    baseUrl: https://api.telegram.org/bot1:x'),
      want: [
        expect.stringMatching(
          /^9:14-45 bad-format: "https:\/\/api.telegram.org\/bot1:x" is no valid baseUrl \(.*Without `\/bot…`/,
        ) as string,
      ],
    },
    {
      name: 'no route',
      text: valid.replace('    route: /x\n', ''),
      want: ['7:3-7 missing-field: "route" or "routePattern" is missing in spec.http'],
    },
    {
      name: 'no spec',
      text: valid.slice(0, valid.indexOf('spec:')),
      want: ['1:1-11 missing-field: "spec" is missing in the document (What the mock answers, and to which requests)'],
    },
    {
      name: 'no name',
      text: valid.replace('  name: x\n', ''),
      want: ['3:1-9 missing-field: "name" is missing in metadata (add metadata.name)'],
    },
    {
      name: 'a name that is none',
      text: valid.replace('name: x', 'name: Über_x'),
      want: [expect.stringMatching(/^4:9-15 bad-format: "Über_x" is no valid name/) as string],
    },
    {
      name: 'a spec.id that differs',
      text: `${valid}  id: y\n`,
      want: ['14:7-8 name-differs: spec.id is "y", but metadata.name is "x" (remove spec.id)'],
    },
    {
      name: 'a spec.id that cannot be a name',
      text: `${valid.replace('  name: x\n', '')}  id: Order_1\n`,
      want: [
        '13:7-14 bad-format: "Order_1" cannot be the name of a resource (move it to metadata.name, in lower-case letters, digits, "-" and ".")',
      ],
    },
    {
      name: 'an empty value',
      text: valid.replace('/x', ''),
      want: ['8:5-10 wrong-type: spec.http.route must be text, not empty'],
    },
    {
      name: 'a duplicate key',
      text: valid.replace('    httpMethod: GET\n', '    httpMethod: GET\n    route: /y\n'),
      want: ['10:5-10 duplicate-key: duplicate key "route": it is already set in line 8 (remove one of the two)'],
    },
    {
      name: 'a near miss of the API version',
      text: valid.replace('callboard/v1', 'calboard/v1'),
      want: [
        '1:13-24 unknown-api-version: "calboard/v1" is no API version; did you mean "callboard/v1"? (write apiVersion: callboard/v1)',
      ],
    },
    {
      name: 'another API version',
      text: valid.replace('callboard/v1', 'callboard/v2'),
      want: [
        '1:13-25 unknown-api-version: "callboard/v2" is no API version of Callboard (write apiVersion: callboard/v1)',
      ],
    },
    {
      name: 'a misspelt apiVersion',
      text: valid.replace('apiVersion', 'apiversion'),
      want: ['1:1-11 unknown-api-version: "apiversion" should be "apiVersion" (write apiVersion: callboard/v1)'],
    },
    { name: 'somebody else’s document', text: valid.replace('callboard/v1', 'apps/v1'), want: [] },
    {
      name: 'an unknown kind',
      text: valid.replace('kind: Mock', 'kind: Mok'),
      want: ['2:7-10 unknown-kind: unknown kind "Mok" (did you mean "Mock"?)'],
    },
    {
      name: 'a kind that is to come',
      text: valid.replace('kind: Mock', 'kind: Quota'),
      want: [
        expect.stringMatching(
          /^2:7-12 unknown-kind: unknown kind "Quota" .kinds: Mock, Callback, .*, Silence, Digest/,
        ) as string,
      ],
    },
    {
      name: 'a Namespace with a namespace',
      text: 'apiVersion: callboard/v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n',
      want: ['3:21-30 global-kind: a Namespace belongs to no namespace (remove metadata.namespace)'],
    },
    {
      name: 'an AdminWebhook with a namespace',
      text: 'apiVersion: callboard/v1\nkind: AdminWebhook\nmetadata: {name: a, namespace: b}\nspec: {operation: user.create, url: "http://a"}\n',
      want: ['3:21-30 global-kind: an AdminWebhook belongs to no namespace (remove metadata.namespace)'],
    },
    {
      name: 'a mistake behind an alias',
      text: valid.replace('    payload:\n      ok: true\n', '    delay: &d {min: 1, mx: 2}\n'),
      want: ['12:24-26 unknown-field: unknown field "mx" in spec.response.delay (did you mean "max"?)'],
    },
    {
      name: 'a mistake in a merged mapping',
      text: valid
        .replace(
          '    payload:\n      ok: true\n',
          '    headers: &h {A: {b: c}}\n  oneOf: {responses: [{headers: {<<: *h}}]}\n',
        )
        .replace('  response:\n    statusCode: 200\n    headers', '  mStore'),
      want: [
        '10:18-24 wrong-type: spec.oneOf.responses[0].headers.A must be text, a number, true or false or a list, not a mapping',
      ],
    },
    {
      name: 'a callback without its target',
      text: `${valid}  webhooks:\n    - body: x\n    - type: kafka\n`,
      want: [
        '15:7-11 missing-field: "url" is missing in spec.webhooks[0] (it is sent over HTTP; for a broker, say type: kafka or type: rabbitmq)',
        '16:7-11 missing-field: "kafkaBrokers" is missing in spec.webhooks[1]',
        '16:7-11 missing-field: "kafkaTopic" is missing in spec.webhooks[1]',
      ],
    },
    {
      name: 'a secret that says both',
      text: `${valid}  webhooks:\n    - url: http://a\n      sign: {scheme: hmac, secret: {env: A, file: b}}\n`,
      want: [
        '16:45-49 exclusive-fields: only one of "env" and "file" may be given in spec.webhooks[0].sign.secret, not "env" and "file" (keep one of them)',
      ],
    },
    {
      name: 'yes in place of true',
      text: `${valid}  http2: yes\n`.replace('  http2', '  tags'),
      want: [expect.stringMatching(/^14:9-12 wrong-type: spec.tags must be a list, not "yes"/) as string],
    },
  ]
  for (const { name, text, want } of cases) it(name, () => expect(problemsOf(text)).toEqual(want))
})

describe('warnings about what is valid', () => {
  const cases: { name: string; more: string; want: string[] }[] = [
    {
      name: 'fields of Mockarty without meaning here',
      more: '  createdAt: 1\n  grpc: {service: x}\n',
      want: [
        '14:3-12 ignored-field: "createdAt" has no meaning here and is ignored (remove it)',
        '15:3-7 ignored-field: "grpc" has no meaning here and is ignored (remove it)',
      ],
    },
    {
      name: 'a time that is probably milliseconds',
      more: '  webhooks: [{url: x, timeout: 30000}]\n',
      want: [
        '14:32-37 long-time: "timeout" is in seconds: 30000 is 8 hours; milliseconds? (if it was meant in milliseconds, write 30)',
      ],
    },
    { name: 'a long but possible time', more: '  webhooks: [{url: x, timeout: 600, retryDelay: 600}]\n', want: [] },
    {
      name: 'a literal secret',
      more: '  webhooks: [{url: x, headers: {authorization: Bearer abc}}]\n',
      want: [
        '14:48-58 literal-secret: "authorization" holds a secret as literal text (write authorization: {env: AUTHORIZATION} or {file: path}, or encrypt the value with SOPS)',
      ],
    },
    {
      name: 'an expression or a reference in place of one',
      more: '  webhooks: [{url: x, headers: {Authorization: "$.reqHeader.Authorization[0]", X-Api-Key: {env: KEY}}}]\n',
      want: [],
    },
  ]
  for (const { name, more, want } of cases) it(name, () => expect(problemsOf(valid + more)).toEqual(want))

  const annotated = (annotations: string) => problemsOf(valid.replace(/name: x\n/, `$&  annotations: ${annotations}\n`))

  it('an annotation of ours that nothing reads', () => {
    expect(annotated('{callboard/renamd-from: y, callboard/what: z}').map((text) => text.replace(/^\S+ /, ''))).toEqual(
      [
        'unknown-annotation: nothing reads the annotation "callboard/renamd-from" (did you mean "callboard/renamed-from"?)',
        'unknown-annotation: nothing reads the annotation "callboard/what" (known: callboard/renamed-from, callboard/faker-seed)',
      ],
    )
  })

  it('but not annotations that are known, or of others', () => {
    expect(annotated('{callboard/renamed-from: y, callboard/faker-seed: a, example.com/x: z}')).toEqual([])
  })
})

describe('JSON files', () => {
  const cases: { name: string; text: string; want: string[] }[] = [
    {
      name: 'a valid one',
      text: JSON.stringify({ apiVersion: 'callboard/v1', kind: 'Namespace', metadata: { name: 'x' } }),
      want: [],
    },
    {
      name: 'a comma too many',
      text: '{\n  "a": 1,\n}',
      want: ['3:1-2 json-syntax: a key in double quotes is needed here, not "}" (remove the comma before it)'],
    },
    {
      name: 'a comment',
      text: '{\n  // why\n}',
      want: [
        '2:3-4 json-syntax: a key in double quotes is needed here, not "//" (JSON has no comments: use YAML for them)',
      ],
    },
    {
      name: 'the end too early',
      text: '{"a": [1, 2',
      want: ["1:11-12 json-syntax: the file ends where ',' or ']' is needed"],
    },
    {
      name: 'a second value',
      text: '{}\n{}',
      want: [
        '2:1-2 json-syntax: a JSON file holds one value: there is more text after it (put each document into a file of its own, or use YAML)',
      ],
    },
    {
      name: 'a duplicate key',
      text: '{"apiVersion": "callboard/v1",\n"kind": "Namespace", "metadata": {"name": "x",\n"name": "y"}}',
      want: ['3:1-7 duplicate-key: duplicate key "name": it is already set in line 2 (remove one of the two)'],
    },
    {
      name: 'an unknown field',
      text: '{"apiVersion": "callboard/v1", "kind": "Namespace",\n "metadata": {"name": "x"}, "spec": {"suspnd": true}}',
      want: ['2:38-46 unknown-field: unknown field "suspnd" in spec (did you mean "suspend"?)'],
    },
    {
      name: 'a line break in a text',
      text: '{"a": "b\nc"}',
      want: ['1:9-10 json-syntax: line breaks and control characters have to be escaped within a text'],
    },
    {
      name: 'a bad escape',
      text: '{"a": "\\q"}',
      want: ['1:8-9 json-syntax: unknown escape sequence (write a backslash as \\\\)'],
    },
  ]
  for (const { name, text, want } of cases) it(name, () => expect(problemsOf(text, 'x.json')).toEqual(want))
})
