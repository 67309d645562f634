// Directories of declarations, always the same ones.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const services = ['orders', 'payments', 'carts', 'customers', 'invoices', 'shipments', 'refunds', 'catalogue']
const teams = ['checkout', 'billing', 'logistics', 'identity']
const folders = 100

/** Where file `index` of `writeYamlFiles` lies. */
export function yamlPath(index) {
  const folder = String(index % folders).padStart(3, '0')
  return `team-${folder}/${services[index % services.length]}/mock-${padded(index)}.yaml`
}

/** What the `GET` of file `index` is asked for; every fourth file declares a plain `GET`. */
export function yamlRoute(index) {
  return `/stubs/${namespaceOf(index)}/v1/${services[index % services.length]}/${padded(index)}`
}

/** Indexes whose mock answers `yamlRoute` with `{…, "edition": <edition>}`. */
export function isPlainGet(index) {
  return index % 4 === 0
}

/** One-document files of about 1 KB: plain and parametrised reads, templated writes, conditions, lists of answers. */
export function writeYamlFiles(root, count) {
  let bytes = 0
  for (let index = 0; index < count; index += 1) {
    const text = yamlText(index, 1)
    bytes += Buffer.byteLength(text)
    write(join(root, yamlPath(index)), text)
  }
  return bytes
}

/** File `index` as it stands in edition `edition`. */
export function yamlText(index, edition) {
  return shapes[index % shapes.length](index, edition)
}

function namespaceOf(index) {
  return `team-${String(index % folders).padStart(3, '0')}`
}

function padded(index) {
  return String(index).padStart(5, '0')
}

function head(index, purpose) {
  const service = services[index % services.length]
  const team = teams[index % teams.length]
  return `# yaml-language-server: $schema=../../../schemas/mock.schema.json
# ${purpose} in the ${service} service, as the ${team} team has agreed it with its consumers.
apiVersion: callboard/v1
kind: Mock
metadata:
  name: ${service}-${padded(index)}
  namespace: ${namespaceOf(index)}
  labels:
    team: ${team}
    service: ${service}
    tier: backend
`
}

const shapes = [
  (index, edition) => `${head(index, 'One record is read')}spec:
  tags: [${services[index % services.length]}, read, stable]
  http:
    route: /v1/${services[index % services.length]}/${padded(index)}
    httpMethod: GET
  response:
    statusCode: 200
    headers:
      Cache-Control: no-store
      X-Api-Version: "2026-01"
    payload:
      id: rec_${padded(index)}
      edition: ${edition}
      status: active
      amount: ${(index * 37) % 100_000}
      currency: eur
      customer:
        id: cus_${(index * 7919) % 100_000}
        name: Marta Lindqvist
        email: marta.lindqvist@example.test
        address: {street: "Hafenstrasse ${index % 300}", city: Bremen, zip: "28195", country: DE}
      lines:
        - {sku: tea-earl-grey-500, quantity: ${1 + (index % 9)}, price: 1475}
        - {sku: pot-cast-iron-900, quantity: 1, price: 10000}
      links:
        self: https://api.example.test/v1/${services[index % services.length]}/${padded(index)}
        receipt: https://api.example.test/v1/receipts/${padded(index)}
`,
  (index, edition) => `${head(index, 'A record is created')}spec:
  tags: [${services[index % services.length]}, write]
  priority: ${index % 5}
  http:
    route: /v1/${services[index % services.length]}/${padded(index)}
    httpMethod: POST
    conditions:
      - path: $.amount
        assertAction: gt
        value: ${index % 500}
      - path: $.currency
        assertAction: equals
        value: eur
    header:
      - path: X-Tenant
        assertAction: notEmpty
  response:
    statusCode: 201
    headers:
      Location: /v1/${services[index % services.length]}/${padded(index)}/$.req.reference
    payload:
      id: rec_$.fake.UUID
      edition: ${edition}
      status: accepted
      reference: $.req.reference
      amount: $.req.amount
      currency: $.req.currency
      tenant: $.reqHeader.X-Tenant[0]
      customer:
        id: $.req.customer.id
        greeting: "Thank you, $.req.customer.name: order $.req.reference is on its way"
      fees: {fixed: 25, variable: 1.4, total: "$.sum($.req.amount, 25)"}
`,
  (index, edition) => `${head(index, 'A part of a record is read')}spec:
  tags: [${services[index % services.length]}, read]
  http:
    route: /v1/${services[index % services.length]}/${padded(index)}/:customer/parts/:part
    httpMethod: GET
    queryParams:
      - path: view
        assertAction: equals
        value: full
    header:
      - path: Accept
        assertAction: contains
        value: json
  response:
    statusCode: 200
    delay: 0
    headers:
      X-Api-Version: "2026-01"
      Vary: [Accept, X-Tenant]
    payload:
      id: $.pathParam.part
      edition: ${edition}
      customer: $.pathParam.customer
      view: $.queryParams.view
      status: active
      history:
        - {at: "2026-01-14T09:30:00Z", by: system, what: created}
        - {at: "2026-01-14T09:41:12Z", by: warehouse-${index % 12}, what: packed}
        - {at: "2026-01-15T06:02:47Z", by: carrier, what: shipped}
      comment: >-
        Parts are read one by one by the mobile application, which shows
        them as they arrive.
`,
  (index, edition) => `${head(index, 'The state of a record is polled')}spec:
  tags: [${services[index % services.length]}, poll]
  http:
    route: /v1/${services[index % services.length]}/${padded(index)}/state
    httpMethod: GET
    header:
      - path: Authorization
        assertAction: matches
        value: "^Bearer [A-Za-z0-9._-]+$"
  oneOf:
    order: random
    responses:
      - statusCode: 200
        payload: {id: rec_${padded(index)}, edition: ${edition}, state: pending, progress: 40, checkAgainIn: 2}
      - statusCode: 200
        payload: {id: rec_${padded(index)}, edition: ${edition}, state: done, progress: 100, checkAgainIn: 0}
      - statusCode: 503
        headers: {Retry-After: "2"}
        payload:
          type: https://errors.example.test/unavailable
          title: Service Unavailable
          detail: The ${services[index % services.length]} service is being moved, please try again in a moment.
`,
]

/** One JSON file for each resource: read without the cost of YAML, for scenarios that measure something else. */
export function writeJsonFiles(root, resources) {
  for (const [index, resource] of resources.entries()) {
    write(join(root, `part-${index % folders}`, `${resource.metadata.name}.json`), JSON.stringify(resource))
  }
}

const made = new Set()

function write(file, text) {
  const folder = dirname(file)
  if (!made.has(folder)) {
    mkdirSync(folder, { recursive: true })
    made.add(folder)
  }
  writeFileSync(file, text)
}
