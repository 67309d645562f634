import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CliCommand, exitCodes } from './command.js'

export const initCommand: CliCommand = {
  register(program, io) {
    program
      .command('init')
      .description('write a small commented config repository, with a workflow that validates and plans pull requests')
      .argument('[folder]', 'where to; made when it does not exist', '.')
      .option('--force', 'write into a folder that has files already; files of the same name stay as they are')
      .action((folder: string, { force }: { force?: true }) => {
        const occupied = existsSync(folder) && readdirSync(folder).some((name) => name !== '.git')
        if (occupied && !force) {
          io.stderr(`error: ${folder} is not empty; choose another folder, or add to it with --force\n`)
          return io.exit(exitCodes.usage)
        }
        for (const [name, content] of Object.entries(files)) {
          const path = join(folder, name)
          if (existsSync(path)) {
            io.stderr(`kept ${path}\n`)
            continue
          }
          mkdirSync(dirname(path), { recursive: true })
          writeFileSync(path, content)
          io.stderr(`wrote ${path}\n`)
        }
        const run = folder === '.' ? '' : ` ${folder}`
        io.stderr(`\nNext:\n  callboard validate${run}\n  callboard run${run}\n  curl -s localhost:5770/hello/world\n`)
      })
  },
}

const files: Readonly<Record<string, string>> = {
  'mocks/hello.yaml': `# yaml-language-server: $schema=https://callboard.dev/schemas/v1/mock.schema.json
# A mock answers requests. This one is in the default namespace, so it answers on the bare path as well:
#
#   curl -s localhost:5770/hello/world
#   curl -s localhost:5770/stubs/sandbox/hello/world
apiVersion: callboard/v1
kind: Mock
metadata:
  name: hello
spec:
  http:
    route: /hello/:name
    httpMethod: GET
  response:
    payload:
      # A string that is one expression keeps the type of what it finds; inside text the value is written as text.
      greeting: Hello, $.pathParam.name!
      at: $.now
---
# More conditions win over fewer: this one answers when the header is there.
apiVersion: callboard/v1
kind: Mock
metadata:
  name: hello-in-german
spec:
  http:
    route: /hello/:name
    httpMethod: GET
    header:
      - {path: Accept-Language, assertAction: matches, value: "^de"}
  response:
    payload:
      greeting: Hallo, $.pathParam.name!
`,
  'mocks/orders.yaml': `# yaml-language-server: $schema=https://callboard.dev/schemas/v1/mock.schema.json
# A mock with state: $.gS is shared by the namespace and survives restarts.
#
#   curl -s -X POST localhost:5770/stubs/shop/orders -H 'content-type: application/json' -d '{"item": "tea"}'
apiVersion: callboard/v1
kind: Mock
metadata:
  name: create-order
  namespace: shop
spec:
  http:
    route: /orders
    httpMethod: POST
    conditions:
      - {path: $.item, assertAction: notEmpty}
  extract:
    gStore:
      orders: $.increment($.gS.orders)
  response:
    statusCode: 201
    payload:
      number: $.gS.orders
      item: $.req.item
`,
  '.callboardignore': `# What is no declaration, in the syntax of .gitignore. Hidden files and folders are left out anyway.
node_modules/
`,
  '.gitignore': `# What Callboard keeps while it runs.
.callboard/
`,
  '.github/workflows/callboard.yml': `# Every pull request is checked, and shows what merging it would change.
name: callboard
on: pull_request
permissions:
  contents: read
  pull-requests: write
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - name: Validate
        run: npx --yes callboard validate --output github
      - name: Plan
        env:
          BASE: \${{ github.event.pull_request.base.sha }}
        run: npx --yes callboard plan --base "$BASE" --output markdown | tee plan.md >> "$GITHUB_STEP_SUMMARY"
      - name: Comment
        env:
          GH_TOKEN: \${{ github.token }}
          NUMBER: \${{ github.event.pull_request.number }}
        run: gh pr comment "$NUMBER" --body-file plan.md --edit-last --create-if-none
`,
  'README.md': `# Mocks of our services

Declared in YAML, served by [Callboard](https://callboard.dev). Change them by pull request.

\`\`\`
callboard validate          # all problems, with file, line and column
callboard plan --base main  # what merging would change
callboard run               # serve this folder on port 5770; edits are live at once
\`\`\`
`,
}
