// Generated from config/settings.schema.json by `npm run generate`. Do not edit.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const validateSettings = validate20;
const schema31 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://callboard.dev/schemas/v1/settings.schema.json","title":"Settings","description":"How one Callboard process runs. Settings are not resources: they are given by file, environment and flags.","type":"object","additionalProperties":false,"properties":{"source":{"description":"Where declarations come from.","type":"object","additionalProperties":false,"properties":{"url":{"type":"string","description":"Path of a directory, or URL of a Git repository. The argument of `callboard run` wins over it."},"interval":{"type":"number","minimum":1,"maximum":86400,"description":"Seconds between two looks at the whole source that no watcher asked for."},"ref":{"description":"What of a Git repository is meant: one of these, or the branch that is its default.","type":"object","additionalProperties":false,"properties":{"branch":{"type":"string","minLength":1,"description":"Name of a branch."},"tag":{"type":"string","minLength":1,"description":"Name of a tag."},"semver":{"type":"string","minLength":1,"description":"Range of versions, as npm reads it; the highest tag in it counts."},"commit":{"type":"string","minLength":1,"description":"Whole name of a commit."}}},"path":{"type":"string","description":"Folder in a Git repository; everything when empty."},"timeout":{"type":"number","minimum":1,"maximum":3600,"description":"Seconds for one word with the server of a Git repository, such as a fetch."},"allowHttp":{"type":"boolean","description":"Lets a Git repository be read over http, without TLS, from other hosts than this one."},"auth":{"description":"How to log in where a Git repository is, and whom to trust there. Secrets by reference only.","type":"object","additionalProperties":false,"properties":{"token":{"description":"Token of a forge, sent as a password over https.","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"writeOnly":true,"properties":{"env":{"type":"string","minLength":1,"description":"Environment variable that holds it."},"file":{"type":"string","minLength":1,"description":"File that holds it."}}},"bearer":{"description":"Sent as Authorization: Bearer over https.","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"writeOnly":true,"properties":{"env":{"type":"string","minLength":1,"description":"Environment variable that holds it."},"file":{"type":"string","minLength":1,"description":"File that holds it."}}},"username":{"type":"string","minLength":1,"description":"Name that goes with password, or with token where a forge wants a certain one."},"password":{"description":"Password over https.","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"writeOnly":true,"properties":{"env":{"type":"string","minLength":1,"description":"Environment variable that holds it."},"file":{"type":"string","minLength":1,"description":"File that holds it."}}},"sshKey":{"description":"Private key for ssh, without a passphrase.","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"writeOnly":true,"properties":{"env":{"type":"string","minLength":1,"description":"Environment variable that holds it."},"file":{"type":"string","minLength":1,"description":"File that holds it."}}},"knownHosts":{"type":"string","minLength":1,"description":"File with the keys of hosts, as ssh keeps them. Needed for ssh."},"ca":{"type":"string","minLength":1,"description":"File with certificates (PEM) of the authorities that are trusted instead of those of the machine."},"proxy":{"type":"string","minLength":1,"description":"URL of the proxy for https and http, without credentials."}}},"verify":{"description":"Who may sign what a Git repository brings. Without keys nothing is verified.","type":"object","additionalProperties":false,"properties":{"mode":{"enum":["head","tag","tagAndHead"],"description":"What has to be signed: the commit, the annotated tag that source.ref names, or both."},"keys":{"description":"Public keys of those who may sign.","type":"object","additionalProperties":false,"properties":{"ssh":{"type":"array","items":{"description":"Lines of OpenSSH public keys, as in id_ed25519.pub.","anyOf":[{"type":"string","minLength":1},{"type":"object","additionalProperties":false,"required":["file"],"properties":{"file":{"type":"string","minLength":1,"description":"File that holds it; read again at each look."}}}]},"description":"SSH keys."},"openpgp":{"type":"array","items":{"description":"What gpg --armor --export writes.","anyOf":[{"type":"string","minLength":1},{"type":"object","additionalProperties":false,"required":["file"],"properties":{"file":{"type":"string","minLength":1,"description":"File that holds it; read again at each look."}}}]},"description":"OpenPGP keys."},"allowedSigners":{"description":"Allowed signers, as git's gpg.ssh.allowedSignersFile has them.","anyOf":[{"type":"string","minLength":1},{"type":"object","additionalProperties":false,"required":["file"],"properties":{"file":{"type":"string","minLength":1,"description":"File that holds it; read again at each look."}}}]}}}}}}},"secrets":{"description":"How encrypted declarations are read.","type":"object","additionalProperties":false,"properties":{"age":{"description":"Age keys (AGE-SECRET-KEY-…) that open what SOPS has encrypted, one a line. Also SOPS_AGE_KEY and SOPS_AGE_KEY_FILE.","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"writeOnly":true,"properties":{"env":{"type":"string","minLength":1,"description":"Environment variable that holds it."},"file":{"type":"string","minLength":1,"description":"File that holds it."}}}}},"ports":{"description":"TCP ports; 0 picks a free one.","type":"object","additionalProperties":false,"properties":{"resolver":{"type":"integer","minimum":0,"maximum":65535,"description":"Port on which mocks answer."},"control":{"type":"integer","minimum":0,"maximum":65535,"description":"Port of the status API and operations."}}},"bind":{"description":"Addresses to listen on.","type":"object","additionalProperties":false,"properties":{"resolver":{"type":"string","description":"Address of the resolver."},"control":{"type":"string","description":"Address of the control port. Any other than loopback requires tokens.read."},"hosts":{"type":"array","items":{"type":"string"},"description":"Host names under which the control port may be reached, besides loopback names and its address."}}},"tls":{"description":"Serves the resolver over TLS when both files are given.","type":"object","additionalProperties":false,"properties":{"cert":{"type":"string","description":"File with the certificate chain (PEM)."},"key":{"type":"string","description":"File with the private key (PEM)."}}},"stateDir":{"type":"string","minLength":1,"description":"Directory for journal, applied revision and caches. One process at a time."},"tokens":{"description":"Bearer tokens of the control port, by purpose.","type":"object","additionalProperties":false,"properties":{"read":{"type":"string","description":"Required for reading when set.","writeOnly":true},"events":{"type":"string","description":"Switches events from outside on, and is required for posting them. The one in tokens.operate will do as well.","writeOnly":true},"messages":{"type":"string","description":"For programs that send messages in their own words, such as agents: may read and send, and nothing else. The one in tokens.operate will do as well.","writeOnly":true},"operate":{"type":"string","description":"Switches operations on, and is required for them.","writeOnly":true}}},"messages":{"description":"What programs may send in their own words, by the tools of agents or at /api/v1/messages.","type":"object","additionalProperties":false,"properties":{"namespaces":{"type":"array","items":{"type":"string","pattern":"^(-|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$"},"description":"Only channels of these namespaces may be used; - stands for global ones. Default: all."},"perMinute":{"type":"integer","minimum":0,"maximum":100000,"description":"Messages in any 60 seconds, of all programs together; 0: none."},"direct":{"type":"boolean","description":"Whether messages may be sent with credentials that come with the call."}}},"mcp":{"description":"Tools for agents at /mcp of the control port.","type":"object","additionalProperties":false,"properties":{"enabled":{"type":"boolean","description":"false: /mcp is not there."}}},"defaultNamespace":{"type":"string","pattern":"^[a-z0-9-]+$","description":"Namespace of mocks that name none; its mocks also answer on bare paths."},"strict":{"type":"boolean","description":"Warnings hold a revision as errors do."},"catalogues":{"description":"Built-in event types that are there, by the name of their catalogue. A declared EventType of the same id wins.","type":"array","uniqueItems":true,"items":{"enum":["mockarty","ai-admin-panel","aegisrunner","callboard","admin"]}},"customers":{"description":"What customers are told.","type":"object","additionalProperties":false,"properties":{"enabled":{"type":"boolean","description":"Users with the role customer hear of the services named for them; otherwise of nothing."}}},"smtp":{"description":"The mail server of channels of type email that name none.","type":"object","additionalProperties":false,"properties":{"host":{"type":"string","minLength":1,"description":"Name or address of the mail server."},"port":{"type":"integer","minimum":1,"maximum":65535,"description":"587, or 465 with TLS from the first byte."},"tls":{"enum":["starttls","implicit","none"],"description":"TLS after STARTTLS, from the first byte, or none; by the port when not said."},"ca":{"type":"string","description":"File with the certificates (PEM) of the authority that signed the server's."},"username":{"type":"string","description":"Name to log in with."},"password":{"type":"string","description":"Password to log in with.","writeOnly":true},"from":{"type":"string","description":"Sender of messages whose channel names none."}}},"telegram":{"description":"How it is heard what people do to the bots of channels.","type":"object","additionalProperties":false,"properties":{"webhookUrl":{"type":"string","pattern":"^https://[^/?#\\s]+(/[^?#\\s]*)?$","description":"Where Telegram reaches the control port: it then posts to /api/v1/hooks/telegram/… below it; add the host to bind.hosts. Default: Telegram is asked, over and over."}}},"receivers":{"description":"Who may say that something was pushed: POST /api/v1/hooks/<name> on the control port, verified by its own signature.","type":"array","maxItems":100,"items":{"type":"object","additionalProperties":false,"required":["name","type","secret"],"properties":{"name":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]{0,62}$","description":"Last part of the path."},"type":{"enum":["github","gitlab","gitea","forgejo","bitbucket","bitbucket-server","generic"],"description":"Who posts. The type alone decides which header and which algorithm count."},"secret":{"type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"properties":{"env":{"type":"string","minLength":1,"description":"Environment variable with the secret."},"file":{"type":"string","minLength":1,"description":"File with the secret; read at each hook."}},"description":"The secret as it was given to the sender. Of GitLab the secret token, or the signing token (whsec_…)."},"repository":{"type":"string","minLength":1,"description":"Path of the repository whose pushes count, as the sender names it (owner/name). Default: that of source.url."},"scheme":{"enum":["hmac","standard-webhooks"],"description":"Of type generic: HMAC-SHA256 of the body in a header (default), or Standard Webhooks."},"header":{"type":"string","pattern":"^[A-Za-z0-9-]+$","description":"Of type generic: the header with the signature. Default X-Signature-256."},"prefix":{"type":"string","maxLength":64,"description":"Of type generic: what stands before the signature in the header, such as sha256=. Default: nothing."},"encoding":{"enum":["hex","base64"],"description":"Of type generic: how the signature is written. Default hex."}}}},"commitStatus":{"description":"Tells the Git host what became of each commit of the source. Nothing is told without a type.","type":"object","additionalProperties":false,"properties":{"type":{"enum":["github","gitlab","gitea","forgejo","bitbucket","bitbucket-server"],"description":"Which host's API is spoken."},"baseUrl":{"type":"string","pattern":"^https?://[^\\s?#]+$","description":"Where the API is, when source.url does not say it: https://git.example.com; for GitHub Enterprise with /api/v3, for Bitbucket Cloud with /2.0."},"repository":{"type":"string","minLength":1,"description":"owner/name, or the whole path in GitLab's groups. Default: that of source.url."},"username":{"type":"string","minLength":1,"description":"Of Bitbucket: the token is then sent as the password of this user."},"token":{"type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"properties":{"env":{"type":"string","minLength":1,"description":"Environment variable with the token."},"file":{"type":"string","minLength":1,"description":"File with the token; read at each attempt."}},"description":"May set commit statuses, and need not do more."},"context":{"type":"string","minLength":1,"maxLength":200,"description":"What the status is called. Controllers that follow one repository need one each."},"targetUrl":{"type":"string","pattern":"^https?://","description":"What the status links to. {commit} and {revision} stand for what it is about."}}},"network":{"description":"What may be dialled.","type":"object","additionalProperties":false,"properties":{"allow":{"type":"array","items":{"type":"string"},"description":"Ranges (10.0.0.0/8) or hosts, each with an optional port, that may be dialled although they are private."},"allowGit":{"type":"array","items":{"type":"string"},"description":"Ranges or hosts, each with an optional port, that may be asked for the Git repository although they are private."},"allowPrivate":{"type":"boolean","description":"Lets everything but the control port be dialled. Also ALLOW_PROXY_TO_PRIVATE_IPS."},"proxy":{"type":"object","additionalProperties":false,"description":"HTTP proxy over which callbacks, channels and mocks that proxy reach everything but this machine, by CONNECT. Not for Kafka, RabbitMQ and mail.","dependentRequired":{"username":["url"],"password":["username"],"noProxy":["url"]},"properties":{"url":{"type":"string","pattern":"^https?://[^/?#@\\s]+/?$","description":"Such as http://proxy.example.com:3128; without a path, and without a login. It is trusted: what is behind it is judged by name and literal address."},"username":{"type":"string","minLength":1,"description":"Who logs in at the proxy (Basic)."},"password":{"type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"description":"Where the password is: {env: NAME} or {file: path}. Read at the start.","properties":{"env":{"type":"string","minLength":1,"description":"An environment variable."},"file":{"type":"string","minLength":1,"description":"A file; a line break at its end does not count."}}},"noProxy":{"type":"array","items":{"type":"string"},"description":"What is dialled without it: ranges, addresses or hosts (*.internal), each with an optional port. This machine always is."}}}}},"expressions":{"description":"What expressions may see.","type":"object","additionalProperties":false,"properties":{"env":{"type":"array","items":{"type":"string"},"description":"Environment variables that $.env may show."},"seed":{"type":"string","description":"Makes $.fake and random choices repeatable for mocks without a seed of their own."}}},"reconcile":{"description":"How revisions are applied.","type":"object","additionalProperties":false,"properties":{"maxPrune":{"type":"number","minimum":0,"maximum":1,"description":"Share of the applied resources that one revision may prune, in all and per namespace, when ten or more are applied."}}},"requests":{"description":"The journal of requests, in memory.","type":"object","additionalProperties":false,"properties":{"bytes":{"type":"integer","minimum":0,"description":"Bound of the journal; the oldest requests go first."},"bodyBytes":{"type":"integer","minimum":0,"description":"Bytes kept of each body."},"maskHeaders":{"type":"array","items":{"type":"string"},"description":"Headers whose values are masked besides Authorization and Cookie."},"correlationHeaders":{"type":"boolean","description":"Answers carry Callboard-Mock and Callboard-Request-Id."}}},"stores":{"description":"Bounds of the stores that mocks keep state in.","type":"object","additionalProperties":false,"properties":{"entries":{"type":"integer","minimum":1,"description":"Entries of one global or chain store; the oldest go first."},"bytes":{"type":"integer","minimum":1,"description":"Bytes of one global or chain store; the oldest entries go first."},"chainIdle":{"type":"number","minimum":1,"description":"Seconds after which a chain that nobody uses is forgotten."}}},"delivery":{"description":"Sending what answers set off.","type":"object","additionalProperties":false,"properties":{"poolSize":{"type":"integer","minimum":1,"maximum":10000,"description":"Callbacks sent at a time. Also WEBHOOK_POOL_SIZE."},"waiting":{"type":"integer","minimum":1,"description":"Deliveries that may wait; a fifth of them for one target. Beyond it, mocks that set off more answer 503."},"maxAge":{"type":"number","exclusiveMinimum":0,"description":"Seconds after which a delivery is given up, however many attempts it has left."},"shutdownGrace":{"type":"number","minimum":0,"maximum":3600,"description":"Seconds that attempts under way have to end when the program is stopped."}}},"retention":{"description":"What is kept of deliveries that are finished.","type":"object","additionalProperties":false,"properties":{"deliveries":{"type":"integer","minimum":0,"description":"How many delivered, cancelled and suppressed ones can be looked up."},"deliveryAge":{"type":"number","minimum":0,"description":"Seconds after which they are dropped."},"deadLetters":{"type":"integer","minimum":0,"description":"How many dead letters are kept; beyond it, the oldest are dropped."}}},"limits":{"description":"Bounds on what comes from outside.","type":"object","additionalProperties":false,"properties":{"fileBytes":{"type":"integer","minimum":1024,"description":"Size of one document file."},"referenceBytes":{"type":"integer","minimum":1024,"description":"Size of one file that a document names."},"files":{"type":"integer","minimum":1,"description":"Document files in the source."},"gitBytes":{"type":"integer","minimum":1048576,"description":"Bytes that one fetch from a Git repository may bring."},"documentsPerFile":{"type":"integer","minimum":1,"description":"Documents in one file."},"bodyBytes":{"type":"integer","minimum":0,"description":"Size of one request body."},"eventBytes":{"type":"integer","minimum":1024,"maximum":33554432,"description":"Size of one event that is posted, or of one list of them."},"hookBytes":{"type":"integer","minimum":1024,"maximum":33554432,"description":"Size of what a Git host posts to a receiver."},"headerBytes":{"type":"integer","minimum":1024,"description":"Size of all headers of one request."},"headers":{"type":"integer","minimum":1,"description":"Headers of one request."}}},"log":{"description":"What is logged, on standard error.","type":"object","additionalProperties":false,"properties":{"level":{"enum":["fatal","error","warn","info","debug","trace","silent"],"description":"Least level that is logged; requests are logged at debug."}}}}};
const func1 = Object.prototype.hasOwnProperty;
const func2 = require("ajv/dist/runtime/ucs2length").default;
const func0 = require("ajv/dist/runtime/equal").default;
const pattern4 = new RegExp("^(-|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$", "u");
const pattern5 = new RegExp("^[a-z0-9-]+$", "u");
const pattern6 = new RegExp("^https://[^/?#\\s]+(/[^?#\\s]*)?$", "u");
const pattern7 = new RegExp("^[a-z0-9][a-z0-9-]{0,62}$", "u");
const pattern8 = new RegExp("^[A-Za-z0-9-]+$", "u");
const pattern9 = new RegExp("^https?://[^\\s?#]+$", "u");
const pattern10 = new RegExp("^https?://", "u");
const pattern11 = new RegExp("^https?://[^/?#@\\s]+/?$", "u");

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
/*# sourceURL="https://callboard.dev/schemas/v1/settings.schema.json" */;
let vErrors = null;
let errors = 0;
const evaluated0 = validate20.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func1.call(schema31.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.source !== undefined){
let data0 = data.source;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key1 in data0){
if(!((((((((key1 === "url") || (key1 === "interval")) || (key1 === "ref")) || (key1 === "path")) || (key1 === "timeout")) || (key1 === "allowHttp")) || (key1 === "auth")) || (key1 === "verify"))){
const err1 = {instancePath:instancePath+"/source",schemaPath:"#/properties/source/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data0.url !== undefined){
if(typeof data0.url !== "string"){
const err2 = {instancePath:instancePath+"/source/url",schemaPath:"#/properties/source/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data0.interval !== undefined){
let data2 = data0.interval;
if(typeof data2 == "number"){
if(data2 > 86400 || isNaN(data2)){
const err3 = {instancePath:instancePath+"/source/interval",schemaPath:"#/properties/source/properties/interval/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400},message:"must be <= 86400"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data2 < 1 || isNaN(data2)){
const err4 = {instancePath:instancePath+"/source/interval",schemaPath:"#/properties/source/properties/interval/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/source/interval",schemaPath:"#/properties/source/properties/interval/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data0.ref !== undefined){
let data3 = data0.ref;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key2 in data3){
if(!((((key2 === "branch") || (key2 === "tag")) || (key2 === "semver")) || (key2 === "commit"))){
const err6 = {instancePath:instancePath+"/source/ref",schemaPath:"#/properties/source/properties/ref/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data3.branch !== undefined){
let data4 = data3.branch;
if(typeof data4 === "string"){
if(func2(data4) < 1){
const err7 = {instancePath:instancePath+"/source/ref/branch",schemaPath:"#/properties/source/properties/ref/properties/branch/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/source/ref/branch",schemaPath:"#/properties/source/properties/ref/properties/branch/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data3.tag !== undefined){
let data5 = data3.tag;
if(typeof data5 === "string"){
if(func2(data5) < 1){
const err9 = {instancePath:instancePath+"/source/ref/tag",schemaPath:"#/properties/source/properties/ref/properties/tag/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
else {
const err10 = {instancePath:instancePath+"/source/ref/tag",schemaPath:"#/properties/source/properties/ref/properties/tag/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data3.semver !== undefined){
let data6 = data3.semver;
if(typeof data6 === "string"){
if(func2(data6) < 1){
const err11 = {instancePath:instancePath+"/source/ref/semver",schemaPath:"#/properties/source/properties/ref/properties/semver/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/source/ref/semver",schemaPath:"#/properties/source/properties/ref/properties/semver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data3.commit !== undefined){
let data7 = data3.commit;
if(typeof data7 === "string"){
if(func2(data7) < 1){
const err13 = {instancePath:instancePath+"/source/ref/commit",schemaPath:"#/properties/source/properties/ref/properties/commit/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/source/ref/commit",schemaPath:"#/properties/source/properties/ref/properties/commit/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/source/ref",schemaPath:"#/properties/source/properties/ref/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data0.path !== undefined){
if(typeof data0.path !== "string"){
const err16 = {instancePath:instancePath+"/source/path",schemaPath:"#/properties/source/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data0.timeout !== undefined){
let data9 = data0.timeout;
if(typeof data9 == "number"){
if(data9 > 3600 || isNaN(data9)){
const err17 = {instancePath:instancePath+"/source/timeout",schemaPath:"#/properties/source/properties/timeout/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600},message:"must be <= 3600"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(data9 < 1 || isNaN(data9)){
const err18 = {instancePath:instancePath+"/source/timeout",schemaPath:"#/properties/source/properties/timeout/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
else {
const err19 = {instancePath:instancePath+"/source/timeout",schemaPath:"#/properties/source/properties/timeout/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data0.allowHttp !== undefined){
if(typeof data0.allowHttp !== "boolean"){
const err20 = {instancePath:instancePath+"/source/allowHttp",schemaPath:"#/properties/source/properties/allowHttp/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data0.auth !== undefined){
let data11 = data0.auth;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key3 in data11){
if(!((((((((key3 === "token") || (key3 === "bearer")) || (key3 === "username")) || (key3 === "password")) || (key3 === "sshKey")) || (key3 === "knownHosts")) || (key3 === "ca")) || (key3 === "proxy"))){
const err21 = {instancePath:instancePath+"/source/auth",schemaPath:"#/properties/source/properties/auth/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data11.token !== undefined){
let data12 = data11.token;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(Object.keys(data12).length > 1){
const err22 = {instancePath:instancePath+"/source/auth/token",schemaPath:"#/properties/source/properties/auth/properties/token/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
if(Object.keys(data12).length < 1){
const err23 = {instancePath:instancePath+"/source/auth/token",schemaPath:"#/properties/source/properties/auth/properties/token/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
for(const key4 in data12){
if(!((key4 === "env") || (key4 === "file"))){
const err24 = {instancePath:instancePath+"/source/auth/token",schemaPath:"#/properties/source/properties/auth/properties/token/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data12.env !== undefined){
let data13 = data12.env;
if(typeof data13 === "string"){
if(func2(data13) < 1){
const err25 = {instancePath:instancePath+"/source/auth/token/env",schemaPath:"#/properties/source/properties/auth/properties/token/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
else {
const err26 = {instancePath:instancePath+"/source/auth/token/env",schemaPath:"#/properties/source/properties/auth/properties/token/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data12.file !== undefined){
let data14 = data12.file;
if(typeof data14 === "string"){
if(func2(data14) < 1){
const err27 = {instancePath:instancePath+"/source/auth/token/file",schemaPath:"#/properties/source/properties/auth/properties/token/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
else {
const err28 = {instancePath:instancePath+"/source/auth/token/file",schemaPath:"#/properties/source/properties/auth/properties/token/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
}
else {
const err29 = {instancePath:instancePath+"/source/auth/token",schemaPath:"#/properties/source/properties/auth/properties/token/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data11.bearer !== undefined){
let data15 = data11.bearer;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
if(Object.keys(data15).length > 1){
const err30 = {instancePath:instancePath+"/source/auth/bearer",schemaPath:"#/properties/source/properties/auth/properties/bearer/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
if(Object.keys(data15).length < 1){
const err31 = {instancePath:instancePath+"/source/auth/bearer",schemaPath:"#/properties/source/properties/auth/properties/bearer/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
for(const key5 in data15){
if(!((key5 === "env") || (key5 === "file"))){
const err32 = {instancePath:instancePath+"/source/auth/bearer",schemaPath:"#/properties/source/properties/auth/properties/bearer/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data15.env !== undefined){
let data16 = data15.env;
if(typeof data16 === "string"){
if(func2(data16) < 1){
const err33 = {instancePath:instancePath+"/source/auth/bearer/env",schemaPath:"#/properties/source/properties/auth/properties/bearer/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
else {
const err34 = {instancePath:instancePath+"/source/auth/bearer/env",schemaPath:"#/properties/source/properties/auth/properties/bearer/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data15.file !== undefined){
let data17 = data15.file;
if(typeof data17 === "string"){
if(func2(data17) < 1){
const err35 = {instancePath:instancePath+"/source/auth/bearer/file",schemaPath:"#/properties/source/properties/auth/properties/bearer/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
else {
const err36 = {instancePath:instancePath+"/source/auth/bearer/file",schemaPath:"#/properties/source/properties/auth/properties/bearer/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
}
else {
const err37 = {instancePath:instancePath+"/source/auth/bearer",schemaPath:"#/properties/source/properties/auth/properties/bearer/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data11.username !== undefined){
let data18 = data11.username;
if(typeof data18 === "string"){
if(func2(data18) < 1){
const err38 = {instancePath:instancePath+"/source/auth/username",schemaPath:"#/properties/source/properties/auth/properties/username/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
else {
const err39 = {instancePath:instancePath+"/source/auth/username",schemaPath:"#/properties/source/properties/auth/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
if(data11.password !== undefined){
let data19 = data11.password;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
if(Object.keys(data19).length > 1){
const err40 = {instancePath:instancePath+"/source/auth/password",schemaPath:"#/properties/source/properties/auth/properties/password/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
if(Object.keys(data19).length < 1){
const err41 = {instancePath:instancePath+"/source/auth/password",schemaPath:"#/properties/source/properties/auth/properties/password/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
for(const key6 in data19){
if(!((key6 === "env") || (key6 === "file"))){
const err42 = {instancePath:instancePath+"/source/auth/password",schemaPath:"#/properties/source/properties/auth/properties/password/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data19.env !== undefined){
let data20 = data19.env;
if(typeof data20 === "string"){
if(func2(data20) < 1){
const err43 = {instancePath:instancePath+"/source/auth/password/env",schemaPath:"#/properties/source/properties/auth/properties/password/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
else {
const err44 = {instancePath:instancePath+"/source/auth/password/env",schemaPath:"#/properties/source/properties/auth/properties/password/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
if(data19.file !== undefined){
let data21 = data19.file;
if(typeof data21 === "string"){
if(func2(data21) < 1){
const err45 = {instancePath:instancePath+"/source/auth/password/file",schemaPath:"#/properties/source/properties/auth/properties/password/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
else {
const err46 = {instancePath:instancePath+"/source/auth/password/file",schemaPath:"#/properties/source/properties/auth/properties/password/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
}
else {
const err47 = {instancePath:instancePath+"/source/auth/password",schemaPath:"#/properties/source/properties/auth/properties/password/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data11.sshKey !== undefined){
let data22 = data11.sshKey;
if(data22 && typeof data22 == "object" && !Array.isArray(data22)){
if(Object.keys(data22).length > 1){
const err48 = {instancePath:instancePath+"/source/auth/sshKey",schemaPath:"#/properties/source/properties/auth/properties/sshKey/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
if(Object.keys(data22).length < 1){
const err49 = {instancePath:instancePath+"/source/auth/sshKey",schemaPath:"#/properties/source/properties/auth/properties/sshKey/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
for(const key7 in data22){
if(!((key7 === "env") || (key7 === "file"))){
const err50 = {instancePath:instancePath+"/source/auth/sshKey",schemaPath:"#/properties/source/properties/auth/properties/sshKey/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data22.env !== undefined){
let data23 = data22.env;
if(typeof data23 === "string"){
if(func2(data23) < 1){
const err51 = {instancePath:instancePath+"/source/auth/sshKey/env",schemaPath:"#/properties/source/properties/auth/properties/sshKey/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
else {
const err52 = {instancePath:instancePath+"/source/auth/sshKey/env",schemaPath:"#/properties/source/properties/auth/properties/sshKey/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
if(data22.file !== undefined){
let data24 = data22.file;
if(typeof data24 === "string"){
if(func2(data24) < 1){
const err53 = {instancePath:instancePath+"/source/auth/sshKey/file",schemaPath:"#/properties/source/properties/auth/properties/sshKey/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
else {
const err54 = {instancePath:instancePath+"/source/auth/sshKey/file",schemaPath:"#/properties/source/properties/auth/properties/sshKey/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
}
else {
const err55 = {instancePath:instancePath+"/source/auth/sshKey",schemaPath:"#/properties/source/properties/auth/properties/sshKey/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data11.knownHosts !== undefined){
let data25 = data11.knownHosts;
if(typeof data25 === "string"){
if(func2(data25) < 1){
const err56 = {instancePath:instancePath+"/source/auth/knownHosts",schemaPath:"#/properties/source/properties/auth/properties/knownHosts/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
else {
const err57 = {instancePath:instancePath+"/source/auth/knownHosts",schemaPath:"#/properties/source/properties/auth/properties/knownHosts/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data11.ca !== undefined){
let data26 = data11.ca;
if(typeof data26 === "string"){
if(func2(data26) < 1){
const err58 = {instancePath:instancePath+"/source/auth/ca",schemaPath:"#/properties/source/properties/auth/properties/ca/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {instancePath:instancePath+"/source/auth/ca",schemaPath:"#/properties/source/properties/auth/properties/ca/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data11.proxy !== undefined){
let data27 = data11.proxy;
if(typeof data27 === "string"){
if(func2(data27) < 1){
const err60 = {instancePath:instancePath+"/source/auth/proxy",schemaPath:"#/properties/source/properties/auth/properties/proxy/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
else {
const err61 = {instancePath:instancePath+"/source/auth/proxy",schemaPath:"#/properties/source/properties/auth/properties/proxy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
}
else {
const err62 = {instancePath:instancePath+"/source/auth",schemaPath:"#/properties/source/properties/auth/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
if(data0.verify !== undefined){
let data28 = data0.verify;
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
for(const key8 in data28){
if(!((key8 === "mode") || (key8 === "keys"))){
const err63 = {instancePath:instancePath+"/source/verify",schemaPath:"#/properties/source/properties/verify/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data28.mode !== undefined){
let data29 = data28.mode;
if(!(((data29 === "head") || (data29 === "tag")) || (data29 === "tagAndHead"))){
const err64 = {instancePath:instancePath+"/source/verify/mode",schemaPath:"#/properties/source/properties/verify/properties/mode/enum",keyword:"enum",params:{allowedValues: schema31.properties.source.properties.verify.properties.mode.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data28.keys !== undefined){
let data30 = data28.keys;
if(data30 && typeof data30 == "object" && !Array.isArray(data30)){
for(const key9 in data30){
if(!(((key9 === "ssh") || (key9 === "openpgp")) || (key9 === "allowedSigners"))){
const err65 = {instancePath:instancePath+"/source/verify/keys",schemaPath:"#/properties/source/properties/verify/properties/keys/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
if(data30.ssh !== undefined){
let data31 = data30.ssh;
if(Array.isArray(data31)){
const len0 = data31.length;
for(let i0=0; i0<len0; i0++){
let data32 = data31[i0];
const _errs75 = errors;
let valid12 = false;
const _errs76 = errors;
if(typeof data32 === "string"){
if(func2(data32) < 1){
const err66 = {instancePath:instancePath+"/source/verify/keys/ssh/" + i0,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/items/anyOf/0/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
else {
const err67 = {instancePath:instancePath+"/source/verify/keys/ssh/" + i0,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/items/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
var _valid0 = _errs76 === errors;
valid12 = valid12 || _valid0;
const _errs78 = errors;
if(data32 && typeof data32 == "object" && !Array.isArray(data32)){
if(data32.file === undefined){
const err68 = {instancePath:instancePath+"/source/verify/keys/ssh/" + i0,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/items/anyOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'"};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
for(const key10 in data32){
if(!(key10 === "file")){
const err69 = {instancePath:instancePath+"/source/verify/keys/ssh/" + i0,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/items/anyOf/1/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
if(data32.file !== undefined){
let data33 = data32.file;
if(typeof data33 === "string"){
if(func2(data33) < 1){
const err70 = {instancePath:instancePath+"/source/verify/keys/ssh/" + i0+"/file",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/items/anyOf/1/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
else {
const err71 = {instancePath:instancePath+"/source/verify/keys/ssh/" + i0+"/file",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/items/anyOf/1/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
}
else {
const err72 = {instancePath:instancePath+"/source/verify/keys/ssh/" + i0,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/items/anyOf/1/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
var _valid0 = _errs78 === errors;
valid12 = valid12 || _valid0;
if(!valid12){
const err73 = {instancePath:instancePath+"/source/verify/keys/ssh/" + i0,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/items/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
else {
errors = _errs75;
if(vErrors !== null){
if(_errs75){
vErrors.length = _errs75;
}
else {
vErrors = null;
}
}
}
}
}
else {
const err74 = {instancePath:instancePath+"/source/verify/keys/ssh",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/ssh/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data30.openpgp !== undefined){
let data34 = data30.openpgp;
if(Array.isArray(data34)){
const len1 = data34.length;
for(let i1=0; i1<len1; i1++){
let data35 = data34[i1];
const _errs86 = errors;
let valid16 = false;
const _errs87 = errors;
if(typeof data35 === "string"){
if(func2(data35) < 1){
const err75 = {instancePath:instancePath+"/source/verify/keys/openpgp/" + i1,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/items/anyOf/0/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
else {
const err76 = {instancePath:instancePath+"/source/verify/keys/openpgp/" + i1,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/items/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
var _valid1 = _errs87 === errors;
valid16 = valid16 || _valid1;
const _errs89 = errors;
if(data35 && typeof data35 == "object" && !Array.isArray(data35)){
if(data35.file === undefined){
const err77 = {instancePath:instancePath+"/source/verify/keys/openpgp/" + i1,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/items/anyOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'"};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
for(const key11 in data35){
if(!(key11 === "file")){
const err78 = {instancePath:instancePath+"/source/verify/keys/openpgp/" + i1,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/items/anyOf/1/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
if(data35.file !== undefined){
let data36 = data35.file;
if(typeof data36 === "string"){
if(func2(data36) < 1){
const err79 = {instancePath:instancePath+"/source/verify/keys/openpgp/" + i1+"/file",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/items/anyOf/1/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
else {
const err80 = {instancePath:instancePath+"/source/verify/keys/openpgp/" + i1+"/file",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/items/anyOf/1/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
}
else {
const err81 = {instancePath:instancePath+"/source/verify/keys/openpgp/" + i1,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/items/anyOf/1/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
var _valid1 = _errs89 === errors;
valid16 = valid16 || _valid1;
if(!valid16){
const err82 = {instancePath:instancePath+"/source/verify/keys/openpgp/" + i1,schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/items/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
else {
errors = _errs86;
if(vErrors !== null){
if(_errs86){
vErrors.length = _errs86;
}
else {
vErrors = null;
}
}
}
}
}
else {
const err83 = {instancePath:instancePath+"/source/verify/keys/openpgp",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/openpgp/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
if(data30.allowedSigners !== undefined){
let data37 = data30.allowedSigners;
const _errs95 = errors;
let valid18 = false;
const _errs96 = errors;
if(typeof data37 === "string"){
if(func2(data37) < 1){
const err84 = {instancePath:instancePath+"/source/verify/keys/allowedSigners",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/allowedSigners/anyOf/0/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
else {
const err85 = {instancePath:instancePath+"/source/verify/keys/allowedSigners",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/allowedSigners/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
var _valid2 = _errs96 === errors;
valid18 = valid18 || _valid2;
const _errs98 = errors;
if(data37 && typeof data37 == "object" && !Array.isArray(data37)){
if(data37.file === undefined){
const err86 = {instancePath:instancePath+"/source/verify/keys/allowedSigners",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/allowedSigners/anyOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'"};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
for(const key12 in data37){
if(!(key12 === "file")){
const err87 = {instancePath:instancePath+"/source/verify/keys/allowedSigners",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/allowedSigners/anyOf/1/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key12},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
if(data37.file !== undefined){
let data38 = data37.file;
if(typeof data38 === "string"){
if(func2(data38) < 1){
const err88 = {instancePath:instancePath+"/source/verify/keys/allowedSigners/file",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/allowedSigners/anyOf/1/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
else {
const err89 = {instancePath:instancePath+"/source/verify/keys/allowedSigners/file",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/allowedSigners/anyOf/1/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
}
else {
const err90 = {instancePath:instancePath+"/source/verify/keys/allowedSigners",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/allowedSigners/anyOf/1/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
var _valid2 = _errs98 === errors;
valid18 = valid18 || _valid2;
if(!valid18){
const err91 = {instancePath:instancePath+"/source/verify/keys/allowedSigners",schemaPath:"#/properties/source/properties/verify/properties/keys/properties/allowedSigners/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
else {
errors = _errs95;
if(vErrors !== null){
if(_errs95){
vErrors.length = _errs95;
}
else {
vErrors = null;
}
}
}
}
}
else {
const err92 = {instancePath:instancePath+"/source/verify/keys",schemaPath:"#/properties/source/properties/verify/properties/keys/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
}
else {
const err93 = {instancePath:instancePath+"/source/verify",schemaPath:"#/properties/source/properties/verify/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
}
else {
const err94 = {instancePath:instancePath+"/source",schemaPath:"#/properties/source/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data.secrets !== undefined){
let data39 = data.secrets;
if(data39 && typeof data39 == "object" && !Array.isArray(data39)){
for(const key13 in data39){
if(!(key13 === "age")){
const err95 = {instancePath:instancePath+"/secrets",schemaPath:"#/properties/secrets/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
if(data39.age !== undefined){
let data40 = data39.age;
if(data40 && typeof data40 == "object" && !Array.isArray(data40)){
if(Object.keys(data40).length > 1){
const err96 = {instancePath:instancePath+"/secrets/age",schemaPath:"#/properties/secrets/properties/age/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
if(Object.keys(data40).length < 1){
const err97 = {instancePath:instancePath+"/secrets/age",schemaPath:"#/properties/secrets/properties/age/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
for(const key14 in data40){
if(!((key14 === "env") || (key14 === "file"))){
const err98 = {instancePath:instancePath+"/secrets/age",schemaPath:"#/properties/secrets/properties/age/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key14},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
if(data40.env !== undefined){
let data41 = data40.env;
if(typeof data41 === "string"){
if(func2(data41) < 1){
const err99 = {instancePath:instancePath+"/secrets/age/env",schemaPath:"#/properties/secrets/properties/age/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
else {
const err100 = {instancePath:instancePath+"/secrets/age/env",schemaPath:"#/properties/secrets/properties/age/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
if(data40.file !== undefined){
let data42 = data40.file;
if(typeof data42 === "string"){
if(func2(data42) < 1){
const err101 = {instancePath:instancePath+"/secrets/age/file",schemaPath:"#/properties/secrets/properties/age/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
else {
const err102 = {instancePath:instancePath+"/secrets/age/file",schemaPath:"#/properties/secrets/properties/age/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
}
else {
const err103 = {instancePath:instancePath+"/secrets/age",schemaPath:"#/properties/secrets/properties/age/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
}
else {
const err104 = {instancePath:instancePath+"/secrets",schemaPath:"#/properties/secrets/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
if(data.ports !== undefined){
let data43 = data.ports;
if(data43 && typeof data43 == "object" && !Array.isArray(data43)){
for(const key15 in data43){
if(!((key15 === "resolver") || (key15 === "control"))){
const err105 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key15},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
if(data43.resolver !== undefined){
let data44 = data43.resolver;
if(!((typeof data44 == "number") && (!(data44 % 1) && !isNaN(data44)))){
const err106 = {instancePath:instancePath+"/ports/resolver",schemaPath:"#/properties/ports/properties/resolver/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
if(typeof data44 == "number"){
if(data44 > 65535 || isNaN(data44)){
const err107 = {instancePath:instancePath+"/ports/resolver",schemaPath:"#/properties/ports/properties/resolver/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
if(data44 < 0 || isNaN(data44)){
const err108 = {instancePath:instancePath+"/ports/resolver",schemaPath:"#/properties/ports/properties/resolver/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
}
if(data43.control !== undefined){
let data45 = data43.control;
if(!((typeof data45 == "number") && (!(data45 % 1) && !isNaN(data45)))){
const err109 = {instancePath:instancePath+"/ports/control",schemaPath:"#/properties/ports/properties/control/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
if(typeof data45 == "number"){
if(data45 > 65535 || isNaN(data45)){
const err110 = {instancePath:instancePath+"/ports/control",schemaPath:"#/properties/ports/properties/control/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
if(data45 < 0 || isNaN(data45)){
const err111 = {instancePath:instancePath+"/ports/control",schemaPath:"#/properties/ports/properties/control/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
}
}
else {
const err112 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
if(data.bind !== undefined){
let data46 = data.bind;
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
for(const key16 in data46){
if(!(((key16 === "resolver") || (key16 === "control")) || (key16 === "hosts"))){
const err113 = {instancePath:instancePath+"/bind",schemaPath:"#/properties/bind/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key16},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
if(data46.resolver !== undefined){
if(typeof data46.resolver !== "string"){
const err114 = {instancePath:instancePath+"/bind/resolver",schemaPath:"#/properties/bind/properties/resolver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
if(data46.control !== undefined){
if(typeof data46.control !== "string"){
const err115 = {instancePath:instancePath+"/bind/control",schemaPath:"#/properties/bind/properties/control/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
if(data46.hosts !== undefined){
let data49 = data46.hosts;
if(Array.isArray(data49)){
const len2 = data49.length;
for(let i2=0; i2<len2; i2++){
if(typeof data49[i2] !== "string"){
const err116 = {instancePath:instancePath+"/bind/hosts/" + i2,schemaPath:"#/properties/bind/properties/hosts/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
}
else {
const err117 = {instancePath:instancePath+"/bind/hosts",schemaPath:"#/properties/bind/properties/hosts/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
}
else {
const err118 = {instancePath:instancePath+"/bind",schemaPath:"#/properties/bind/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data.tls !== undefined){
let data51 = data.tls;
if(data51 && typeof data51 == "object" && !Array.isArray(data51)){
for(const key17 in data51){
if(!((key17 === "cert") || (key17 === "key"))){
const err119 = {instancePath:instancePath+"/tls",schemaPath:"#/properties/tls/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key17},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
if(data51.cert !== undefined){
if(typeof data51.cert !== "string"){
const err120 = {instancePath:instancePath+"/tls/cert",schemaPath:"#/properties/tls/properties/cert/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
if(data51.key !== undefined){
if(typeof data51.key !== "string"){
const err121 = {instancePath:instancePath+"/tls/key",schemaPath:"#/properties/tls/properties/key/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
}
}
else {
const err122 = {instancePath:instancePath+"/tls",schemaPath:"#/properties/tls/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
}
if(data.stateDir !== undefined){
let data54 = data.stateDir;
if(typeof data54 === "string"){
if(func2(data54) < 1){
const err123 = {instancePath:instancePath+"/stateDir",schemaPath:"#/properties/stateDir/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
else {
const err124 = {instancePath:instancePath+"/stateDir",schemaPath:"#/properties/stateDir/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
}
if(data.tokens !== undefined){
let data55 = data.tokens;
if(data55 && typeof data55 == "object" && !Array.isArray(data55)){
for(const key18 in data55){
if(!((((key18 === "read") || (key18 === "events")) || (key18 === "messages")) || (key18 === "operate"))){
const err125 = {instancePath:instancePath+"/tokens",schemaPath:"#/properties/tokens/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key18},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
}
if(data55.read !== undefined){
if(typeof data55.read !== "string"){
const err126 = {instancePath:instancePath+"/tokens/read",schemaPath:"#/properties/tokens/properties/read/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
}
if(data55.events !== undefined){
if(typeof data55.events !== "string"){
const err127 = {instancePath:instancePath+"/tokens/events",schemaPath:"#/properties/tokens/properties/events/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
}
if(data55.messages !== undefined){
if(typeof data55.messages !== "string"){
const err128 = {instancePath:instancePath+"/tokens/messages",schemaPath:"#/properties/tokens/properties/messages/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
}
if(data55.operate !== undefined){
if(typeof data55.operate !== "string"){
const err129 = {instancePath:instancePath+"/tokens/operate",schemaPath:"#/properties/tokens/properties/operate/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
}
}
else {
const err130 = {instancePath:instancePath+"/tokens",schemaPath:"#/properties/tokens/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err130];
}
else {
vErrors.push(err130);
}
errors++;
}
}
if(data.messages !== undefined){
let data60 = data.messages;
if(data60 && typeof data60 == "object" && !Array.isArray(data60)){
for(const key19 in data60){
if(!(((key19 === "namespaces") || (key19 === "perMinute")) || (key19 === "direct"))){
const err131 = {instancePath:instancePath+"/messages",schemaPath:"#/properties/messages/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key19},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
}
if(data60.namespaces !== undefined){
let data61 = data60.namespaces;
if(Array.isArray(data61)){
const len3 = data61.length;
for(let i3=0; i3<len3; i3++){
let data62 = data61[i3];
if(typeof data62 === "string"){
if(!pattern4.test(data62)){
const err132 = {instancePath:instancePath+"/messages/namespaces/" + i3,schemaPath:"#/properties/messages/properties/namespaces/items/pattern",keyword:"pattern",params:{pattern: "^(-|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$"},message:"must match pattern \""+"^(-|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$"+"\""};
if(vErrors === null){
vErrors = [err132];
}
else {
vErrors.push(err132);
}
errors++;
}
}
else {
const err133 = {instancePath:instancePath+"/messages/namespaces/" + i3,schemaPath:"#/properties/messages/properties/namespaces/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err133];
}
else {
vErrors.push(err133);
}
errors++;
}
}
}
else {
const err134 = {instancePath:instancePath+"/messages/namespaces",schemaPath:"#/properties/messages/properties/namespaces/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err134];
}
else {
vErrors.push(err134);
}
errors++;
}
}
if(data60.perMinute !== undefined){
let data63 = data60.perMinute;
if(!((typeof data63 == "number") && (!(data63 % 1) && !isNaN(data63)))){
const err135 = {instancePath:instancePath+"/messages/perMinute",schemaPath:"#/properties/messages/properties/perMinute/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err135];
}
else {
vErrors.push(err135);
}
errors++;
}
if(typeof data63 == "number"){
if(data63 > 100000 || isNaN(data63)){
const err136 = {instancePath:instancePath+"/messages/perMinute",schemaPath:"#/properties/messages/properties/perMinute/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100000},message:"must be <= 100000"};
if(vErrors === null){
vErrors = [err136];
}
else {
vErrors.push(err136);
}
errors++;
}
if(data63 < 0 || isNaN(data63)){
const err137 = {instancePath:instancePath+"/messages/perMinute",schemaPath:"#/properties/messages/properties/perMinute/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err137];
}
else {
vErrors.push(err137);
}
errors++;
}
}
}
if(data60.direct !== undefined){
if(typeof data60.direct !== "boolean"){
const err138 = {instancePath:instancePath+"/messages/direct",schemaPath:"#/properties/messages/properties/direct/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err138];
}
else {
vErrors.push(err138);
}
errors++;
}
}
}
else {
const err139 = {instancePath:instancePath+"/messages",schemaPath:"#/properties/messages/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err139];
}
else {
vErrors.push(err139);
}
errors++;
}
}
if(data.mcp !== undefined){
let data65 = data.mcp;
if(data65 && typeof data65 == "object" && !Array.isArray(data65)){
for(const key20 in data65){
if(!(key20 === "enabled")){
const err140 = {instancePath:instancePath+"/mcp",schemaPath:"#/properties/mcp/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key20},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err140];
}
else {
vErrors.push(err140);
}
errors++;
}
}
if(data65.enabled !== undefined){
if(typeof data65.enabled !== "boolean"){
const err141 = {instancePath:instancePath+"/mcp/enabled",schemaPath:"#/properties/mcp/properties/enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err141];
}
else {
vErrors.push(err141);
}
errors++;
}
}
}
else {
const err142 = {instancePath:instancePath+"/mcp",schemaPath:"#/properties/mcp/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err142];
}
else {
vErrors.push(err142);
}
errors++;
}
}
if(data.defaultNamespace !== undefined){
let data67 = data.defaultNamespace;
if(typeof data67 === "string"){
if(!pattern5.test(data67)){
const err143 = {instancePath:instancePath+"/defaultNamespace",schemaPath:"#/properties/defaultNamespace/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9-]+$"},message:"must match pattern \""+"^[a-z0-9-]+$"+"\""};
if(vErrors === null){
vErrors = [err143];
}
else {
vErrors.push(err143);
}
errors++;
}
}
else {
const err144 = {instancePath:instancePath+"/defaultNamespace",schemaPath:"#/properties/defaultNamespace/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err144];
}
else {
vErrors.push(err144);
}
errors++;
}
}
if(data.strict !== undefined){
if(typeof data.strict !== "boolean"){
const err145 = {instancePath:instancePath+"/strict",schemaPath:"#/properties/strict/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err145];
}
else {
vErrors.push(err145);
}
errors++;
}
}
if(data.catalogues !== undefined){
let data69 = data.catalogues;
if(Array.isArray(data69)){
const len4 = data69.length;
for(let i4=0; i4<len4; i4++){
let data70 = data69[i4];
if(!(((((data70 === "mockarty") || (data70 === "ai-admin-panel")) || (data70 === "aegisrunner")) || (data70 === "callboard")) || (data70 === "admin"))){
const err146 = {instancePath:instancePath+"/catalogues/" + i4,schemaPath:"#/properties/catalogues/items/enum",keyword:"enum",params:{allowedValues: schema31.properties.catalogues.items.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err146];
}
else {
vErrors.push(err146);
}
errors++;
}
}
let i5 = data69.length;
let j0;
if(i5 > 1){
outer0:
for(;i5--;){
for(j0 = i5; j0--;){
if(func0(data69[i5], data69[j0])){
const err147 = {instancePath:instancePath+"/catalogues",schemaPath:"#/properties/catalogues/uniqueItems",keyword:"uniqueItems",params:{i: i5, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i5+" are identical)"};
if(vErrors === null){
vErrors = [err147];
}
else {
vErrors.push(err147);
}
errors++;
break outer0;
}
}
}
}
}
else {
const err148 = {instancePath:instancePath+"/catalogues",schemaPath:"#/properties/catalogues/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err148];
}
else {
vErrors.push(err148);
}
errors++;
}
}
if(data.customers !== undefined){
let data71 = data.customers;
if(data71 && typeof data71 == "object" && !Array.isArray(data71)){
for(const key21 in data71){
if(!(key21 === "enabled")){
const err149 = {instancePath:instancePath+"/customers",schemaPath:"#/properties/customers/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key21},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err149];
}
else {
vErrors.push(err149);
}
errors++;
}
}
if(data71.enabled !== undefined){
if(typeof data71.enabled !== "boolean"){
const err150 = {instancePath:instancePath+"/customers/enabled",schemaPath:"#/properties/customers/properties/enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err150];
}
else {
vErrors.push(err150);
}
errors++;
}
}
}
else {
const err151 = {instancePath:instancePath+"/customers",schemaPath:"#/properties/customers/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err151];
}
else {
vErrors.push(err151);
}
errors++;
}
}
if(data.smtp !== undefined){
let data73 = data.smtp;
if(data73 && typeof data73 == "object" && !Array.isArray(data73)){
for(const key22 in data73){
if(!(((((((key22 === "host") || (key22 === "port")) || (key22 === "tls")) || (key22 === "ca")) || (key22 === "username")) || (key22 === "password")) || (key22 === "from"))){
const err152 = {instancePath:instancePath+"/smtp",schemaPath:"#/properties/smtp/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key22},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err152];
}
else {
vErrors.push(err152);
}
errors++;
}
}
if(data73.host !== undefined){
let data74 = data73.host;
if(typeof data74 === "string"){
if(func2(data74) < 1){
const err153 = {instancePath:instancePath+"/smtp/host",schemaPath:"#/properties/smtp/properties/host/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err153];
}
else {
vErrors.push(err153);
}
errors++;
}
}
else {
const err154 = {instancePath:instancePath+"/smtp/host",schemaPath:"#/properties/smtp/properties/host/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err154];
}
else {
vErrors.push(err154);
}
errors++;
}
}
if(data73.port !== undefined){
let data75 = data73.port;
if(!((typeof data75 == "number") && (!(data75 % 1) && !isNaN(data75)))){
const err155 = {instancePath:instancePath+"/smtp/port",schemaPath:"#/properties/smtp/properties/port/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err155];
}
else {
vErrors.push(err155);
}
errors++;
}
if(typeof data75 == "number"){
if(data75 > 65535 || isNaN(data75)){
const err156 = {instancePath:instancePath+"/smtp/port",schemaPath:"#/properties/smtp/properties/port/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"};
if(vErrors === null){
vErrors = [err156];
}
else {
vErrors.push(err156);
}
errors++;
}
if(data75 < 1 || isNaN(data75)){
const err157 = {instancePath:instancePath+"/smtp/port",schemaPath:"#/properties/smtp/properties/port/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err157];
}
else {
vErrors.push(err157);
}
errors++;
}
}
}
if(data73.tls !== undefined){
let data76 = data73.tls;
if(!(((data76 === "starttls") || (data76 === "implicit")) || (data76 === "none"))){
const err158 = {instancePath:instancePath+"/smtp/tls",schemaPath:"#/properties/smtp/properties/tls/enum",keyword:"enum",params:{allowedValues: schema31.properties.smtp.properties.tls.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err158];
}
else {
vErrors.push(err158);
}
errors++;
}
}
if(data73.ca !== undefined){
if(typeof data73.ca !== "string"){
const err159 = {instancePath:instancePath+"/smtp/ca",schemaPath:"#/properties/smtp/properties/ca/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err159];
}
else {
vErrors.push(err159);
}
errors++;
}
}
if(data73.username !== undefined){
if(typeof data73.username !== "string"){
const err160 = {instancePath:instancePath+"/smtp/username",schemaPath:"#/properties/smtp/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err160];
}
else {
vErrors.push(err160);
}
errors++;
}
}
if(data73.password !== undefined){
if(typeof data73.password !== "string"){
const err161 = {instancePath:instancePath+"/smtp/password",schemaPath:"#/properties/smtp/properties/password/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err161];
}
else {
vErrors.push(err161);
}
errors++;
}
}
if(data73.from !== undefined){
if(typeof data73.from !== "string"){
const err162 = {instancePath:instancePath+"/smtp/from",schemaPath:"#/properties/smtp/properties/from/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err162];
}
else {
vErrors.push(err162);
}
errors++;
}
}
}
else {
const err163 = {instancePath:instancePath+"/smtp",schemaPath:"#/properties/smtp/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err163];
}
else {
vErrors.push(err163);
}
errors++;
}
}
if(data.telegram !== undefined){
let data81 = data.telegram;
if(data81 && typeof data81 == "object" && !Array.isArray(data81)){
for(const key23 in data81){
if(!(key23 === "webhookUrl")){
const err164 = {instancePath:instancePath+"/telegram",schemaPath:"#/properties/telegram/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key23},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err164];
}
else {
vErrors.push(err164);
}
errors++;
}
}
if(data81.webhookUrl !== undefined){
let data82 = data81.webhookUrl;
if(typeof data82 === "string"){
if(!pattern6.test(data82)){
const err165 = {instancePath:instancePath+"/telegram/webhookUrl",schemaPath:"#/properties/telegram/properties/webhookUrl/pattern",keyword:"pattern",params:{pattern: "^https://[^/?#\\s]+(/[^?#\\s]*)?$"},message:"must match pattern \""+"^https://[^/?#\\s]+(/[^?#\\s]*)?$"+"\""};
if(vErrors === null){
vErrors = [err165];
}
else {
vErrors.push(err165);
}
errors++;
}
}
else {
const err166 = {instancePath:instancePath+"/telegram/webhookUrl",schemaPath:"#/properties/telegram/properties/webhookUrl/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err166];
}
else {
vErrors.push(err166);
}
errors++;
}
}
}
else {
const err167 = {instancePath:instancePath+"/telegram",schemaPath:"#/properties/telegram/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err167];
}
else {
vErrors.push(err167);
}
errors++;
}
}
if(data.receivers !== undefined){
let data83 = data.receivers;
if(Array.isArray(data83)){
if(data83.length > 100){
const err168 = {instancePath:instancePath+"/receivers",schemaPath:"#/properties/receivers/maxItems",keyword:"maxItems",params:{limit: 100},message:"must NOT have more than 100 items"};
if(vErrors === null){
vErrors = [err168];
}
else {
vErrors.push(err168);
}
errors++;
}
const len5 = data83.length;
for(let i6=0; i6<len5; i6++){
let data84 = data83[i6];
if(data84 && typeof data84 == "object" && !Array.isArray(data84)){
if(data84.name === undefined){
const err169 = {instancePath:instancePath+"/receivers/" + i6,schemaPath:"#/properties/receivers/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err169];
}
else {
vErrors.push(err169);
}
errors++;
}
if(data84.type === undefined){
const err170 = {instancePath:instancePath+"/receivers/" + i6,schemaPath:"#/properties/receivers/items/required",keyword:"required",params:{missingProperty: "type"},message:"must have required property '"+"type"+"'"};
if(vErrors === null){
vErrors = [err170];
}
else {
vErrors.push(err170);
}
errors++;
}
if(data84.secret === undefined){
const err171 = {instancePath:instancePath+"/receivers/" + i6,schemaPath:"#/properties/receivers/items/required",keyword:"required",params:{missingProperty: "secret"},message:"must have required property '"+"secret"+"'"};
if(vErrors === null){
vErrors = [err171];
}
else {
vErrors.push(err171);
}
errors++;
}
for(const key24 in data84){
if(!((((((((key24 === "name") || (key24 === "type")) || (key24 === "secret")) || (key24 === "repository")) || (key24 === "scheme")) || (key24 === "header")) || (key24 === "prefix")) || (key24 === "encoding"))){
const err172 = {instancePath:instancePath+"/receivers/" + i6,schemaPath:"#/properties/receivers/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key24},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err172];
}
else {
vErrors.push(err172);
}
errors++;
}
}
if(data84.name !== undefined){
let data85 = data84.name;
if(typeof data85 === "string"){
if(!pattern7.test(data85)){
const err173 = {instancePath:instancePath+"/receivers/" + i6+"/name",schemaPath:"#/properties/receivers/items/properties/name/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9][a-z0-9-]{0,62}$"},message:"must match pattern \""+"^[a-z0-9][a-z0-9-]{0,62}$"+"\""};
if(vErrors === null){
vErrors = [err173];
}
else {
vErrors.push(err173);
}
errors++;
}
}
else {
const err174 = {instancePath:instancePath+"/receivers/" + i6+"/name",schemaPath:"#/properties/receivers/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err174];
}
else {
vErrors.push(err174);
}
errors++;
}
}
if(data84.type !== undefined){
let data86 = data84.type;
if(!(((((((data86 === "github") || (data86 === "gitlab")) || (data86 === "gitea")) || (data86 === "forgejo")) || (data86 === "bitbucket")) || (data86 === "bitbucket-server")) || (data86 === "generic"))){
const err175 = {instancePath:instancePath+"/receivers/" + i6+"/type",schemaPath:"#/properties/receivers/items/properties/type/enum",keyword:"enum",params:{allowedValues: schema31.properties.receivers.items.properties.type.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err175];
}
else {
vErrors.push(err175);
}
errors++;
}
}
if(data84.secret !== undefined){
let data87 = data84.secret;
if(data87 && typeof data87 == "object" && !Array.isArray(data87)){
if(Object.keys(data87).length > 1){
const err176 = {instancePath:instancePath+"/receivers/" + i6+"/secret",schemaPath:"#/properties/receivers/items/properties/secret/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err176];
}
else {
vErrors.push(err176);
}
errors++;
}
if(Object.keys(data87).length < 1){
const err177 = {instancePath:instancePath+"/receivers/" + i6+"/secret",schemaPath:"#/properties/receivers/items/properties/secret/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err177];
}
else {
vErrors.push(err177);
}
errors++;
}
for(const key25 in data87){
if(!((key25 === "env") || (key25 === "file"))){
const err178 = {instancePath:instancePath+"/receivers/" + i6+"/secret",schemaPath:"#/properties/receivers/items/properties/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key25},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err178];
}
else {
vErrors.push(err178);
}
errors++;
}
}
if(data87.env !== undefined){
let data88 = data87.env;
if(typeof data88 === "string"){
if(func2(data88) < 1){
const err179 = {instancePath:instancePath+"/receivers/" + i6+"/secret/env",schemaPath:"#/properties/receivers/items/properties/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err179];
}
else {
vErrors.push(err179);
}
errors++;
}
}
else {
const err180 = {instancePath:instancePath+"/receivers/" + i6+"/secret/env",schemaPath:"#/properties/receivers/items/properties/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err180];
}
else {
vErrors.push(err180);
}
errors++;
}
}
if(data87.file !== undefined){
let data89 = data87.file;
if(typeof data89 === "string"){
if(func2(data89) < 1){
const err181 = {instancePath:instancePath+"/receivers/" + i6+"/secret/file",schemaPath:"#/properties/receivers/items/properties/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err181];
}
else {
vErrors.push(err181);
}
errors++;
}
}
else {
const err182 = {instancePath:instancePath+"/receivers/" + i6+"/secret/file",schemaPath:"#/properties/receivers/items/properties/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err182];
}
else {
vErrors.push(err182);
}
errors++;
}
}
}
else {
const err183 = {instancePath:instancePath+"/receivers/" + i6+"/secret",schemaPath:"#/properties/receivers/items/properties/secret/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err183];
}
else {
vErrors.push(err183);
}
errors++;
}
}
if(data84.repository !== undefined){
let data90 = data84.repository;
if(typeof data90 === "string"){
if(func2(data90) < 1){
const err184 = {instancePath:instancePath+"/receivers/" + i6+"/repository",schemaPath:"#/properties/receivers/items/properties/repository/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err184];
}
else {
vErrors.push(err184);
}
errors++;
}
}
else {
const err185 = {instancePath:instancePath+"/receivers/" + i6+"/repository",schemaPath:"#/properties/receivers/items/properties/repository/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err185];
}
else {
vErrors.push(err185);
}
errors++;
}
}
if(data84.scheme !== undefined){
let data91 = data84.scheme;
if(!((data91 === "hmac") || (data91 === "standard-webhooks"))){
const err186 = {instancePath:instancePath+"/receivers/" + i6+"/scheme",schemaPath:"#/properties/receivers/items/properties/scheme/enum",keyword:"enum",params:{allowedValues: schema31.properties.receivers.items.properties.scheme.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err186];
}
else {
vErrors.push(err186);
}
errors++;
}
}
if(data84.header !== undefined){
let data92 = data84.header;
if(typeof data92 === "string"){
if(!pattern8.test(data92)){
const err187 = {instancePath:instancePath+"/receivers/" + i6+"/header",schemaPath:"#/properties/receivers/items/properties/header/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9-]+$"},message:"must match pattern \""+"^[A-Za-z0-9-]+$"+"\""};
if(vErrors === null){
vErrors = [err187];
}
else {
vErrors.push(err187);
}
errors++;
}
}
else {
const err188 = {instancePath:instancePath+"/receivers/" + i6+"/header",schemaPath:"#/properties/receivers/items/properties/header/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err188];
}
else {
vErrors.push(err188);
}
errors++;
}
}
if(data84.prefix !== undefined){
let data93 = data84.prefix;
if(typeof data93 === "string"){
if(func2(data93) > 64){
const err189 = {instancePath:instancePath+"/receivers/" + i6+"/prefix",schemaPath:"#/properties/receivers/items/properties/prefix/maxLength",keyword:"maxLength",params:{limit: 64},message:"must NOT have more than 64 characters"};
if(vErrors === null){
vErrors = [err189];
}
else {
vErrors.push(err189);
}
errors++;
}
}
else {
const err190 = {instancePath:instancePath+"/receivers/" + i6+"/prefix",schemaPath:"#/properties/receivers/items/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err190];
}
else {
vErrors.push(err190);
}
errors++;
}
}
if(data84.encoding !== undefined){
let data94 = data84.encoding;
if(!((data94 === "hex") || (data94 === "base64"))){
const err191 = {instancePath:instancePath+"/receivers/" + i6+"/encoding",schemaPath:"#/properties/receivers/items/properties/encoding/enum",keyword:"enum",params:{allowedValues: schema31.properties.receivers.items.properties.encoding.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err191];
}
else {
vErrors.push(err191);
}
errors++;
}
}
}
else {
const err192 = {instancePath:instancePath+"/receivers/" + i6,schemaPath:"#/properties/receivers/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err192];
}
else {
vErrors.push(err192);
}
errors++;
}
}
}
else {
const err193 = {instancePath:instancePath+"/receivers",schemaPath:"#/properties/receivers/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err193];
}
else {
vErrors.push(err193);
}
errors++;
}
}
if(data.commitStatus !== undefined){
let data95 = data.commitStatus;
if(data95 && typeof data95 == "object" && !Array.isArray(data95)){
for(const key26 in data95){
if(!(((((((key26 === "type") || (key26 === "baseUrl")) || (key26 === "repository")) || (key26 === "username")) || (key26 === "token")) || (key26 === "context")) || (key26 === "targetUrl"))){
const err194 = {instancePath:instancePath+"/commitStatus",schemaPath:"#/properties/commitStatus/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key26},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err194];
}
else {
vErrors.push(err194);
}
errors++;
}
}
if(data95.type !== undefined){
let data96 = data95.type;
if(!((((((data96 === "github") || (data96 === "gitlab")) || (data96 === "gitea")) || (data96 === "forgejo")) || (data96 === "bitbucket")) || (data96 === "bitbucket-server"))){
const err195 = {instancePath:instancePath+"/commitStatus/type",schemaPath:"#/properties/commitStatus/properties/type/enum",keyword:"enum",params:{allowedValues: schema31.properties.commitStatus.properties.type.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err195];
}
else {
vErrors.push(err195);
}
errors++;
}
}
if(data95.baseUrl !== undefined){
let data97 = data95.baseUrl;
if(typeof data97 === "string"){
if(!pattern9.test(data97)){
const err196 = {instancePath:instancePath+"/commitStatus/baseUrl",schemaPath:"#/properties/commitStatus/properties/baseUrl/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s?#]+$"},message:"must match pattern \""+"^https?://[^\\s?#]+$"+"\""};
if(vErrors === null){
vErrors = [err196];
}
else {
vErrors.push(err196);
}
errors++;
}
}
else {
const err197 = {instancePath:instancePath+"/commitStatus/baseUrl",schemaPath:"#/properties/commitStatus/properties/baseUrl/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err197];
}
else {
vErrors.push(err197);
}
errors++;
}
}
if(data95.repository !== undefined){
let data98 = data95.repository;
if(typeof data98 === "string"){
if(func2(data98) < 1){
const err198 = {instancePath:instancePath+"/commitStatus/repository",schemaPath:"#/properties/commitStatus/properties/repository/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err198];
}
else {
vErrors.push(err198);
}
errors++;
}
}
else {
const err199 = {instancePath:instancePath+"/commitStatus/repository",schemaPath:"#/properties/commitStatus/properties/repository/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err199];
}
else {
vErrors.push(err199);
}
errors++;
}
}
if(data95.username !== undefined){
let data99 = data95.username;
if(typeof data99 === "string"){
if(func2(data99) < 1){
const err200 = {instancePath:instancePath+"/commitStatus/username",schemaPath:"#/properties/commitStatus/properties/username/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err200];
}
else {
vErrors.push(err200);
}
errors++;
}
}
else {
const err201 = {instancePath:instancePath+"/commitStatus/username",schemaPath:"#/properties/commitStatus/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err201];
}
else {
vErrors.push(err201);
}
errors++;
}
}
if(data95.token !== undefined){
let data100 = data95.token;
if(data100 && typeof data100 == "object" && !Array.isArray(data100)){
if(Object.keys(data100).length > 1){
const err202 = {instancePath:instancePath+"/commitStatus/token",schemaPath:"#/properties/commitStatus/properties/token/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err202];
}
else {
vErrors.push(err202);
}
errors++;
}
if(Object.keys(data100).length < 1){
const err203 = {instancePath:instancePath+"/commitStatus/token",schemaPath:"#/properties/commitStatus/properties/token/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err203];
}
else {
vErrors.push(err203);
}
errors++;
}
for(const key27 in data100){
if(!((key27 === "env") || (key27 === "file"))){
const err204 = {instancePath:instancePath+"/commitStatus/token",schemaPath:"#/properties/commitStatus/properties/token/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key27},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err204];
}
else {
vErrors.push(err204);
}
errors++;
}
}
if(data100.env !== undefined){
let data101 = data100.env;
if(typeof data101 === "string"){
if(func2(data101) < 1){
const err205 = {instancePath:instancePath+"/commitStatus/token/env",schemaPath:"#/properties/commitStatus/properties/token/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err205];
}
else {
vErrors.push(err205);
}
errors++;
}
}
else {
const err206 = {instancePath:instancePath+"/commitStatus/token/env",schemaPath:"#/properties/commitStatus/properties/token/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err206];
}
else {
vErrors.push(err206);
}
errors++;
}
}
if(data100.file !== undefined){
let data102 = data100.file;
if(typeof data102 === "string"){
if(func2(data102) < 1){
const err207 = {instancePath:instancePath+"/commitStatus/token/file",schemaPath:"#/properties/commitStatus/properties/token/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err207];
}
else {
vErrors.push(err207);
}
errors++;
}
}
else {
const err208 = {instancePath:instancePath+"/commitStatus/token/file",schemaPath:"#/properties/commitStatus/properties/token/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err208];
}
else {
vErrors.push(err208);
}
errors++;
}
}
}
else {
const err209 = {instancePath:instancePath+"/commitStatus/token",schemaPath:"#/properties/commitStatus/properties/token/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err209];
}
else {
vErrors.push(err209);
}
errors++;
}
}
if(data95.context !== undefined){
let data103 = data95.context;
if(typeof data103 === "string"){
if(func2(data103) > 200){
const err210 = {instancePath:instancePath+"/commitStatus/context",schemaPath:"#/properties/commitStatus/properties/context/maxLength",keyword:"maxLength",params:{limit: 200},message:"must NOT have more than 200 characters"};
if(vErrors === null){
vErrors = [err210];
}
else {
vErrors.push(err210);
}
errors++;
}
if(func2(data103) < 1){
const err211 = {instancePath:instancePath+"/commitStatus/context",schemaPath:"#/properties/commitStatus/properties/context/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err211];
}
else {
vErrors.push(err211);
}
errors++;
}
}
else {
const err212 = {instancePath:instancePath+"/commitStatus/context",schemaPath:"#/properties/commitStatus/properties/context/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err212];
}
else {
vErrors.push(err212);
}
errors++;
}
}
if(data95.targetUrl !== undefined){
let data104 = data95.targetUrl;
if(typeof data104 === "string"){
if(!pattern10.test(data104)){
const err213 = {instancePath:instancePath+"/commitStatus/targetUrl",schemaPath:"#/properties/commitStatus/properties/targetUrl/pattern",keyword:"pattern",params:{pattern: "^https?://"},message:"must match pattern \""+"^https?://"+"\""};
if(vErrors === null){
vErrors = [err213];
}
else {
vErrors.push(err213);
}
errors++;
}
}
else {
const err214 = {instancePath:instancePath+"/commitStatus/targetUrl",schemaPath:"#/properties/commitStatus/properties/targetUrl/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err214];
}
else {
vErrors.push(err214);
}
errors++;
}
}
}
else {
const err215 = {instancePath:instancePath+"/commitStatus",schemaPath:"#/properties/commitStatus/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err215];
}
else {
vErrors.push(err215);
}
errors++;
}
}
if(data.network !== undefined){
let data105 = data.network;
if(data105 && typeof data105 == "object" && !Array.isArray(data105)){
for(const key28 in data105){
if(!((((key28 === "allow") || (key28 === "allowGit")) || (key28 === "allowPrivate")) || (key28 === "proxy"))){
const err216 = {instancePath:instancePath+"/network",schemaPath:"#/properties/network/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key28},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err216];
}
else {
vErrors.push(err216);
}
errors++;
}
}
if(data105.allow !== undefined){
let data106 = data105.allow;
if(Array.isArray(data106)){
const len6 = data106.length;
for(let i7=0; i7<len6; i7++){
if(typeof data106[i7] !== "string"){
const err217 = {instancePath:instancePath+"/network/allow/" + i7,schemaPath:"#/properties/network/properties/allow/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err217];
}
else {
vErrors.push(err217);
}
errors++;
}
}
}
else {
const err218 = {instancePath:instancePath+"/network/allow",schemaPath:"#/properties/network/properties/allow/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err218];
}
else {
vErrors.push(err218);
}
errors++;
}
}
if(data105.allowGit !== undefined){
let data108 = data105.allowGit;
if(Array.isArray(data108)){
const len7 = data108.length;
for(let i8=0; i8<len7; i8++){
if(typeof data108[i8] !== "string"){
const err219 = {instancePath:instancePath+"/network/allowGit/" + i8,schemaPath:"#/properties/network/properties/allowGit/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err219];
}
else {
vErrors.push(err219);
}
errors++;
}
}
}
else {
const err220 = {instancePath:instancePath+"/network/allowGit",schemaPath:"#/properties/network/properties/allowGit/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err220];
}
else {
vErrors.push(err220);
}
errors++;
}
}
if(data105.allowPrivate !== undefined){
if(typeof data105.allowPrivate !== "boolean"){
const err221 = {instancePath:instancePath+"/network/allowPrivate",schemaPath:"#/properties/network/properties/allowPrivate/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err221];
}
else {
vErrors.push(err221);
}
errors++;
}
}
if(data105.proxy !== undefined){
let data111 = data105.proxy;
if(data111 && typeof data111 == "object" && !Array.isArray(data111)){
for(const key29 in data111){
if(!((((key29 === "url") || (key29 === "username")) || (key29 === "password")) || (key29 === "noProxy"))){
const err222 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key29},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err222];
}
else {
vErrors.push(err222);
}
errors++;
}
}
if(data111.url !== undefined){
let data112 = data111.url;
if(typeof data112 === "string"){
if(!pattern11.test(data112)){
const err223 = {instancePath:instancePath+"/network/proxy/url",schemaPath:"#/properties/network/properties/proxy/properties/url/pattern",keyword:"pattern",params:{pattern: "^https?://[^/?#@\\s]+/?$"},message:"must match pattern \""+"^https?://[^/?#@\\s]+/?$"+"\""};
if(vErrors === null){
vErrors = [err223];
}
else {
vErrors.push(err223);
}
errors++;
}
}
else {
const err224 = {instancePath:instancePath+"/network/proxy/url",schemaPath:"#/properties/network/properties/proxy/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err224];
}
else {
vErrors.push(err224);
}
errors++;
}
}
if(data111.username !== undefined){
let data113 = data111.username;
if(typeof data113 === "string"){
if(func2(data113) < 1){
const err225 = {instancePath:instancePath+"/network/proxy/username",schemaPath:"#/properties/network/properties/proxy/properties/username/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err225];
}
else {
vErrors.push(err225);
}
errors++;
}
}
else {
const err226 = {instancePath:instancePath+"/network/proxy/username",schemaPath:"#/properties/network/properties/proxy/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err226];
}
else {
vErrors.push(err226);
}
errors++;
}
}
if(data111.password !== undefined){
let data114 = data111.password;
if(data114 && typeof data114 == "object" && !Array.isArray(data114)){
if(Object.keys(data114).length > 1){
const err227 = {instancePath:instancePath+"/network/proxy/password",schemaPath:"#/properties/network/properties/proxy/properties/password/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err227];
}
else {
vErrors.push(err227);
}
errors++;
}
if(Object.keys(data114).length < 1){
const err228 = {instancePath:instancePath+"/network/proxy/password",schemaPath:"#/properties/network/properties/proxy/properties/password/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err228];
}
else {
vErrors.push(err228);
}
errors++;
}
for(const key30 in data114){
if(!((key30 === "env") || (key30 === "file"))){
const err229 = {instancePath:instancePath+"/network/proxy/password",schemaPath:"#/properties/network/properties/proxy/properties/password/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key30},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err229];
}
else {
vErrors.push(err229);
}
errors++;
}
}
if(data114.env !== undefined){
let data115 = data114.env;
if(typeof data115 === "string"){
if(func2(data115) < 1){
const err230 = {instancePath:instancePath+"/network/proxy/password/env",schemaPath:"#/properties/network/properties/proxy/properties/password/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err230];
}
else {
vErrors.push(err230);
}
errors++;
}
}
else {
const err231 = {instancePath:instancePath+"/network/proxy/password/env",schemaPath:"#/properties/network/properties/proxy/properties/password/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err231];
}
else {
vErrors.push(err231);
}
errors++;
}
}
if(data114.file !== undefined){
let data116 = data114.file;
if(typeof data116 === "string"){
if(func2(data116) < 1){
const err232 = {instancePath:instancePath+"/network/proxy/password/file",schemaPath:"#/properties/network/properties/proxy/properties/password/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err232];
}
else {
vErrors.push(err232);
}
errors++;
}
}
else {
const err233 = {instancePath:instancePath+"/network/proxy/password/file",schemaPath:"#/properties/network/properties/proxy/properties/password/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err233];
}
else {
vErrors.push(err233);
}
errors++;
}
}
}
else {
const err234 = {instancePath:instancePath+"/network/proxy/password",schemaPath:"#/properties/network/properties/proxy/properties/password/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err234];
}
else {
vErrors.push(err234);
}
errors++;
}
}
if(data111.noProxy !== undefined){
let data117 = data111.noProxy;
if(Array.isArray(data117)){
const len8 = data117.length;
for(let i9=0; i9<len8; i9++){
if(typeof data117[i9] !== "string"){
const err235 = {instancePath:instancePath+"/network/proxy/noProxy/" + i9,schemaPath:"#/properties/network/properties/proxy/properties/noProxy/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err235];
}
else {
vErrors.push(err235);
}
errors++;
}
}
}
else {
const err236 = {instancePath:instancePath+"/network/proxy/noProxy",schemaPath:"#/properties/network/properties/proxy/properties/noProxy/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err236];
}
else {
vErrors.push(err236);
}
errors++;
}
}
if(data111.username !== undefined){
if(data111.url === undefined){
const err237 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/dependentRequired",keyword:"dependentRequired",params:{property: "username",
    missingProperty: "url",
    depsCount: 1,
    deps: "url"},message:"must have property url when property username is present"};
if(vErrors === null){
vErrors = [err237];
}
else {
vErrors.push(err237);
}
errors++;
}
}
if(data111.password !== undefined){
if(data111.username === undefined){
const err238 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/dependentRequired",keyword:"dependentRequired",params:{property: "password",
    missingProperty: "username",
    depsCount: 1,
    deps: "username"},message:"must have property username when property password is present"};
if(vErrors === null){
vErrors = [err238];
}
else {
vErrors.push(err238);
}
errors++;
}
}
if(data111.noProxy !== undefined){
if(data111.url === undefined){
const err239 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/dependentRequired",keyword:"dependentRequired",params:{property: "noProxy",
    missingProperty: "url",
    depsCount: 1,
    deps: "url"},message:"must have property url when property noProxy is present"};
if(vErrors === null){
vErrors = [err239];
}
else {
vErrors.push(err239);
}
errors++;
}
}
}
else {
const err240 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err240];
}
else {
vErrors.push(err240);
}
errors++;
}
}
}
else {
const err241 = {instancePath:instancePath+"/network",schemaPath:"#/properties/network/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err241];
}
else {
vErrors.push(err241);
}
errors++;
}
}
if(data.expressions !== undefined){
let data119 = data.expressions;
if(data119 && typeof data119 == "object" && !Array.isArray(data119)){
for(const key31 in data119){
if(!((key31 === "env") || (key31 === "seed"))){
const err242 = {instancePath:instancePath+"/expressions",schemaPath:"#/properties/expressions/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key31},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err242];
}
else {
vErrors.push(err242);
}
errors++;
}
}
if(data119.env !== undefined){
let data120 = data119.env;
if(Array.isArray(data120)){
const len9 = data120.length;
for(let i10=0; i10<len9; i10++){
if(typeof data120[i10] !== "string"){
const err243 = {instancePath:instancePath+"/expressions/env/" + i10,schemaPath:"#/properties/expressions/properties/env/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err243];
}
else {
vErrors.push(err243);
}
errors++;
}
}
}
else {
const err244 = {instancePath:instancePath+"/expressions/env",schemaPath:"#/properties/expressions/properties/env/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err244];
}
else {
vErrors.push(err244);
}
errors++;
}
}
if(data119.seed !== undefined){
if(typeof data119.seed !== "string"){
const err245 = {instancePath:instancePath+"/expressions/seed",schemaPath:"#/properties/expressions/properties/seed/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err245];
}
else {
vErrors.push(err245);
}
errors++;
}
}
}
else {
const err246 = {instancePath:instancePath+"/expressions",schemaPath:"#/properties/expressions/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err246];
}
else {
vErrors.push(err246);
}
errors++;
}
}
if(data.reconcile !== undefined){
let data123 = data.reconcile;
if(data123 && typeof data123 == "object" && !Array.isArray(data123)){
for(const key32 in data123){
if(!(key32 === "maxPrune")){
const err247 = {instancePath:instancePath+"/reconcile",schemaPath:"#/properties/reconcile/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key32},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err247];
}
else {
vErrors.push(err247);
}
errors++;
}
}
if(data123.maxPrune !== undefined){
let data124 = data123.maxPrune;
if(typeof data124 == "number"){
if(data124 > 1 || isNaN(data124)){
const err248 = {instancePath:instancePath+"/reconcile/maxPrune",schemaPath:"#/properties/reconcile/properties/maxPrune/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1},message:"must be <= 1"};
if(vErrors === null){
vErrors = [err248];
}
else {
vErrors.push(err248);
}
errors++;
}
if(data124 < 0 || isNaN(data124)){
const err249 = {instancePath:instancePath+"/reconcile/maxPrune",schemaPath:"#/properties/reconcile/properties/maxPrune/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err249];
}
else {
vErrors.push(err249);
}
errors++;
}
}
else {
const err250 = {instancePath:instancePath+"/reconcile/maxPrune",schemaPath:"#/properties/reconcile/properties/maxPrune/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err250];
}
else {
vErrors.push(err250);
}
errors++;
}
}
}
else {
const err251 = {instancePath:instancePath+"/reconcile",schemaPath:"#/properties/reconcile/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err251];
}
else {
vErrors.push(err251);
}
errors++;
}
}
if(data.requests !== undefined){
let data125 = data.requests;
if(data125 && typeof data125 == "object" && !Array.isArray(data125)){
for(const key33 in data125){
if(!((((key33 === "bytes") || (key33 === "bodyBytes")) || (key33 === "maskHeaders")) || (key33 === "correlationHeaders"))){
const err252 = {instancePath:instancePath+"/requests",schemaPath:"#/properties/requests/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key33},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err252];
}
else {
vErrors.push(err252);
}
errors++;
}
}
if(data125.bytes !== undefined){
let data126 = data125.bytes;
if(!((typeof data126 == "number") && (!(data126 % 1) && !isNaN(data126)))){
const err253 = {instancePath:instancePath+"/requests/bytes",schemaPath:"#/properties/requests/properties/bytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err253];
}
else {
vErrors.push(err253);
}
errors++;
}
if(typeof data126 == "number"){
if(data126 < 0 || isNaN(data126)){
const err254 = {instancePath:instancePath+"/requests/bytes",schemaPath:"#/properties/requests/properties/bytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err254];
}
else {
vErrors.push(err254);
}
errors++;
}
}
}
if(data125.bodyBytes !== undefined){
let data127 = data125.bodyBytes;
if(!((typeof data127 == "number") && (!(data127 % 1) && !isNaN(data127)))){
const err255 = {instancePath:instancePath+"/requests/bodyBytes",schemaPath:"#/properties/requests/properties/bodyBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err255];
}
else {
vErrors.push(err255);
}
errors++;
}
if(typeof data127 == "number"){
if(data127 < 0 || isNaN(data127)){
const err256 = {instancePath:instancePath+"/requests/bodyBytes",schemaPath:"#/properties/requests/properties/bodyBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err256];
}
else {
vErrors.push(err256);
}
errors++;
}
}
}
if(data125.maskHeaders !== undefined){
let data128 = data125.maskHeaders;
if(Array.isArray(data128)){
const len10 = data128.length;
for(let i11=0; i11<len10; i11++){
if(typeof data128[i11] !== "string"){
const err257 = {instancePath:instancePath+"/requests/maskHeaders/" + i11,schemaPath:"#/properties/requests/properties/maskHeaders/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err257];
}
else {
vErrors.push(err257);
}
errors++;
}
}
}
else {
const err258 = {instancePath:instancePath+"/requests/maskHeaders",schemaPath:"#/properties/requests/properties/maskHeaders/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err258];
}
else {
vErrors.push(err258);
}
errors++;
}
}
if(data125.correlationHeaders !== undefined){
if(typeof data125.correlationHeaders !== "boolean"){
const err259 = {instancePath:instancePath+"/requests/correlationHeaders",schemaPath:"#/properties/requests/properties/correlationHeaders/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err259];
}
else {
vErrors.push(err259);
}
errors++;
}
}
}
else {
const err260 = {instancePath:instancePath+"/requests",schemaPath:"#/properties/requests/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err260];
}
else {
vErrors.push(err260);
}
errors++;
}
}
if(data.stores !== undefined){
let data131 = data.stores;
if(data131 && typeof data131 == "object" && !Array.isArray(data131)){
for(const key34 in data131){
if(!(((key34 === "entries") || (key34 === "bytes")) || (key34 === "chainIdle"))){
const err261 = {instancePath:instancePath+"/stores",schemaPath:"#/properties/stores/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key34},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err261];
}
else {
vErrors.push(err261);
}
errors++;
}
}
if(data131.entries !== undefined){
let data132 = data131.entries;
if(!((typeof data132 == "number") && (!(data132 % 1) && !isNaN(data132)))){
const err262 = {instancePath:instancePath+"/stores/entries",schemaPath:"#/properties/stores/properties/entries/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err262];
}
else {
vErrors.push(err262);
}
errors++;
}
if(typeof data132 == "number"){
if(data132 < 1 || isNaN(data132)){
const err263 = {instancePath:instancePath+"/stores/entries",schemaPath:"#/properties/stores/properties/entries/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err263];
}
else {
vErrors.push(err263);
}
errors++;
}
}
}
if(data131.bytes !== undefined){
let data133 = data131.bytes;
if(!((typeof data133 == "number") && (!(data133 % 1) && !isNaN(data133)))){
const err264 = {instancePath:instancePath+"/stores/bytes",schemaPath:"#/properties/stores/properties/bytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err264];
}
else {
vErrors.push(err264);
}
errors++;
}
if(typeof data133 == "number"){
if(data133 < 1 || isNaN(data133)){
const err265 = {instancePath:instancePath+"/stores/bytes",schemaPath:"#/properties/stores/properties/bytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err265];
}
else {
vErrors.push(err265);
}
errors++;
}
}
}
if(data131.chainIdle !== undefined){
let data134 = data131.chainIdle;
if(typeof data134 == "number"){
if(data134 < 1 || isNaN(data134)){
const err266 = {instancePath:instancePath+"/stores/chainIdle",schemaPath:"#/properties/stores/properties/chainIdle/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err266];
}
else {
vErrors.push(err266);
}
errors++;
}
}
else {
const err267 = {instancePath:instancePath+"/stores/chainIdle",schemaPath:"#/properties/stores/properties/chainIdle/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err267];
}
else {
vErrors.push(err267);
}
errors++;
}
}
}
else {
const err268 = {instancePath:instancePath+"/stores",schemaPath:"#/properties/stores/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err268];
}
else {
vErrors.push(err268);
}
errors++;
}
}
if(data.delivery !== undefined){
let data135 = data.delivery;
if(data135 && typeof data135 == "object" && !Array.isArray(data135)){
for(const key35 in data135){
if(!((((key35 === "poolSize") || (key35 === "waiting")) || (key35 === "maxAge")) || (key35 === "shutdownGrace"))){
const err269 = {instancePath:instancePath+"/delivery",schemaPath:"#/properties/delivery/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key35},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err269];
}
else {
vErrors.push(err269);
}
errors++;
}
}
if(data135.poolSize !== undefined){
let data136 = data135.poolSize;
if(!((typeof data136 == "number") && (!(data136 % 1) && !isNaN(data136)))){
const err270 = {instancePath:instancePath+"/delivery/poolSize",schemaPath:"#/properties/delivery/properties/poolSize/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err270];
}
else {
vErrors.push(err270);
}
errors++;
}
if(typeof data136 == "number"){
if(data136 > 10000 || isNaN(data136)){
const err271 = {instancePath:instancePath+"/delivery/poolSize",schemaPath:"#/properties/delivery/properties/poolSize/maximum",keyword:"maximum",params:{comparison: "<=", limit: 10000},message:"must be <= 10000"};
if(vErrors === null){
vErrors = [err271];
}
else {
vErrors.push(err271);
}
errors++;
}
if(data136 < 1 || isNaN(data136)){
const err272 = {instancePath:instancePath+"/delivery/poolSize",schemaPath:"#/properties/delivery/properties/poolSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err272];
}
else {
vErrors.push(err272);
}
errors++;
}
}
}
if(data135.waiting !== undefined){
let data137 = data135.waiting;
if(!((typeof data137 == "number") && (!(data137 % 1) && !isNaN(data137)))){
const err273 = {instancePath:instancePath+"/delivery/waiting",schemaPath:"#/properties/delivery/properties/waiting/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err273];
}
else {
vErrors.push(err273);
}
errors++;
}
if(typeof data137 == "number"){
if(data137 < 1 || isNaN(data137)){
const err274 = {instancePath:instancePath+"/delivery/waiting",schemaPath:"#/properties/delivery/properties/waiting/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err274];
}
else {
vErrors.push(err274);
}
errors++;
}
}
}
if(data135.maxAge !== undefined){
let data138 = data135.maxAge;
if(typeof data138 == "number"){
if(data138 <= 0 || isNaN(data138)){
const err275 = {instancePath:instancePath+"/delivery/maxAge",schemaPath:"#/properties/delivery/properties/maxAge/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0"};
if(vErrors === null){
vErrors = [err275];
}
else {
vErrors.push(err275);
}
errors++;
}
}
else {
const err276 = {instancePath:instancePath+"/delivery/maxAge",schemaPath:"#/properties/delivery/properties/maxAge/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err276];
}
else {
vErrors.push(err276);
}
errors++;
}
}
if(data135.shutdownGrace !== undefined){
let data139 = data135.shutdownGrace;
if(typeof data139 == "number"){
if(data139 > 3600 || isNaN(data139)){
const err277 = {instancePath:instancePath+"/delivery/shutdownGrace",schemaPath:"#/properties/delivery/properties/shutdownGrace/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600},message:"must be <= 3600"};
if(vErrors === null){
vErrors = [err277];
}
else {
vErrors.push(err277);
}
errors++;
}
if(data139 < 0 || isNaN(data139)){
const err278 = {instancePath:instancePath+"/delivery/shutdownGrace",schemaPath:"#/properties/delivery/properties/shutdownGrace/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err278];
}
else {
vErrors.push(err278);
}
errors++;
}
}
else {
const err279 = {instancePath:instancePath+"/delivery/shutdownGrace",schemaPath:"#/properties/delivery/properties/shutdownGrace/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err279];
}
else {
vErrors.push(err279);
}
errors++;
}
}
}
else {
const err280 = {instancePath:instancePath+"/delivery",schemaPath:"#/properties/delivery/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err280];
}
else {
vErrors.push(err280);
}
errors++;
}
}
if(data.retention !== undefined){
let data140 = data.retention;
if(data140 && typeof data140 == "object" && !Array.isArray(data140)){
for(const key36 in data140){
if(!(((key36 === "deliveries") || (key36 === "deliveryAge")) || (key36 === "deadLetters"))){
const err281 = {instancePath:instancePath+"/retention",schemaPath:"#/properties/retention/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key36},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err281];
}
else {
vErrors.push(err281);
}
errors++;
}
}
if(data140.deliveries !== undefined){
let data141 = data140.deliveries;
if(!((typeof data141 == "number") && (!(data141 % 1) && !isNaN(data141)))){
const err282 = {instancePath:instancePath+"/retention/deliveries",schemaPath:"#/properties/retention/properties/deliveries/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err282];
}
else {
vErrors.push(err282);
}
errors++;
}
if(typeof data141 == "number"){
if(data141 < 0 || isNaN(data141)){
const err283 = {instancePath:instancePath+"/retention/deliveries",schemaPath:"#/properties/retention/properties/deliveries/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err283];
}
else {
vErrors.push(err283);
}
errors++;
}
}
}
if(data140.deliveryAge !== undefined){
let data142 = data140.deliveryAge;
if(typeof data142 == "number"){
if(data142 < 0 || isNaN(data142)){
const err284 = {instancePath:instancePath+"/retention/deliveryAge",schemaPath:"#/properties/retention/properties/deliveryAge/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err284];
}
else {
vErrors.push(err284);
}
errors++;
}
}
else {
const err285 = {instancePath:instancePath+"/retention/deliveryAge",schemaPath:"#/properties/retention/properties/deliveryAge/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err285];
}
else {
vErrors.push(err285);
}
errors++;
}
}
if(data140.deadLetters !== undefined){
let data143 = data140.deadLetters;
if(!((typeof data143 == "number") && (!(data143 % 1) && !isNaN(data143)))){
const err286 = {instancePath:instancePath+"/retention/deadLetters",schemaPath:"#/properties/retention/properties/deadLetters/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err286];
}
else {
vErrors.push(err286);
}
errors++;
}
if(typeof data143 == "number"){
if(data143 < 0 || isNaN(data143)){
const err287 = {instancePath:instancePath+"/retention/deadLetters",schemaPath:"#/properties/retention/properties/deadLetters/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err287];
}
else {
vErrors.push(err287);
}
errors++;
}
}
}
}
else {
const err288 = {instancePath:instancePath+"/retention",schemaPath:"#/properties/retention/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err288];
}
else {
vErrors.push(err288);
}
errors++;
}
}
if(data.limits !== undefined){
let data144 = data.limits;
if(data144 && typeof data144 == "object" && !Array.isArray(data144)){
for(const key37 in data144){
if(!(func1.call(schema31.properties.limits.properties, key37))){
const err289 = {instancePath:instancePath+"/limits",schemaPath:"#/properties/limits/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key37},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err289];
}
else {
vErrors.push(err289);
}
errors++;
}
}
if(data144.fileBytes !== undefined){
let data145 = data144.fileBytes;
if(!((typeof data145 == "number") && (!(data145 % 1) && !isNaN(data145)))){
const err290 = {instancePath:instancePath+"/limits/fileBytes",schemaPath:"#/properties/limits/properties/fileBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err290];
}
else {
vErrors.push(err290);
}
errors++;
}
if(typeof data145 == "number"){
if(data145 < 1024 || isNaN(data145)){
const err291 = {instancePath:instancePath+"/limits/fileBytes",schemaPath:"#/properties/limits/properties/fileBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err291];
}
else {
vErrors.push(err291);
}
errors++;
}
}
}
if(data144.referenceBytes !== undefined){
let data146 = data144.referenceBytes;
if(!((typeof data146 == "number") && (!(data146 % 1) && !isNaN(data146)))){
const err292 = {instancePath:instancePath+"/limits/referenceBytes",schemaPath:"#/properties/limits/properties/referenceBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err292];
}
else {
vErrors.push(err292);
}
errors++;
}
if(typeof data146 == "number"){
if(data146 < 1024 || isNaN(data146)){
const err293 = {instancePath:instancePath+"/limits/referenceBytes",schemaPath:"#/properties/limits/properties/referenceBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err293];
}
else {
vErrors.push(err293);
}
errors++;
}
}
}
if(data144.files !== undefined){
let data147 = data144.files;
if(!((typeof data147 == "number") && (!(data147 % 1) && !isNaN(data147)))){
const err294 = {instancePath:instancePath+"/limits/files",schemaPath:"#/properties/limits/properties/files/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err294];
}
else {
vErrors.push(err294);
}
errors++;
}
if(typeof data147 == "number"){
if(data147 < 1 || isNaN(data147)){
const err295 = {instancePath:instancePath+"/limits/files",schemaPath:"#/properties/limits/properties/files/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err295];
}
else {
vErrors.push(err295);
}
errors++;
}
}
}
if(data144.gitBytes !== undefined){
let data148 = data144.gitBytes;
if(!((typeof data148 == "number") && (!(data148 % 1) && !isNaN(data148)))){
const err296 = {instancePath:instancePath+"/limits/gitBytes",schemaPath:"#/properties/limits/properties/gitBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err296];
}
else {
vErrors.push(err296);
}
errors++;
}
if(typeof data148 == "number"){
if(data148 < 1048576 || isNaN(data148)){
const err297 = {instancePath:instancePath+"/limits/gitBytes",schemaPath:"#/properties/limits/properties/gitBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1048576},message:"must be >= 1048576"};
if(vErrors === null){
vErrors = [err297];
}
else {
vErrors.push(err297);
}
errors++;
}
}
}
if(data144.documentsPerFile !== undefined){
let data149 = data144.documentsPerFile;
if(!((typeof data149 == "number") && (!(data149 % 1) && !isNaN(data149)))){
const err298 = {instancePath:instancePath+"/limits/documentsPerFile",schemaPath:"#/properties/limits/properties/documentsPerFile/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err298];
}
else {
vErrors.push(err298);
}
errors++;
}
if(typeof data149 == "number"){
if(data149 < 1 || isNaN(data149)){
const err299 = {instancePath:instancePath+"/limits/documentsPerFile",schemaPath:"#/properties/limits/properties/documentsPerFile/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err299];
}
else {
vErrors.push(err299);
}
errors++;
}
}
}
if(data144.bodyBytes !== undefined){
let data150 = data144.bodyBytes;
if(!((typeof data150 == "number") && (!(data150 % 1) && !isNaN(data150)))){
const err300 = {instancePath:instancePath+"/limits/bodyBytes",schemaPath:"#/properties/limits/properties/bodyBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err300];
}
else {
vErrors.push(err300);
}
errors++;
}
if(typeof data150 == "number"){
if(data150 < 0 || isNaN(data150)){
const err301 = {instancePath:instancePath+"/limits/bodyBytes",schemaPath:"#/properties/limits/properties/bodyBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err301];
}
else {
vErrors.push(err301);
}
errors++;
}
}
}
if(data144.eventBytes !== undefined){
let data151 = data144.eventBytes;
if(!((typeof data151 == "number") && (!(data151 % 1) && !isNaN(data151)))){
const err302 = {instancePath:instancePath+"/limits/eventBytes",schemaPath:"#/properties/limits/properties/eventBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err302];
}
else {
vErrors.push(err302);
}
errors++;
}
if(typeof data151 == "number"){
if(data151 > 33554432 || isNaN(data151)){
const err303 = {instancePath:instancePath+"/limits/eventBytes",schemaPath:"#/properties/limits/properties/eventBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 33554432},message:"must be <= 33554432"};
if(vErrors === null){
vErrors = [err303];
}
else {
vErrors.push(err303);
}
errors++;
}
if(data151 < 1024 || isNaN(data151)){
const err304 = {instancePath:instancePath+"/limits/eventBytes",schemaPath:"#/properties/limits/properties/eventBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err304];
}
else {
vErrors.push(err304);
}
errors++;
}
}
}
if(data144.hookBytes !== undefined){
let data152 = data144.hookBytes;
if(!((typeof data152 == "number") && (!(data152 % 1) && !isNaN(data152)))){
const err305 = {instancePath:instancePath+"/limits/hookBytes",schemaPath:"#/properties/limits/properties/hookBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err305];
}
else {
vErrors.push(err305);
}
errors++;
}
if(typeof data152 == "number"){
if(data152 > 33554432 || isNaN(data152)){
const err306 = {instancePath:instancePath+"/limits/hookBytes",schemaPath:"#/properties/limits/properties/hookBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 33554432},message:"must be <= 33554432"};
if(vErrors === null){
vErrors = [err306];
}
else {
vErrors.push(err306);
}
errors++;
}
if(data152 < 1024 || isNaN(data152)){
const err307 = {instancePath:instancePath+"/limits/hookBytes",schemaPath:"#/properties/limits/properties/hookBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err307];
}
else {
vErrors.push(err307);
}
errors++;
}
}
}
if(data144.headerBytes !== undefined){
let data153 = data144.headerBytes;
if(!((typeof data153 == "number") && (!(data153 % 1) && !isNaN(data153)))){
const err308 = {instancePath:instancePath+"/limits/headerBytes",schemaPath:"#/properties/limits/properties/headerBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err308];
}
else {
vErrors.push(err308);
}
errors++;
}
if(typeof data153 == "number"){
if(data153 < 1024 || isNaN(data153)){
const err309 = {instancePath:instancePath+"/limits/headerBytes",schemaPath:"#/properties/limits/properties/headerBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err309];
}
else {
vErrors.push(err309);
}
errors++;
}
}
}
if(data144.headers !== undefined){
let data154 = data144.headers;
if(!((typeof data154 == "number") && (!(data154 % 1) && !isNaN(data154)))){
const err310 = {instancePath:instancePath+"/limits/headers",schemaPath:"#/properties/limits/properties/headers/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err310];
}
else {
vErrors.push(err310);
}
errors++;
}
if(typeof data154 == "number"){
if(data154 < 1 || isNaN(data154)){
const err311 = {instancePath:instancePath+"/limits/headers",schemaPath:"#/properties/limits/properties/headers/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err311];
}
else {
vErrors.push(err311);
}
errors++;
}
}
}
}
else {
const err312 = {instancePath:instancePath+"/limits",schemaPath:"#/properties/limits/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err312];
}
else {
vErrors.push(err312);
}
errors++;
}
}
if(data.log !== undefined){
let data155 = data.log;
if(data155 && typeof data155 == "object" && !Array.isArray(data155)){
for(const key38 in data155){
if(!(key38 === "level")){
const err313 = {instancePath:instancePath+"/log",schemaPath:"#/properties/log/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key38},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err313];
}
else {
vErrors.push(err313);
}
errors++;
}
}
if(data155.level !== undefined){
let data156 = data155.level;
if(!(((((((data156 === "fatal") || (data156 === "error")) || (data156 === "warn")) || (data156 === "info")) || (data156 === "debug")) || (data156 === "trace")) || (data156 === "silent"))){
const err314 = {instancePath:instancePath+"/log/level",schemaPath:"#/properties/log/properties/level/enum",keyword:"enum",params:{allowedValues: schema31.properties.log.properties.level.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err314];
}
else {
vErrors.push(err314);
}
errors++;
}
}
}
else {
const err315 = {instancePath:instancePath+"/log",schemaPath:"#/properties/log/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err315];
}
else {
vErrors.push(err315);
}
errors++;
}
}
}
else {
const err316 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err316];
}
else {
vErrors.push(err316);
}
errors++;
}
validate20.errors = vErrors;
return errors === 0;
}
validate20.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

