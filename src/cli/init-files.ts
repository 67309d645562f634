// What `callboard init` writes. Kept true by a test: it validates without a warning, and every step of the workflow runs.

import { version } from '../version.js'

/** By path below the folder. */
export const initFiles: Readonly<Record<string, string>> = {
  'mocks/hello.yaml': `# yaml-language-server: $schema=../.callboard.schema.json
# A mock answers requests. This one names no namespace, so it is in the default one, "sandbox", and answers at two paths:
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
      # Inside text, what an expression finds is written as text.
      greeting: Hello, $.pathParam.name!
      # A text that is one expression keeps the type of what it finds; here that is a time.
      at: $.now
---
# Of two mocks with the same route, the one with more conditions is asked first:
#
#   curl -s localhost:5770/hello/Welt -H 'Accept-Language: de'
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
  'mocks/orders.yaml': `# yaml-language-server: $schema=../.callboard.schema.json
# A mock with state: $.gS is shared by the mocks of a namespace and survives restarts.
#
#   curl -s localhost:5770/stubs/shop/orders -H 'Content-Type: application/json' -d '{"item": "tea"}'
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
  # Before the answer is made, so that the answer can use it.
  extract:
    gStore:
      orders: $.increment($.gS.orders)
  response:
    statusCode: 201
    payload:
      # A number: 1 for the first order, then 2.
      number: $.gS.orders
      item: $.req.item
`,
  '.callboardignore': `# Documents that are not read, in the syntax of .gitignore. Hidden files and folders are left out anyway.
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
          # The plan compares with the base, which a shallow clone does not have.
          fetch-depth: 0
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      # Problems appear as annotations beside the lines they are in.
      - name: Validate
        run: npx --yes callboard@${version} validate --output github
      # Also after problems: the plan says which of them are new.
      - name: Plan
        if: always()
        env:
          BASE: \${{ github.event.pull_request.base.sha }}
        run: npx --yes callboard@${version} plan --base "$BASE" --output markdown > "$RUNNER_TEMP/plan.md"
      - name: Summary
        if: always()
        run: |
          # What could not be computed must not look like the plan of an earlier push.
          if [ ! -s "$RUNNER_TEMP/plan.md" ]; then
            printf '<!-- callboard-plan: . -->\\n### Callboard plan: could not be computed\\n\\nThe job says why.\\n' > "$RUNNER_TEMP/plan.md"
          fi
          cat "$RUNNER_TEMP/plan.md" >> "$GITHUB_STEP_SUMMARY"
      # One comment, replaced at each push. Pull requests from forks may not write; they have the summary.
      - name: Comment
        if: always() && github.event.pull_request.head.repo.full_name == github.repository
        env:
          GITHUB_TOKEN: \${{ github.token }}
        run: npx --yes callboard@${version} comment "$RUNNER_TEMP/plan.md"
`,
  'README.md': `# Mocks of our services

Declared in YAML, served by Callboard. Change them by pull request.

\`\`\`
callboard validate          # all problems, with file, line and column
callboard plan --base main  # what merging would change
callboard run               # serve this folder on port 5770; edits are live at once
\`\`\`

Editors that know the YAML language server complete and check fields by \`.callboard.schema.json\`. After an update of
Callboard, write it anew:

\`\`\`
callboard schema > .callboard.schema.json
\`\`\`
`,
}
